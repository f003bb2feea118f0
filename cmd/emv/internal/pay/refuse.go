package pay

import (
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/profile"
)

// refuse says why no application of the card is accepted, where the end of a transaction means that: of the first that
// the card lists. A card with an application that is accepted has failed for another reason.
func (s *sale) refuse(on profile.Interface, why *kernel.Reason) {
	if why.Code != "entry.no_candidate" && why.Code != "select.no_application" {
		return
	}
	first := s.order.Profile.WhyNone(on, &s.offered)
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
