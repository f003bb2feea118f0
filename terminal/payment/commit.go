package payment

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/cardwright/emv/kernel"
)

// maxAsks is how often one payment may ask the host: a host that wants a PIN or a chip declines the first time.
const maxAsks = 3

// maxSealed bounds what is kept of a card, so that every record fits into the journal.
const maxSealed = 8 << 10

// desk is the engine's side of one card.
type desk struct {
	engine *Engine
	ctx    context.Context
	p      *payment
	token  string // the only card that will do, "" for any

	mu     sync.Mutex
	asks   int
	closed bool   // Take has returned
	limit  *timer // on the card, after the host has answered
	code   string // of a refusal that becomes the Final
}

// close ends it: a Reader that calls later is refused.
func (d *desk) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	d.engine.mu.Lock()
	defer d.engine.mu.Unlock()
	d.engine.drop(d.limit)
}

// CardIn writes that a card is there.
func (d *desk) CardIn(_ context.Context, c Card) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	e, p := d.engine, d.p
	e.mu.Lock()
	defer e.mu.Unlock()
	if d.closed || p.finished() || p.committed() {
		return ErrCancelled
	}
	c = c.cleaned()
	return e.write(p, CardIn, record{Card: &c})
}

// Authorise commits the payment and asks the host.
func (d *desk) Authorise(_ context.Context, o Online) (kernel.OnlineAnswer, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if o.PIN != nil {
		defer o.PIN.Wipe()
	}
	if d.closed {
		return kernel.OnlineAnswer{}, ErrCancelled
	}
	o.Card = o.Card.cleaned()
	if d.token != "" && o.Card.Token != d.token {
		d.code = CodeCardMismatch
		return kernel.OnlineAnswer{}, &Refusal{Code: CodeCardRequired, Text: "not the card that paid"}
	}
	if len(o.Sealed) > maxSealed {
		return kernel.OnlineAnswer{}, fmt.Errorf("payment: %d bytes of enciphered card data", len(o.Sealed))
	}
	if d.asks++; d.asks > maxAsks {
		return kernel.OnlineAnswer{}, fmt.Errorf("payment: the reader asked the host %d times", d.asks)
	}
	answer, err := d.engine.online(d.p, &o)
	d.hurry()
	return answer, err
}

// hurry bounds what the card may still take: a reader that hangs must not keep an answer from the till.
func (d *desk) hurry() {
	e := d.engine
	e.mu.Lock()
	defer e.mu.Unlock()
	e.drop(d.limit)
	d.limit = e.after(e.config.CardTimeout, func() {
		if e.active != nil && e.active.p == d.p {
			e.active.cancel(context.DeadlineExceeded)
		}
	})
}

// online takes a payment from COMMIT to HOST_ANSWERED or REVERSAL_DUE, and returns what the card is told.
func (e *Engine) online(p *payment, o *Online) (kernel.OnlineAnswer, error) {
	a, err := e.sent(p, o)
	if err != nil {
		return kernel.OnlineAnswer{}, err
	}
	ctx, done := e.limited(e.config.HostTimeout)
	answer, err := e.config.Host.Authorise(ctx, a)
	done()

	e.mu.Lock()
	defer e.mu.Unlock()
	if e.ctx.Err() != nil { // the end: the next start finds AUTH_SENT
		return kernel.OnlineAnswer{}, ErrCancelled
	}
	switch {
	case errors.Is(err, ErrNotSent):
		return kernel.OnlineAnswer{Unable: true}, e.write(p, HostAnswered, record{Unsent: true})
	case err != nil:
		return kernel.OnlineAnswer{Unable: true}, e.reverse(p, NoAnswer, Failed, CodeNoAnswer)
	case !answer.believable():
		return kernel.OnlineAnswer{Unable: true}, e.reverse(p, AnswerBroken, Failed, CodeNoAnswer)
	}
	e.reached()
	answer.Text = clean(answer.Text)
	if err := e.write(p, HostAnswered, record{Answer: &answer}); err != nil {
		return kernel.OnlineAnswer{}, err
	}
	if answer.partial(p.Amounts.Total) {
		err = e.reverse(p, PartialOnly, Declined, CodePartial)
	}
	return answer.forCard(answer.approved(p.Amounts.Total)), err
}

// sent writes COMMIT, where that has not been done, and AUTH_SENT: the moment after which nobody can say that nothing has
// happened. A cancellation that is in the journal before COMMIT has won.
func (e *Engine) sent(p *payment, o *Online) (*Authorisation, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case p.finished(), e.ctx.Err() != nil:
		return nil, ErrCancelled
	case p.committed() && (p.State != HostAnswered || p.Due != nil || p.Reverse || p.Unsent ||
		p.Answer.approved(p.Amounts.Total)):
		return nil, errors.New("payment: the host was asked a second time without having declined")
	}
	if !p.committed() {
		if err := e.write(p, Commit, record{Amounts: &p.Amounts, Card: &o.Card}); err != nil {
			return nil, err
		}
	}
	s := &Sent{
		Trace: e.trace(), Kind: p.Kind, Total: p.Amounts.Total, Currency: p.Currency, Entry: o.Card.Entry,
		Digest: digest(o.Chip), Sealed: o.Sealed,
	}
	var original *Sent
	if of := e.book.original(p); of != nil {
		d, err := e.load(of)
		if err != nil {
			return nil, err
		}
		original = d.Sent
	}
	if err := e.write(p, AuthSent, record{Sent: s, Card: &o.Card}); err != nil {
		return nil, err
	}
	e.show(p, AboutProcessing, "")
	return &Authorisation{
		Trace: s.Trace, Kind: p.Kind, Amounts: p.Amounts, Currency: p.Currency, Card: o.Card, Chip: o.Chip, Sealed: o.Sealed,
		PIN: o.PIN, Original: original,
	}, nil
}

func digest(b []byte) string {
	if b == nil {
		return ""
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// limited returns a context that ends after d by the engine's clock, or with the engine. done must be called.
func (e *Engine) limited(d time.Duration) (ctx context.Context, done func()) {
	ctx, cancel := context.WithCancelCause(e.ctx)
	stop := e.config.Clock.AfterFunc(d, func() { cancel(context.DeadlineExceeded) })
	return ctx, func() {
		stop()
		cancel(nil)
	}
}

// trace makes a new trace: the next STAN, and a reference of the day, the hour and the STAN (YDDDHH and six digits). The
// record that holds it makes it used. The lock is held.
func (e *Engine) trace() Trace {
	stan := e.book.stan%999_999 + 1
	now := e.now()
	return Trace{
		STAN: stan, Time: now,
		RRN: fmt.Sprintf("%d%03d%02d%06d", now.Year()%10, now.YearDay(), now.Hour(), stan),
	}
}

// reverse writes REVERSAL_DUE, complete: with what is undone, and the Final that the payment gets with it. The lock is held.
func (e *Engine) reverse(p *payment, why Reason, result Result, code string) error {
	d := &due{Trace: e.trace(), Of: *p.Sent, Reason: why}
	if p.Kind != Void {
		p.Due = d // for Final.Reversal; the record says the same
		d.Then = e.final(p, result, code)
		p.Due = nil
	}
	if err := e.write(p, ReversalDue, record{Due: d}); err != nil {
		return err
	}
	e.wake()
	return nil
}

// withoutCard asks the host for a refund that goes to the card of the original.
func (e *Engine) withoutCard(_ context.Context, p *payment) {
	e.mu.Lock()
	var card Card
	of := e.book.original(p)
	d, err := e.load(of)
	if err == nil {
		card = d.Card
	}
	e.mu.Unlock()
	if err != nil {
		e.over(p, err)
		return
	}
	o := &Online{Card: Card{Brand: card.Brand, Number: card.Number, Token: card.Token}, Sealed: d.Sent.Sealed}
	if _, err := e.online(p, o); err != nil {
		e.over(p, err)
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if p.finished() || e.ctx.Err() != nil {
		return
	}
	_ = e.settle(p, true)
}
