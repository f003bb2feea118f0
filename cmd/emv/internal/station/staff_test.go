package station_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cardwright/emv/cmd/emv/internal/counter"
	"github.com/cardwright/emv/cmd/emv/internal/setup"
	"github.com/cardwright/emv/cmd/emv/internal/station"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal"
	"github.com/cardwright/emv/terminal/display"
	"github.com/cardwright/emv/terminal/dock"
	"github.com/cardwright/emv/terminal/pairing"
	"github.com/cardwright/emv/terminal/pos"
	"github.com/cardwright/emv/terminal/wire"
)

// giveUp is when a test that waits has failed; nothing waits for it to pass.
const giveUp = 20 * time.Second

// device is a station that runs, and its counter over HTTP.
type device struct {
	*testing.T
	*station.Station
}

func (d device) until(what string, holds func() bool) {
	d.Helper()
	for end := time.Now().Add(giveUp); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			d.Fatalf("in vain: %s; %+v", what, d.state())
		}
	}
}

// post tells the counter something, and returns the code of its refusal, "" for none.
func (d device) post(path, body string) string {
	d.Helper()
	r, err := http.Post(d.CounterURL()+path, "application/json", strings.NewReader(body))
	if err != nil {
		d.Fatal(err)
	}
	defer r.Body.Close()
	var why struct{ Code, Text string }
	if r.StatusCode != http.StatusNoContent {
		if err := json.NewDecoder(r.Body).Decode(&why); err != nil || why.Code == "" {
			d.Fatalf("%s: %s, %v", path, r.Status, err)
		}
	}
	return why.Code
}

func (d device) state() counter.StaffState {
	d.Helper()
	r, err := http.Get(d.CounterURL() + "state")
	if err != nil {
		d.Fatal(err)
	}
	defer r.Body.Close()
	var s counter.State
	if err := json.NewDecoder(r.Body).Decode(&s); err != nil || s.Staff == nil {
		d.Fatalf("no staff in the state; %v", err)
	}
	return *s.Staff
}

// mode takes the device in or out, and waits for the mode.
func (d device) mode(to dock.Mode) {
	d.Helper()
	d.post(map[dock.Mode]string{dock.Docked: "dock", dock.Mobile: "undock"}[to], "")
	d.until(to.String(), func() bool { return d.Terminal.Mode() == to })
}

// told is what the log says.
type told struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *told) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *told) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

const ada = `{"name":"Ada","pin":"` + counter.StaffPIN + `"}`

// nobody is what there is to see after each change of the mode.
func (d device) nobody(mobile bool, tokens ...dock.Token) {
	d.Helper()
	if s := d.state(); s != (counter.StaffState{Mobile: mobile, Scanner: "closed"}) {
		d.Errorf("%+v", s)
	}
	if n := d.Scanner.Handles(); n != 0 || d.Staff.Scanning() {
		d.Errorf("the scanner is held by %d", n)
	}
	for _, t := range tokens {
		for what, err := range map[string]error{"name": second(d.Staff.Name(t)), "scan": d.Staff.Scan(t), "stop": d.Staff.StopScan(t)} {
			if kernel.CodeOf(err) != string(dock.CodeSignedOut) {
				d.Errorf("%s with a token of before: %v", what, err)
			}
		}
	}
	if n := d.Scanner.Handles(); n != 0 {
		d.Errorf("a token of before has opened the scanner")
	}
}

func second(_ string, err error) error { return err }

// TestStaff goes in and out of the dock with the terminal running: staff work outside of it, and each change of the mode
// signs them out, wipes their tokens and closes the scanner. S80, S86, S87, S90
func TestStaff(t *testing.T) {
	log := &told{}
	o := station.Options{
		Setup: anywhere(t, filepath.Join(t.TempDir(), "s")), Log: slog.New(slog.NewJSONHandler(log, nil)),
		Told: func(what string) { fmt.Fprintln(log, what) },
	}
	var tokens []dock.Token
	run(t, o, func(s *station.Station, _ terminal.Addresses) {
		d := device{t, s}
		d.nobody(false)
		for range 2 {
			for path, body := range map[string]string{"sign-in": ada, "scanner-on": "", "sign-out": "", "scan": `{"code":"5901234123457"}`} {
				want := map[string]string{"sign-in": "E_DOCKED", "scan": "counter.scanner_closed"}[path]
				if want == "" {
					want = "E_STAFF_SIGN_IN"
				}
				if got := d.post(path, body); got != want {
					t.Errorf("%s in the dock: %q, want %s", path, got, want)
				}
			}
			d.mode(dock.Mobile)
			d.nobody(true, tokens...) // the scanner has not opened by itself, and nobody is back
			d.until("Ada is in", func() bool { return d.post("sign-in", ada) == "" })
			bo, err := s.Staff.SignIn("Bo") // another one, whose token is known here
			if err != nil {
				t.Fatal(err)
			}
			tokens = append(tokens, bo)
			if code := d.post("scanner-on", ""); code != "" || s.Scanner.Handles() != 1 {
				t.Errorf("the scanner: %q, %d handles", code, s.Scanner.Handles())
			}
			if code := d.post("scan", `{"code":"5901234123457"}`); code != "" {
				t.Errorf("a barcode: %s", code)
			}
			if s := d.state(); s != (counter.StaffState{Mobile: true, Name: "Ada", Scanner: "open", Barcode: "5901234123457"}) {
				t.Errorf("%+v", s)
			}
			notInFiles(t, o.Setup.State, bo)
			if name, err := s.Staff.Name(bo); name != "Bo" || err != nil {
				t.Errorf("%q, %v", name, err)
			}
			d.mode(dock.Docked)
			d.nobody(false, tokens...)
		}
	})
	for _, token := range tokens {
		if text := log.String(); strings.Contains(text, token.Text()) || !strings.Contains(text, "Ada opened the scanner") {
			t.Error("the log has a token, or not what happened")
		}
	}
}

// notInFiles looks for a token in all that the terminal keeps. S80
func notInFiles(t *testing.T, dir string, token dock.Token) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		files++
		b, err := os.ReadFile(path)
		if bytes.Contains(b, token[:]) || bytes.Contains(bytes.ToLower(b), []byte(token.Text())) {
			t.Errorf("%s has the token", path)
		}
		return err
	})
	if err != nil || files == 0 {
		t.Errorf("%d files, %v", files, err)
	}
}

// TestStaffWaitForThePayment pulls the device out while a customer is asked for the card: as long as the payment is under
// way it is a terminal, where nobody signs in; then its till is gone and staff sign in. S30, S87, S90
func TestStaffWaitForThePayment(t *testing.T) {
	log, codes := &told{}, make(chan string, 1)
	o := station.Options{
		Setup: anywhere(t, filepath.Join(t.TempDir(), "s")), Log: slog.New(slog.NewTextHandler(log, nil)),
		ShowCode: func(text string) {
			select {
			case codes <- text:
			default:
			}
		},
		Interfaces: func() []terminal.Interface {
			return []terminal.Interface{{Name: "lo", Link: terminal.Loopback, Prefixes: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/8")}}}
		},
	}
	run(t, o, func(s *station.Station, _ terminal.Addresses) {
		d := device{t, s}
		ctx, cancel := context.WithTimeout(t.Context(), 2*giveUp)
		defer cancel()
		k := till(t, ctx, <-codes)
		d.until("ready", func() bool { return s.Terminal.Status().State == "ready" })
		type end struct {
			final *wire.Final
			err   error
		}
		paid := make(chan end, 1)
		go func() {
			f, err := k.Pay(ctx, wire.PaymentRequest{
				OrderRef: "order-1", Kind: wire.KindSale, Amount: 1250, Currency: "USD",
				TipPolicy: wire.TipPolicy{Mode: "none"}, SurchargePolicy: wire.SurchargePolicy{Mode: "none"},
				Offline: wire.Offline{Mode: "forbid"}, Entry: []wire.Entry{wire.EntryTap},
			})
			paid <- end{f, err}
		}()
		d.until("the prompt", func() bool { return s.Terminal.Display().Screen == display.Present })
		d.post("undock", "")
		d.until("the dock is missed", func() bool { return strings.Contains(log.String(), "leaving the dock") })
		if code := d.post("sign-in", ada); code != "E_DOCKED" {
			t.Errorf("in a payment: %q", code)
		}
		d.nobody(false)
		if s.Terminal.Mode() != dock.Docked {
			t.Error("the mode was left in a payment")
		}
		if code := d.post("tap", `{"card":"visa-credit"}`); code != "" {
			t.Fatal(code)
		}
		if e := <-paid; e.err != nil || e.final.Result != wire.Approved || e.final.Total != 1250 {
			t.Fatalf("%+v, %v", e.final, e.err)
		}
		d.until("Ada is in", func() bool { return d.post("sign-in", ada) == "" })
		if got := d.state(); got.Name != "Ada" || !got.Mobile || s.Terminal.Status().Docked {
			t.Errorf("%+v, %+v", got, s.Terminal.Status())
		}
	})
}

// till pairs one with the code, and has the lease.
func till(t *testing.T, ctx context.Context, code string) *pos.Terminal {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	own := pairing.Identity{Merchant: "standalone", Location: "demo", Kind: pairing.Till, ID: "till-1"}
	certificate, err := pairing.SelfSigned(key, own, rand.Reader, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	online := make(chan struct{}, 1)
	register, err := pos.New(pos.Config{
		PosID: own.ID, Name: "Till 1", Cert: certificate, Version: wire.Version{Major: 9}, Platform: "test", Country: "US",
		Records: pairing.NewRecords(), Book: pos.NewBook(), Clock: pairing.SystemClock{}, Rand: rand.Reader,
		Networks: func() []string { return []string{"127.0.0.0/8"} },
		Events: func(e pos.Event) {
			if e.Online {
				select {
				case online <- struct{}{}:
				default:
				}
			}
		},
		Dial: func(ctx context.Context, address string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "tcp", address)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() { _ = register.Run(ctx) })
	t.Cleanup(func() { cancel(); running.Wait() })
	if _, err := register.Pair(ctx, code); err != nil {
		t.Fatal(err)
	}
	select {
	case <-online:
	case <-ctx.Done():
		t.Fatal("the till is not connected")
	}
	k, err := register.Terminal("")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.TakeLease(ctx, false); err != nil {
		t.Fatal(err)
	}
	return k
}

// TestNoStaffWithoutADock has a terminal that stands where it stands: there is no mode for staff.
func TestNoStaffWithoutADock(t *testing.T) {
	o := station.Options{Setup: anywhere(t, filepath.Join(t.TempDir(), "s"))}
	o.Setup.Dock = setup.DockNone
	s, err := station.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if s.Staff != nil || s.Counter.State(t.Context()).Staff != nil {
		t.Error("there are staff")
	}
	if err := s.Counter.SignIn("Ada", counter.StaffPIN); !errors.Is(err, counter.ErrNoStaff) {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
