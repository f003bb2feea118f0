package pay

import (
	"context"

	"github.com/cardwright/emv/cmd/emv/internal/decode"
	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/magstripe"
	"github.com/cardwright/emv/terminal/profile"
	"github.com/cardwright/emv/tlv/dict"
)

// maxRestarts is how often the terminal follows an outcome that asks for another tap.
const maxRestarts = 4

// tap takes the payment by the contactless reader. It returns the interface that the card or the terminal wants instead,
// "" for none.
func (s *sale) tap(ctx context.Context) (profile.Interface, error) {
	t := s.parts.tap
	defer t.Wipe()
	reader, end, err := s.at(ctx, profile.Tap)
	if err != nil {
		return "", err
	}
	defer end()
	out, err := t.Transact(ctx, reader, s.transaction())
	var given *kernel.OnlineAnswer // the issuer's, of any tap
	for range maxRestarts {
		if err != nil {
			return "", err
		}
		s.tookTap(&out)
		var answer *kernel.OnlineAnswer
		if out.Kind == kernel.OnlineRequest {
			if answer, err = s.ask(out.Record); err != nil {
				return "", err
			}
			given = answer
		}
		if !contactless.NeedsRestart(&out, answer) {
			return s.tapped(&out, given)
		}
		out, err = t.Restart(ctx, reader, answer)
	}
	if err != nil {
		return "", err
	}
	s.tookTap(&out)
	return s.tapped(&out, given)
}

// tookTap notes an outcome of the entry point or of a kernel.
func (s *sale) tookTap(out *kernel.Outcome) {
	s.take(out)
	if len(out.Record) > 0 {
		s.report.Record = masked(out.Record, s.scope())
	}
}

// scope says whose meaning tags have: that of the kernel that was selected.
func (s *sale) scope() dict.Scope {
	_, id := s.parts.tap.Selected()
	for _, k := range profile.Kernels() {
		if k.ID() == id {
			return k.Scope()
		}
	}
	return dict.Common
}

// masked decodes a Data Record.
func masked(record []byte, scope dict.Scope) []decode.Object {
	d := decode.Decoder{As: decode.TLV, Kernel: &scope}
	doc, err := d.DecodeBytes(record)
	if err != nil || len(doc.Parts) == 0 {
		return nil
	}
	return doc.Parts[0].Objects
}

// tapped is the terminal's part after the last outcome: it turns an issuer's answer into approved or declined where no
// kernel does, and hands an offline approval to clearing.
func (s *sale) tapped(out *kernel.Outcome, answer *kernel.OnlineAnswer) (next profile.Interface, err error) {
	s.recorded(out, s.parts.tap.Data())
	r := s.report
	switch out.Kind {
	case kernel.OnlineRequest:
		s.decide(answer, "Book A, 8.1.1.9")
	case kernel.Approved:
		r.Approved = true
		if r.Online == nil {
			err = s.clear(out.Record)
		}
	case kernel.TryAnotherInterface:
		s.chip, next = magstripe.ChipTapDeclined, profile.Insert
		if out.Alternate == kernel.MagneticStripe {
			next = profile.Stripe
		}
	case kernel.EndApplication:
		if answer != nil { // the card did not take what the issuer had for it, whose decision stands (C-5, 3.11)
			s.decide(answer, "C-5, 3.11")
			break
		}
		s.refuse(profile.Tap, &out.Why)
	default:
	}
	if r.Outcome == kernel.Declined.String() {
		s.chip = magstripe.ChipDeclined
	}
	var name kernel.AID
	if adf, id := s.parts.tap.Selected(); adf != nil {
		name = adf
		s.examine(out, id)
	}
	s.fillReceipt(s.parts.tap.Data(), name, "contactless")
	return next, err
}
