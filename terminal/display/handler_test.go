package display_test

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/cardwright/emv/terminal/display"
)

// get asks for a path as the device's own browser does, unless change says otherwise.
func get(d *display.Display, path string, change func(*http.Request)) *http.Response {
	r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1:8080"+path, nil)
	r.RemoteAddr = "127.0.0.1:50000"
	if change != nil {
		change(r)
	}
	w := httptest.NewRecorder()
	d.Handler().ServeHTTP(w, r)
	return w.Result()
}

func body(t testing.TB, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	must(t, err)
	return string(b)
}

// token is what the page carries.
func token(t testing.TB, d *display.Display) string {
	t.Helper()
	m := regexp.MustCompile(`name="token" content="([^"]{22})"`).FindStringSubmatch(body(t, get(d, "/", nil)))
	if m == nil {
		t.Fatal("the page has no token")
	}
	return m[1]
}

// The display is for this device alone: another machine, and a name that was pointed at this one, are refused.
func TestOnlyThisDevice(t *testing.T) {
	d := plain(t, display.Config{})
	for name, c := range map[string]struct {
		change func(*http.Request)
		want   int
	}{
		"own":                 {nil, http.StatusOK},
		"IPv6":                {func(r *http.Request) { r.RemoteAddr, r.Host = "[::1]:50000", "[::1]:8080" }, http.StatusOK},
		"mapped":              {func(r *http.Request) { r.RemoteAddr, r.Host = "[::ffff:127.0.0.1]:50000", "localhost" }, http.StatusOK},
		"another machine":     {func(r *http.Request) { r.RemoteAddr = "192.168.1.7:50000" }, http.StatusForbidden},
		"rebound name":        {func(r *http.Request) { r.Host = "till.example.com:8080" }, http.StatusForbidden},
		"address of this one": {func(r *http.Request) { r.Host = "192.168.1.5:8080" }, http.StatusForbidden},
		"no address":          {func(r *http.Request) { r.RemoteAddr = "@" }, http.StatusForbidden},
		"writes":              {func(r *http.Request) { r.Method = http.MethodPost }, http.StatusMethodNotAllowed},
	} {
		if got := get(d, "/", c.change).StatusCode; got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

// Every answer carries the policy; the page names nothing outside of itself and has no script or style in it.
func TestThePageIsClosed(t *testing.T) {
	d := plain(t, display.Config{})
	for _, path := range []string{"/", "/page.css", "/page.js", "/socket", "/nothing"} {
		h := get(d, path, nil).Header
		for _, part := range []string{"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "require-trusted-types-for 'script'", "base-uri 'none'"} {
			if !strings.Contains(h.Get("Content-Security-Policy"), part) {
				t.Errorf("%s: the policy lacks %s", path, part)
			}
		}
		if strings.Contains(h.Get("Content-Security-Policy"), "unsafe") || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %v", path, h)
		}
	}
	for path, bad := range map[string]string{
		"/":         `(?i)https?:|<style|style=|\son[a-z]+=|<script>|<input|<iframe`,
		"/page.css": `(?i)url\(|@import|http`,
		"/page.js":  `innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|new Function|https?:/|localStorage|cookie`,
	} {
		text := strings.ReplaceAll(body(t, get(d, path, nil)), "http://www.w3.org/2000/svg", "")
		if m := regexp.MustCompile(bad).FindString(text); m != "" {
			t.Errorf("%s holds %q", path, m)
		}
	}
}

// The code holds a secret: it is given out while it is on the screen, to the page that has the token.
func TestQRCodeIsGuarded(t *testing.T) {
	d := plain(t, display.Config{})
	with := "/qr.svg?token=" + token(t, d)
	if got := get(d, with, nil).StatusCode; got != http.StatusNotFound {
		t.Errorf("no code is shown: %d", got)
	}
	must(t, d.Step(display.Pair{Text: code}))
	if r := get(d, with, nil); r.StatusCode != http.StatusOK || r.Header.Get("Content-Type") != "image/svg+xml" {
		t.Errorf("shown: %d", r.StatusCode)
	}
	for _, path := range []string{"/qr.svg", "/qr.svg?token=", with[:len(with)-1] + "!"} {
		if got := get(d, path, nil).StatusCode; got != http.StatusNotFound {
			t.Errorf("%s: %d", path, got)
		}
	}
	b, err := json.Marshal(d.State())
	if err != nil || strings.Contains(string(b), code[12:40]) {
		t.Errorf("the state holds the code: %s", b)
	}
	must(t, d.Step(paired))
	if got := get(d, with, nil).StatusCode; got != http.StatusNotFound {
		t.Errorf("paired: %d", got)
	}
}

func TestStandbyImage(t *testing.T) {
	var b bytes.Buffer
	must(t, png.Encode(&b, image.NewGray(image.Rect(0, 0, 3, 2))))
	i, err := display.NewImage(b.Bytes())
	must(t, err)
	d := plain(t, display.Config{})
	if got := get(d, "/image", nil).StatusCode; got != http.StatusNotFound {
		t.Errorf("none: %d", got)
	}
	must(t, d.Step(display.Appearance{Image: i}))
	if r := get(d, "/image", nil); r.Header.Get("Content-Type") != "image/png" || body(t, r) != b.String() {
		t.Error("it is not what was given")
	}
	var wide bytes.Buffer
	must(t, png.Encode(&wide, image.NewGray(image.Rect(0, 0, 4000, 1001))))
	for name, data := range map[string][]byte{
		"empty": nil, "text": []byte("GIF89a"), "SVG": []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`),
		"cut": b.Bytes()[:b.Len()-20], "over four million pixels": wide.Bytes(), "large": make([]byte, 9<<20),
	} {
		if _, err := display.NewImage(data); refused(err) != "E_REQUEST" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// dial opens a socket as a page does.
func dial(t testing.TB, server *httptest.Server, origin, token string) (*websocket.Conn, int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), giveUp)
	defer cancel()
	c, r, err := websocket.Dial(ctx, server.URL+"/socket?token="+token, &websocket.DialOptions{HTTPHeader: http.Header{"Origin": {origin}}})
	if err != nil && r == nil {
		t.Fatal(err)
	}
	if err == nil {
		c.SetReadLimit(1 << 20)
		t.Cleanup(func() { _ = c.CloseNow() })
	}
	return c, r.StatusCode
}

func TestSocketIsForThePage(t *testing.T) {
	d := plain(t, display.Config{})
	server := httptest.NewServer(d.Handler())
	defer server.Close()
	right := token(t, d)
	for name, c := range map[string]struct {
		origin, token string
		want          int
	}{
		"page":          {server.URL, right, http.StatusSwitchingProtocols},
		"other site":    {"http://example.com", right, http.StatusForbidden},
		"other port":    {"http://127.0.0.1:1", right, http.StatusForbidden},
		"no origin":     {"", right, http.StatusForbidden},
		"null":          {"null", right, http.StatusForbidden},
		"no token":      {server.URL, "", http.StatusForbidden},
		"another start": {server.URL, token(t, plain(t, display.Config{})), http.StatusForbidden},
	} {
		if _, got := dial(t, server, c.origin, c.token); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
	for range 3 {
		if _, got := dial(t, server, server.URL, right); got != http.StatusSwitchingProtocols {
			t.Errorf("a page of four: %d", got)
		}
	}
	if _, got := dial(t, server, server.URL, right); got != http.StatusServiceUnavailable {
		t.Errorf("a fifth page: %d", got)
	}
	d.Close()
}

// next reads a state.
func next(t testing.TB, c *websocket.Conn) (s display.State) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), giveUp)
	defer cancel()
	_, b, err := c.Read(ctx)
	must(t, err)
	must(t, json.Unmarshal(b, &s))
	return s
}

// A flood of carts reaches the page as its newest state, in step with the page; another screen does not wait behind it.
func TestFloodCoalesces(t *testing.T) {
	d := plain(t, display.Config{Every: time.Hour}) // one state, then only what is urgent
	must(t, d.Step(paired))
	server := httptest.NewServer(d.Handler())
	defer server.Close()
	defer d.Close()
	c, _ := dial(t, server, server.URL, token(t, d))
	if got := next(t, c); got.Screen != display.Standby {
		t.Fatalf("first %s", got.Screen)
	}
	cart := lunch()
	must(t, d.CartSet(cart))
	for got := next(t, c); got.Screen != display.Cart; got = next(t, c) {
	}
	for range 1000 {
		again := *cart
		again.Rev++
		cart = &again
		must(t, d.CartSet(cart))
	}
	must(t, d.Step(display.Prompt{Request: request, Amount: usd(1), Methods: []display.Method{display.Tap}}))
	sent := 0
	for got := next(t, c); got.Screen != display.Present; got = next(t, c) {
		sent++
	}
	if sent > 2 {
		t.Errorf("%d states of 1000 were sent", sent)
	}
}

// What a page sends is not believed: nonsense changes nothing and ends nothing.
func TestNonsenseOnTheSocket(t *testing.T) {
	d := plain(t, display.Config{Act: func(a display.Action) { t.Errorf("told of %+v", a) }})
	must(t, d.Step(paired))
	must(t, d.Step(display.Working{Request: "A"}))
	server := httptest.NewServer(d.Handler())
	defer server.Close()
	defer d.Close()
	c, _ := dial(t, server, server.URL, token(t, d))
	next(t, c)
	ctx, cancel := context.WithTimeout(context.Background(), giveUp)
	defer cancel()
	for _, m := range []string{
		"", "{", "[]", "null", `{"action":null}`, `{"action":{"kind":"confirm"}}`, `{"action":{"kind":"tip","choice":-1,"amount":1e99}}`,
		`{"drawn":99999}`, `{"drawn":-1}`, `{"action":{"kind":"open"}}`, `{"action":{"kind":"` + strings.Repeat("x", 1500) + `"}}`,
	} {
		must(t, c.Write(ctx, websocket.MessageText, []byte(m)))
	}
	must(t, c.Write(ctx, websocket.MessageBinary, []byte(`{"drawn":1}`)))
	must(t, c.Write(ctx, websocket.MessageText, []byte(`{"drawn":1}`)))
	for {
		if _, drawn := d.Pages(); drawn == 1 {
			break
		}
		if ctx.Err() != nil {
			t.Fatal("the connection does not listen any more")
		}
		time.Sleep(time.Millisecond)
	}
	if got := d.State(); got.Screen != display.Processing || got.Revision != 3 {
		t.Errorf("%+v", got)
	}
}

// Close lets pages go at once, in the middle of their pause too.
func TestCloseEndsSockets(t *testing.T) {
	d := plain(t, display.Config{Every: time.Hour})
	server := httptest.NewServer(d.Handler())
	defer server.Close()
	right := token(t, d)
	c, _ := dial(t, server, server.URL, right)
	next(t, c)
	d.Close()
	ctx, cancel := context.WithTimeout(context.Background(), giveUp)
	defer cancel()
	for {
		if _, _, err := c.Read(ctx); err != nil {
			break
		}
	}
	if ctx.Err() != nil {
		t.Error("the socket stays open")
	}
	if _, got := dial(t, server, server.URL, right); got != http.StatusServiceUnavailable {
		t.Errorf("a page after the end: %d", got)
	}
}
