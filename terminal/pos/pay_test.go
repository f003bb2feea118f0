package pos_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/cardwright/emv/terminal/canonical"
	"github.com/cardwright/emv/terminal/pairing"
	"github.com/cardwright/emv/terminal/pos"
	"github.com/cardwright/emv/terminal/session"
	"github.com/cardwright/emv/terminal/wire"
)

func TestSale(t *testing.T) {
	d := newDevice(t, 1)
	c := config(t)
	r, _ := start(t, c)
	term := pair(t, r, d)
	f, err := term.Pay(within(t), sale("o-1", 1250))
	if err != nil || f.Result != wire.Approved || f.Total != 1250 {
		t.Fatalf("%+v, %v", f, err)
	}
	until(t, "the acknowledgement", func() bool { d.mu.Lock(); defer d.mu.Unlock(); return d.acked[f.RequestID] })
	if e, ok := c.Book.Find(f.RequestID); !ok || e.Final == nil || len(c.Book.Open()) != 0 {
		t.Errorf("book: %+v", e)
	}
	if chosen, err := r.Choose(); err != nil || chosen != term {
		t.Errorf("%v, %v", chosen, err)
	}
}

// A refusal drops the request: the order can be paid again under another id.
func TestRefusedPayment(t *testing.T) {
	d := newDevice(t, 1)
	c := config(t)
	r, _ := start(t, c)
	term := pair(t, r, d)
	d.set(func() { d.refuse = &wire.Error{Code: wire.CodeCartMismatch} })
	_, err := term.Pay(within(t), sale("o-1", 1250))
	wantCode(t, err, wire.CodeCartMismatch)
	if len(c.Book.Open()) != 0 {
		t.Error("the book still waits")
	}
	d.set(func() { d.refuse = nil })
	if f, err := term.Pay(within(t), sale("o-1", 1250)); err != nil || f.Result != wire.Approved {
		t.Errorf("%+v, %v", f, err)
	}
}

// A cashier who asks for the payment as soon as the last item is rung up is ahead of the cart, which waits for its pause, and
// is not refused: the same request is sent again when the cart is shown.
func TestPayAheadOfItsCart(t *testing.T) {
	d := newDevice(t, 1)
	d.shows = true
	c := config(t)
	pause := make(chan time.Time)
	c.Clock = gated{pause}
	r, _ := start(t, c)
	term := pair(t, r, d)
	until(t, "the session", func() bool { return r.List()[0].State == "ready" })
	ring := func(rev uint64) wire.PaymentRequest {
		t.Helper()
		cart := &wire.CartSet{CartID: "o-1", Rev: rev, Currency: "GBP", Exponent: 2, Lines: []wire.CartLine{}, Locale: "en-GB"}
		if err := term.SendCart(cart); err != nil {
			t.Fatal(err)
		}
		hash := must[[32]byte](t)(canonical.Hash(cart))
		q := sale("o-1", 1250)
		q.CartHash = hash[:]
		return q
	}
	ring(1)
	until(t, "the first cart", func() bool { d.mu.Lock(); defer d.mu.Unlock(); return d.shown != nil })
	last := ring(2) // it waits: the pause has not ended
	paid := make(chan error, 1)
	go func() {
		_, err := term.Pay(within(t), last)
		paid <- err
	}()
	until(t, "the request before its cart", func() bool { d.mu.Lock(); defer d.mu.Unlock(); return len(d.asked) > 0 })
	pause <- time.Now()
	if err := <-paid; err != nil {
		t.Error(err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for id, n := range d.asked {
		if e, ok := c.Book.Find(id); len(d.asked) != 1 || n != 2 || !ok || e.Final == nil {
			t.Errorf("%s was sent %d times, of %d: %+v", id, n, len(d.asked), e)
		}
	}
}

// A request for another cart than the till's newest is refused at once, and so is one whose cart never comes to the screen, after
// a while.
func TestPayForAnotherCart(t *testing.T) {
	d := newDevice(t, 1)
	c := config(t)
	c.Clock = pairing.SystemClock{} // each request gets its answer in time, and is sent once
	r, _ := start(t, c)
	term := pair(t, r, d)
	cart := &wire.CartSet{CartID: "o-1", Rev: 1, Currency: "GBP", Exponent: 2, Lines: []wire.CartLine{}, Locale: "en-GB"}
	if err := term.SendCart(cart); err != nil {
		t.Fatal(err)
	}
	hash := must[[32]byte](t)(canonical.Hash(cart))
	d.set(func() { d.refuse = &wire.Error{Code: wire.CodeCartMismatch} })
	for name, h := range map[string][]byte{"another": make([]byte, 32), "none": nil, "one that is not shown": hash[:]} {
		q := sale("o-1", 1250)
		q.CartHash = h
		if _, err := term.Pay(within(t), q); !errors.Is(err, &wire.Error{Code: wire.CodeCartMismatch}) {
			t.Errorf("%s: %v", name, err)
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for id, n := range d.asked {
		if n != 1 {
			t.Errorf("%s was sent %d times", id, n)
		}
	}
}

// The cashier asks for a payment while the terminal is away, and its lease has ended when it is back: nobody else has it, so the
// till takes it anew, and the request goes out under its one id. With another till's lease the cashier is told.
func TestPayWithALeaseOfBefore(t *testing.T) {
	for name, other := range map[string]bool{"nobody's": false, "another till's": true} {
		t.Run(name, func(t *testing.T) {
			d := newDevice(t, 1)
			c := config(t)
			var away atomic.Bool
			dial := c.Dial
			c.Dial = func(ctx context.Context, a string) (net.Conn, error) {
				if away.Load() {
					return nil, errors.New("no route")
				}
				return dial(ctx, a)
			}
			path := filepath.Join(t.TempDir(), "book.json")
			c.Book = must[*pos.Book](t)(pos.OpenBook(path))
			r, _ := start(t, c)
			term := pair(t, r, d)
			until(t, "the session", func() bool { return r.List()[0].State == "ready" })
			first := must[wire.Lease](t)(term.TakeLease(within(t), false))
			away.Store(true)
			d.conns.cut()
			until(t, "the terminal is away", func() bool { return r.List()[0].State == "offline" })
			ended := make(chan error, 1)
			ctx := within(t)
			go func() {
				_, err := term.Pay(ctx, sale("o-1", 1250))
				ended <- err
			}()
			until(t, "the request is in the book", func() bool { return len(c.Book.Open()) == 1 })
			asked := c.Book.Open()[0].Request
			if err := d.lease.Give("till-7", first.Epoch); err != nil {
				t.Fatal(err)
			}
			if other {
				must[wire.Lease](t)(d.lease.Ask("till-9", "Till 9", false))
			}
			away.Store(false)
			err := <-ended
			if other {
				wantCode(t, err, wire.CodeFenced)
				if len(c.Book.Open()) != 0 || len(d.asked) != 0 {
					t.Errorf("%+v; asked %v", c.Book.Open(), d.asked)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if e, ok := c.Book.Find(asked.RequestID); !ok || e.Final == nil || e.Request.LeaseEpoch <= asked.LeaseEpoch || len(d.asked) != 1 {
				t.Errorf("%+v; asked %v", e, d.asked)
			}
			stored := must[*pos.Book](t)(pos.OpenBook(path))
			if e, ok := stored.Find(asked.RequestID); !ok || e.Request.LeaseEpoch <= asked.LeaseEpoch {
				t.Errorf("on the disk: %+v", e)
			}
		})
	}
}

// Another till has taken the terminal. What became of an order of this one is known all the same: of a payment that is open its
// final is waited for, and one that was paid is refused as that. P2, P22
func TestPayWhileLeased(t *testing.T) {
	d := newDevice(t, 1)
	c := config(t)
	r, _ := start(t, c)
	term := pair(t, r, d)
	paid := must[*wire.Final](t)(term.Pay(within(t), sale("paid", 500)))
	d.set(func() { d.hold = true })
	ctx, cancel := context.WithCancel(t.Context())
	left := make(chan struct{})
	go func() {
		defer close(left)
		_, _ = term.Pay(ctx, sale("open", 1250))
	}()
	until(t, "the request", func() bool { d.mu.Lock(); defer d.mu.Unlock(); return len(d.asked) == 2 })
	cancel()
	<-left
	other := must[wire.Lease](t)(d.lease.Ask("till-9", "Till 9", true))
	d.server.Notify(wire.TypeLease, &other)
	until(t, "the till hears of it", func() bool { return r.List()[0].Holder == "Till 9" })

	_, err := term.Pay(within(t), sale("new", 700))
	wantCode(t, err, wire.CodeLeased)
	_, err = term.Pay(within(t), sale("paid", 500))
	wantCode(t, err, wire.CodeOrderHasOutcome)
	var e *wire.Error
	if errors.As(err, &e) && e.Final != nil && e.Final.RequestID != paid.RequestID {
		t.Errorf("%+v", e.Final)
	}
	again := make(chan *wire.Final, 1)
	follow := within(t)
	go func() {
		f, err := term.Pay(follow, sale("open", 1250))
		if err != nil {
			t.Error(err)
		}
		again <- f
	}()
	inquired := func() int { d.mu.Lock(); defer d.mu.Unlock(); return d.inquired }
	before := inquired()
	until(t, "the question", func() bool { return inquired() > before })
	d.set(func() { d.hold = false })
	if f := <-again; f == nil || f.Result != wire.Approved || f.OrderRef != "open" {
		t.Errorf("%+v", f)
	}
	if len(c.Book.Open()) != 0 || len(d.asked) != 2 {
		t.Errorf("%+v; asked %v", c.Book.Open(), d.asked)
	}
}

// A button that is pressed twice while the terminal refuses, and a moment later would not any more: what it takes then is in
// the book. Of two that send one id, one could believe the refusal and drop it, and the other one's be accepted. P1, P2.
func TestRefusedTwice(t *testing.T) {
	d := newDevice(t, 1)
	c := config(t)
	r, _ := start(t, c)
	term := pair(t, r, d)
	d.set(func() { d.refuse, d.once = &wire.Error{Code: wire.CodeBusy}, true })
	for i := range 30 {
		ends := make(chan error, 4)
		for range cap(ends) {
			go func() {
				_, err := term.Pay(within(t), sale(fmt.Sprintf("o-%d", i), 1250))
				ends <- err
			}()
		}
		for range cap(ends) {
			if err := <-ends; err != nil && !errors.Is(err, &wire.Error{Code: wire.CodeOrderHasOutcome}) {
				wantCode(t, err, wire.CodeBusy)
			}
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for id := range d.finals {
		if _, ok := c.Book.Find(id); !ok {
			t.Errorf("%s was paid, and is not in the book: it was sent %d times", id, d.asked[id])
		}
	}
}

// The terminal took the request and its word got lost, the connection with it: one id, one charge. P2.
func TestLostAnswer(t *testing.T) {
	d := newDevice(t, 1)
	r, _ := start(t, config(t))
	term := pair(t, r, d)
	d.set(func() { d.deaf = 1 })
	f, err := term.Pay(within(t), sale("o-1", 1250))
	if err != nil || f.Result != wire.Approved {
		t.Fatalf("%+v, %v", f, err)
	}
	if len(d.asked) != 1 || len(d.finals) != 1 {
		t.Errorf("asked %v", d.asked)
	}
}

// An order with an open payment gets no second id; the same request follows the first one. A till that crashed finds the
// final when it is back, from its book. P22, P23.
func TestCrashedTill(t *testing.T) {
	d := newDevice(t, 1)
	c := config(t)
	path := filepath.Join(t.TempDir(), "book.json")
	c.Book = must[*pos.Book](t)(pos.OpenBook(path))
	r, stop := start(t, c)
	term := pair(t, r, d)
	d.set(func() { d.hold = true })
	ctx, cancel := context.WithCancel(context.Background())
	first := make(chan error, 1)
	go func() {
		_, err := term.Pay(ctx, sale("o-1", 1250))
		first <- err
	}()
	until(t, "the request", func() bool { d.mu.Lock(); defer d.mu.Unlock(); return len(d.asked) == 1 })
	_, err := term.Pay(within(t), sale("o-1", 9999))
	wantCode(t, err, wire.CodeOrderOpen)
	cancel()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	stop()
	c.Book = must[*pos.Book](t)(pos.OpenBook(path))
	open := c.Book.Open()
	if len(open) != 1 || open[0].Request.OrderRef != "o-1" {
		t.Fatalf("open: %+v", open)
	}
	r, _ = start(t, c)
	term = must[*pos.Terminal](t)(r.Terminal(""))
	until(t, "the session", func() bool { return r.List()[0].State == "ready" })
	again, ctx2 := make(chan *wire.Final, 1), within(t)
	go func() { // the cashier presses again
		f, err := term.Pay(ctx2, sale("o-1", 1250))
		if err != nil {
			t.Error(err)
		}
		again <- f
	}()
	until(t, "the question", func() bool { d.mu.Lock(); defer d.mu.Unlock(); return d.inquired > 0 })
	d.set(func() { d.hold = false })
	f := <-again
	if f == nil || f.RequestID != open[0].Request.RequestID || f.Total != 1250 {
		t.Fatalf("%+v", f)
	}
	_, err = term.Pay(within(t), sale("o-1", 1250)) // and again, now that it is paid
	wantCode(t, err, wire.CodeOrderHasOutcome)
	if len(d.asked) != 1 {
		t.Errorf("asked %v", d.asked)
	}
}

func TestCancel(t *testing.T) {
	d := newDevice(t, 1)
	c := config(t)
	r, _ := start(t, c)
	term := pair(t, r, d)
	d.set(func() { d.hold = true })
	final := make(chan *wire.Final, 1)
	ctx := within(t)
	go func() {
		f, err := term.Pay(ctx, sale("o-1", 1250))
		if err != nil {
			t.Error(err)
		}
		final <- f
	}()
	until(t, "the request", func() bool { d.mu.Lock(); defer d.mu.Unlock(); return len(d.asked) == 1 })
	x, err := term.Cancel(within(t), c.Book.Open()[0].Request.RequestID, "other_tender")
	if err != nil || x.Result != "cancelled" {
		t.Fatalf("%+v, %v", x, err)
	}
	if f := <-final; f == nil || f.Result != wire.Cancelled || f.Total != 0 {
		t.Errorf("%+v", f)
	}
}

type urlError struct{ code int }

func (e urlError) Error() string     { return "offline" }
func (e urlError) PlatformCode() int { return e.code }

// S22, P19.
func TestAdvise(t *testing.T) {
	unreachable := &wire.Error{Code: wire.CodeUnreachable, Err: &net.OpError{Op: "dial", Err: syscall.EHOSTUNREACH}}
	for _, c := range []struct {
		platform string
		err      error
		want     wire.Code
	}{
		{"ios", urlError{-1009}, wire.CodePermission},
		{"ios", urlError{-1001}, wire.CodeUnreachable},
		{"android", &net.OpError{Op: "dial", Err: syscall.EPERM}, wire.CodePermission},
		{"linux", &net.OpError{Op: "dial", Err: syscall.EACCES}, wire.CodePermission},
		{"ios", unreachable, wire.CodePermission},
		{"linux", unreachable, wire.CodeUnreachable},
		{"linux", &wire.Error{Code: wire.CodeExpired}, wire.CodeExpired},
		{"linux", nil, ""},
	} {
		if got := pos.Advise(c.platform, c.err); got != c.want {
			t.Errorf("%s, %v: %s, want %s", c.platform, c.err, got, c.want)
		}
	}
}

// The time of the specification's example, and the order of ids.
func TestRequestID(t *testing.T) {
	id := must[string](t)(pos.NewRequestID(time.UnixMilli(1469918176385), bytes.NewReader(make([]byte, 10))))
	if id != "01ARYZ6S410000000000000000" {
		t.Error(id)
	}
	id = must[string](t)(pos.NewRequestID(time.UnixMilli(1<<48-1), bytes.NewReader(bytes.Repeat([]byte{0xFF}, 10))))
	if id != "7ZZZZZZZZZZZZZZZZZZZZZZZZZ" {
		t.Error(id)
	}
}

// The terminal sends a till that has restarted what it had not acknowledged, answers too. They answer nothing that it asks
// now: it would take a payment that is under way for one that was never accepted.
func TestAnswersToAFormerLife(t *testing.T) {
	d := newDevice(t, 1)
	c := config(t)
	r, stop := start(t, c)
	term := pair(t, r, d)
	f := must[*wire.Final](t)(term.Pay(within(t), sale("o-1", 1250)))
	until(t, "it is acknowledged", func() bool { d.mu.Lock(); defer d.mu.Unlock(); return d.acked[f.RequestID] })
	stop()

	var late []wire.Frame // of this life: questions to which no answer gets through
	d.set(func() {
		d.takes = func(_ *session.Till, f wire.Frame) bool {
			if f.Type == wire.TypePayStatus {
				late = append(late, f)
			}
			return f.Type == wire.TypePayStatus
		}
	})
	r, stop = start(t, c)
	ctx, cancel := context.WithCancel(context.Background())
	asked := make(chan error, 1)
	go func() {
		_, err := must[*pos.Terminal](t)(r.Terminal("")).Status(ctx, "01JDC3V8Q4ZT5R6Y7W8X9ABCDE")
		asked <- err
	}()
	until(t, "the question", func() bool { d.mu.Lock(); defer d.mu.Unlock(); return len(late) == 1 })
	stop()
	cancel()
	<-asked

	d.set(func() {
		d.takes = func(till *session.Till, f wire.Frame) bool {
			if f.Type == wire.TypePayStatus {
				_ = till.Refuse(late[0], &wire.Error{Code: wire.CodeNotFound})
			}
			return false
		}
	})
	r, _ = start(t, c)
	s, err := must[*pos.Terminal](t)(r.Terminal("")).Status(within(t), f.RequestID)
	if err != nil || s.Final == nil || s.Final.Total != 1250 {
		t.Errorf("%+v, %v", s, err)
	}
}

// A cancel says that the terminal has not accepted a request: who stopped waiting for it does not have it sent again.
func TestCancelOfNothing(t *testing.T) {
	d := newDevice(t, 1)
	c := config(t)
	r, _ := start(t, c)
	term := pair(t, r, d)
	asked := make(chan string, 64)
	d.set(func() {
		d.takes = func(till *session.Till, f wire.Frame) bool { // it takes no request, and the till does not hear why
			switch f.Type {
			case wire.TypePay:
				var r wire.PaymentRequest
				if err := wire.Decode(f.Body, &r); err != nil {
					t.Error(err)
				}
				select {
				case asked <- r.RequestID:
				default:
				}
				return true
			case wire.TypePayCancel:
				_ = till.Refuse(f, &wire.Error{Code: wire.CodeNotFound})
				return true
			default:
				return false
			}
		}
	})
	ctx, cancel := context.WithCancel(t.Context())
	paid := make(chan error, 1)
	go func() {
		_, err := term.Pay(ctx, sale("o-1", 1250))
		paid <- err
	}()
	id := <-asked
	cancel()
	if err := <-paid; !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	sent := len(asked) // by the till's own doubts
	_, err := term.Cancel(within(t), id, "cashier")
	wantCode(t, err, wire.CodeNotFound)
	if len(c.Book.Open()) != 0 {
		t.Errorf("%+v", c.Book.Open())
	}
	short, done := context.WithTimeout(t.Context(), 5*time.Second) // in which it would be asked for again and again
	defer done()
	_, err = term.Resume(short, id)
	wantCode(t, err, wire.CodeNotFound)
	if len(asked) != sent {
		t.Error("it is asked for again")
	}
}
