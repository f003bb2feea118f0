package terminal_test

import (
	"net"
	"net/netip"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cardwright/emv/terminal"
	"github.com/cardwright/emv/terminal/display"
	"github.com/cardwright/emv/terminal/dock"
	"github.com/cardwright/emv/terminal/pairing"
	"github.com/cardwright/emv/terminal/wire"
)

// dials reports whether somebody listens at an address.
func dials(address string) bool {
	c, err := net.DialTimeout("tcp", address, time.Second)
	if err == nil {
		_ = c.Close()
	}
	return err == nil
}

// TestModes goes in and out of the dock: the code within a second of the first time, no till without a dock, and the same
// ones again with it. S1, S24, S26, S29
func TestModes(t *testing.T) {
	s := open(t, "US", func(s *shop) { s.dock.Undock() })
	if st := s.screen(display.Message); st.Title != "Put the device into the dock" || !strings.Contains(st.Text, "without its case") {
		t.Errorf("%+v", st)
	}
	if dials(s.where.Session.String()) {
		t.Error("tills are served without a dock")
	}
	if st := s.terminal.Status(); st.State != "not_ready" || st.Cause != wire.CodeNotDocked || st.Docked {
		t.Errorf("%+v", st)
	}
	began := time.Now()
	s.dock.Dock()
	s.screen(display.QR)
	if took := time.Since(began); took > dock.Debounce+time.Second {
		t.Errorf("the code took %v", took)
	}
	k := s.till("till-1")
	s.pair(k)
	s.dock.Undock()
	s.screen(display.Message)
	until(t, "the session is over", func() bool { return k.List()[0].State == "offline" })
	if dials(s.where.Session.String()) {
		t.Error("tills are served without a dock")
	}
	s.dock.Dock()
	s.screen(display.Standby)
	k.terminal(s)
	s.ready()
	for range 5 { // a loose contact
		s.dock.Undock()
		s.dock.Dock()
	}
	k.terminal(s)
}

// TestUndockedInPayment finishes the payment, tells the till, and takes no other one.
func TestUndockedInPayment(t *testing.T) {
	s, k := counter(t, "US", nil)
	term := k.terminal(s)
	paid := s.pay(term, s.sale("order-1", 1250))
	s.screen(display.Present)
	s.dock.Undock()
	until(t, "the dock is missed", func() bool {
		st := k.List()[0].Status
		return st.State == "busy" && s.log.seen("leaving the dock")
	})
	s.hands.Tap(s.card("visa-credit"), nil)
	f := s.wants(paid, wire.Approved, "")
	if f.Total != 1250 {
		t.Errorf("%+v", f)
	}
	until(t, "mobile", func() bool { return s.terminal.Mode() == dock.Mobile })
	until(t, "the session is over", func() bool { return k.List()[0].State == "offline" })
	s.charged(1250)
	if len(k.config.Book.Open()) != 0 {
		t.Error("the till does not know the outcome")
	}
	s.dock.Dock()
	k.terminal(s)
}

// pairingPort returns the address in the code that is shown.
func (s *shop) pairingPort() string {
	s.Helper()
	c := must[*pairing.Code](s.T)(pairing.DecodeQR(s.scan()))
	return c.Targets()[0].String()
}

// TestPairingPort is open while a code is on the display, and only then.
func TestPairingPort(t *testing.T) {
	s := open(t, "US", nil)
	k := s.till("till-1")
	s.screen(display.QR)
	port := s.pairingPort()
	if !dials(port) {
		t.Error("nobody listens although a code is shown")
	}
	if _, err := k.Pair(within(t), s.scan()); err != nil {
		t.Fatal(err)
	}
	until(t, "the port is closed", func() bool { return !dials(port) })
	term := k.terminal(s)
	s.ready()
	s.screen(display.Message)
	s.page.do(t, display.Action{Kind: display.ActDone})
	s.screen(display.Standby)
	s.page.do(t, display.Action{Kind: display.ActOpen})
	s.screen(display.Settings)
	s.page.do(t, display.Action{Kind: display.ActRestore})
	s.screen(display.QR)
	if port = s.pairingPort(); !dials(port) {
		t.Error("nobody listens although a code is shown")
	}
	paid := s.pay(term, s.sale("order-1", 1250)) // takes the code off the display
	s.screen(display.Present)
	until(t, "the port is closed", func() bool { return !dials(port) })
	s.page.do(t, display.Action{Kind: display.ActCancel})
	s.wants(paid, wire.Cancelled, "customer_cancelled")

	s.screen(display.Message)
	s.page.do(t, display.Action{Kind: display.ActOpen})
	s.screen(display.Settings)
	s.page.do(t, display.Action{Kind: display.ActRestore})
	s.screen(display.QR)
	port = s.pairingPort()
	s.dock.Undock()
	until(t, "the port is closed", func() bool { return !dials(port) })
}

// TestPairTyped pairs with nothing but what a person reads from the display: the address and the eight digits.
func TestPairTyped(t *testing.T) {
	s := open(t, "US", func(s *shop) {
		s.config.Interfaces = func() []terminal.Interface { // IPv6 is there first, and is not what is typed
			return append([]terminal.Interface{{Name: "eth0", Prefixes: []netip.Prefix{netip.MustParsePrefix("2001:db8::20/64")}}}, loopback()...)
		}
	})
	k := s.till("till-1")
	qr := s.screen(display.QR).QR
	address, digits := regexp.MustCompile(`^Terminal’s address: (127\.0\.0\.1:\d+)$`).FindStringSubmatch(qr.Address),
		regexp.MustCompile(`: (\d{4} \d{4})$`).FindStringSubmatch(qr.Typed)
	if address == nil || digits == nil {
		t.Fatalf("the display says %+v", qr)
	}
	p, err := k.PairCode(within(t), address[1], digits[1])
	if err != nil {
		t.Fatal(err)
	}
	if p.Record.ID != s.terminal.ID() {
		t.Errorf("paired with %s", p.Record.ID)
	}
	k.terminal(s)
	if st := s.screen(display.Message); !strings.Contains(st.Notice+st.Text, p.Confirmation.String()) {
		t.Errorf("the till says %s, the display %+v", p.Confirmation, st)
	}
}

// TestPairingRefused stays on the welcome screen and says why (S67); whoever has not seen the code does not get there.
func TestPairingRefused(t *testing.T) {
	s := open(t, "US", func(s *shop) { s.config.Platforms = []string{"linux", "ios"} })
	s.screen(display.QR)
	stranger := s.till("till-0")
	c := must[*pairing.Code](t)(pairing.DecodeQR(s.scan()))
	c.Secret[0] ^= 1
	_, err := stranger.Pair(within(t), must[string](t)(c.Text()))
	wantCode(t, err, wire.CodeForged)
	k := s.till("till-1")
	k.stop()
	k.config.Platform = "amiga"
	k.on(s)
	_, err = k.Pair(within(t), s.scan())
	wantCode(t, err, wire.CodePlatform)
	if st := s.screen(display.Welcome); !strings.Contains(st.Code, "E_PLATFORM") || st.Notice == "" {
		t.Errorf("%+v", st)
	}
	s.page.do(t, display.Action{Kind: display.ActStart})
	k.stop()
	k.config.Platform = "linux"
	k.on(s)
	s.pair(k)
}

// TestCountries keeps a terminal whose location is in another country on its welcome screen. S7
func TestCountries(t *testing.T) {
	s := open(t, "US", func(s *shop) { s.config.Country, s.config.StoreCountry = "US", "CA" })
	until(t, "the reason", func() bool {
		st := s.page.state()
		return st.Screen == display.Welcome && strings.Contains(st.Code, "E_COUNTRY_MISMATCH")
	})
	until(t, "not ready", func() bool { return s.terminal.Status().Cause == wire.CodeCountry })
	s.page.do(t, display.Action{Kind: display.ActStart})
	time.Sleep(100 * time.Millisecond)
	s.screen(display.Welcome)
}

// TestAddresses tells a till of a change of the addresses, the cable's first. S31, S32
func TestAddresses(t *testing.T) {
	var now atomic.Pointer[[]terminal.Interface]
	list := loopback()
	now.Store(&list)
	s := open(t, "US", func(s *shop) {
		s.config.Interfaces = func() []terminal.Interface { return *now.Load() }
	})
	k := s.till("till-1")
	s.pair(k)
	cable := terminal.Interface{Name: "eth0", Link: terminal.Ethernet, Prefixes: []netip.Prefix{netip.MustParsePrefix("192.0.2.9/24")}}
	radio := terminal.Interface{Name: "wlan0", Link: terminal.WiFi, Prefixes: []netip.Prefix{netip.MustParsePrefix("198.51.100.9/24")}}
	all := append([]terminal.Interface{radio, cable}, loopback()...)
	now.Store(&all)
	until(t, "the till hears of the cable", func() bool {
		r, _ := k.config.Records.ByID(s.terminal.ID())
		return len(r.Addresses) == 3 && strings.HasPrefix(r.Addresses[0], "192.0.2.9:") &&
			strings.HasPrefix(r.Addresses[1], "198.51.100.9:") && strings.HasPrefix(r.Addresses[2], "127.0.0.1:")
	})
}
