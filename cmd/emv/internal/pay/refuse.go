package pay

import (
	"slices"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/profile"
	"github.com/cardwright/emv/tlv"
)

// maxOffered bounds what is kept of a card's directory.
const maxOffered = 16

// offers keeps the names of the applications that a card lists in its directory (Book 1, 12.2.3; Book B, 3.3.2).
func (w *watcher) offers(answer []byte) {
	if len(answer) < 2 || tlv.Check(answer[:len(answer)-2]) != nil {
		return
	}
	w.walk(tlv.Read(answer[:len(answer)-2]), 0)
}

func (w *watcher) walk(c tlv.Cursor, depth int) {
	for c.Next() {
		switch t := c.Tag(); {
		case t == 0x61:
			for e := c.Enter(); e.Next(); {
				if e.Tag() == 0x4F && len(w.offered) < maxOffered {
					w.offered = append(w.offered, slices.Clone(kernel.AID(e.Value())))
				}
			}
		case depth < 4 && (t == 0x6F || t == 0xA5 || t == 0xBF0C || t == 0x70):
			w.walk(c.Enter(), depth+1)
		}
	}
}

// refuse says why no application of the card is accepted, where the end of a transaction means that: of the first that
// the card lists. A card with an application that is accepted has failed for another reason.
func (s *sale) refuse(on profile.Interface, why *kernel.Reason) {
	if why.Code != "entry.no_candidate" && why.Code != "select.no_application" {
		return
	}
	var first error
	for _, name := range s.offered {
		err := s.order.Profile.WhyNot(on, name)
		if err == nil {
			return
		}
		if first == nil {
			first = err
		}
	}
	if first == nil {
		return
	}
	s.trouble(first)
	s.report.Reason = Reason{
		Stage: "application selection", Code: kernel.CodeOf(first), Ref: "country profile " + s.order.Profile.Country.Alpha2,
	}
}

// trouble notes in words why the card is not taken.
func (s *sale) trouble(err error) {
	text := err.Error()
	if e, ok := err.(*kernel.Error); ok {
		text = e.Text
	}
	s.report.Trouble = text
	if s.Trouble != nil {
		s.Trouble(text)
	}
}
