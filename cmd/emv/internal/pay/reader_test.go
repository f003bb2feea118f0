package pay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cardwright/emv/cmd/emv/internal/decode"
	"github.com/cardwright/emv/contact"
	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/magstripe"
	"github.com/cardwright/emv/terminal/driver"
	"github.com/cardwright/emv/terminal/driver/simulated"
	"github.com/cardwright/emv/terminal/profile"
	"github.com/cardwright/emv/testvectors/capture"
	"github.com/cardwright/emv/testvectors/card"
	"github.com/cardwright/emv/testvectors/runner"
)

// Stripes of a published test number: of a card without a chip, and of one with a chip (ISO/IEC 7813, service code).
const (
	plainStripe = ";4111111111111111=29121010000000000?"
	chipStripe  = ";4111111111111111=29122010000000000?"
	stripeMid   = "11111111" // of the number, which nothing may show
)

// patience bounds failures; nothing waits for it to pass.
const patience = 20 * time.Second

// chipCard is a simulated card with contacts, as a slot has it (contact.Slot).
type chipCard struct {
	*card.Card
	seen *[][]byte // its commands
}

func (c chipCard) Reset(ctx context.Context, warm bool) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return c.Power(warm)
}

func (c chipCard) Transmit(ctx context.Context, dst, command []byte) ([]byte, error) {
	if c.seen != nil {
		*c.seen = append(*c.seen, append([]byte(nil), command...))
	}
	return c.Card.Transmit(ctx, dst, command)
}

func made(t testing.TB, name string) *card.Card {
	t.Helper()
	c, err := card.New(card.Config{Profile: name})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// shop is a payment at a reader that is under way.
type shop struct {
	t      *testing.T
	reader *simulated.Reader
	cancel context.CancelFunc
	done   chan struct{}

	report *Report
	err    error

	mu    sync.Mutex
	said  []string // what the display and the terminal said, in order
	heard int      // how much of it was waited for
	grown chan struct{}
}

// pays begins a payment at a reader, with the interfaces of use.
func pays(t *testing.T, r *simulated.Reader, change func(*Order)) *shop {
	t.Helper()
	o := order(t, "visa-credit")
	o.From = []driver.Reader{r}
	for _, on := range []profile.Interface{profile.Tap, profile.Insert, profile.Stripe} {
		if r.Kinds().Has(KindOf(on)) {
			o.Use = append(o.Use, on)
		}
	}
	if change != nil {
		change(o)
	}
	ctx, cancel := context.WithCancel(t.Context())
	s := &shop{t: t, reader: r, cancel: cancel, done: make(chan struct{}), grown: make(chan struct{}, 1)}
	go func() {
		defer close(s.done)
		s.report, s.err = Run(ctx, o, Watch{
			Message:  func(m Message) { s.say(m.Text) },
			Trouble:  s.say,
			Exchange: func(decode.Part, decode.Part, Exchanged) {},
		})
	}()
	t.Cleanup(func() { cancel(); <-s.done; _ = r.Close() })
	return s
}

func (s *shop) say(text string) {
	s.mu.Lock()
	s.said = append(s.said, text)
	s.mu.Unlock()
	select {
	case s.grown <- struct{}{}:
	default:
	}
}

// hears waits until the terminal says something that holds text, behind what was waited for before.
func (s *shop) hears(text string) {
	s.t.Helper()
	late := time.After(patience)
	for {
		s.mu.Lock()
		for s.heard < len(s.said) {
			s.heard++
			if strings.Contains(s.said[s.heard-1], text) {
				s.mu.Unlock()
				return
			}
		}
		s.mu.Unlock()
		select {
		case <-s.grown:
		case <-s.done:
			s.t.Fatalf("the payment ended without %q: %v, %v; it said %q", text, s.report.Reason, s.err, s.said)
		case <-late:
			s.t.Fatalf("%q was not said, but %q", text, s.said)
		}
	}
}

// swipe swipes until somebody waits for it.
func (s *shop) swipe(stripe driver.Swipe) {
	s.t.Helper()
	for end := time.Now().Add(patience); !s.reader.SwipeAs(stripe); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			s.t.Fatalf("nobody waits for a swipe; it said %q", s.said)
		}
	}
}

func stripe(t *testing.T, track2 string) driver.Swipe {
	t.Helper()
	tracks, err := magstripe.Parse("", track2, "")
	if err != nil {
		t.Fatal(err)
	}
	return driver.Swipe{Tracks: tracks}
}

// ends waits for the end of the payment. No session is left at the reader, and no card number in what was said.
func (s *shop) ends() (*Report, error) {
	s.t.Helper()
	select {
	case <-s.done:
	case <-time.After(patience):
		s.t.Fatalf("still waiting; it said %q", s.said)
	}
	for _, kind := range []driver.Kind{driver.Contact, driver.Contactless} {
		session, err := s.reader.Open(context.Background(), kind)
		if errors.Is(err, driver.ErrBusy) {
			s.t.Errorf("a %s session is left", kind)
		}
		if err == nil {
			_ = session.Close()
		}
	}
	all, err := json.Marshal(s.report)
	if err != nil {
		s.t.Fatal(err)
	}
	if text := string(all) + fmt.Sprint(s.said, s.err); strings.Contains(text, stripeMid) {
		s.t.Errorf("a card number is in %s", text)
	}
	return s.report, s.err
}

// approves wants an approval by an interface, as the receipt has it.
func (s *shop) approves(entry string) *Report {
	s.t.Helper()
	r, err := s.ends()
	if err != nil || !r.Approved || r.Receipt.Entry != entry {
		s.t.Fatalf("approved %v by %q because of %v, %v; it said %q", r.Approved, r.Receipt.Entry, r.Reason, err, s.said)
	}
	return r
}

func put(t *testing.T, r *simulated.Reader, c kernel.Card) {
	t.Helper()
	if err := r.Insert(c, nil); err != nil {
		t.Fatal(err)
	}
}

// present is what the display says while everything is armed, and what it says to ask for a swipe.
var (
	present  = kernel.MsgPresentCard.String()
	tryAgain = textOf(contact.MsgTryAgain)
	useHead  = textOf(contact.MsgUseStripe)
	remove   = textOf(kernel.MsgRemoveCard)
	insert   = textOf(kernel.MsgInsertCard)
)

// TestFirstCardCounts arms all that a reader has.
func TestFirstCardCounts(t *testing.T) {
	t.Run("tap", func(t *testing.T) {
		s := pays(t, simulated.New(simulated.Config{}), nil)
		s.hears(present)
		s.reader.Tap(made(t, "visa-credit"), nil)
		if r := s.approves("contactless"); !r.Online.Valid || r.Interface != "contactless" {
			t.Errorf("%+v", r.Online)
		}
	})
	t.Run("insert", func(t *testing.T) {
		s := pays(t, simulated.New(simulated.Config{}), nil)
		s.hears(present)
		put(t, s.reader, chipCard{Card: made(t, "visa-contact")})
		if r := s.approves("chip"); !r.Online.Valid {
			t.Errorf("%+v", r.Online)
		}
	})
	t.Run("swipe", func(t *testing.T) {
		s := pays(t, simulated.New(simulated.Config{}), nil)
		s.hears(present)
		s.swipe(stripe(t, plainStripe))
		if r := s.approves("swipe"); r.Stripe.Rule != "fallback.no_chip" || r.Order.Reader != "simulated" {
			t.Errorf("%+v", r.Stripe)
		}
	})
	t.Run("in the slot already", func(t *testing.T) {
		r := simulated.New(simulated.Config{})
		put(t, r, chipCard{Card: made(t, "visa-contact")})
		pays(t, r, nil).approves("chip")
	})
	t.Run("two in the field", func(t *testing.T) {
		s := pays(t, simulated.New(simulated.Config{}), nil)
		s.reader.Tap(made(t, "visa-credit"), nil)
		s.reader.Tap(made(t, "visa-debit"), nil)
		s.hears(kernel.MsgPresentOneCard.String())
		s.reader.Leave()
		s.reader.Tap(made(t, "visa-credit"), nil)
		s.approves("contactless")
	})
}

// TestSeveralReaders arms a slot, a field and a head that are readers of their own, as PC/SC has them, and goes on from one
// to another.
func TestSeveralReaders(t *testing.T) {
	three := func() (slot, pad, head *simulated.Reader, change func(*Order)) {
		of := func(kind driver.Kind) *simulated.Reader {
			r := simulated.New(simulated.Config{Kinds: kind, Identity: driver.Identity{Name: kind.String() + " reader"}})
			t.Cleanup(func() { _ = r.Close() })
			return r
		}
		slot, pad, head = of(driver.Contact), of(driver.Contactless), of(driver.Stripe)
		return slot, pad, head, func(o *Order) {
			o.From = []driver.Reader{head, slot, pad}
			o.Use = []profile.Interface{profile.Tap, profile.Insert, profile.Stripe}
		}
	}
	slot, pad, head, change := three()
	s := pays(t, pad, change)
	pad.Tap(made(t, "visa-switch"), nil)
	s.hears(insert)
	put(t, slot, chipCard{Card: made(t, "visa-contact")})
	if r := s.approves("chip"); r.Order.Reader != "stripe reader, contact reader, contactless reader" {
		t.Errorf("%q", r.Order.Reader)
	}
	_ = head

	_, _, head, change = three()
	s = pays(t, head, change)
	s.swipe(stripe(t, chipStripe)) // there is a slot, in another reader
	s.hears("fallback.untried")
	s.swipe(stripe(t, plainStripe))
	s.approves("swipe")
}

// TestAStripeOfAChipCard is swiped while everything is armed: the chip is asked for, and a tap counts as well.
func TestAStripeOfAChipCard(t *testing.T) {
	s := pays(t, simulated.New(simulated.Config{}), nil)
	s.swipe(stripe(t, chipStripe))
	s.hears("fallback.untried")
	s.hears(insert)
	put(t, s.reader, chipCard{Card: made(t, "visa-contact")})
	s.approves("chip")

	s = pays(t, simulated.New(simulated.Config{}), nil)
	s.swipe(stripe(t, chipStripe))
	s.hears("fallback.untried")
	s.reader.Tap(made(t, "visa-credit"), nil)
	s.approves("contactless")
}

// TestATapThatWantsTheSlot goes on at the slot of the same reader.
func TestATapThatWantsTheSlot(t *testing.T) {
	s := pays(t, simulated.New(simulated.Config{}), nil)
	s.reader.Tap(made(t, "visa-switch"), nil)
	s.hears(insert)
	put(t, s.reader, chipCard{Card: made(t, "visa-contact")})
	s.approves("chip")
}

// TestAChipTakesOver pulls a phone in the middle of its tap and inserts a card: Try Again is answered by the slot.
func TestAChipTakesOver(t *testing.T) {
	s := pays(t, simulated.New(simulated.Config{}), nil)
	chip := chipCard{Card: made(t, "visa-contact")}
	s.reader.Tap(&leaving{made(t, "visa-credit"), 2, func() {
		s.reader.Leave()
		_ = s.reader.Insert(chip, nil)
	}}, nil)
	s.approves("chip")
}

// leaving is a card that leaves at a command.
type leaving struct {
	kernel.Card
	left  int
	leave func()
}

func (l *leaving) Transmit(ctx context.Context, dst, command []byte) ([]byte, error) {
	if l.left--; l.left < 0 {
		l.leave()
		return dst, kernel.ErrRemoved
	}
	return l.Card.Transmit(ctx, dst, command)
}

// TestADeadChip is put in three times, and taken out between them, before its stripe is asked for, where the country allows
// that. Australia does for foreign cards, which a real card is not known to be.
func TestADeadChip(t *testing.T) {
	for country, allowed := range map[string]bool{"US": true, "CA": true, "GB": false, "AU": false} {
		t.Run(country, func(t *testing.T) {
			p, err := profile.Builtin(country)
			if err != nil {
				t.Fatal(err)
			}
			s := pays(t, simulated.New(simulated.Config{}), func(o *Order) {
				o.Profile, o.Use = p, []profile.Interface{profile.Insert, profile.Stripe}
			})
			dead := chipCard{Card: made(t, "contact-mute")}
			put(t, s.reader, dead)
			for range magstripe.DefaultTries - 1 {
				s.hears(remove)
				s.reader.Remove()
				s.hears(insert)
				put(t, s.reader, dead)
			}
			if !allowed {
				if r, err := s.ends(); err != nil || r.Approved || r.Stripe != nil {
					t.Errorf("approved %v because of %v, %v", r.Approved, r.Reason, err)
				}
				return
			}
			s.hears(useHead)
			s.swipe(stripe(t, chipStripe))
			if r := s.approves("fallback swipe"); r.Stripe.Rule != "fallback.technical" || r.Taps != magstripe.DefaultTries+1 {
				t.Errorf("%+v after %d", r.Stripe, r.Taps)
			}
		})
	}
}

// TestAStripeReader has nothing else: a chip card is swiped where the country's rules of fallback allow it.
func TestAStripeReader(t *testing.T) {
	head := func() *simulated.Reader { return simulated.New(simulated.Config{Kinds: driver.Stripe}) }
	s := pays(t, head(), nil)
	s.hears(useHead)
	for _, bad := range []error{driver.ErrUnreadable, magstripe.CodeMismatch} {
		s.swipe(driver.Swipe{Err: bad})
		s.hears(kernel.CodeOf(bad))
		s.hears(tryAgain)
		s.hears(useHead)
	}
	s.swipe(stripe(t, plainStripe))
	s.approves("swipe")

	s = pays(t, head(), nil)
	s.swipe(stripe(t, chipStripe))
	s.approves("fallback swipe")

	p, err := profile.Builtin("GB")
	if err != nil {
		t.Fatal(err)
	}
	s = pays(t, head(), func(o *Order) { o.Profile = p })
	s.swipe(stripe(t, chipStripe))
	if r, err := s.ends(); err != nil || r.Approved || r.Reason.Code != "fallback.not_allowed" {
		t.Errorf("approved %v because of %v, %v", r.Approved, r.Reason, err)
	}
}

// TestUnreadableWhileArmed asks for the stripe again, and the other interfaces stay armed.
func TestUnreadableWhileArmed(t *testing.T) {
	s := pays(t, simulated.New(simulated.Config{}), nil)
	s.swipe(driver.Swipe{Err: driver.ErrUnreadable})
	s.hears(driver.ErrUnreadable.Code)
	s.hears(tryAgain)
	s.reader.Tap(made(t, "visa-credit"), nil)
	s.approves("contactless")
}

// TestEnciphered refuses what only a host with the key can read, whether the stripe alone or everything is armed.
func TestEnciphered(t *testing.T) {
	for _, kinds := range []driver.Kind{driver.Stripe, driver.Stripe | driver.Contact | driver.Contactless} {
		s := pays(t, simulated.New(simulated.Config{Kinds: kinds}), nil)
		s.swipe(driver.Swipe{Envelope: &driver.Envelope{Kind: "stx-length", Data: []byte(plainStripe)}})
		r, err := s.ends()
		if kernel.CodeOf(err) != CodeEnciphered || !strings.Contains(fmt.Sprint(err), "stx-length") || r.Approved {
			t.Errorf("%s: %v", kinds, err)
		}
	}
}

// TestCancelAtAReader ends each of its waits.
func TestCancelAtAReader(t *testing.T) {
	for name, kinds := range map[string]driver.Kind{
		"all": driver.Stripe | driver.Contact | driver.Contactless, "stripe": driver.Stripe, "slot": driver.Contact,
	} {
		t.Run(name, func(t *testing.T) {
			s := pays(t, simulated.New(simulated.Config{Kinds: kinds}), nil)
			s.hears("") // the display asks for a card
			s.cancel()
			if r, err := s.ends(); !errors.Is(err, context.Canceled) || r.Approved {
				t.Errorf("%v", err)
			}
		})
	}
	t.Run("dead card in the slot", func(t *testing.T) {
		s := pays(t, simulated.New(simulated.Config{Kinds: driver.Contact}), nil)
		put(t, s.reader, chipCard{Card: made(t, "contact-mute")})
		s.hears(remove)
		s.cancel()
		if r, err := s.ends(); !errors.Is(err, context.Canceled) || r.Approved {
			t.Errorf("%v", err)
		}
	})
	t.Run("the reader goes", func(t *testing.T) {
		s := pays(t, simulated.New(simulated.Config{Kinds: driver.Stripe}), nil)
		s.hears(useHead)
		_ = s.reader.Close()
		if r, err := s.ends(); !errors.Is(err, driver.ErrClosed) || r.Approved {
			t.Errorf("%v", err)
		}
	})
}

// TestNoPINIsGuessed sends a card in a real reader no PIN that was not given: wrong ones would block it (Book 3, 10.5.1).
func TestNoPINIsGuessed(t *testing.T) {
	for _, c := range []struct {
		pins []string
		want int
	}{{nil, 0}, {[]string{card.TestPIN}, 1}} {
		var seen [][]byte
		r := simulated.New(simulated.Config{Kinds: driver.Contact})
		put(t, r, chipCard{made(t, "contact-pin-plain"), &seen})
		pays(t, r, func(o *Order) { o.PINs = c.pins }).approves("chip")
		verified := 0
		for _, command := range seen {
			if command[1] == 0x20 { // VERIFY (Book 3, 6.5.12)
				verified++
			}
		}
		if verified != c.want || len(seen) < 5 {
			t.Errorf("%v: %d of %d commands are VERIFY", c.pins, verified, len(seen))
		}
	}
}

// TestCaptureHasItsKeys runs a capture again that was taken with keys that have no name: it must hold them.
func TestCaptureHasItsKeys(t *testing.T) {
	all, err := capk.Test()
	if err != nil {
		t.Fatal(err)
	}
	for _, known := range []bool{true, false} {
		var keys []capk.Key
		for k := range all.All() {
			if known == (k.RID == capk.RID{0xA0, 0, 0, 0, 0x03}) {
				keys = append(keys, *k)
			}
		}
		set, err := capk.NewSet(keys...)
		if err != nil {
			t.Fatal(err)
		}
		r := simulated.New(simulated.Config{Kinds: driver.Contactless})
		r.Tap(made(t, "visa-offline"), nil)
		s := pays(t, r, func(o *Order) {
			o.CAPKs, o.FloorLimit, o.Amount, o.Capture = set, new(uint64(2000)), 840, true
		})
		report, err := s.ends()
		if err != nil {
			t.Fatal(err)
		}
		if online := report.Online != nil; online == known {
			t.Errorf("known %v: %v", known, report.Reason)
		}
		data, err := capture.Suite("keys", true, report.Captures...)
		if err != nil {
			t.Fatal(err)
		}
		suite, err := runner.Parse("keys", data)
		if err != nil {
			t.Fatal(err)
		}
		counts, err := runner.Run(t.Context(), []*runner.Suite{suite}, runner.Options{}, quiet{})
		if err != nil || counts.Passed != 1 || counts.ExitClass() != 0 {
			t.Errorf("known %v: %+v, %v", known, counts, err)
		}
	}
}

// TestACaptureOfEachInsertion takes two insertions of one payment down, the first of a card whose answer to reset is bad: each
// is a recording of its own, with its own end.
func TestACaptureOfEachInsertion(t *testing.T) {
	s := pays(t, simulated.New(simulated.Config{Kinds: driver.Contact}), func(o *Order) { o.Capture = true })
	put(t, s.reader, chipCard{Card: made(t, "contact-bad-atr")})
	s.hears(remove)
	s.reader.Remove()
	s.hears(insert)
	put(t, s.reader, chipCard{Card: made(t, "visa-contact")})
	report := s.approves("chip")
	data, err := capture.Suite("twice", true, report.Captures...)
	if err != nil {
		t.Fatal(err)
	}
	suite, err := runner.Parse("twice", data)
	if err != nil {
		t.Fatal(err)
	}
	counts, err := runner.Run(t.Context(), []*runner.Suite{suite}, runner.Options{}, quiet{})
	if err != nil || counts.Passed != 2 || counts.ExitClass() != 0 {
		t.Errorf("%+v, %v", counts, err)
	}
	for _, c := range suite.Cases {
		if n := len(c.Given.Cards); n != 1 {
			t.Errorf("%s: %d cards", c.ID, n)
		}
	}
}

// quiet is a runner.Reporter that says nothing.
type quiet struct{}

func (quiet) Begin(int) error          { return nil }
func (quiet) Case(runner.Result) error { return nil }
func (quiet) End(runner.Counts) error  { return nil }

// TestCAPKs verifies a card with the keys that are given: with none its signature can't be (Book 3, 10.3; Book 2, 5.2).
func TestCAPKs(t *testing.T) {
	for _, c := range []struct {
		set  *capk.Set
		want bool
	}{{nil, true}, {&capk.Set{}, false}} {
		r := simulated.New(simulated.Config{Kinds: driver.Contactless})
		r.Tap(made(t, "visa-offline"), nil)
		s := pays(t, r, func(o *Order) { o.CAPKs, o.FloorLimit, o.Amount = c.set, new(uint64(2000)), 840 })
		report, err := s.ends()
		if err != nil {
			t.Fatal(err)
		}
		failed := false
		for _, d := range report.Decisions {
			failed = failed || d.Stage == "offline data authentication"
		}
		if failed == c.want || c.want && (!report.Approved || report.Online != nil) {
			t.Errorf("%v: %v, %+v", c.want, report.Reason, report.Decisions)
		}
	}
}
