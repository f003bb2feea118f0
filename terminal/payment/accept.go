package payment

import (
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/cardwright/emv/terminal/journal"
)

// Accept takes a request, or says at once why not. It waits for the journal, for nothing else. A request with an id and a
// body that were accepted before gets the status of that payment, however long ago it was; one with the same id and another
// body is refused.
//
// The checks, in this order: the journal; the lease; the request by itself; the id; the order; what the kind asks for; the
// reader; readiness; the cart.
func (e *Engine) Accept(till Till, r Request) (Status, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	p, err := e.accept(till, &r)
	if err != nil {
		return Status{}, err
	}
	return e.status(p), nil
}

func (e *Engine) accept(till Till, r *Request) (*payment, error) {
	if err := e.usable(); err != nil {
		return nil, err
	}
	if err := e.fenced(till); err != nil {
		return nil, err
	}
	if len(till.POS) == 0 || len(till.POS) > maxName {
		return nil, invalid("pos", "1 to 64 characters")
	}
	if err := r.check(); err != nil {
		return nil, err
	}
	hash := r.Hash()
	if p := e.book.payments[key{till.POS, r.RequestID}]; p != nil {
		if p.Hash != hash {
			return nil, refuse(CodeReused, "this request id was used with another body")
		}
		return p, nil
	}
	if e.forgotten(r.RequestID) {
		return nil, refuse(CodeTooOld, "the request id is older than what the journal keeps")
	}
	if timeOf(r.RequestID).Sub(e.now()) > maxAhead {
		return nil, invalid("request_id", "of more than a day ahead: a clock is wrong")
	}
	for _, check := range []func(Till, *Request) *Refusal{e.orderFree, e.permitted, e.readerFree, e.ready, e.cartShown} {
		if err := check(till, r); err != nil {
			return nil, err
		}
	}
	p, err := e.put(journal.Kind(Accepted), &record{POS: till.POS, ID: r.RequestID, Request: r, Hash: hash})
	if err != nil {
		return nil, err
	}
	if e.config.Notify != nil {
		e.config.Notify(Event{POS: p.POS, RequestID: p.ID, State: Accepted})
	}
	e.begin(p)
	return p, nil
}

// fenced refuses a till that does not hold the lease.
func (e *Engine) fenced(till Till) error {
	if !e.config.Lease.Holds(till.POS, till.Epoch) {
		return refuse(CodeFenced, "the till does not hold the lease in this epoch")
	}
	return nil
}

// forgotten reports whether an id is so old that the journal may have dropped it: nothing can be proved of it any more.
func (e *Engine) forgotten(id string) bool {
	return e.now().Sub(timeOf(id)) > e.config.Keep
}

// maxAhead is how far the clock of a till may be ahead: an id must not outlive the record of it.
const maxAhead = 24 * time.Hour

// orderFree looks for outcomes that the order has: one that the till has not taken note of, or a payment of the same sense
// that was approved. A till that asks with a second id before it knows the first one's outcome would charge twice.
func (e *Engine) orderFree(_ Till, r *Request) *Refusal {
	if r.ForceAdditional {
		return nil
	}
	for _, p := range e.book.orders[r.OrderRef] {
		same := p.Kind.charges() && r.Kind.charges() ||
			p.Kind == Refund && r.Kind == Refund && r.Original == Original{}
		if p.State != Acked || p.Result == Approved && same && !p.Voided && !p.refused() {
			status := e.status(p)
			return &Refusal{
				Code: CodeOrder, Text: "the order has an outcome, or a payment under way", RequestID: p.ID, Outcome: &status,
			}
		}
	}
	return nil
}

// readerFree refuses a second payment at a time: nothing waits in a queue that nobody sees.
func (e *Engine) readerFree(Till, *Request) *Refusal {
	if e.active == nil {
		return nil
	}
	p := e.active.p
	return &Refusal{Code: CodeBusy, Holder: p.POS, RequestID: p.ID}
}

func (e *Engine) ready(_ Till, r *Request) *Refusal {
	if e.config.Ready == nil {
		return nil
	}
	if err := e.config.Ready(); err != nil && (!errors.Is(err, ErrHostAway) || !e.storable(r)) {
		return &Refusal{Code: CodeNotReady, Text: "no payment can be taken now", Err: err}
	}
	return nil
}

// cartShown compares the cart that is paid for with the one on the screen.
func (e *Engine) cartShown(_ Till, r *Request) *Refusal {
	if !r.Kind.charges() {
		return nil
	}
	shown, any := e.config.Screen.Cart()
	switch {
	case r.CartHash == "" && e.config.Policy.RequireCart, r.CartHash != "" && !any, any && r.CartHash != shown.Hash:
		return refuse(CodeCart, "the cart of the request is not the one that is shown")
	case any && !shown.Valid:
		return refuse(CodeCart, "the lines of the cart do not add up to its total")
	}
	return nil
}

// permitted checks what the kind asks for: policy, and the original.
func (e *Engine) permitted(till Till, r *Request) *Refusal {
	policy := &e.config.Policy
	switch {
	case r.Offline.Allow && (!policy.Forward.on() || policy.Forward.Currency != r.Currency):
		return refuse(CodeOffline, "payments are not stored to be sent later")
	case r.Surcharge != SurchargePolicy{} && !policy.Surcharge:
		return refuse(CodeNotPermitted, "surcharges are not allowed here")
	case r.amounts(0).Total > maxAmount:
		return invalid("surcharge_policy", "more than twelve digits in all")
	case r.Kind == Refund && r.Original == Original{}:
		switch {
		case !slices.Contains(policy.UnreferencedRoles, r.Role):
			return refuse(CodeNotPermitted, "a refund without its payment needs a role that may do it")
		case r.Amount > policy.UnreferencedMax:
			return refuse(CodeLimit, "more than a refund without its payment may be")
		}
		return nil
	case r.Original == Original{}:
		return nil
	}
	return e.about(till, r)
}

// about checks a request that is about an earlier payment.
func (e *Engine) about(till Till, r *Request) *Refusal {
	of := e.book.payments[originalKey(till.POS, r)]
	no := func(text string) *Refusal { return refuse(CodeReference, text) }
	switch {
	case of == nil:
		return no("the original is not in the journal")
	case of.Result != Approved || of.State < Finished:
		return no("the original was not approved")
	case of.Voided:
		return no("the original was voided")
	case of.refused():
		return no("the original was stored, and the host refused it")
	case of.Offline && of.Sending.pending() && r.Kind != Void:
		return refuse(CodeStored, "the original waits to be sent to the host: it can be voided")
	case of.Currency != r.Currency:
		return no("the original was in another currency")
	}
	held := uint64(0) // by what is under way
	for _, p := range e.book.live {
		if p.finished() || e.book.original(p) != of {
			continue
		}
		if p.Kind != Refund {
			return no("something else is under way with the original")
		}
		held += p.Request.Amount
	}
	switch r.Kind {
	case Refund:
		return e.refundable(r, of, held)
	case Void:
		switch {
		case !of.Kind.charges() && of.Kind != Refund, of.Captured != 0, of.Refunded != 0, held != 0:
			return no("the original can't be voided any more, or never could")
		case r.Amount != 0 && r.Amount != of.Total:
			return no("a void is of the whole amount")
		}
	case Capture:
		switch {
		case of.Kind != Preauth:
			return no("the original is no pre-authorisation")
		case of.Captured != 0:
			return no("the original was captured")
		case r.Amount > of.Total:
			return &Refusal{Code: CodeRemaining, Remaining: of.Total}
		}
	case Adjust:
		most := of.Total + part(of.Total, e.config.Policy.AdjustMaxPercent, 100)
		switch {
		case !e.config.Policy.Adjust:
			return refuse(CodeNotPermitted, "amounts are not adjusted here")
		case of.Kind != Sale, of.Refunded != 0, held != 0:
			return no("the original can't be adjusted any more, or never could")
		case r.Amount > most:
			return &Refusal{Code: CodeLimit, Text: "more than an adjustment may add", Remaining: most}
		}
		if d, err := e.load(of); err != nil || d.Card.CVM == "online-pin" || d.Card.CVM == "offline-pin" {
			return no("the original was verified by PIN: its amount stands")
		}
	default:
	}
	return nil
}

// refundable checks a refund against the payment that it gives back.
func (e *Engine) refundable(r *Request, of *payment, held uint64) *Refusal {
	if of.Kind != Sale && of.Kind != Capture {
		return refuse(CodeReference, "the original took no money")
	}
	if left := of.Total - min(of.Total, of.Refunded+held); r.Amount > left {
		return &Refusal{Code: CodeRemaining, Remaining: left}
	}
	d, err := e.load(of)
	if err != nil {
		return &Refusal{Code: CodeReference, Text: "the original can't be read", Err: err}
	}
	if !r.needsCard() && slices.Contains(e.config.Policy.CardRefunds, d.Card.Brand) {
		return refuse(CodeCardRequired, "this brand gives money back to the card that paid only")
	}
	return nil
}

// load returns the details of a payment, from the disk where they are not in memory.
func (e *Engine) load(p *payment) (*details, error) {
	switch {
	case p == nil:
		return nil, &journal.Error{Code: journal.CodeAbsent, Text: "the payment is no longer kept"}
	case p.details != nil:
		return p.details, nil
	}
	_, payload, err := e.log.Read(p.where)
	if err != nil {
		return nil, err
	}
	var rec record
	if err := json.Unmarshal(payload, &rec); err != nil {
		return nil, err
	}
	if rec.Details == nil || rec.Summary == nil || rec.Summary.ID != p.ID {
		return nil, &journal.Error{Code: journal.CodeAbsent, Text: "the record is of something else", At: p.where}
	}
	d := new(details)
	if err := json.Unmarshal(rec.Details, d); err != nil {
		return nil, err
	}
	return d, nil
}

// within is how long the customer has.
func (e *Engine) within(r *Request) time.Duration {
	if r.Within > 0 {
		return time.Duration(r.Within) * time.Millisecond
	}
	return e.config.Deadline
}
