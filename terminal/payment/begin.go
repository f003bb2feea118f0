package payment

import (
	"context"
	"errors"
	"time"

	"github.com/cardwright/emv/kernel"
)

const maxAmount = kernel.MaxAmount

// begin sets a payment going that was accepted. The lock is held.
func (e *Engine) begin(p *payment) {
	ctx, cancel := context.WithCancelCause(e.ctx)
	e.active = &active{p, cancel}
	deadline := e.after(e.within(&p.Request), func() {
		if !p.finished() && !p.committed() {
			_ = e.end(p, Failed, CodeDeadline)
		}
	})
	before, done := e.idle, make(chan struct{})
	e.idle = done
	e.work.Go(func() {
		defer close(done)
		<-before // the reader still disarms for the payment before: it was told to
		if ctx.Err() == nil {
			e.run(ctx, p)
		}
		cancel(nil)
		e.mu.Lock()
		defer e.mu.Unlock()
		e.drop(deadline)
		if e.active != nil && e.active.p == p {
			e.active = nil
		}
		e.wake()
	})
}

// run takes a payment from ACCEPTED to its Final.
func (e *Engine) run(ctx context.Context, p *payment) {
	switch {
	case p.Kind.background():
		e.hand(p)
	case !p.Request.needsCard():
		e.withoutCard(ctx, p)
	default:
		e.withCard(ctx, p)
	}
}

// withCard asks for the tip and takes the card.
func (e *Engine) withCard(ctx context.Context, p *payment) {
	tip, err := e.tip(ctx, p)
	if err != nil {
		e.over(p, err)
		return
	}
	order, err := e.prompt(p, tip)
	if err != nil {
		e.over(p, err)
		return
	}
	d := &desk{engine: e, ctx: ctx, p: p, token: order.Token}
	taken, err := e.config.Reader.Take(ctx, order, d)
	taken.Card = taken.Card.cleaned()
	taken.Why.Code = clean(taken.Why.Code)
	d.close()
	e.conclude(p, d, taken, err)
}

// tip asks the customer, if the till wants that.
func (e *Engine) tip(ctx context.Context, p *payment) (uint64, error) {
	policy := &p.Request.Tip
	if !policy.Ask {
		return 0, nil
	}
	return e.config.Screen.AskTip(ctx, TipQuestion{
		RequestID: p.ID, Amount: p.Request.Amount, Currency: p.Currency, Options: policy.Options(p.Request.Amount),
		Custom: policy.Custom,
	})
}

// over is the end of a payment before COMMIT, if it has not ended by itself.
func (e *Engine) over(p *payment, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if p.finished() || e.ctx.Err() != nil {
		return
	}
	switch {
	case errors.Is(err, ErrCustomerCancelled):
		_ = e.end(p, Cancelled, CodeByCustomer)
	case errors.Is(err, errAmount):
		_ = e.end(p, Failed, CodeAmount)
	default:
		_ = e.end(p, Failed, CodeReaderFailed)
	}
}

var errAmount = errors.New("payment: the tip is none that was offered, or the total has more than twelve digits")

// prompt writes PROMPTING, with all that the customer is going to pay, and makes the order for the reader.
func (e *Engine) prompt(p *payment, tip uint64) (Order, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if p.finished() {
		return Order{}, ErrCancelled
	}
	a := p.Request.amounts(tip)
	if tip > maxAmount || !p.Request.Tip.allows(p.Request.Amount, tip) || a.Total > maxAmount {
		return Order{}, errAmount
	}
	o := Order{
		RequestID: p.ID, Kind: p.Kind, Amounts: a, Currency: p.Currency, Entries: p.Request.Entry,
	}
	if len(o.Entries) == 0 {
		o.Entries = []Entry{Tap, Insert, Swipe}
	}
	if of := e.book.original(p); of != nil {
		d, err := e.load(of)
		if err != nil {
			return Order{}, err
		}
		o.Token = d.Card.Token
	}
	o.Offline = e.config.Policy.Forward.permits(&p.Request) && e.fits(&p.Request, a.Total)
	if err := e.write(p, Prompting, record{Amounts: &a}); err != nil {
		return Order{}, err
	}
	e.show(p, AboutPresent, "")
	return o, nil
}

// show shows something of a payment.
func (e *Engine) show(p *payment, about About, code string) {
	e.config.Screen.Show(Showing{About: about, RequestID: p.ID, Kind: p.Kind, Amounts: p.Amounts, Currency: p.Currency, Code: code})
}

// final makes a Final. Only CODE and result decide; the rest is what is known. The lock is held.
func (e *Engine) final(p *payment, result Result, code string) *Final {
	f := &Final{
		Result: result, Code: code, Kind: p.Kind, Amounts: p.Amounts, Currency: p.Currency, At: e.now(),
		Reversal: p.Due != nil && p.Kind != Void,
	}
	if p.GAC2 != nil {
		f.Reason = p.GAC2.Reason
	}
	if p.Sent != nil || p.Answer != nil {
		r := &Receipt{Card: p.Card, Time: f.At, Offline: p.Offline, Disclaimers: e.config.Policy.Disclaimers}
		if p.Sent != nil {
			r.Time, r.STAN, r.RRN = p.Sent.Time, p.Sent.STAN, p.Sent.RRN
		}
		if a := p.Answer; a != nil {
			f.HostCode, f.HostText = a.Code, a.Text
			r.HostCode = a.Code
			if result == Approved {
				r.AuthCode = a.AuthCode
			}
		}
		if result == Approved && (p.Answer != nil || p.Offline) {
			r.Signature = p.Card.CVM == kernel.ObtainSignature.String()
		}
		f.Receipt = r
	}
	return f
}

// finish writes the Final, tells it and shows it. The lock is held.
func (e *Engine) finish(p *payment, f *Final) error { return e.finishAs(p, record{Final: f}) }

func (e *Engine) finishAs(p *payment, rec record) error {
	f := rec.Final
	if err := e.write(p, Finished, rec); err != nil {
		return err
	}
	about := map[Result]About{
		Approved: AboutApproved, Declined: AboutDeclined, Cancelled: AboutCancelled, Failed: AboutFailed,
	}[f.Result]
	if e.active != nil && e.active.p == p { // the reader lets go; the next payment may come
		e.active.cancel(ErrCancelled)
		e.active = nil
	}
	if e.active == nil { // what ends in the background must not cover another customer's prompt
		e.show(p, about, f.Code)
	}
	e.unclaimed(p, e.config.Unclaimed)
	return nil
}

// unclaimed shows an approval that no till has taken note of in time. The lock is held.
func (e *Engine) unclaimed(p *payment, in time.Duration) {
	if p.Final.Result != Approved {
		return
	}
	e.after(in, func() {
		if p.State == Finished && e.active == nil {
			e.show(p, AboutRegisterOffline, "")
		}
	})
}
