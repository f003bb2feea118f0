package profile

import (
	"slices"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
)

// maxOffered bounds what is kept of a card's directory.
const maxOffered = 16

// Offers are the names of the applications that a card lists in its directory, whether the terminal has them or not. The
// zero Offers has none.
type Offers struct{ names []kernel.AID }

// Take looks for names in an answer of the card, status word included (Book 1, 12.2.3; Book B, 3.3.2).
func (o *Offers) Take(answer []byte) {
	if len(answer) < 2 || tlv.Check(answer[:len(answer)-2]) != nil {
		return
	}
	o.walk(tlv.Read(answer[:len(answer)-2]), 0)
}

func (o *Offers) walk(c tlv.Cursor, depth int) {
	for c.Next() {
		switch t := c.Tag(); {
		case t == 0x61:
			for e := c.Enter(); e.Next(); {
				if e.Tag() == 0x4F && len(o.names) < maxOffered {
					o.names = append(o.names, slices.Clone(kernel.AID(e.Value())))
				}
			}
		case depth < 4 && (t == 0x6F || t == 0xA5 || t == 0xBF0C || t == 0x70):
			o.walk(c.Enter(), depth+1)
		}
	}
}

// Forget is for the next card.
func (o *Offers) Forget() { o.names = o.names[:0] }

// WhyNone says why none of a card's applications is accepted on an interface: of the first that the card lists. It is nil
// where one is accepted, and where the card has listed none. The errors are those of WhyNot.
func (p *Profile) WhyNone(on Interface, o *Offers) (first error) {
	for _, name := range o.names {
		err := p.WhyNot(on, name)
		if err == nil {
			return nil
		}
		if first == nil {
			first = err
		}
	}
	return first
}
