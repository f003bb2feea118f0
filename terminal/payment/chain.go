package payment

import (
	"errors"
	"slices"
	"time"
)

// The pauses between the tries of a chain: the first of these, doubled each time, up to the second.
const (
	firstPause = 5 * time.Second
	maxPause   = 15 * time.Minute
)

// pause returns how long a chain waits after its n-th try.
func pause(n int) time.Duration {
	d := firstPause
	for ; n > 1 && d < maxPause; n-- {
		d *= 2
	}
	return min(d, maxPause)
}

// wake lets the chains look again.
func (e *Engine) wake() {
	select {
	case e.kick <- struct{}{}:
	default:
	}
}

// chains sends what is due, one at a time, until the engine ends. It never gives up.
func (e *Engine) chains() {
	for {
		p, wait := e.nextDue()
		switch {
		case p != nil:
			e.try(p)
			continue
		case wait > 0:
			stop := e.config.Clock.AfterFunc(wait, e.wake)
			select {
			case <-e.kick:
			case <-e.ctx.Done():
			}
			stop()
		default:
			e.compactWhenIdle()
			select {
			case <-e.kick:
			case <-e.ctx.Done():
			}
		}
		if e.ctx.Err() != nil {
			return
		}
	}
}

// nextDue returns the payment whose chain is to be tried now, oldest first; or how long to wait, 0 for until something
// happens.
func (e *Engine) nextDue() (*payment, time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	now, wait := e.now(), time.Duration(0)
	if e.ctx.Err() != nil {
		return nil, 0
	}
	for _, p := range e.book.live {
		switch left := p.next.Sub(now); {
		case !p.Sending.pending(), e.blocked(p):
		case left <= 0, left > maxPause: // no pause is longer: the clock was set back since
			return p, 0
		case wait == 0 || left < wait:
			wait = left
		}
	}
	return nil, wait
}

// try sends a reversal or an advice once: the try is in the journal before.
func (e *Engine) try(p *payment) {
	e.mu.Lock()
	if !p.Sending.pending() { // a void was quicker
		e.mu.Unlock()
		return
	}
	n := p.Tries + 1
	sending, reversal := SAFSent, p.Sending == ReversalDue || p.Sending == ReversalSent
	if reversal {
		sending = ReversalSent
	}
	if err := e.write(p, sending, record{Try: n}); err != nil {
		e.mu.Unlock()
		return
	}
	var send func() (Answer, error)
	if reversal {
		send = e.reversing(p, n)
	} else {
		send = e.advising(p, n)
	}
	e.mu.Unlock()

	answer, err := send()

	e.mu.Lock()
	defer e.mu.Unlock()
	if e.ctx.Err() != nil {
		return
	}
	ours := reversal && p.Kind != Void // the terminal's own: nothing but its end will do
	if err != nil || !answer.believable() || answer.again() || ours && !answer.approved(p.Due.Of.Total) && !answer.gone() ||
		p.Offline && answer.partial(p.Amounts.Total) { // a part of what has happened is no answer
		p.next = e.now().Add(pause(n))
		if errors.Is(err, ErrNotSent) {
			p.unsent++
			e.withdrawn(p)
		}
		return
	}
	answer.Text = clean(answer.Text)
	if e.acknowledged(p, reversal, answer) == nil {
		e.reached()
	}
}

func (e *Engine) reversing(p *payment, n int) func() (Answer, error) {
	r := &Reversal{Trace: p.Due.Trace, Of: p.Due.Of, Reason: p.Due.Reason, Repeat: n > 1}
	if r.Of.Offline { // the host may have answered since
		if d, err := e.load(e.book.original(p)); err == nil && d.Sent != nil {
			r.Of = *d.Sent
		}
	}
	r.Completed = r.Of.AuthCode != ""
	return func() (Answer, error) {
		ctx, done := e.limited(e.config.HostTimeout)
		defer done()
		return e.config.Host.Reverse(ctx, r)
	}
}

func (e *Engine) advising(p *payment, n int) func() (Answer, error) {
	a := &Advice{Trace: p.Sent.Trace, Kind: p.Kind, Total: p.Request.Amount, Currency: p.Currency, Repeat: n > 1}
	if p.Offline {
		a = p.forwarding(n)
	}
	if of := e.book.original(p); of != nil {
		if d, err := e.load(of); err == nil && d.Sent != nil {
			a.Of = *d.Sent
		}
	}
	return func() (Answer, error) {
		ctx, done := e.limited(e.config.HostTimeout)
		defer done()
		return e.config.Host.Advise(ctx, a)
	}
}

// acknowledged is the host's word on a reversal or an advice. The lock is held.
func (e *Engine) acknowledged(p *payment, reversal bool, a Answer) error {
	yes := a.approved(p.Amounts.Total) || p.Offline && p.Tries-p.unsent > 1 && a.duplicate()
	state := SAFDeclined
	switch {
	case reversal:
		state = Reversed
	case yes:
		state = SAFDone
	}
	if err := e.write(p, state, record{Answer: &a}); err != nil {
		return err
	}
	if p.finished() {
		return nil
	}
	if p.Kind.background() {
		return e.answered(p)
	}
	return e.settle(p, false)
}

// answered is the Final of a void, a capture or an adjustment: what the host said. The lock is held.
func (e *Engine) answered(p *payment) error {
	if p.Answer.approved(p.Amounts.Total) {
		return e.finish(p, e.final(p, Approved, CodeApproved))
	}
	return e.finish(p, e.final(p, Declined, CodeHostDeclined))
}

// hand commits a void, a capture or an adjustment and leaves it to the chains.
func (e *Engine) hand(p *payment) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if p.finished() || e.ctx.Err() != nil {
		return
	}
	of := e.book.original(p)
	d, err := e.load(of)
	if err != nil {
		_ = e.end(p, Failed, CodeReaderFailed)
		return
	}
	amounts := Amounts{Amount: p.Request.Amount, Total: p.Request.Amount}
	if p.Kind == Void {
		amounts = d.Amounts
	}
	if err := e.write(p, Commit, record{Amounts: &amounts, Card: &d.Card}); err != nil {
		return
	}
	if e.handOver(p, d) == nil && e.active != nil && e.active.p == p {
		e.active = nil // the terminal is free for the next customer
	}
}

// handOver writes what the chains send. The lock is held.
func (e *Engine) handOver(p *payment, of *details) error {
	if p.Kind == Void {
		if e.book.original(p).untouched() {
			return e.withdraw(p)
		}
		return e.write(p, ReversalDue, record{Due: &due{Trace: e.trace(), Of: *of.Sent, Reason: OnRequest}})
	}
	s := &Sent{
		Trace: e.trace(), Kind: p.Kind, Total: p.Amounts.Total, Currency: p.Currency, Entry: of.Sent.Entry, Sealed: of.Sent.Sealed,
		AuthCode: of.Sent.AuthCode,
	}
	return e.write(p, SAFStored, record{Sent: s})
}

// stuck reports whether a payment waits for its chain alone.
func (p *payment) stuck() bool {
	return !p.finished() && slices.Contains([]State{ReversalDue, ReversalSent}, p.Sending)
}
