package dock_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/cardwright/emv/terminal/dock"
	"github.com/cardwright/emv/terminal/wire"
)

// mobile is the staff of a device that is out of its dock.
func mobile(t *testing.T, random string, s dock.Scanner) *dock.Staff {
	t.Helper()
	staff := dock.NewStaff(strings.NewReader(random), s)
	m, err := dock.New(dock.Config{Dock: new(dock.Virtual), Staff: staff})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); _ = m.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	synctest.Wait()
	return staff
}

func TestStaffSignsIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		staff := mobile(t, "0123456789abcdefFEDCBA9876543210", nil)
		ada, err := staff.SignIn("Ada")
		if err != nil || ada.Text() != "30313233343536373839616263646566" {
			t.Fatalf("%s, %v", ada.Text(), err)
		}
		bo, err := staff.SignIn("Bo")
		if err != nil {
			t.Fatal(err)
		}
		read, err := dock.ParseToken(ada.Text())
		if err != nil {
			t.Fatal(err)
		}
		for token, want := range map[dock.Token]string{read: "Ada", bo: "Bo"} {
			if name, err := staff.Name(token); name != want || err != nil {
				t.Errorf("%q, %v", name, err)
			}
		}
		for i := range 128 { // no bit of a token is without meaning
			wrong := ada
			wrong[i/8] ^= 1 << (i % 8)
			if _, err := staff.Name(wrong); !is(err, dock.CodeSignedOut) {
				t.Errorf("bit %d: %v", i, err)
			}
		}
		if err := staff.SignOut(ada); err != nil {
			t.Error(err)
		}
		if _, err := staff.Name(ada); !is(err, dock.CodeSignedOut) {
			t.Errorf("signed out: %v", err)
		}
		if name, err := staff.Name(bo); name != "Bo" || err != nil {
			t.Errorf("the other one: %q, %v", name, err)
		}
		if _, err := staff.Name(dock.Token{}); !is(err, dock.CodeSignedOut) {
			t.Errorf("a token of zeros, as a wiped one is: %v", err)
		}
		if _, err := staff.SignIn("Cy"); err == nil {
			t.Error("a token without randomness")
		}
	})
}

func TestStaffIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		random := make([]byte, 16*(dock.MaxStaff+1))
		for i := range random {
			random[i] = byte(i / 16)
		}
		staff := mobile(t, string(random), nil)
		var tokens []dock.Token
		for range dock.MaxStaff + 1 {
			token, err := staff.SignIn("somebody")
			if err != nil {
				t.Fatal(err)
			}
			tokens = append(tokens, token)
		}
		for i, token := range tokens {
			if _, err := staff.Name(token); (err != nil) != (i == 0) {
				t.Errorf("%d: %v", i, err)
			}
		}
	})
}

func TestNobodySignsInBeforeTheMachineRuns(t *testing.T) {
	staff := dock.NewStaff(strings.NewReader("0123456789abcdef"), nil)
	if _, err := staff.SignIn("Ada"); !is(err, dock.CodeDocked) {
		t.Error(err)
	}
}

// S86: the scanner is open for staff only.
func TestScanner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &scanner{}
		staff := mobile(t, "0123456789abcdefFEDCBA9876543210", s)
		ada, err := staff.SignIn("Ada")
		if err != nil {
			t.Fatal(err)
		}
		stranger := ada
		stranger[0] ^= 1
		for name, err := range map[string]error{"scan": staff.Scan(stranger), "stop": staff.StopScan(stranger)} {
			if !is(err, dock.CodeSignedOut) || s.isOpen() {
				t.Errorf("%s by nobody: %v", name, err)
			}
		}
		for range 2 {
			if err := staff.Scan(ada); err != nil || s.open != 1 {
				t.Errorf("%v, open %d times", err, s.open)
			}
		}
		for range 2 {
			if err := staff.StopScan(ada); err != nil || s.isOpen() {
				t.Errorf("%v, open %d times", err, s.open)
			}
		}
		bo, err := staff.SignIn("Bo")
		if err != nil {
			t.Fatal(err)
		}
		if err := staff.Scan(ada); err != nil {
			t.Error(err)
		}
		if err := staff.SignOut(ada); err != nil || !s.isOpen() {
			t.Errorf("one of two signed out: %v", err)
		}
		if err := staff.SignOut(bo); err != nil || s.isOpen() {
			t.Errorf("nobody is left: %v", err)
		}
	})
}

func TestScannerThatDoesNotOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &scanner{err: errors.New("unplugged")}
		staff := mobile(t, "0123456789abcdef", s)
		ada, err := staff.SignIn("Ada")
		if err != nil {
			t.Fatal(err)
		}
		if err := staff.Scan(ada); !errors.Is(err, s.err) || s.isOpen() || staff.Scanning() {
			t.Errorf("%v", err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		staff := mobile(t, "0123456789abcdef", nil)
		ada, err := staff.SignIn("Ada")
		if err != nil {
			t.Fatal(err)
		}
		if err := staff.Scan(ada); !is(err, wire.CodeUnsupported) {
			t.Errorf("without a scanner: %v", err)
		}
	})
}

func TestTokenMasksItself(t *testing.T) {
	token, err := dock.ParseToken("30313233343536373839616263646566")
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	slog.New(slog.NewJSONHandler(&b, nil)).Info("token", "t", token, "p", &token)
	j, err := json.Marshal(struct{ T dock.Token }{token})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(&b, "%v %+v %#v %s %x %d %v", token, token, token, token, token, token, &token)
	text := strings.ToLower(b.String() + string(j))
	for _, secret := range []string{"3031", "0123", "48 49", "0x30", "mdey"} { // hex, text, decimal, Go, base64
		if strings.Contains(text, secret) {
			t.Errorf("%q in %s", secret, text)
		}
	}
	token.Wipe()
	if token != (dock.Token{}) {
		t.Error("not wiped")
	}
	for _, s := range []string{"", "30", "3031323334353637383961626364656g", strings.Repeat("30", 17)} {
		if _, err := dock.ParseToken(s); !is(err, dock.CodeSignedOut) {
			t.Errorf("%q: %v", s, err)
		}
	}
}
