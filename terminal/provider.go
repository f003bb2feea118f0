package terminal

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/cardwright/emv/terminal/dock"
	"github.com/cardwright/emv/terminal/payment"
)

// provider is whether the host is there, and the power, as the ready check has them: it must not wait.
type provider struct {
	answered atomic.Bool // once since the start
	there    atomic.Bool // the last time
	power    atomic.Pointer[dock.Power]
	lost     chan struct{} // a payment has not reached it: ask again
}

// away reports whether the host did not answer the last time: then a card may approve what a till allows it to.
func (p *provider) away() bool { return !p.there.Load() }

// watched is the host as the payment engine has it. What it does with payments says as much as an echo.
type watched struct {
	payment.Host
	p *provider
}

// Authorise passes on.
func (w watched) Authorise(ctx context.Context, a *payment.Authorisation) (payment.Answer, error) {
	answer, err := w.Host.Authorise(ctx, a)
	w.p.seen(ctx, err)
	return answer, err
}

// Reverse passes on.
func (w watched) Reverse(ctx context.Context, r *payment.Reversal) (payment.Answer, error) {
	answer, err := w.Host.Reverse(ctx, r)
	w.p.seen(ctx, err)
	return answer, err
}

// Advise passes on.
func (w watched) Advise(ctx context.Context, a *payment.Advice) (payment.Answer, error) {
	answer, err := w.Host.Advise(ctx, a)
	w.p.seen(ctx, err)
	return answer, err
}

// seen takes note of an answer, or that the host was not reached. Silence after it was reached says nothing sure.
func (p *provider) seen(ctx context.Context, err error) {
	switch {
	case err == nil:
		p.there.Store(true)
	case errors.Is(err, payment.ErrNotSent) && ctx.Err() == nil:
		p.there.Store(false)
		nudge(p.lost)
	}
}

// echoTime is how long an echo may take.
const echoTime = 30 * time.Second

// echo asks the host whether it is there, at the start and from time to time. S6
//
// Until it has answered once, payments are refused that are not to be stored without it: keys or endpoint may be wrong, and
// a customer should not find out. A host that does not answer later stops none: each payment finds out for itself, with a
// reversal where it is in doubt, and a line that was down for one echo may be up again for the next customer.
func (t *Terminal) echo(ctx context.Context) {
	if t.c.Echo == nil {
		t.host.answered.Store(true)
		t.host.there.Store(true)
		return
	}
	pause := t.c.Times.Retry
	for ctx.Err() == nil {
		once, cancel := context.WithTimeout(ctx, echoTime)
		err := t.c.Echo(once)
		cancel()
		if ctx.Err() != nil {
			return
		}
		before, ready := t.host.there.Swap(err == nil), t.host.answered.Load()
		wait := t.c.Times.Echo
		if err == nil {
			t.host.answered.Store(true)
			pause = t.c.Times.Retry
		} else {
			wait = min(pause, wait)
			pause = min(2*pause, t.c.Times.Echo)
		}
		if before != (err == nil) || !ready && err != nil && wait == t.c.Times.Retry {
			t.c.Log.Info("host", "there", err == nil, "code", codeText(err))
		}
		if !before && err == nil {
			t.engine.Forward()
		}
		if !ready && err == nil {
			t.announce()
		}
		select {
		case <-ctx.Done():
		case <-t.host.lost: // it may be back long before the next turn
			pause = t.c.Times.Retry
			select {
			case <-ctx.Done():
			case <-t.c.Clock.After(pause):
			}
		case <-t.c.Clock.After(wait):
		}
	}
}

// codeText is the code of an error, for the log: what hosts and networks write is not for it.
func codeText(err error) string {
	c, ok := err.(interface{ ErrorCode() string })
	switch {
	case err == nil:
		return ""
	case ok:
		return c.ErrorCode()
	}
	return "unknown"
}
