package host

import (
	"fmt"

	"github.com/cardwright/emv/crypto/p2pe"
)

// Request is what a payment sends. Fields that are empty are left out.
type Request struct {
	Trace
	Processing string // field 3, six digits: type of transaction, accounts. Empty is "000000", a purchase
	Amount     uint64 // field 4, minor units: all that is charged, with tip, surcharge and cashback
	Currency   uint16 // field 49, numeric code of ISO 4217

	Tip, Surcharge, Cashback uint64 // parts of Amount, for field 54

	Entry     string // field 22, three digits: how the card came in, whether a PIN can be entered
	Sequence  string // field 23, of tag 5F34: up to three digits
	Condition string // field 25, two digits. Empty is "00"
	Approval  string // field 38, of an advice or a reversal
	Code      string // field 39, of an advice or a reversal

	Chip   []byte        // field 55, finished: see Dialect.Chip
	Values []*p2pe.Value // card data, enciphered
	PIN    *p2pe.Value   // PIN block; nil for none. Requests alone have one

	Original *Original // what a reversal is of; of an advice, what it completes
	Extra    []Extra   // further fields, for what a dialect has of its own
}

// Extra is a field that the caller fills in. Its value has the form of Message's.
type Extra struct {
	Field int
	Value []byte
}

// put sets a text, filled to the length of its field, where the message takes the field.
func (d *Dialect) put(m *Message, n int, s string) {
	if f := d.fields[n]; f != nil && d.messages[m.MTI].takes(n) {
		m.SetText(n, f.fill(s))
	}
}

// amount is field 4: twelve digits.
func amount(n uint64) string { return fmt.Sprintf("%012d", n) }

// Message makes the message of an operation; a repeat has the next message type. Constants of the dialect and the given
// fields, which are the terminal's own, are put in where the message takes them; what the caller gives by name and the
// message does not take is refused. It has no MAC yet.
//
// The errors are those of Build, and CodeValues.
func (d *Dialect) Message(o Operation, repeat bool, own map[int]string, r *Request) (*Message, error) {
	m, err := d.begin(o, repeat, own)
	if err != nil {
		return nil, err
	}
	if err := r.set(d, m); err != nil {
		return nil, err
	}
	d.put(m, fieldProcessing, or(r.Processing, "000000"))
	d.put(m, fieldAmount, amount(r.Amount))
	d.put(m, fieldCurrency, fmt.Sprintf("%03d", r.Currency))
	d.put(m, fieldCondition, or(r.Condition, "00"))
	for _, given := range []struct {
		n int
		s string
	}{{fieldEntry, r.Entry}, {fieldSequence, r.Sequence}, {fieldApproval, r.Approval}, {fieldCode, r.Code}} {
		if given.s != "" {
			d.put(m, given.n, given.s)
		}
	}
	if len(r.Chip) > 0 {
		m.Set(fieldChip, r.Chip)
	}
	if s := d.additional(r); s != "" {
		d.put(m, fieldAdditional, s)
	}
	if r.Original != nil {
		s, err := r.Original.elements()
		if err != nil {
			return nil, err
		}
		d.put(m, fieldOriginal, s)
	}
	if err := d.setCard(m, o, r); err != nil {
		return nil, err
	}
	for _, e := range r.Extra {
		if f := d.fields[e.Field]; f != nil && f.sensitive && d.security.Values.Field != 0 {
			return nil, &Error{Code: CodeCardData, Field: e.Field}
		}
		m.Set(e.Field, e.Value)
	}
	return m, nil
}

// begin makes a message with what every message has.
func (d *Dialect) begin(o Operation, repeat bool, own map[int]string) (*Message, error) {
	t := d.operations[o]
	if repeat {
		t = t.Repeat()
	}
	if d.messages[t] == nil {
		return nil, &Error{Code: CodeMTI, Text: "the dialect has no such message"}
	}
	m := NewMessage(t)
	for n, s := range d.constants {
		d.put(m, n, s)
	}
	for n, s := range own {
		d.put(m, n, s)
	}
	return m, nil
}

// setCard writes the enciphered card data and PIN.
func (d *Dialect) setCard(m *Message, o Operation, r *Request) error {
	if len(r.Values) > 0 {
		b, err := AppendValues(nil, r.Values...)
		if err != nil {
			return err
		}
		if d.security.Values.Field == 0 {
			return &Error{Code: CodeValues, Text: "the dialect has no field for them"}
		}
		for _, v := range r.Values {
			if v.Content == p2pe.PINBlock {
				return &Error{Code: CodeValues, Text: "a PIN has its own field"}
			}
		}
		m.Set(d.security.Values.Field, b)
	}
	if r.PIN == nil {
		return nil
	}
	// A PIN is in requests only: never in advices and reversals, which are kept until they are answered.
	if o != OpAuthorise && o != OpFinancial || r.PIN.Content != p2pe.PINBlock || d.security.PIN.Block == 0 {
		return &Error{Code: CodeValues, Field: d.security.PIN.Block, Text: "no PIN goes there"}
	}
	m.Set(d.security.PIN.Block, r.PIN.Ciphertext)
	if d.security.PIN.KSN != 0 {
		m.Set(d.security.PIN.KSN, r.PIN.KSN)
	}
	return nil
}

// additional is field 54: groups of account type, amount type, currency, sign and amount. ISO 8583:1987, 4.3.
func (d *Dialect) additional(r *Request) string {
	var s string
	for _, part := range []struct {
		kind string
		n    uint64
	}{{d.amounts.Tip, r.Tip}, {d.amounts.Surcharge, r.Surcharge}, {d.amounts.Cashback, r.Cashback}} {
		if part.n > 0 && part.kind != "" {
			s += "00" + part.kind + fmt.Sprintf("%03d", r.Currency) + "D" + amount(part.n)
		}
	}
	return s
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
