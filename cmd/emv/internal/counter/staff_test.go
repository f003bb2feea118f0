package counter

import (
	"encoding/json"
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cardwright/emv/terminal/dock"
)

// atWork has Ada sign in when the mode admits her.
func atWork(t *testing.T, b *bench) {
	t.Helper()
	eventually(t, "nobody can sign in", func() bool { return b.SignIn(" Ada ", StaffPIN) == nil })
}

func TestStaff(t *testing.T) {
	b := newBench(t)
	atWork(t, b)
	if s := b.State(t.Context()).Staff; *s != (StaffState{Mobile: true, Name: "Ada", Scanner: "closed"}) {
		t.Errorf("%+v", *s)
	}
	code(t, b.SignIn("Bo", StaffPIN), "counter.signed_in")
	code(t, b.Scan("5901234123457"), "counter.scanner_closed")
	if err := b.Scanning(true); err != nil {
		t.Fatal(err)
	}
	if err := b.Scan("5901234123457"); err != nil {
		t.Fatal(err)
	}
	if s := b.State(t.Context()).Staff; s.Scanner != "open" || s.Barcode != "5901234123457" {
		t.Errorf("%+v", *s)
	}
	for range 2 { // closed, and closed again
		if err := b.Scanning(false); err != nil || b.scan.Handles() != 0 {
			t.Errorf("%v, %d handles", err, b.scan.Handles())
		}
	}
	if err := b.Scanning(true); err != nil || b.State(t.Context()).Staff.Barcode != "" {
		t.Errorf("what was scanned before is still there; %v", err)
	}
	if err := b.SignOut(); err != nil || b.scan.Handles() != 0 || b.token != (dock.Token{}) {
		t.Errorf("after the last one went: %v, %d handles, token wiped %t", err, b.scan.Handles(), b.token == dock.Token{})
	}
	code(t, b.Scanning(true), "E_STAFF_SIGN_IN")
	code(t, b.SignOut(), "E_STAFF_SIGN_IN")
}

func TestStaffInTheDock(t *testing.T) {
	b := newBench(t)
	atWork(t, b)
	if err := b.Scanning(true); err != nil {
		t.Fatal(err)
	}
	if err := b.SetDock(true); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is in no dock", func() bool { return !b.State(t.Context()).Staff.Mobile })
	if s := b.State(t.Context()).Staff; *s != (StaffState{Scanner: "closed"}) || b.token != (dock.Token{}) {
		t.Errorf("%+v, token wiped %t", *s, b.token == dock.Token{})
	}
	code(t, b.SignIn("Ada", StaffPIN), "E_DOCKED")
	code(t, b.Scanning(true), "E_STAFF_SIGN_IN")
	code(t, b.Scan("5901234123457"), "counter.scanner_closed")
}

func TestStaffNames(t *testing.T) {
	b := newBench(t)
	for _, name := range []string{
		"", " ", "-", "4111111111111111", "Ada 2", "Ad\na", "A\x1b[31m", "\xff", strings.Repeat("a", 33), "<b>", "Ada\u202e",
	} {
		code(t, b.SignIn(name, StaffPIN), "counter.name")
	}
	for _, name := range []string{"Åsa", "Jean-Luc", "D’Arcy", "王芳", "देवी", "Dr. No", strings.Repeat("å", 32)} {
		eventually(t, name+" is no name", func() bool { return b.SignIn(name, StaffPIN) == nil })
		if err := b.SignOut(); err != nil {
			t.Error(err)
		}
	}
	for _, pin := range []string{"", "258", "25800", "0000"} {
		code(t, b.SignIn("Ada", pin), "counter.staff_pin")
	}
}

func TestScanner(t *testing.T) {
	var s Scanner
	code(t, s.Scan("1"), "counter.scanner_closed")
	if err := s.Close(); err != nil { // of one that is not open
		t.Error(err)
	}
	if err := s.Open(); err != nil || s.Handles() != 1 {
		t.Errorf("%v, %d", err, s.Handles())
	}
	code(t, s.Open(), "counter.scanner_taken")
	for _, wrong := range []string{"", "\x1d01", "å", strings.Repeat("1", 81)} {
		code(t, s.Scan(wrong), "counter.barcode")
	}
	for _, right := range []string{"5901234123457", "(01)09506000134352", strings.Repeat("1", 80)} {
		if err := s.Scan(right); err != nil || s.Scanned() != right {
			t.Errorf("%s: %v", right, err)
		}
	}
	if err := s.Close(); err != nil || s.Handles() != 0 || s.Scanned() != "" {
		t.Errorf("%v, %d, %q", err, s.Handles(), s.Scanned())
	}
}

// TestTokenStaysHere looks for the token in all that is answered and told. S80
func TestTokenStaysHere(t *testing.T) {
	b, s := serve(t)
	atWork(t, b)
	token := b.token
	if token == (dock.Token{}) {
		t.Fatal("no token")
	}
	seen := ""
	for _, path := range []string{"/scanner-on", "/scanner-on", "/scanner-off", "/sign-out", "/sign-out"} {
		_, state, _ := call(t, s, "GET", "/state", "")
		_, body, header := call(t, s, "POST", path, "")
		h, err := json.Marshal(header)
		if err != nil {
			t.Fatal(err)
		}
		seen += state + body + string(h)
	}
	w := httptest.NewRecorder()
	b.Handler().ServeHTTP(w, httptest.NewRequest("GET", "http://127.0.0.1/", nil))
	page, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	seen = strings.ToLower(seen + string(page) + b.told.String())
	raw, err := json.Marshal(token[:]) // base64
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{token.Text(), string(token[:]), strings.ToLower(strings.Trim(string(raw), `"=`))} {
		if strings.Contains(seen, strings.ToLower(secret)) {
			t.Error("the token got out")
		}
	}
	if !strings.Contains(seen, `"name":"ada"`) || !strings.Contains(seen, "ada signed in") {
		t.Errorf("nothing was looked through: %s", seen)
	}
}
