package counter

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cardwright/emv/crypto/pin"
	"github.com/cardwright/emv/kernel"
)

// call sends a request and returns status and body.
func call(t *testing.T, s *httptest.Server, method, path, body string, header ...string) (int, string, http.Header) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
		}
		r.Header.Set(header[i], header[i+1])
	}
	got, err := s.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	b, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	return got.StatusCode, string(b), got.Header
}

func serve(t *testing.T) (*bench, *httptest.Server) {
	b := newBench(t)
	s := httptest.NewServer(b.Handler())
	t.Cleanup(s.Close)
	return b, s
}

func TestPage(t *testing.T) {
	_, s := serve(t)
	for path, mime := range map[string]string{"/": "text/html", "/page.css": "text/css", "/page.js": "text/javascript"} {
		status, body, h := call(t, s, "GET", path, "")
		if status != 200 || !strings.HasPrefix(h.Get("Content-Type"), mime) || body == "" {
			t.Errorf("%s: %d %s", path, status, h.Get("Content-Type"))
		}
		if csp := h.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: policy %q", path, csp)
		}
	}
	_, page, _ := call(t, s, "GET", "/", "")
	for _, remote := range []string{"http://", "https://", "style=", "onclick"} {
		if strings.Contains(page, remote) {
			t.Errorf("the page has %s", remote)
		}
	}
	if !strings.Contains(page, "TEST") {
		t.Error("the PIN pad is not marked as one for tests")
	}
	if _, script, _ := call(t, s, "GET", "/page.js", ""); !strings.Contains(script, "The PIN of all of them is "+StaffPIN+".") {
		t.Error("the page does not tell the PIN of the staff")
	}
}

func TestOnlyThisDevice(t *testing.T) {
	b, s := serve(t)
	for _, host := range []string{"evil.example", "192.0.2.1:80", "127.0.0.1.evil.example"} {
		if status, _, _ := call(t, s, "GET", "/state", "", "Host", host); status != http.StatusForbidden {
			t.Errorf("for host %s: %d", host, status)
		}
	}
	r := httptest.NewRequest("GET", "http://127.0.0.1/state", http.NoBody)
	r.RemoteAddr = "192.0.2.7:4000"
	w := httptest.NewRecorder()
	b.Handler().ServeHTTP(w, r)
	if w.Code != http.StatusForbidden {
		t.Errorf("from another device: %d", w.Code)
	}
	for _, header := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "http://evil.example"}} {
		if status, _, _ := call(t, s, "POST", "/unplug", "", header...); status != http.StatusForbidden {
			t.Errorf("with %v: %d", header, status)
		}
	}
	if !b.State(t.Context()).Reader.Plugged {
		t.Error("a stranger has pulled the cable")
	}
}

func TestAPI(t *testing.T) {
	b, s := serve(t)
	eventually(t, "staff can't sign in", func() bool {
		token, err := b.staff.SignIn("somebody")
		return err == nil && b.staff.SignOut(token) == nil
	})
	for _, c := range []struct {
		method, path, body string
		status             int
		code               string
	}{
		{"POST", "/tap", `{"card":"visa-credit"}`, 204, ""},
		{"POST", "/leave", "", 204, ""},
		{"POST", "/insert", `{"card":"visa-contact","faults":["removed@9"]}`, 204, ""},
		{"POST", "/insert", `{"card":"visa-contact"}`, 409, "counter.slot"},
		{"POST", "/remove", "", 204, ""},
		{"POST", "/swipe", `{"card":"visa-contact"}`, 409, "counter.idle"},
		{"POST", "/tap", `{"card":"none"}`, 400, "card.profile"},
		{"POST", "/tap", `{"card":"visa-credit","faults":["what"]}`, 400, "card.fault"},
		{"POST", "/tap", `{"card":1}`, 400, "counter.request"},
		{"POST", "/tap", `{"cart":"visa-credit"}`, 400, "counter.request"},
		{"POST", "/tap", strings.Repeat("[", maxBody+1), 400, "counter.request"},
		{"POST", "/pad", `{"key":"1"}`, 409, "counter.no_prompt"},
		{"POST", "/unplug", "", 204, ""},
		{"POST", "/plug", "", 204, ""},
		{"POST", "/sign-in", `{"name":"Ada","pin":"0000"}`, 409, "counter.staff_pin"},
		{"POST", "/sign-in", `{"name":"4111111111111111","pin":"2580"}`, 400, "counter.name"},
		{"POST", "/sign-in", `{"name":1,"pin":"2580"}`, 400, "counter.request"},
		{"POST", "/scanner-on", "", 409, "E_STAFF_SIGN_IN"},
		{"POST", "/scanner-off", "", 409, "E_STAFF_SIGN_IN"},
		{"POST", "/sign-out", "", 409, "E_STAFF_SIGN_IN"},
		{"POST", "/scan", `{"code":"5901234123457"}`, 409, "counter.scanner_closed"},
		{"POST", "/sign-in", `{"name":"Ada","pin":"2580"}`, 204, ""},
		{"POST", "/sign-in", `{"name":"Bo","pin":"2580"}`, 409, "counter.signed_in"},
		{"POST", "/scanner-on", "", 204, ""},
		{"POST", "/scan", `{"code":"5901234123457"}`, 204, ""},
		{"POST", "/scan", `{"code":""}`, 400, "counter.barcode"},
		{"POST", "/scanner-off", "", 204, ""},
		{"POST", "/sign-out", "", 204, ""},
		{"POST", "/dock", "", 204, ""},
		{"POST", "/undock", "", 204, ""},
		{"POST", "/faults", "drop@0200\ndelay=2s@04*3", 204, ""},
		{"POST", "/faults", "explode", 400, "counter.fault"},
		{"DELETE", "/faults", "", 204, ""},
		{"GET", "/ledger", "", 200, ""},
		{"GET", "/charged?currency=840", "", 200, ""},
		{"GET", "/cards", "", 200, ""},
	} {
		status, body, _ := call(t, s, c.method, c.path, c.body)
		var why struct{ Code, Text string }
		if status >= 400 {
			if err := json.Unmarshal([]byte(body), &why); err != nil || why.Text == "" {
				t.Errorf("%s %s: %q, %v", c.method, c.path, body, err)
			}
		}
		if status != c.status || why.Code != c.code {
			t.Errorf("%s %s: %d %s, want %d %s", c.method, c.path, status, why.Code, c.status, c.code)
		}
	}
	if status, _, _ := call(t, s, "GET", "/tap", ""); status != http.StatusMethodNotAllowed {
		t.Errorf("GET /tap: %d", status)
	}
	if b.State(t.Context()).Dock.Docked {
		t.Error("it is in the dock")
	}
}

// TestAPINeverTellsAPIN enters one and looks for it in everything that is answered and told.
func TestAPINeverTellsAPIN(t *testing.T) {
	b, s := serve(t)
	var dst pin.PIN
	end := ask(t, t.Context(), b.pad, kernel.PINRequest{TriesLeft: 3}, &dst, nil)
	seen := ""
	for _, k := range []string{"8", "0", "2", "9", "6", "enter"} {
		status, body, _ := call(t, s, "POST", "/pad", `{"key":"`+k+`"}`)
		if status != 204 {
			t.Fatalf("%d %s", status, body)
		}
		_, state, _ := call(t, s, "GET", "/state", "")
		seen += body + state
	}
	if how := <-end; how != kernel.PINEntered {
		t.Fatal(how)
	}
	seen += b.told.String()
	// Times have digits of their own, so the digits are looked for in a row and one by one where texts are told.
	if strings.Contains(seen, "80296") || strings.ContainsAny(b.told.String(), "0123456789") {
		t.Errorf("the PIN is in %s", seen)
	}
}

func TestEvents(t *testing.T) {
	b, s := serve(t)
	r, err := http.NewRequestWithContext(t.Context(), "GET", s.URL+"/events", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	if mime := got.Header.Get("Content-Type"); mime != "text/event-stream" {
		t.Fatal(mime)
	}
	lines := bufio.NewScanner(got.Body)
	next := func() (s State) {
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				if err := json.Unmarshal([]byte(data), &s); err != nil {
					t.Fatal(err)
				}
				return s
			}
		}
		t.Fatal("the stream ended")
		return s
	}
	if s := next(); s.Reader.Slot != "" || s.Bank == nil || s.Bank.Count != 0 {
		t.Fatalf("%+v", s)
	}
	if err := b.Insert("visa-contact", nil); err != nil {
		t.Fatal(err)
	}
	for next().Reader.Slot != "visa-contact" { // the stream ends the test if it never says so
	}
}
