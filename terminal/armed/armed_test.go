package armed_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/magstripe"
	"github.com/cardwright/emv/terminal/armed"
	"github.com/cardwright/emv/terminal/driver"
	"github.com/cardwright/emv/terminal/driver/simulated"
)

// Published numbers for tests of payment systems; the service codes make one of them a chip card.
const (
	plainTrack = ";4111111111111111=29121010000000000?"
	chipTrack  = ";5555555555554444=29122010000000000?"
	national   = ";5555555555554444=29126010000000000?"
)

// patience bounds failures; nothing waits for it to pass.
const patience = 10 * time.Second

// card answers every command with its number.
type card byte

func (c card) Transmit(ctx context.Context, dst, _ []byte) ([]byte, error) {
	return append(dst, byte(c), 0x90, 0x00), ctx.Err()
}

var atr = []byte{0x3B, 0x60, 0x00, 0x00}

// till is a running Await.
type till struct {
	t       *testing.T
	reader  *simulated.Reader
	cancel  context.CancelFunc
	notices chan armed.Notice
	done    chan struct{}
	entry   *armed.Entry
	err     error
}

func begin(t *testing.T, r *simulated.Reader, change func(*armed.Config)) *till {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	w := &till{t: t, reader: r, cancel: cancel, notices: make(chan armed.Notice, 1024), done: make(chan struct{})}
	c := armed.Config{Readers: []driver.Reader{r}, Notify: func(n armed.Notice) { w.notices <- n }}
	if change != nil {
		change(&c)
	}
	go func() {
		w.entry, w.err = armed.Await(ctx, c)
		close(w.done)
	}()
	t.Cleanup(func() { cancel(); w.end() })
	return w
}

// end waits for Await and returns what it did.
func (w *till) end() (*armed.Entry, error) {
	select {
	case <-w.done:
	case <-time.After(patience):
		w.t.Fatal("still waiting")
	}
	return w.entry, w.err
}

// told waits for a notice, passing over others.
func (w *till) told(what armed.About) armed.Notice {
	w.t.Helper()
	for {
		select {
		case n := <-w.notices:
			if n.About == what {
				return n
			}
		case <-w.done:
			w.t.Fatalf("ended with %v, %v before %s", w.entry, w.err, what)
		case <-time.After(patience):
			w.t.Fatalf("%s was not told", what)
		}
	}
}

// swipe swipes until somebody waits for it.
func (w *till) swipe(track2 string) {
	w.t.Helper()
	for end := time.Now().Add(patience); !w.reader.Swipe("", track2, ""); time.Sleep(100 * time.Microsecond) {
		if time.Now().After(end) {
			w.t.Fatal("nobody waits for a swipe")
		}
	}
}

func (w *till) wants(kind driver.Kind) *armed.Entry {
	w.t.Helper()
	e, err := w.end()
	if err != nil {
		w.t.Fatal(err)
	}
	if e.Kind != kind {
		w.t.Fatalf("%s won, not %s", e.Kind, kind)
	}
	disarmed(w.t, w.reader, e)
	return e
}

// disarmed checks that nothing but the entry is open at the reader.
func disarmed(t *testing.T, r *simulated.Reader, e *armed.Entry) {
	t.Helper()
	if r.Swipe("", plainTrack, "") {
		t.Errorf("somebody still waits for a swipe")
	}
	for _, k := range []driver.Kind{driver.Contact, driver.Contactless} {
		s, err := r.Open(context.Background(), k)
		if busy := errors.Is(err, driver.ErrBusy); busy != (e != nil && e.Kind == k) {
			t.Errorf("the %s session: busy %t", k, busy)
		}
		if err == nil {
			_ = s.Close()
		}
	}
}

// number asks the card of an entry who it is.
func number(t *testing.T, e *armed.Entry) byte {
	t.Helper()
	got, err := e.Card.Transmit(context.Background(), nil, []byte{0, 0xB2, 1, 0x0C, 0})
	if err != nil || len(got) != 3 {
		t.Fatalf("%X, %v", got, err)
	}
	return got[0]
}

func reader(t *testing.T) *simulated.Reader {
	t.Helper()
	before := runtime.NumGoroutine()
	r := simulated.New(simulated.Config{})
	t.Cleanup(func() {
		_ = r.Close()
		for end := time.Now().Add(patience); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%d goroutines are left", runtime.NumGoroutine()-before)
			}
		}
	})
	return r
}

func TestInsertWins(t *testing.T) {
	r := reader(t)
	w := begin(t, r, nil)
	w.told(armed.Armed)
	if err := r.Insert(card(7), atr); err != nil {
		t.Fatal(err)
	}
	if n := number(t, w.wants(driver.Contact)); n != 7 {
		t.Errorf("card %d", n)
	}
}

func TestTapWins(t *testing.T) {
	r := reader(t)
	w := begin(t, r, nil)
	r.Tap(card(8), nil)
	e := w.wants(driver.Contactless)
	if n := number(t, e); n != 8 {
		t.Errorf("card %d", n)
	}
	if _, ok := e.Card.(kernel.Timed); !ok {
		t.Error("the session's measure of time is lost")
	}
}

func TestSwipeWins(t *testing.T) {
	r := reader(t)
	w := begin(t, r, nil)
	w.swipe(plainTrack)
	e := w.wants(driver.Stripe)
	if e.Verdict != magstripe.Accept || e.Swipe.Tracks.PAN.Unmasked() != "4111111111111111" || e.Session != nil {
		t.Errorf("%v", e)
	}
}

// TestAChipThatIsSwipedIsInserted is the service code's rule (ISO/IEC 7813: 2xx and 6xx).
func TestAChipThatIsSwipedIsInserted(t *testing.T) {
	r := reader(t)
	w := begin(t, r, nil)
	for _, track := range []string{chipTrack, national} {
		w.swipe(track)
		if n := w.told(armed.InsertInstead); n.Why != "fallback.untried" || n.UI().Message != kernel.MsgInsertCard {
			t.Errorf("%+v", n)
		}
	}
	if err := r.Insert(card(1), atr); err != nil {
		t.Fatal(err)
	}
	w.wants(driver.Contact)
}

func TestAChipWithoutASlotIsRefused(t *testing.T) {
	r := reader(t)
	w := begin(t, r, func(c *armed.Config) { c.Kinds = driver.Contactless | driver.Stripe })
	w.swipe(chipTrack)
	w.told(armed.SwipeRefused)
	w.swipe(plainTrack)
	w.wants(driver.Stripe)
}

func TestFallbackIsTheCallersWord(t *testing.T) {
	r := reader(t)
	p := magstripe.Profile{Technical: true}
	w := begin(t, r, func(c *armed.Config) {
		c.Kinds = driver.Stripe
		c.Judge = func(s *driver.Swipe) (magstripe.Verdict, string) {
			return p.Judge(magstripe.Situation{
				ServiceCode: s.Tracks.ServiceCode(), ChipReader: true, Chip: magstripe.ChipUnreadable, Failures: 3,
			})
		}
	})
	w.swipe(chipTrack)
	if e := w.wants(driver.Stripe); e.Verdict != magstripe.Fallback || e.Why != "fallback.technical" {
		t.Errorf("%s %s", e.Verdict, e.Why)
	}
}

func TestNoiseIsSwipedAgain(t *testing.T) {
	r := reader(t)
	w := begin(t, r, nil)
	w.swipe(";41111?")
	if n := w.told(armed.SwipeAgain); n.Why != "magstripe.separator" {
		t.Errorf("%+v", n)
	}
	w.swipe(plainTrack)
	w.wants(driver.Stripe)
}

func TestACardFromBeforeHasToLeave(t *testing.T) {
	r := reader(t)
	if err := r.Insert(card(1), atr); err != nil {
		t.Fatal(err)
	}
	r.Tap(card(2), nil) // not armed until the slot is empty
	w := begin(t, r, func(c *armed.Config) { c.Kinds = driver.Contact | driver.Contactless })
	if n := w.told(armed.RemoveFirst); n.UI().Message != kernel.MsgRemoveCard {
		t.Errorf("%+v", n)
	}
	select {
	case <-w.done:
		t.Fatalf("%v, %v with a card from before in the slot", w.entry, w.err)
	default:
	}
	r.Leave()
	r.Remove()
	w.told(armed.Armed)
	if err := r.Insert(card(3), atr); err != nil {
		t.Fatal(err)
	}
	if n := number(t, w.wants(driver.Contact)); n != 3 {
		t.Errorf("card %d", n)
	}
}

func TestASecondCardInTheField(t *testing.T) {
	r := reader(t)
	r.Tap(card(1), nil)
	r.Tap(card(2), nil)
	w := begin(t, r, nil)
	if n := w.told(armed.OneCardOnly); n.UI() != (kernel.UIRequest{Message: kernel.MsgPresentOneCard, Status: kernel.ProcessingError}) {
		t.Errorf("%+v", n)
	}
	r.Leave()
	r.Tap(card(2), nil)
	if n := number(t, w.wants(driver.Contactless)); n != 2 {
		t.Errorf("card %d", n)
	}
}

// TestAChipWhileAPhoneTaps puts a chip into the slot while a tap that has won goes on: it is left alone until the phone is
// asked for again, and then it takes over.
func TestAChipWhileAPhoneTaps(t *testing.T) {
	r := reader(t)
	w := begin(t, r, nil)
	r.Tap(card(1), nil)
	e := w.wants(driver.Contactless)
	defer e.Close()
	if err := r.Insert(card(2), atr); err != nil {
		t.Fatal(err)
	}
	if n := number(t, e); n != 1 {
		t.Errorf("card %d answers the tap", n)
	}
	field := e.Card.(kernel.Field)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := field.Activate(ctx); err != nil { // Start B with the card that was activated
		t.Fatal(err)
	}
	r.Leave()
	if err := field.Deactivate(ctx, 0); err != nil {
		t.Fatal(err)
	}
	var switched *armed.Switched
	if err := field.Activate(ctx); !errors.As(err, &switched) || kernel.CodeOf(err) != "armed.switched" {
		t.Fatalf("%v", err)
	}
	defer switched.To.Close()
	if n := number(t, switched.To); n != 2 || switched.To.Kind != driver.Contact {
		t.Errorf("card %d by %s", n, switched.To.Kind)
	}
}

// TestAPhoneTapsAgain is Try Again: the same field, everything else armed beside it.
func TestAPhoneTapsAgain(t *testing.T) {
	r := reader(t)
	w := begin(t, r, nil)
	r.Tap(card(1), nil)
	e := w.wants(driver.Contactless)
	defer e.Close()
	field := e.Card.(kernel.Field)
	r.Leave()
	if err := field.Deactivate(context.Background(), time.Millisecond); err != nil {
		t.Fatal(err)
	}
	r.Tap(card(1), nil)
	if err := field.Activate(context.Background()); err != nil {
		t.Fatal(err)
	}
	if n := number(t, e); n != 1 {
		t.Errorf("card %d", n)
	}
	disarmed(t, r, e)
}

// TestThePhonesReaderComesBack unplugs the reader between two taps of one sale: the field of the first is dead, and another
// one is armed at the reader that is back.
func TestThePhonesReaderComesBack(t *testing.T) {
	r := reader(t)
	w := begin(t, r, nil)
	r.Tap(card(1), nil)
	e := w.wants(driver.Contactless)
	defer e.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	field := e.Card.(kernel.Field)
	r.Leave()
	if err := field.Deactivate(ctx, 0); err != nil {
		t.Fatal(err)
	}
	r.Unplug()
	r.Plug()
	r.Tap(card(2), nil)
	var switched *armed.Switched
	if err := field.Activate(ctx); !errors.As(err, &switched) {
		t.Fatalf("%v", err)
	}
	defer switched.To.Close()
	if n := number(t, switched.To); n != 2 || switched.To.Kind != driver.Contactless {
		t.Errorf("card %d by %s", n, switched.To.Kind)
	}
	disarmed(t, r, switched.To)
}

func TestCancel(t *testing.T) {
	for name, before := range map[string]func(*simulated.Reader){
		"armed": func(*simulated.Reader) {},
		"remove first": func(r *simulated.Reader) {
			_ = r.Insert(card(1), atr)
		},
		"collision": func(r *simulated.Reader) { r.Tap(card(1), nil); r.Tap(card(2), nil) },
		"gone":      func(r *simulated.Reader) { r.Unplug() },
	} {
		t.Run(name, func(t *testing.T) {
			r := reader(t)
			before(r)
			w := begin(t, r, nil)
			select {
			case <-w.notices:
			case <-time.After(patience):
				t.Fatal("nothing was told")
			}
			w.cancel()
			if e, err := w.end(); !errors.Is(err, context.Canceled) || e != nil {
				t.Fatalf("%v, %v", e, err)
			}
			if name != "gone" {
				disarmed(t, r, nil)
			}
		})
	}
}

func TestTheReaderComesBack(t *testing.T) {
	r := reader(t)
	w := begin(t, r, nil)
	w.told(armed.Armed)
	r.Unplug()
	w.told(armed.ReaderLost)
	r.Tap(card(4), nil)
	r.Plug()
	if n := number(t, w.wants(driver.Contactless)); n != 4 {
		t.Errorf("card %d", n)
	}
}

func TestNothingToArm(t *testing.T) {
	r := simulated.New(simulated.Config{Kinds: driver.Stripe})
	defer r.Close()
	_, err := armed.Await(context.Background(), armed.Config{Readers: []driver.Reader{r}, Kinds: driver.Contact})
	if kernel.CodeOf(err) != "armed.none" {
		t.Errorf("%v", err)
	}
	w := begin(t, r, nil)
	w.told(armed.Armed)
	_ = r.Close()
	if _, err := w.end(); !errors.Is(err, driver.ErrClosed) {
		t.Errorf("%v", err)
	}
}

func TestSeveralReaders(t *testing.T) {
	slot := simulated.New(simulated.Config{Kinds: driver.Contact, Identity: driver.Identity{Name: "slot"}})
	pad := simulated.New(simulated.Config{Kinds: driver.Contactless, Identity: driver.Identity{Name: "pad"}})
	head := simulated.New(simulated.Config{Kinds: driver.Stripe, Identity: driver.Identity{Name: "head"}})
	all := []driver.Reader{slot, pad, head}
	for _, r := range all {
		defer r.Close()
	}
	w := begin(t, head, func(c *armed.Config) { c.Readers = all })
	w.told(armed.Armed)
	_ = pad.Close() // one that fails leaves the others armed
	w.told(armed.ReaderLost)
	w.swipe(plainTrack)
	if e, err := w.end(); err != nil || e.Reader != driver.Reader(head) {
		t.Errorf("%v, %v", e, err)
	}
}

// TestNoticesComeOneAtATime has Notify change what it must not share.
func TestNoticesComeOneAtATime(t *testing.T) {
	r := reader(t)
	var at sync.Mutex
	var told []armed.About
	w := begin(t, r, func(c *armed.Config) {
		c.Notify = func(n armed.Notice) {
			if !at.TryLock() {
				t.Error("two notices at once")
				return
			}
			told = append(told, n.About)
			at.Unlock()
		}
	})
	r.Tap(card(1), nil)
	r.Tap(card(2), nil)
	w.swipe(chipTrack)
	w.swipe(chipTrack)
	w.swipe(plainTrack)
	w.wants(driver.Stripe)
	if !slices.Contains(told, armed.InsertInstead) {
		t.Errorf("%v", told)
	}
}
