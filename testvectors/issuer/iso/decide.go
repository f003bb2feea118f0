package iso

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cardwright/emv/testvectors/issuer"
	"github.com/cardwright/emv/tlv"
)

// The response codes that the host gives: field 39.
const (
	codeApproved   = "00"
	codeInvalid    = "12" // invalid transaction
	codeAmount     = "13"
	codeCard       = "14" // no card number
	codeNotFound   = "25"
	codeFormat     = "30"
	codeNoFunds    = "51"
	codePIN        = "55"
	codeTries      = "75"
	codePINKey     = "81"
	codeDuplicate  = "94"
	codeReconcile  = "95"
	codeMAC        = "98"
	codeDecline    = "05"
	codeUnable     = "91"
	maxTries       = 3
	refund         = "20" // processing code, first two digits
	balanced       = "1"
	unbalanced     = "2"
	networkNewKey  = "101"
	networkSignOn  = "001"
	networkSignOff = "002"
	networkEcho    = "301"
)

// decided is a verdict: code "" is no answer at all.
type decided struct {
	code, approval, why string
	chip                []byte
	online              bool
}

// request answers 0100 and 0200.
func (s *Server) request(m *message, f map[FaultKind]Fault) *message {
	id := identityOf(m)
	amount, good := digits(m.fields[4])
	a := m.answer(4, 22, 49)
	if !good {
		return a.with(39, codeFormat)
	}
	if e, known := s.known[id]; known {
		e.Times++
		if e.Amount != amount || e.Currency != m.fields[49] {
			return a.with(39, codeDuplicate)
		}
		if old := s.again[id]; old != nil {
			return old.clone()
		}
		return nil // the issuer gave no answer
	}
	e := &Entry{
		MTI: m.mti, Terminal: id.terminal, Merchant: id.merchant, STAN: id.stan, RRN: id.rrn, Sent: id.sent, Times: 1,
		Amount: amount, Currency: m.fields[49], Entry: m.fields[22], Credit: strings.HasPrefix(m.fields[3], refund), At: s.config.Now(),
		period: s.period,
	}
	var d decided
	if s.tombs[id.reference()] {
		e.Late = true
		d = decided{code: codeDuplicate, why: "iso.reversed"}
	} else if fault, bad := f[Decline]; bad {
		d = decided{code: cmp.Or(fault.Code, codeDecline), why: "iso.fault"}
	} else {
		d = s.decide(m, e, amount)
	}
	e.Code, e.Approval, e.Why, e.Online = d.code, d.approval, d.why, d.online
	e.Captured = e.Approved() && m.mti[:2] == "02"
	s.entries = append(s.entries, e)
	s.known[id], s.byReference[id.reference()] = e, e
	if d.code == "" {
		e.Code = codeUnable
		return nil
	}
	a.with(39, d.code)
	if d.approval != "" {
		a.with(38, d.approval)
	}
	if len(d.chip) > 0 {
		a.with(55, string(d.chip))
	}
	s.again[id] = a.clone()
	return a
}

// decide says yes or no.
func (s *Server) decide(m *message, e *Entry, amount uint64) decided {
	if !m.has(62) {
		if o, named := original(m); named && e.Credit && s.byReference[o] != nil {
			return s.approve(decided{why: "iso.refund"}) // a refund of what it knows needs no card
		}
		return decided{code: codeCard, why: "iso.no_card"}
	}
	c, ok := s.openCard(m.fields[62])
	if !ok {
		return decided{code: codeCard, why: "iso.card_data"}
	}
	e.Card = masked(c.pan)
	if code := s.checkPIN(m, c.pan); code != "" {
		return decided{code: code, why: "iso.pin"}
	}
	if m.has(55) {
		return s.decideChip(m, c, amount)
	}
	switch {
	case slices.Contains(s.config.HotList, c.pan):
		return decided{code: "43", why: issuer.WhyHotCard}
	case s.config.Limit > 0 && amount > s.config.Limit:
		return decided{code: codeNoFunds, why: issuer.WhyAmount}
	}
	return s.approve(decided{why: "iso.stripe"})
}

// checkPIN returns the code of a PIN that is refused.
func (s *Server) checkPIN(m *message, pan string) string {
	if !m.has(52) {
		return ""
	}
	if s.tries[pan] >= maxTries {
		return codeTries
	}
	good, readable := s.pinGood(m.fields[52], m.fields[53], pan)
	switch {
	case !readable:
		return codePINKey
	case good:
		s.tries[pan] = 0
		return ""
	}
	if s.tries[pan]++; s.tries[pan] >= maxTries {
		return codeTries
	}
	return codePIN
}

// decideChip has the issuer look at field 55.
func (s *Server) decideChip(m *message, c card, amount uint64) decided {
	data := []byte(m.fields[55])
	signed, _ := tlv.Find(data, 0x9F02)
	if n, ok := digits(fmt.Sprintf("%X", signed)); !ok || n != amount {
		return decided{code: codeAmount, why: "iso.amount"}
	}
	if c.object == nil {
		return decided{code: codeFormat, why: "iso.card_data"}
	}
	v, err := s.issuer.Decide(append(slices.Clone(data), c.object...))
	if err != nil {
		d := decided{code: codeFormat, why: v.Why}
		var known *issuer.Error
		if errors.As(err, &known) {
			d.why = known.Code
		}
		return d
	}
	d := decided{why: v.Why, online: v.Valid}
	if v.Unable {
		return d
	}
	if len(v.AuthData) > 0 {
		d.chip = tlv.Append(d.chip, 0x91, v.AuthData)
	}
	d.chip = append(d.chip, v.Scripts...)
	if v.Approved {
		return s.approve(d)
	}
	switch v.Why {
	case issuer.WhyAmount:
		d.code = codeNoFunds
	case issuer.WhyHotCard:
		d.code = "43"
	default:
		d.code = codeDecline
	}
	return d
}

// approve gives an approval code.
func (s *Server) approve(d decided) decided {
	s.approvals++
	d.code, d.approval = codeApproved, fmt.Sprintf("A%05d", s.approvals%100000)
	return d
}

// advice answers 0220 and 0221: the capture of an authorisation, another amount of a sale, or a sale that the card approved.
func (s *Server) advice(m *message) *message {
	id := identityOf(m)
	a := m.answer(4, 49, 90)
	if old, known := s.again[id]; known {
		s.known[id].Times++
		return old.clone()
	}
	amount, good := digits(m.fields[4])
	if !good {
		return a.with(39, codeFormat)
	}
	e := &Entry{
		MTI: m.mti[:3] + "0", Terminal: id.terminal, Merchant: id.merchant, STAN: id.stan, RRN: id.rrn, Sent: id.sent,
		Times: 1, Amount: amount, Currency: m.fields[49], Entry: m.fields[22], At: s.config.Now(), period: s.period,
		Code: codeApproved,
	}
	if s.tombs[id.reference()] {
		e.Late, e.Code, e.Why = true, codeDuplicate, "iso.reversed"
	} else if o, named := original(m); named {
		e.Code, e.Why = s.complete(o, amount), "iso.completion"
	} else {
		e.Code, e.Captured = s.cleared(m, e, amount)
	}
	s.entries = append(s.entries, e)
	s.known[id], s.byReference[id.reference()] = e, e
	a.with(39, e.Code)
	s.again[id] = a.clone()
	return a
}

// complete captures an original, or gives it another amount.
func (s *Server) complete(o reference, amount uint64) string {
	e := s.byReference[o]
	switch {
	case e == nil:
		return codeNotFound
	case e.Reversed || !e.Approved():
		return codeInvalid
	}
	e.Amount, e.Captured = amount, true
	return codeApproved
}

// cleared checks a sale that a card approved: by its TC, over the amount that is asked for.
func (s *Server) cleared(m *message, e *Entry, amount uint64) (code string, captured bool) {
	c, ok := s.openCard(m.fields[62])
	if !ok || !m.has(55) || c.object == nil {
		e.Why = "iso.card_data"
		return codeCard, false
	}
	e.Card = masked(c.pan)
	signed, _ := tlv.Find([]byte(m.fields[55]), 0x9F02)
	if n, good := digits(fmt.Sprintf("%X", signed)); !good || n != amount {
		e.Why = "iso.amount"
		return codeAmount, false
	}
	v, err := s.issuer.VerifyClearing(append([]byte(m.fields[55]), c.object...))
	e.Why, e.Online = v.Why, false
	if err != nil || !v.Approved {
		return codeDecline, false
	}
	return codeApproved, true
}

// reversal answers 0400, 0401, 0420 and 0421.
func (s *Server) reversal(m *message) *message {
	id := identityOf(m)
	a := m.answer(4, 49, 90)
	o, named := original(m)
	if !named {
		return a.with(39, codeFormat)
	}
	if old, known := s.again[id]; known {
		return old.clone()
	}
	code := codeApproved
	switch e := s.byReference[o]; {
	case e == nil:
		s.tombs[o] = true // it may still be on its way
		code = codeNotFound
	case !e.Reversed:
		e.Reversed, e.reversedIn = true, s.period
	}
	a.with(39, code)
	s.again[id] = a.clone()
	return a
}

// settle answers 0500, and begins a new period.
func (s *Server) settle(m *message) *message {
	id := identityOf(m)
	a := m.answer(50)
	if old, known := s.again[id]; known {
		return old.clone()
	}
	own := s.totals(m.fields[41], m.fields[50])
	code, state := codeApproved, balanced
	for _, f := range own.fields() {
		if n, ok := digits(m.fields[f.n]); !ok || n != f.value {
			code, state = codeReconcile, unbalanced
		}
		a.with(f.n, fmt.Sprintf("%0*d", f.size, f.value))
	}
	net := int64(own.DebitAmount+own.ReversedCredit) - int64(own.CreditAmount+own.ReversedDebitAmount)
	sign := "D"
	if net < 0 {
		net, sign = -net, "C"
	}
	a.with(97, fmt.Sprintf("%s%016d", sign, net))
	a.with(39, code).with(66, state)
	s.period++
	s.again[id] = a.clone()
	return a
}

// fields are the totals by field.
func (t Totals) fields() []struct {
	n, size int
	value   uint64
} {
	return []struct {
		n, size int
		value   uint64
	}{
		{74, 10, t.Credits},
		{75, 10, t.ReversedCredits},
		{76, 10, t.Debits},
		{77, 10, t.ReversedDebits},
		{86, 16, t.CreditAmount},
		{87, 16, t.ReversedCredit},
		{88, 16, t.DebitAmount},
		{89, 16, t.ReversedDebitAmount},
	}
}

// answer begins the answer to a message: what it echoes, and fields besides that it has.
func (m *message) answer(more ...int) *message {
	digit := m.mti[2] + 1
	a := &message{m.mti[:2] + string(digit) + "0", map[int]string{}}
	for _, n := range append([]int{3, 7, 11, 12, 13, 37, 41, 42, 61}, more...) {
		if m.has(n) {
			a.fields[n] = m.fields[n]
		}
	}
	return a
}

func (m *message) with(n int, v string) *message {
	m.fields[n] = v
	return m
}
