package interac

import (
	"context"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
	"github.com/cardwright/emv/kernel/tvr"
	"github.com/cardwright/emv/tlv"
)

// generateAC sends the one GENERATE AC of the transaction (Interac, A17) and looks at the answer. A TC is always asked for
// with a combined signature, an ARQC where the options say so; where it is not, nothing was authenticated, and the TVR
// that the card and its issuer see says that.
func (t *transaction) generateAC(ctx context.Context) (kernel.Outcome, error) {
	t.Step(stageGenerate, "Interac, A17")
	sign := t.cda && (t.asked == kernel.TC || t.asked == kernel.ARQC && t.options.CDAWithARQC)
	if t.cda && !sign {
		t.mark(tvr.ODANotPerformed, stageGenerate, "interac.no_oda", "Interac, A17")
	}
	var buffer [tlv.MaxDOLData]byte
	data, err := tlv.AppendDOLData(buffer[:0], t.Data.Get(tagCDOL1), t.Data)
	if err == nil {
		t.cdolData = t.keep(data)
		err = t.full
	}
	if err != nil {
		return contactless.EndFor(stageGenerate, err, "Book 3, 5.4"), nil
	}
	r, out, err := t.send(ctx, stageGenerate, apdu.AppendGenerateAC(t.Card.Buffer(), t.asked.P1(sign), data))
	if err != nil || out.Made() {
		return out, err
	}
	if r.SW != apdu.OK {
		return contactless.EndApplication(kernel.Reason{Stage: stageGenerate, Code: "interac.generate_" + r.SW.String(), Ref: "Interac, A18"}), nil
	}
	t.Show(kernel.UIRequest{Message: kernel.MsgCardReadOK, Status: kernel.CardReadSuccessfully}) // Interac, A25
	message, err := t.takeCryptogram(r.Data)
	if err != nil {
		return contactless.EndFor(stageGenerate, err, "Interac, A18"), nil
	}
	return t.judgeCryptogram(message, sign), nil
}

// takeCryptogram reads the answer in format 1 or format 2 (Book 3, 6.5.5.4). It returns the objects of a format 2 answer as
// stored: what a signature covers.
func (t *transaction) takeCryptogram(answer []byte) ([]byte, error) {
	template, value, err := apdu.Single(answer)
	switch {
	case err != nil:
		return nil, err
	case template == 0x77:
		r, err := t.Data.TakeObjects(t.Env, value)
		return r.Bytes, err
	case template != 0x80:
		return nil, apdu.ErrTemplate
	}
	return nil, t.Data.TakeCryptogram(value)
}

// judgeCryptogram sees that the answer is one to what was asked (Interac, A18).
func (t *transaction) judgeCryptogram(message []byte, signed bool) kernel.Outcome {
	for _, tag := range [...]tlv.Tag{tagCID, tagATC} {
		if !t.Data.Has(tag) {
			return t.missing(tag)
		}
	}
	t.given = kernel.CryptogramOf(t.Data.Get(tagCID)[0])
	if !t.given.Answers(t.asked) {
		return contactless.EndApplication(kernel.Reason{Stage: stageGenerate, Code: "interac.cid", Ref: "Interac, A18"})
	}
	if signed && t.given != kernel.AAC {
		return t.authenticate(message)
	}
	if !t.Data.Has(tagCryptogram) {
		return t.missing(tagCryptogram)
	}
	return kernel.Outcome{}
}

func (t *transaction) missing(tag tlv.Tag) kernel.Outcome {
	return contactless.EndApplication(kernel.Reason{Stage: stageGenerate, Code: "interac.missing_" + tag.String(), Ref: "Interac, A18"})
}
