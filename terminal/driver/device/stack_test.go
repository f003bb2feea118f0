package device_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/cardtest"
	"github.com/cardwright/emv/terminal/driver"
	"github.com/cardwright/emv/terminal/driver/device"
	"github.com/cardwright/emv/terminal/driver/drivertest"
)

// phone is a device's own interface in the same process, as an Android app writes it over IsoDep: a device.Stack.
type phone struct {
	mu      sync.Mutex
	told    device.Callbacks
	cards   []cardtest.Answer
	active  bool
	closed  bool
	changed chan struct{} // closed at each change
}

func newPhone() *phone { return &phone{changed: make(chan struct{})} }

func (p *phone) Name() string { return "phone" }

func (p *phone) Watch(c device.Callbacks) { p.told = c }

// change changes something and wakes who waits.
func (p *phone) change(what func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	what()
	close(p.changed)
	p.changed = make(chan struct{})
}

func (p *phone) On(ctx context.Context) (device.Card, error) {
	for {
		p.mu.Lock()
		n, closed, changed := len(p.cards), p.closed, p.changed
		p.active = n == 1
		p.mu.Unlock()
		switch {
		case closed:
			return device.Card{}, driver.ErrGone
		case n == 1:
			return device.Card{Answer: []byte{0x05, 0x78, 0x80, 0x70, 0x02}, Extended: true}, nil
		case n > 1:
			return device.Card{}, kernel.ErrCollision
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return device.Card{}, ctx.Err()
		}
	}
}

func (p *phone) Off(context.Context) error {
	p.change(func() { p.active = false })
	return nil
}

func (p *phone) Transceive(ctx context.Context, dst, command []byte) ([]byte, time.Duration, error) {
	p.mu.Lock()
	var card cardtest.Answer
	if p.active && len(p.cards) == 1 {
		card = p.cards[0]
	}
	p.mu.Unlock()
	if card == nil {
		return dst, 0, kernel.ErrRemoved
	}
	type answered struct {
		answer []byte
		err    error
	}
	done := make(chan answered, 1)
	go func() {
		answer, err := card(command)
		done <- answered{answer, err}
	}()
	for {
		p.mu.Lock()
		gone, closed, changed := !p.active, p.closed, p.changed
		p.mu.Unlock()
		switch {
		case closed:
			return dst, 0, driver.ErrGone
		case gone:
			return dst, 0, kernel.ErrRemoved
		}
		select {
		case a := <-done:
			return append(dst, a.answer...), 0, a.err
		case <-changed:
		case <-ctx.Done():
			return dst, 0, ctx.Err()
		}
	}
}

func (p *phone) Close() error {
	p.change(func() { p.closed = true })
	return nil
}

func (p *phone) tap(card cardtest.Answer) error {
	p.change(func() { p.cards = append(p.cards, card) })
	return nil
}

func (p *phone) leave() {
	was := false
	p.change(func() { was, p.cards, p.active = p.active, nil, false })
	if was {
		p.told.Left()
	}
}

// TestStack holds a stack in the same process to the contract of readers, without a socket between.
func TestStack(t *testing.T) {
	drivertest.Run(t, func() (*drivertest.Stand, error) {
		p := newPhone()
		return &drivertest.Stand{
			Reader: device.New(p), Tap: p.tap, Leave: p.leave, Unplug: func() { p.told.Gone(driver.ErrGone) },
		}, nil
	})
}

// stuck is a phone that can't activate the card in its field, and says so at once, whenever it is asked.
type stuck struct {
	*phone
	why   error
	asked int
}

func (s *stuck) On(ctx context.Context) (device.Card, error) {
	s.asked++
	return device.Card{}, errors.Join(s.why, ctx.Err())
}

// TestNoActivationWithoutEnd leaves two cards, and one that is no card of a payment, in the field for a minute: the stack is
// asked now and then, not as fast as it answers.
func TestNoActivationWithoutEnd(t *testing.T) {
	for _, why := range []error{kernel.ErrCollision, kernel.ErrTransmission} {
		synctest.Test(t, func(t *testing.T) {
			p := &stuck{phone: newPhone(), why: why}
			r := device.New(p)
			defer r.Close()
			s, err := r.Open(t.Context(), driver.Contactless)
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			for err = kernel.ErrCollision; errors.Is(err, kernel.ErrCollision) && p.asked < 100_000; {
				err = s.(kernel.Field).Activate(ctx)
			}
			if !errors.Is(err, context.DeadlineExceeded) || p.asked < 2 || p.asked > 10_000 {
				t.Errorf("asked %d times: %v", p.asked, err)
			}
		})
	}
}

// reluctant is a phone that does not switch its field off when it is asked the first time.
type reluctant struct {
	*phone
	asked int
	offAt time.Time
	onAt  time.Time
}

func (r *reluctant) Off(ctx context.Context) error {
	if r.asked++; r.asked == 1 {
		return kernel.ErrTimeout
	}
	r.offAt = time.Now()
	return r.phone.Off(ctx)
}

func (r *reluctant) On(ctx context.Context) (device.Card, error) {
	r.onAt = time.Now()
	return r.phone.On(ctx)
}

// TestAFieldThatStayedOn has a field off for a second that the stack did not switch off: it is, and for as long, before the
// next card.
func TestAFieldThatStayedOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &reluctant{phone: newPhone()}
		r := device.New(p)
		defer r.Close()
		_ = p.tap(func([]byte) ([]byte, error) { return []byte{0x90, 0x00}, nil })
		s, err := r.Open(t.Context(), driver.Contactless)
		if err != nil {
			t.Fatal(err)
		}
		f := s.(kernel.Field)
		if err := f.Activate(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := f.Deactivate(t.Context(), time.Second); err != nil {
			t.Fatal(err)
		}
		if err := f.Activate(t.Context()); err != nil {
			t.Fatal(err)
		}
		if p.asked != 2 || p.onAt.Sub(p.offAt) < time.Second {
			t.Errorf("asked %d times to switch off, and on again after %v", p.asked, p.onAt.Sub(p.offAt))
		}
	})
}
