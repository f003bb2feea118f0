package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

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

// typedOn reads from a terminal's display what is typed into a till: the address and eight digits.
func typedOn(t *testing.T, page string) (address, digits string) {
	t.Helper()
	_, body := get(t, page)
	token := regexp.MustCompile(`name="token" content="([^"]+)"`).FindStringSubmatch(body)
	if token == nil {
		t.Fatal("the display's page has no token")
	}
	origin := strings.TrimSuffix(page, "/display/")
	conn, _, err := websocket.Dial(t.Context(), page+"socket?token="+token[1], &websocket.DialOptions{HTTPHeader: http.Header{"Origin": {origin}}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.CloseNow() }()
	for {
		var s display.State
		_, b, err := conn.Read(t.Context())
		if err != nil || json.Unmarshal(b, &s) != nil {
			t.Fatalf("the display: %v %s", err, b)
		}
		if s.QR == nil {
			continue
		}
		a, d := regexp.MustCompile(`: (\S+)$`).FindStringSubmatch(s.QR.Address), regexp.MustCompile(`: (\d{4} \d{4})$`).FindStringSubmatch(s.QR.Typed)
		if a == nil || d == nil {
			t.Fatalf("the display says %+v", s.QR)
		}
		return a[1], d[1]
	}
}
