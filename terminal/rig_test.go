package terminal_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/crypto/dukpt"
	"github.com/cardwright/emv/crypto/keystore"
	"github.com/cardwright/emv/crypto/keystore/memory"
	"github.com/cardwright/emv/crypto/p2pe"
	"github.com/cardwright/emv/crypto/pin"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal"
	"github.com/cardwright/emv/terminal/display"
	"github.com/cardwright/emv/terminal/dock"
	"github.com/cardwright/emv/terminal/driver"
	"github.com/cardwright/emv/terminal/driver/simulated"
	"github.com/cardwright/emv/terminal/host"
	"github.com/cardwright/emv/terminal/host/acquirer"
	"github.com/cardwright/emv/terminal/pos"
	"github.com/cardwright/emv/terminal/profile"
	"github.com/cardwright/emv/terminal/wire"
	"github.com/cardwright/emv/testvectors/card"
	"github.com/cardwright/emv/testvectors/issuer/iso"
	"github.com/cardwright/emv/tlv"
)

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func wantCode(t *testing.T, err error, want wire.Code) {
	t.Helper()
	var e *wire.Error
	if !errors.As(err, &e) || e.Code != want {
		t.Fatalf("got %v, want %s", err, want)
	}
}

// until waits for what happens elsewhere.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !is(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("in vain: ", what)
		}
	}
}

// shop is a terminal with everything around it: a host over TCP, a reader in somebody's hands, a page that shows the
// display, and a dock.
type shop struct {
	*testing.T
	config terminal.Config
	server *iso.Server
	hands  *simulated.Reader
	dock   *dock.Virtual
	log    *lockedBuffer

	terminal *terminal.Terminal
	where    terminal.Addresses
	page     *page
	stop     func()
}

// lockedBuffer is written to by several goroutines.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// seen reports whether a message is in the log.
func (b *lockedBuffer) seen(what string) bool { return strings.Contains(b.String(), what) }

// newShop sets up everything but the terminal; change may alter the configuration.
func newShop(t *testing.T, country string, change func(*shop)) *shop {
	t.Helper()
	s := &shop{T: t, hands: simulated.New(simulated.Config{}), dock: &dock.Virtual{}, log: &lockedBuffer{}}
	s.server = must[*iso.Server](t)(iso.New(iso.Config{}))
	l := must[net.Listener](t)(net.Listen("tcp", "127.0.0.1:0"))
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = s.server.Serve(ctx, l)
	}()
	keys := must[*iso.TerminalKeys](t)(iso.NewTerminalKeys(iso.TestInitialKeyID(1)))
	client := must[*host.Client](t)(host.New(host.Config{
		Endpoint: host.Endpoint{Address: l.Addr().String()}, Keys: keys, Terminal: "T0000001", Merchant: "M00000000000001",
	}))
	t.Cleanup(func() {
		_ = client.Close()
		cancel()
		<-served
	})
	s.dock.Dock()
	stan := uint32(900000)
	s.config = terminal.Config{
		State: t.TempDir() + "/state", Name: "Counter 1", Profile: must[*profile.Profile](t)(profile.Builtin(country)),
		Readers: []driver.Reader{s.hands}, PINPad: pad{}, Keys: drawn{keys},
		Env:     kernel.Env{Clock: kernel.SystemClock{}, Rand: rand.Reader, CAPKs: must[capk.Source](t)(capks())},
		Objects: merchant(), Host: acquirer.New(client, acquirer.Config{PIN: true}),
		Echo: func(ctx context.Context) error {
			stan++
			return client.Echo(ctx, host.Trace{STAN: stan, Time: time.Now()})
		},
		Store: must[keystore.Provider](t)(store()), Dock: s.dock, Interfaces: loopback,
		Ports: terminal.Ports{Session: "127.0.0.1:0", Plain: "127.0.0.1:0", Pairing: "127.0.0.1:0", Presence: "127.0.0.1:0"},
		Times: terminal.Times{Watch: 20 * time.Millisecond, Retry: 20 * time.Millisecond, HostReply: 2 * time.Second},
		Log:   slog.New(slog.NewJSONHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})), Version: "test",
	}
	if change != nil {
		change(s)
	}
	return s
}

func store() (keystore.Provider, error) { return memory.New(memory.Options{}), nil }

func capks() (capk.Source, error) { return capk.Test() }

func loopback() []terminal.Interface {
	return []terminal.Interface{{Name: "lo", Link: terminal.Loopback, Prefixes: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/8")}}}
}

// merchant are the data objects that no profile has.
func merchant() []byte {
	b := tlv.Append(nil, 0x9F01, []byte{0, 0, 0, 0, 0, 1})
	b = tlv.Append(b, 0x9F15, []byte{0x59, 0x99})
	b = tlv.Append(b, 0x9F16, []byte("M00000000000001"))
	b = tlv.Append(b, 0x9F1C, []byte("T0000001"))
	b = tlv.Append(b, 0x9F1E, []byte("00000001"))
	return tlv.Append(b, 0x9F4E, []byte("SHOP"))
}

// drawn gives the reader the keys that the host's side knows.
type drawn struct{ keys *iso.TerminalKeys }

func (d drawn) Transaction(ctx context.Context) (*p2pe.Terminal, error) {
	var t dukpt.AESTransaction
	if err := d.keys.NextAES(&t, ""); err != nil {
		return nil, err
	}
	p := new(p2pe.Terminal)
	return p, errors.Join(ctx.Err(), p.UseAES(&t, 0, rand.Reader))
}

// pad is a PIN pad whose customer knows the PIN.
type pad struct{}

func (pad) Enter(_ context.Context, _ kernel.PINRequest, dst *pin.PIN, entered func(int)) (kernel.PINEntry, error) {
	for i := range card.TestPIN {
		entered(i + 1)
	}
	return kernel.PINEntered, pin.Parse(dst, []byte(card.TestPIN))
}

// open starts a shop with a terminal that is switched on.
func open(t *testing.T, country string, change func(*shop)) *shop {
	t.Helper()
	s := newShop(t, country, change)
	s.on()
	t.Cleanup(func() {
		s.off()
		s.nothingLogged()
	})
	return s
}

// on switches the terminal on.
func (s *shop) on() {
	s.Helper()
	s.terminal = must[*terminal.Terminal](s.T)(terminal.Open(s.config))
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.terminal.Run(ctx) }()
	s.where = must[terminal.Addresses](s.T)(s.terminal.Addresses(context.Background()))
	s.page = s.look()
	s.stop = sync.OnceFunc(func() {
		s.page.close()
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			s.Errorf("Run: %v", err)
		}
		if err := s.terminal.Close(); err != nil {
			s.Errorf("Close: %v", err)
		}
		s.nothingRuns()
	})
}

// off switches it off; the journal and the pair records are left.
func (s *shop) off() { s.stop() }

// again switches it off and on, with another reader in the same hands: Close has closed the first.
func (s *shop) again() {
	s.Helper()
	s.off()
	s.hands = simulated.New(simulated.Config{})
	s.config.Readers = []driver.Reader{s.hands}
	s.config.Ports.Session = s.where.Session.String() // as on a device: its tills know it
	s.on()
}

// nothingRuns looks for goroutines of the terminal.
func (s *shop) nothingRuns() {
	s.Helper()
	b := make([]byte, 1<<20)
	left := ""
	for range 300 {
		left = ""
		for _, g := range strings.Split(string(b[:runtime.Stack(b, true)]), "\n\n") {
			if strings.Contains(g, "terminal.(*Terminal)") || strings.Contains(g, "payment.(*Engine)") ||
				strings.Contains(g, "session.(*Server)") || strings.Contains(g, "pairing.(*run)") {
				left = g
			}
		}
		if left == "" {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.Errorf("a goroutine is left:\n%s", left)
}

// numbers are those of the cards that the tests hold: they are in no log.
var numbers = regexp.MustCompile(`\b[3-6]\d{12,18}\b`)

// nothingLogged searches what a terminal leaves behind, logs and shows for card numbers.
func (s *shop) nothingLogged() {
	s.Helper()
	where := map[string]string{"the log": s.log.String(), "the page": string(must[[]byte](s.T)(json.Marshal(s.page.all)))}
	err := filepath.WalkDir(s.config.State, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(name)
		where[name] = string(b)
		return err
	})
	if err != nil || where["the log"] == "" || len(where) < 4 {
		s.Errorf("there is nothing to search in: %d texts, %v", len(where), err)
	}
	for _, n := range append(planted(), swiped) {
		for name, text := range where {
			if strings.Contains(text, n) || strings.Contains(text, hex.EncodeToString([]byte(n))) {
				s.Errorf("%s holds a card number that begins with %s", name, n[:6])
			}
		}
	}
}

// swiped is a stripe without a chip.
const swiped = "4111111111111111"

var plants struct {
	sync.Mutex
	list []string
}

func planted() []string {
	plants.Lock()
	defer plants.Unlock()
	return append([]string(nil), plants.list...)
}

// card makes a simulated card.
func (s *shop) card(name string) *card.Card {
	s.Helper()
	c := must[*card.Card](s.T)(card.New(card.Config{Profile: name}))
	if number := numbers.FindString(c.Stripe()); number != "" {
		plants.Lock()
		plants.list = append(plants.list, number)
		plants.Unlock()
	}
	return c
}

// contacts is a simulated card at its contacts (contact.Slot).
type contacts struct{ *card.Card }

func (c contacts) Reset(ctx context.Context, warm bool) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return c.Power(warm)
}

// screen waits until the page shows a screen, and returns what is on it.
func (s *shop) screen(want display.Screen) display.State {
	s.Helper()
	return s.page.wait(s.T, want)
}

// ready waits until the host has answered its echo.
func (s *shop) ready() {
	s.Helper()
	until(s.T, "ready", func() bool { return s.terminal.Status().State == "ready" })
}

func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// sale asks for a payment without a cart.
func (s *shop) sale(order string, amount int64) wire.PaymentRequest {
	return wire.PaymentRequest{
		OrderRef: order, Kind: wire.KindSale, Amount: amount, Currency: s.config.Profile.Currency.Alpha,
		TipPolicy: wire.TipPolicy{Mode: "none"}, SurchargePolicy: wire.SurchargePolicy{Mode: "none"},
		Offline: wire.Offline{Mode: "forbid"}, Entry: []wire.Entry{wire.EntryTap, wire.EntryInsert, wire.EntrySwipe}, Within: 60_000,
	}
}

// outcome is what a payment came to.
type outcome struct {
	final *wire.Final
	err   error
}

// pay begins a payment.
func (s *shop) pay(t *pos.Terminal, r wire.PaymentRequest) <-chan outcome {
	c := make(chan outcome, 1)
	ctx := within(s.T)
	go func() {
		f, err := t.Pay(ctx, r)
		c <- outcome{f, err}
	}()
	return c
}

// wants waits for the end of a payment.
func (s *shop) wants(c <-chan outcome, result wire.Result, reason string) *wire.Final {
	s.Helper()
	o := <-c
	if o.err != nil {
		s.Fatal(o.err)
	}
	if o.final.Result != result || o.final.Reason != reason {
		s.Fatalf("%s because of %q (%s), want %s because of %q", o.final.Result, o.final.Reason, o.final.HostCode, result, reason)
	}
	return o.final
}

// charged checks what the host has charged, in all.
func (s *shop) charged(want int64) {
	s.Helper()
	numeric := fmt.Sprintf("%03d", s.config.Profile.Currency.Numeric)
	if got, entries := s.server.Charged(numeric); got != want {
		s.Errorf("the host has charged %d by %d entries, want %d: %+v", got, entries, want, s.server.Ledger())
	}
}
