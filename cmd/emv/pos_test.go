package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/cardwright/emv/terminal/display"
)

// The page is served until the interrupt, and nobody else has the folder in the meantime.
func TestPosServe(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	state := t.TempDir()
	var out safeBuffer
	cmd := posServeCommand()
	cmd.SetArgs([]string{"--listen", "127.0.0.1:0", "--state", state, "--name", "Till 3", "--country", "IE"})
	cmd.SetOut(&out)
	ended := make(chan error, 1)
	go func() { ended <- cmd.ExecuteContext(ctx) }()
	url := out.find(t, `till at (http://\S+)\n`)
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(response.Body)
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK || !strings.Contains(string(body), `id="checkout"`) {
		t.Errorf("%s %s", response.Status, body)
	}
	var stderr strings.Builder
	if status := run([]string{"pos", "status", "--state", state}, nil, io.Discard, &stderr); status != exitUsage || !strings.Contains(stderr.String(), "till.in_use") {
		t.Errorf("a second one: %d %s", status, &stderr)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	stderr.Reset()
	if status := run([]string{"pos", "status", "--state", state}, nil, io.Discard, &stderr); status != exitOK {
		t.Errorf("afterwards: %d %s", status, &stderr)
	}
}

// A till without a camera: the command line takes what stands beside the code on the terminal's screen.
func TestPosPairTyped(t *testing.T) {
	out, _ := startedTerminal(t, free(t)...)
	address, digits := typedOn(t, out.find(t, `customer display +(http://\S+/display/) `))
	state := t.TempDir()
	pair := func(args ...string) (status int, stdout, stderr string) {
		var o, e strings.Builder
		status = run(append([]string{"pos", "pair", "--state", state}, args...), nil, &o, &e)
		return status, o.String(), e.String()
	}
	if status, _, stderr := pair(address, "0000", "0000"); status != exitUsage || !strings.Contains(stderr, "an address and eight digits") {
		t.Errorf("three arguments: %d %s", status, stderr)
	}
	if status, _, stderr := pair("http://127.0.0.1", digits); status != exitBad || !strings.Contains(stderr, "E_ADDRESS: This is not an address") {
		t.Errorf("no address: %d %s", status, stderr)
	}
	if status, _, stderr := pair("--lang", "fr", address, digits[:8]); status != exitBad || !strings.Contains(stderr, "E_CODE_WRONG: Ce n’est pas") {
		t.Errorf("seven digits: %d %s", status, stderr)
	}
	status, stdout, stderr := pair(address, digits)
	if status != exitOK || !strings.Contains(stdout, "paired with ") {
		t.Fatalf("%d %s%s", status, stdout, stderr)
	}
}

// A till that went home with the terminal in its hand: the next one says so, and pays.
func TestPosTakeOver(t *testing.T) {
	out, _ := startedTerminal(t, free(t)...)
	page, counter := out.find(t, `customer display +(http://\S+/display/) `), out.find(t, `the counter +(http://\S+/) `)
	tills := []string{t.TempDir(), t.TempDir()}
	till := func(n int, args ...string) (status int, said string) {
		var o strings.Builder
		status = run(append([]string{"pos", args[0], "--state", tills[n]}, args[1:]...), nil, &o, &o)
		return status, o.String()
	}
	for n, name := range []string{"Till 1", "Till 2"} {
		if n > 0 {
			anotherCode(t, page)
		}
		address, digits := typedOn(t, page)
		if status, said := till(n, "pair", "--name", name, address, digits); status != exitOK {
			t.Fatalf("%s: %d %s", name, status, said)
		}
	}
	pay := func(n int, args ...string) (int, string) {
		t.Helper()
		post, err := http.Post(counter+"tap", "application/json", strings.NewReader(`{"card":"visa-credit"}`))
		if err != nil {
			t.Fatal(err)
		}
		_ = post.Body.Close()
		return till(n, append([]string{"pay", "12.50"}, args...)...)
	}
	if status, said := pay(0); status != exitOK {
		t.Fatalf("%d %s", status, said)
	}
	if status, said := pay(1); status != exitBad || !strings.Contains(said, "E_LEASED") || !strings.Contains(said, "Till 1") {
		t.Errorf("%d %s", status, said)
	}
	if status, said := pay(1, "--take-over"); status != exitOK || !strings.Contains(said, "approved") {
		t.Errorf("%d %s", status, said)
	}
}

// displayed is a terminal's display as a page sees it.
type displayed struct {
	*testing.T
	ctx  context.Context
	conn *websocket.Conn
}

func displayOf(t *testing.T, page string) *displayed {
	t.Helper()
	_, body := get(t, page)
	token := regexp.MustCompile(`name="token" content="([^"]+)"`).FindStringSubmatch(body)
	if token == nil {
		t.Fatal("the display's page has no token")
	}
	origin := strings.TrimSuffix(page, "/display/")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	conn, _, err := websocket.Dial(ctx, page+"socket?token="+token[1], &websocket.DialOptions{HTTPHeader: http.Header{"Origin": {origin}}})
	if err != nil {
		t.Fatal(err)
	}
	return &displayed{t, ctx, conn}
}

// next reads on until the display is as is says.
func (d *displayed) next(is func(*display.State) bool) display.State {
	d.Helper()
	for {
		var s display.State
		_, b, err := d.conn.Read(d.ctx)
		if err != nil || json.Unmarshal(b, &s) != nil {
			d.Fatalf("the display: %v %s", err, b)
		}
		if is(&s) {
			return s
		}
	}
}

func (d *displayed) do(kind display.ActionKind, on display.Screen) {
	d.Helper()
	s := d.next(func(s *display.State) bool { return s.Screen == on })
	b, err := json.Marshal(map[string]any{"action": display.Action{Kind: kind, Since: s.Since, Request: s.Request}})
	if err == nil {
		err = d.conn.Write(d.ctx, websocket.MessageText, b)
	}
	if err != nil {
		d.Fatal(err)
	}
}

// anotherCode asks for the next till's code on the panel.
func anotherCode(t *testing.T, page string) {
	t.Helper()
	d := displayOf(t, page)
	defer func() { _ = d.conn.CloseNow() }()
	d.do(display.ActDone, display.Message) // that the first is connected
	d.do(display.ActOpen, display.Standby)
	d.do(display.ActRestore, display.Settings)
	d.next(func(s *display.State) bool { return s.Screen == display.QR })
}

// typedOn reads from a terminal's display what is typed into a till: the address and eight digits.
func typedOn(t *testing.T, page string) (address, digits string) {
	t.Helper()
	d := displayOf(t, page)
	defer func() { _ = d.conn.CloseNow() }()
	s := d.next(func(s *display.State) bool { return s.QR != nil })
	a, c := regexp.MustCompile(`: (\S+)$`).FindStringSubmatch(s.QR.Address), regexp.MustCompile(`: (\d{4} \d{4})$`).FindStringSubmatch(s.QR.Typed)
	if a == nil || c == nil {
		t.Fatalf("the display says %+v", s.QR)
	}
	return a[1], c[1]
}
