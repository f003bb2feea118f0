package counter

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cardwright/emv/contact"
	"github.com/cardwright/emv/crypto/pin"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/dock"
	"github.com/cardwright/emv/terminal/driver"
	"github.com/cardwright/emv/terminal/driver/simulated"
	"github.com/cardwright/emv/testvectors/card"
	"github.com/cardwright/emv/testvectors/issuer/iso"
)

// selectPPSE is SELECT of the directory for taps; Book B, 3.3.2.
var selectPPSE = []byte("\x00\xA4\x04\x00\x0E2PAY.SYS.DDF01\x00")

type bench struct {
	*Counter
	reader *simulated.Reader
	pad    *Pad
	dock   *dock.Virtual
	staff  *dock.Staff
	scan   *Scanner
	told   *bytes.Buffer
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{reader: simulated.New(simulated.Config{}), pad: &Pad{}, dock: &dock.Virtual{}, scan: &Scanner{}, told: &bytes.Buffer{}}
	b.staff = dock.NewStaff(rand.Reader, b.scan)
	modes, err := dock.New(dock.Config{Dock: b.dock, Staff: b.staff, Debounce: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = modes.Run(ctx) })
	t.Cleanup(func() { cancel(); running.Wait() })
	bank, err := iso.New(iso.Config{})
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	b.Counter = New(Config{Reader: b.reader, Pad: b.pad, Dock: b.dock, Bank: bank, Staff: b.staff, Scanner: b.scan, Mode: modes.Mode, Told: func(s string) {
		mu.Lock()
		defer mu.Unlock()
		b.told.WriteString(s + "\n")
	}})
	t.Cleanup(func() {
		if err := b.reader.Close(); err != nil {
			t.Error(err)
		}
		b.Close()
	})
	return b
}

// eventually waits until something holds that another goroutine brings about.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal(what)
		}
	}
}

func code(t *testing.T, err error, want string) {
	t.Helper()
	if got := kernel.CodeOf(err); got != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

func TestTapIsHeldUntilItWasRead(t *testing.T) {
	b := newBench(t)
	if err := b.Tap("visa-credit", nil); err != nil {
		t.Fatal(err)
	}
	if s := b.State(t.Context()); !slices.Equal(s.Reader.Field, []string{"visa-credit"}) || s.Reader.Read {
		t.Fatalf("before the field is on: %+v", s.Reader)
	}
	session, err := b.reader.Open(t.Context(), driver.Contactless)
	if err != nil {
		t.Fatal(err)
	}
	field := session.(kernel.Field)
	if err := field.Activate(t.Context()); err != nil {
		t.Fatal(err)
	}
	answer, err := session.Transmit(t.Context(), nil, selectPPSE)
	if err != nil || !bytes.HasSuffix(answer, []byte{0x90, 0}) {
		t.Fatalf("SELECT: %X, %v", answer, err)
	}
	if !b.State(t.Context()).Reader.Read {
		t.Error("the state does not say that the card is being read")
	}
	if err := field.Deactivate(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the card is still there", func() bool { return len(b.State(t.Context()).Reader.Field) == 0 })
	if _, err := session.Transmit(t.Context(), nil, selectPPSE); !errors.Is(err, kernel.ErrRemoved) {
		t.Errorf("after it left: %v", err)
	}
}

func TestACardStaysTheSame(t *testing.T) {
	b := newBench(t)
	first, err := b.card("visa-credit", nil)
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := b.card("visa-credit", nil); again != first {
		t.Error("the card forgot its counters")
	}
	if broken, _ := b.card("visa-credit", []string{"removed@1"}); broken == first {
		t.Error("a card with a fault is the one without")
	}
}

func TestAFaultTakesTheCardAway(t *testing.T) {
	b := newBench(t)
	if err := b.Insert("visa-contact", []string{"removed@1"}); err != nil {
		t.Fatal(err)
	}
	session, err := b.reader.Open(t.Context(), driver.Contact)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := session.(contact.Slot).Reset(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	if _, err := session.Transmit(t.Context(), nil, []byte("\x00\xA4\x04\x00\x0E1PAY.SYS.DDF01\x00")); !errors.Is(err, kernel.ErrRemoved) {
		t.Fatalf("the card answered: %v", err)
	}
	if s := b.State(t.Context()); s.Reader.Slot != "" {
		t.Errorf("the slot holds %s", s.Reader.Slot)
	}
}

func TestSlot(t *testing.T) {
	b := newBench(t)
	if err := b.Insert("visa-contact", nil); err != nil {
		t.Fatal(err)
	}
	code(t, b.Insert("amex-contact", nil), "counter.slot")
	if s := b.State(t.Context()); s.Reader.Slot != "visa-contact" {
		t.Errorf("the slot holds %q", s.Reader.Slot)
	}
	if err := b.Remove(); err != nil {
		t.Fatal(err)
	}
	if err := b.Insert("amex-contact", nil); err != nil {
		t.Error(err)
	}
	code(t, b.Insert("no-such-card", nil), "card.profile")
	code(t, b.Insert("visa-contact", []string{"nonsense"}), "card.fault")
}

func TestSwipe(t *testing.T) {
	b := newBench(t)
	code(t, b.Swipe("visa-contact", nil), "counter.idle")
	code(t, b.Swipe("visa-phone", nil), "counter.no_stripe")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	got := make(chan driver.Event, 1)
	go func() {
		e, err := b.reader.Wait(ctx)
		if err != nil {
			t.Error(err)
		}
		got <- e
	}()
	eventually(t, "nobody waits", func() bool { return b.Swipe("visa-contact", nil) == nil })
	if e := <-got; e.What != driver.Swiped || e.Swipe.Err != nil || e.Swipe.Tracks.PAN.Unmasked() == "" {
		t.Errorf("%v", e)
	}
}

func TestCable(t *testing.T) {
	b := newBench(t)
	if err := b.Plug(false); err != nil {
		t.Fatal(err)
	}
	s, err := b.reader.Status(t.Context())
	if err != nil || !s.Gone || b.State(t.Context()).Reader.Plugged {
		t.Errorf("the reader is still there: %+v, %v", s, err)
	}
	if err := b.Plug(true); err != nil {
		t.Fatal(err)
	}
	if s, _ = b.reader.Status(t.Context()); s.Gone || !b.State(t.Context()).Reader.Plugged {
		t.Error("the reader did not come back")
	}
}

func TestDock(t *testing.T) {
	b := newBench(t)
	for _, in := range []bool{true, false, true} {
		if err := b.SetDock(in); err != nil {
			t.Fatal(err)
		}
		if b.dock.Docked() != in || b.State(t.Context()).Dock.Docked != in {
			t.Errorf("docked is not %v", in)
		}
	}
}

func TestRealParts(t *testing.T) {
	c := New(Config{})
	defer c.Close()
	code(t, c.Tap("visa-credit", nil), "counter.no_reader")
	code(t, c.Insert("visa-credit", nil), "counter.no_reader")
	code(t, c.Swipe("visa-credit", nil), "counter.no_reader")
	code(t, c.Leave(), "counter.no_reader")
	code(t, c.Remove(), "counter.no_reader")
	code(t, c.Plug(true), "counter.no_reader")
	code(t, c.Press("1"), "counter.no_pad")
	code(t, c.SetDock(true), "counter.no_dock")
	code(t, c.SignIn("Ada", StaffPIN), "counter.no_staff")
	code(t, c.SignOut(), "counter.no_staff")
	code(t, c.Scanning(true), "counter.no_staff")
	code(t, c.Scan("5901234123457"), "counter.no_staff")
	code(t, c.Misbehave(), "counter.no_bank")
	code(t, c.Behave(), "counter.no_bank")
	if s := c.State(t.Context()); s.Reader != nil || s.Pad != nil || s.Dock != nil || s.Staff != nil || s.Bank != nil {
		t.Errorf("a state of what is real: %+v", s)
	}
}

// ask starts a prompt and returns what it ends with.
func ask(t *testing.T, ctx context.Context, p *Pad, r kernel.PINRequest, dst *pin.PIN, entered func(int)) <-chan kernel.PINEntry {
	t.Helper()
	end := make(chan kernel.PINEntry, 1)
	go func() {
		how, err := p.Enter(ctx, r, dst, entered)
		if err != nil && ctx.Err() == nil {
			t.Error(err)
		}
		end <- how
	}()
	eventually(t, "no prompt", func() bool { return p.State().Asks || len(end) > 0 })
	return end
}

func press(t *testing.T, p *Pad, keys ...string) {
	t.Helper()
	for _, k := range keys {
		if err := p.Press(k); err != nil {
			t.Fatal(err)
		}
	}
}

func TestPINPad(t *testing.T) {
	var p Pad
	code(t, p.Press("1"), "counter.no_prompt")
	var got, want pin.PIN
	var heard []int
	end := ask(t, t.Context(), &p, kernel.PINRequest{Use: kernel.PINForIssuer, TriesLeft: -1}, &got, func(n int) { heard = append(heard, n) })
	press(t, &p, "9", "9", "clear", "7", "3", "5")
	code(t, p.Press("enter"), "counter.short")
	code(t, p.Press("bypass"), "counter.no_bypass")
	code(t, p.Press("A"), "counter.key")
	if s := p.State(); s.Use != "bank" || s.Entered != 3 || s.TriesLeft != -1 {
		t.Errorf("%+v", s)
	}
	press(t, &p, "1", "enter")
	if how := <-end; how != kernel.PINEntered {
		t.Errorf("ended with %v", how)
	}
	if err := pin.Parse(&want, []byte("7351")); err != nil || !got.Equal(&want) {
		t.Error("another PIN than that which was entered")
	}
	if !slices.Equal(heard, []int{1, 2, 0, 1, 2, 3, 4}) {
		t.Errorf("told of %v digits", heard)
	}
	if s := p.State(); s.Asks || s.Entered != 0 {
		t.Errorf("after it: %+v", s)
	}
}

func TestPINPadEnds(t *testing.T) {
	for key, want := range map[string]kernel.PINEntry{
		"cancel": kernel.PINCancelled, "bypass": kernel.PINBypassed, "timeout": kernel.PINTimeout, "broken": kernel.PINPadBroken,
	} {
		p := Pad{Bypass: true}
		var dst pin.PIN
		end := ask(t, t.Context(), &p, kernel.PINRequest{TriesLeft: 2}, &dst, nil)
		if s := p.State(); s.Use != "card" || s.TriesLeft != 2 {
			t.Errorf("%+v", s)
		}
		press(t, &p, "1", "2", key)
		if how := <-end; how != want {
			t.Errorf("%s ended with %v", key, how)
		}
	}
}

func TestPINPadFollowsItsContext(t *testing.T) {
	var p Pad
	var dst pin.PIN
	ctx, cancel := context.WithCancel(t.Context())
	end := ask(t, ctx, &p, kernel.PINRequest{}, &dst, nil)
	cancel()
	<-end
	if p.State().Asks {
		t.Error("it still asks")
	}
}

func TestKnownPINs(t *testing.T) {
	var p Pad
	var want pin.PIN
	if err := pin.Parse(&want, []byte("1234")); err != nil {
		t.Fatal(err)
	}
	p.Know(0, "9999", "bypass", "1234") // no bypass here: the customer gives up
	for i, how := range []kernel.PINEntry{kernel.PINEntered, kernel.PINCancelled, kernel.PINEntered, kernel.PINEntered} {
		var got pin.PIN
		if h, err := p.Enter(t.Context(), kernel.PINRequest{}, &got, nil); err != nil || h != how {
			t.Errorf("prompt %d: %v, %v", i, h, err)
		}
		if i >= 2 && !got.Equal(&want) {
			t.Errorf("prompt %d: another PIN", i)
		}
	}
}

func TestCards(t *testing.T) {
	list := Cards()
	if len(list) != len(card.Profiles())+1 {
		t.Fatalf("%d cards of %d", len(list), len(card.Profiles()))
	}
	for name, want := range map[string][]string{
		"visa-credit": {"tap", "swipe"}, "visa-contact": {"insert", "swipe"}, "visa-phone": {"tap"}, Stripe: {"swipe"},
	} {
		i := slices.IndexFunc(list, func(c Card) bool { return c.Name == name })
		if i < 0 || !slices.Equal(list[i].Ways, want) || list[i].Scheme != "Visa" {
			t.Errorf("%s: %+v", name, list[i])
		}
	}
	for _, c := range list {
		if c.Scheme == "" || c.About == "" {
			t.Errorf("%s has no scheme, or nothing about it", c.Name)
		}
		if found, ok := Find(c.Name); !ok || found.About != c.About {
			t.Errorf("%s is not found", c.Name)
		}
	}
	if _, ok := Find("nothing"); ok {
		t.Error("a card that there is not")
	}
}

// TestNothingOfACardIsTold presents every card and looks for its number in what is told and shown.
func TestNothingOfACardIsTold(t *testing.T) {
	b := newBench(t)
	for _, c := range Cards() {
		if err := b.Tap(c.Name, nil); err != nil {
			t.Fatal(err)
		}
		if err := b.Leave(); err != nil {
			t.Fatal(err)
		}
		if err := b.Insert(c.Name, nil); err != nil {
			t.Fatal(err)
		}
		if err := b.Remove(); err != nil {
			t.Fatal(err)
		}
	}
	seen := b.told.String()
	for _, l := range b.State(t.Context()).Log {
		seen += l.Text
	}
	for _, p := range card.Profiles() {
		made, err := card.New(card.Config{Profile: p.Name})
		if err != nil {
			t.Fatal(err)
		}
		number, _, _ := strings.Cut(strings.TrimPrefix(made.Stripe(), ";"), "=")
		if number != "" && strings.Contains(seen, number) {
			t.Errorf("the number of %s is told", p.Name)
		}
	}
}

func TestLogIsBounded(t *testing.T) {
	b := newBench(t)
	for range 3 * maxLog {
		b.Note("something")
	}
	if n := len(b.State(t.Context()).Log); n != maxLog {
		t.Errorf("%d lines", n)
	}
}
