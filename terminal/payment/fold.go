package payment

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/cardwright/emv/terminal/journal"
)

// book is what the journal says: nothing changes it but fold.
type book struct {
	payments map[key]*payment
	orders   map[string][]*payment
	all      []*payment // oldest first
	live     []*payment // not settled, oldest first
	stan     uint32     // the last one that was used
}

func newBook() *book {
	return &book{payments: map[key]*payment{}, orders: map[string][]*payment{}}
}

// read folds a record of the journal.
func (b *book) read(r journal.Record) error {
	var rec record
	err := json.Unmarshal(r.Payload, &rec)
	if err == nil && r.Kind == recordSnapshot && rec.Summary != nil && !rec.Summary.settled() {
		err = json.Unmarshal(rec.Details, &rec.details)
	}
	if err != nil {
		return fmt.Errorf("payment: record %d of the journal: %w", r.Seq, err)
	}
	_, err = b.fold(r.Kind, &rec, r.At)
	return err
}

// fold is what a record means.
func (b *book) fold(kind journal.Kind, rec *record, at journal.At) (*payment, error) {
	switch kind {
	case recordCounter:
		b.stan = rec.STAN
		return nil, nil
	case recordSnapshot:
		return b.snapshot(rec, at)
	case journal.Kind(Accepted):
		return b.accepted(rec)
	}
	p := b.payments[key{rec.POS, rec.ID}]
	if p == nil {
		return nil, fmt.Errorf("payment: a record of kind %d about a payment that is not there", kind)
	}
	if p.details == nil || !rec.completes(p, kind) {
		return nil, fmt.Errorf("payment: a record of kind %d does not fit its payment", kind)
	}
	switch kind {
	case recordReverseWanted:
		p.Reverse = true
		return p, nil
	case recordNoted:
		p.Noted = true
		b.leave(p)
		return p, nil
	}
	b.step(p, State(kind), rec)
	return p, nil
}

// completes reports whether a record holds what its kind needs.
func (rec *record) completes(p *payment, kind journal.Kind) bool {
	switch State(kind) {
	case Prompting, Commit:
		return rec.Amounts != nil
	case CardIn:
		return rec.Card != nil
	case AuthSent:
		return rec.Sent != nil
	case SAFStored:
		return rec.Sent != nil && (rec.Stored != nil) != p.Kind.background()
	case SAFSent:
		return p.Sent != nil && p.Sending.pending()
	case HostAnswered:
		return p.Sent != nil && (rec.Answer != nil) != rec.Unsent
	case Finished:
		return rec.Final != nil && !p.finished()
	case ReversalDue:
		return rec.Due != nil && (rec.Due.Then != nil || p.Kind == Void)
	case Reversed, SAFDone, SAFDeclined:
		return rec.Answer != nil
	case Acked:
		return p.State == Finished
	case GAC2Done, ReversalSent:
		return true
	default:
		return kind == recordReverseWanted || kind == recordNoted && p.refused()
	}
}

func (b *book) add(p *payment) {
	b.payments[p.key()] = p
	b.orders[p.Order] = append(b.orders[p.Order], p)
	b.all = append(b.all, p)
	if !p.settled() {
		b.live = append(b.live, p)
	}
}

func (b *book) snapshot(rec *record, at journal.At) (*payment, error) {
	if rec.Summary == nil || rec.Details == nil || !rec.Summary.settled() && rec.details == nil || b.payments[key{rec.Summary.POS, rec.Summary.ID}] != nil {
		return nil, fmt.Errorf("payment: a snapshot without its payment, or the second one of it")
	}
	p := &payment{summary: *rec.Summary, details: rec.details, where: at}
	if d := p.details; p.Offline && d != nil && (d.Sent == nil || p.Sending.pending() && d.Stored == nil) {
		return nil, fmt.Errorf("payment: a snapshot of a stored payment without what is to be sent")
	}
	b.add(p)
	return p, nil
}

func (b *book) accepted(rec *record) (*payment, error) {
	if rec.Request == nil || b.payments[key{rec.POS, rec.ID}] != nil {
		return nil, fmt.Errorf("payment: a payment was accepted twice, or without its request")
	}
	r := rec.Request
	p := &payment{
		summary: summary{
			POS: rec.POS, ID: rec.ID, Order: r.OrderRef, Hash: rec.Hash, Kind: r.Kind, Currency: r.Currency, State: Accepted,
			Total: r.Amount,
		},
		details: &details{Request: *r, Accepted: rec.At, Amounts: r.amounts(0)},
	}
	b.add(p)
	return p, nil
}

// step takes a payment to a state.
func (b *book) step(p *payment, to State, rec *record) {
	if rec.Amounts != nil {
		p.Amounts, p.Total = *rec.Amounts, rec.Amounts.Total
	}
	if rec.Card != nil {
		p.Card = *rec.Card
	}
	switch to {
	case AuthSent:
		p.State, p.Sent, p.Answer, p.Unsent = to, rec.Sent, nil, false
		b.stan = rec.Sent.STAN
	case HostAnswered:
		p.State, p.Answer, p.Unsent = to, rec.Answer, rec.Unsent
		p.Sent.answered(rec.Answer)
	case GAC2Done:
		p.State, p.GAC2 = to, &gac2{rec.Agreed, rec.Reason}
	case Finished:
		b.finish(p, rec.Final, rec.Unsent)
	case ReversalDue:
		p.Sending, p.Due = to, rec.Due
		b.stan = rec.Due.STAN
	case SAFStored:
		p.Sending, p.Sent, p.Stored, p.Offline = to, rec.Sent, rec.Stored, rec.Stored != nil
		b.stan = rec.Sent.STAN
	case ReversalSent, SAFSent:
		p.Sending, p.Tries = to, rec.Try
	case Reversed, SAFDone, SAFDeclined:
		if p.Sending = to; p.Kind.background() {
			p.Answer = rec.Answer
		} else if p.Offline {
			p.Answer, p.Stored = rec.Answer, nil
			p.Sent.answered(rec.Answer)
		}
	default:
		p.State = to
	}
	b.leave(p)
}

// leave takes a payment that is settled out of the live ones.
func (b *book) leave(p *payment) {
	if p.settled() {
		b.live = slices.DeleteFunc(b.live, func(q *payment) bool { return q == p })
	}
}

// answered takes from an answer by what the host knows a request besides.
func (s *Sent) answered(a *Answer) {
	if a == nil {
		return
	}
	s.AuthCode = a.AuthCode
	if a.RRN != "" {
		s.RRN = a.RRN
	}
}

// finish is a Final, and what it means for the payment that it is about. unsent is that of a void: neither it nor what it
// undoes is sent any more.
func (b *book) finish(p *payment, f *Final, unsent bool) {
	p.State, p.Final, p.Result, p.Ended = Finished, f, f.Result, f.At
	of := b.original(p)
	if of == nil || f.Result != Approved {
		return
	}
	switch p.Kind {
	case Refund:
		of.Refunded += f.Amounts.Total
	case Void:
		of.Voided = true
		if unsent && of.details != nil {
			p.Sending, of.Sending, of.Stored = NoState, NoState, nil
			b.leave(of)
		}
	case Capture:
		of.Captured = f.Amounts.Total
	case Adjust:
		of.Total = f.Amounts.Total
	default:
	}
}

// original returns the payment that another one is about, nil for none.
func (b *book) original(p *payment) *payment {
	if p.details == nil {
		return nil
	}
	return b.payments[originalKey(p.POS, &p.Request)]
}

func originalKey(pos string, r *Request) key {
	if r.Original.POS != "" {
		pos = r.Original.POS
	}
	return key{pos, r.Original.RequestID}
}
