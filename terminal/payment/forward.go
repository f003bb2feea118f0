package payment

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
	"github.com/cardwright/emv/tlv/dict"
)

// ForwardPolicy is what may be approved by the card alone and be sent to the host later. Each of the first five has to be
// set: the zero ForwardPolicy allows nothing.
type ForwardPolicy struct {
	Currency uint16        // that of the amounts; payments in another one are not stored
	Max      uint64        // of one payment, in minor units
	Sum      uint64        // of all that wait
	Count    int           // of those that wait
	Age      time.Duration // of the oldest that waits: when it is reached, nothing more is stored

	// Entries are how the card may have come in; nil is Insert and Tap. A stripe and a number that was typed in have no
	// cryptogram, and are never stored.
	Entries []Entry

	// Brands are those that go online always, by their keys in the profile; nil is interac alone. A card of no known brand is
	// never stored.
	Brands []string

	// PIN asks for a PIN that the card has verified, as some countries do.
	PIN bool
}

func (f *ForwardPolicy) on() bool {
	return f.Currency != 0 && f.Max > 0 && f.Sum > 0 && f.Count > 0 && f.Age > 0
}

// takes reports whether a card may be believed without its host. What an online PIN would have been nobody has verified.
func (f *ForwardPolicy) takes(c *Card) bool {
	entries := f.Entries
	if entries == nil {
		entries = []Entry{Insert, Tap}
	}
	return (c.Entry == Insert || c.Entry == Tap) && slices.Contains(entries, c.Entry) && c.Brand != "" &&
		!slices.Contains(f.Brands, c.Brand) && !c.onlinePIN() && (!f.PIN || c.CVM == cvmOfflinePIN)
}

// cvmOfflinePIN is Card.CVM where the card has verified a PIN.
const cvmOfflinePIN = "offline-pin"

// onlinePIN reports whether a PIN was entered for the host: by the outcome, or by the CVM Results (Book 3, Annex C3).
func (c *Card) onlinePIN() bool {
	return c.CVM == kernel.OnlinePIN.String() || strings.HasPrefix(c.CVMResults, "02") || strings.HasPrefix(c.CVMResults, "42")
}

// Queue is what waits to be sent: for every heartbeat.
type Queue struct {
	Count    int       `json:"count"`
	Sum      uint64    `json:"sum"` // minor units
	Currency uint16    `json:"currency,omitempty"`
	Oldest   time.Time `json:"oldest,omitzero"` // when it was taken

	// Full: a cap is reached, and nothing more is stored until something of it is sent. It is the alarm, too.
	Full bool `json:"full,omitempty"`
}

// Queue returns the figures of the payments that are stored and have not been answered by the host.
func (e *Engine) Queue() Queue {
	e.mu.Lock()
	defer e.mu.Unlock()
	q := e.queue()
	q.Full = e.config.Policy.Forward.on() && !e.room(1)
	return q
}

func (e *Engine) queue() (q Queue) {
	for _, p := range e.book.live {
		if !p.Offline || !p.Sending.pending() {
			continue
		}
		q.Count++
		q.Sum += p.Total
		q.Currency = p.Currency
		if q.Oldest.IsZero() || p.Sent.Time.Before(q.Oldest) {
			q.Oldest = p.Sent.Time
		}
	}
	return q
}

// room reports whether a payment of so much may be stored besides those that wait. The lock is held.
func (e *Engine) room(total uint64) bool {
	f, q := &e.config.Policy.Forward, e.queue()
	return total <= f.Max && q.Count < f.Count && q.Sum+total <= f.Sum &&
		(q.Count == 0 || q.Currency == f.Currency && e.now().Sub(q.Oldest) < f.Age)
}

// Forward sends at once what waits for its next try: stored payments, advices and reversals. For a key that says so, and for
// a host that is known to be back. It does not wait.
func (e *Engine) Forward() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.reached()
}

// reached ends the pauses: the host is there. The lock is held.
func (e *Engine) reached() {
	for _, p := range e.book.live {
		if p.Sending.pending() {
			p.next = time.Time{}
			e.wake()
		}
	}
}

// permits reports whether till and policy allow a payment to be approved by the card alone.
func (f *ForwardPolicy) permits(r *Request) bool {
	return f.on() && r.Kind == Sale && r.Offline.Allow && r.Currency == f.Currency
}

// fits reports whether a payment is within what the till and the policy allow. The lock is held.
func (e *Engine) fits(r *Request, total uint64) bool {
	return (r.Offline.Max == 0 || total <= r.Offline.Max) && e.room(total)
}

// ErrHostAway is wrapped by the error of Config.Ready where nothing is missing but the host's answers: what may be stored is
// taken all the same.
var ErrHostAway = errors.New("payment: the host does not answer")

// storable reports whether a request can be taken without the host, as far as is known before the card. The lock is held.
func (e *Engine) storable(r *Request) bool {
	return e.config.Policy.Forward.permits(r) && e.fits(r, r.amounts(0).Total)
}

// stored is what the host is sent later, besides Sent. It is in the journal until the host has answered.
type stored struct {
	Chip []byte `json:"chip"` // the data objects of the TC, but nothing confidential
	ARC  string `json:"arc"`  // Authorisation Response Code: Y1 or Y3
}

// The Authorisation Response Codes of a card that approved without its issuer. Book 4, Annex A6.
const (
	arcOffline = "Y1"
	arcUnable  = "Y3" // unable to go online
)

// alone ends a payment that the card approved without the host: it is stored, or it has failed, and the TC is never cleared,
// which charges nobody. There are two ways to a TC, and no other to an approval:
//
//   - the card gave it when it was first asked (Book 3, 10.8): the host has heard of nothing;
//   - it wanted to go online, not a byte left the terminal, and it gave one to a terminal that is unable to go online (Book
//     3, 10.7 with the default action codes; Book 4, 12.2.1). After silence of the host nobody knows what it did, and a
//     reversal is due: a TC changes nothing then. An ARQC is never an approval.
//
// The lock is held.
func (e *Engine) alone(p *payment, t *Taken, asks int) error {
	code, arc := CodeOfflineRefused, arcOffline
	if p.Unsent {
		code, arc = CodeUnreachable, arcUnable
	}
	s, found := clearing(t)
	policy := &e.config.Policy.Forward
	switch {
	case !found, !p.sealed(t), !policy.permits(&p.Request), !policy.takes(&t.Card):
	case p.Reverse: // a till that wants an approval reversed does not want this one
	case asks > 1: // the host has declined once
	case !e.fits(&p.Request, p.Amounts.Total):
		code = CodeOfflineLimit
	default:
		s.ARC = arc
		return e.store(p, t, s)
	}
	f := e.final(p, Failed, code)
	f.Reason = t.Why.Code
	return e.finish(p, f)
}

// store writes COMMIT, where that has not been done, SAF_STORED and the Final. The trace is that of the request that did not
// leave, or a new one, which SAF_STORED fixes before anything is sent: the host hears of one only. The lock is held.
func (e *Engine) store(p *payment, t *Taken, s *stored) error {
	if !p.committed() {
		if err := e.write(p, Commit, record{Amounts: &p.Amounts, Card: &t.Card}); err != nil {
			return err
		}
	}
	sent := Sent{Kind: p.Kind, Total: p.Amounts.Total, Currency: p.Currency}
	if p.Sent != nil { // no byte of it has left
		sent = *p.Sent
	} else {
		sent.Trace = e.trace()
	}
	sent.Entry, sent.Offline, sent.Digest = t.Card.Entry, true, digest(s.Chip)
	if len(t.Sealed) > 0 {
		sent.Sealed = slices.Clone(t.Sealed)
	}
	if err := e.write(p, SAFStored, record{Sent: &sent, Card: &t.Card, Stored: s}); err != nil {
		return err
	}
	e.wake()
	return e.finish(p, e.final(p, Approved, CodeApprovedAlone))
}

// sealed reports whether there are card data for the host: those of the TC, or of the request that was not sent.
func (p *payment) sealed(t *Taken) bool {
	return len(t.Sealed) <= maxSealed && (len(t.Sealed) > 0 || p.Sent != nil && len(p.Sent.Sealed) > 0)
}

const (
	tagCryptogram tlv.Tag = 0x9F26
	tagCID        tlv.Tag = 0x9F27
	maxChip               = 2048
)

// clearing takes from a transaction what is sent to clear it (Book 4, 12.1): the public data objects of its record, with the
// cryptogram, which is a TC; found is false for anything else. Card number and track are not among them: they go sealed.
func clearing(t *Taken) (s *stored, found bool) {
	if !t.offline() || tlv.Check(t.Chip) != nil {
		return nil, false
	}
	cryptogram, _ := tlv.Find(t.Chip, tagCryptogram)
	cid, _ := tlv.Find(t.Chip, tagCID)
	if len(cryptogram) != 8 || len(cid) != 1 || kernel.CryptogramOf(cid[0]) != kernel.TC {
		return nil, false
	}
	s = &stored{}
	for c := tlv.Read(t.Chip); c.Next(); {
		if dict.SensitivityOf(c.Tag()) == dict.Public {
			s.Chip = tlv.Append(s.Chip, c.Tag(), c.Value())
		}
	}
	return s, len(s.Chip) <= maxChip
}

// forwarding is a stored payment as the host is told of it: the same each time.
func (p *payment) forwarding(n int) *Advice {
	return &Advice{
		Trace: p.Sent.Trace, Kind: p.Kind, Total: p.Amounts.Total, Currency: p.Currency, Repeat: n > 1,
		Amounts: p.Amounts, Card: p.Card, Chip: p.Stored.Chip, Sealed: p.Sent.Sealed, ARC: p.Stored.ARC,
	}
}

// untouched reports whether the host can't have heard of a stored payment: it was never tried, or no byte of any try left.
func (p *payment) untouched() bool {
	return p.Offline && (p.Sending == SAFStored || p.Sending == SAFSent) && p.Tries == p.unsent
}

// withdraw is the Final of a void of a payment that is untouched: with it, in one record, the payment is not sent any more.
// The lock is held.
func (e *Engine) withdraw(void *payment) error {
	return e.finishAs(void, record{Final: e.final(void, Approved, CodeApproved), Unsent: true})
}

// withdrawn ends a void that waited for a try of its original, of which no byte has left. The lock is held.
func (e *Engine) withdrawn(of *payment) {
	for _, p := range slices.Clone(e.book.live) {
		if p.Kind == Void && !p.finished() && p.Sending == ReversalDue && e.book.original(p) == of && of.untouched() {
			_ = e.withdraw(p)
		}
	}
}

// blocked reports whether what is to be sent has to wait for something else: a void for the stored payment that it undoes,
// or the host would hear of the payment after it was undone. The lock is held.
func (e *Engine) blocked(p *payment) bool {
	if p.Kind != Void {
		return false
	}
	of := e.book.original(p)
	return of != nil && of.Offline && of.Sending.pending()
}

// refused reports whether the host did not take a payment that the terminal had approved: nobody was charged.
func (s *summary) refused() bool { return s.Offline && s.Sending == SAFDeclined }

// refusal is the event that tells of it.
func (p *payment) refusal() Event {
	e := Event{POS: p.POS, RequestID: p.ID, State: SAFDeclined}
	if p.details != nil && p.Answer != nil {
		e.HostCode = p.Answer.Code
	}
	return e
}

// Refused returns the stored payments that the host refused and of which a till has not taken note, oldest first: they are told
// again each time that it connects.
func (e *Engine) Refused(pos string) []Event {
	e.mu.Lock()
	defer e.mu.Unlock()
	var list []Event
	for _, p := range e.book.live {
		if p.POS == pos && p.refused() && !p.Noted {
			list = append(list, p.refusal())
		}
	}
	return list
}

// Note says that a till has taken note of a stored payment that the host refused. It needs no lease. A second Note does
// nothing.
func (e *Engine) Note(till Till, requestID string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	p, err := e.find(till, requestID)
	switch {
	case err != nil:
		return err
	case !p.refused():
		return refuse(CodeInvalid, "the host has not refused it")
	case p.Noted:
		return nil
	}
	_, err = e.put(recordNoted, &record{POS: p.POS, ID: p.ID})
	return err
}
