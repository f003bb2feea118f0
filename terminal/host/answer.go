package host

import (
	"strconv"

	"github.com/cardwright/emv/tlv"
)

// Answer is what a host says.
type Answer struct {
	MTI      MTI
	Code     string  // field 39
	Action   Action  // what the dialect says of it
	ARC      [2]byte // Authorisation Response Code for the card (8A): the host's own in field 55, else the dialect's
	Approval string  // field 38
	RRN      string  // field 37
	Amount   uint64  // field 4: what was approved, of a partial approval less than what was asked for
	Text     string  // field 63, as the host wrote it
	Chip     []byte  // field 55
	Message  *Message
}

// Approved reports whether the whole amount was approved.
func (a *Answer) Approved() bool { return a.Action == Approve }

// IssuerAuth returns Issuer Authentication Data (91), nil for none. Book 3, Annex A.
func (a *Answer) IssuerAuth() []byte {
	v, _ := tlv.Find(a.Chip, 0x91)
	return v
}

// Scripts returns the issuer script templates (71 and 72), whole and in their order. Book 3, 10.10.
func (a *Answer) Scripts() []byte {
	var out []byte
	for c := tlv.Read(a.Chip); c.Next(); {
		if t := c.Tag(); t == tagScript71 || t == tagScript72 {
			out = tlv.Append(out, t, c.Value())
		}
	}
	return out
}

// Matches reports whether an answer is one to a request: its type, its STAN, what it echoes, and the amount where it is
// approved. MACs are for Verify.
func (d *Dialect) Matches(request, answer *Message) bool {
	if answer.MTI != request.MTI.Answer() || answer.Text(fieldSTAN) != request.Text(fieldSTAN) {
		return false
	}
	for _, n := range d.echo {
		if answer.Has(n) && request.Has(n) && answer.Text(n) != request.Text(n) {
			return false
		}
	}
	if n := d.security.MAC.KSN; d.security.MAC.Algorithm != "" && answer.Has(n) && answer.Text(n) != request.Text(n) {
		return false
	}
	if answer.Has(fieldAmount) && request.Has(fieldAmount) {
		asked, said := number(request.Text(fieldAmount)), number(answer.Text(fieldAmount))
		action, _ := d.Meaning(answer.Text(fieldCode))
		return said == asked || action == ApprovePart && said < asked
	}
	return true
}

// number reads digits that were checked.
func number(s string) uint64 {
	n, _ := strconv.ParseUint(s, 10, 64)
	return n
}

// Answer reads an answer to a request. A whole approval of an amount that is not zero by a code for zero amounts declines.
// The error is CodeCodeLength.
func (d *Dialect) Answer(request, m *Message) (*Answer, error) {
	code := m.Text(fieldCode)
	if len(code) != 2 {
		return nil, &Error{Code: CodeCodeLength, Field: fieldCode, Sent: true}
	}
	a := &Answer{
		MTI: m.MTI, Code: code, Approval: m.Text(fieldApproval), RRN: m.Text(fieldRRN), Text: m.Text(fieldText),
		Chip: m.Get(fieldChip), Message: m, Amount: number(request.Text(fieldAmount)),
	}
	a.Action, a.ARC = d.Meaning(code)
	if m.Has(fieldAmount) {
		a.Amount = number(m.Text(fieldAmount))
	}
	if a.Action == ApproveZero {
		a.Action = Decline
		if a.Amount == 0 {
			a.Action = Approve
		} else {
			a.ARC = [2]byte{'0', '5'}
		}
	}
	if v, found := tlv.Find(a.Chip, 0x8A); found && len(v) == 2 {
		a.ARC = [2]byte(v)
	}
	return a, nil
}
