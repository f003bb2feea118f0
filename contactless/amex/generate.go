package amex

import (
	"bytes"
	"context"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
	"github.com/cardwright/emv/tlv"
)

// generateAC asks for the cryptogram (C-4, 3.8) and sees what came. An outcome ends the transaction.
func (t *transaction) generateAC(ctx context.Context) (kernel.Outcome, error) {
	t.Step(stageGenerate, "C-4, 3.8")
	if t.magstripe {
		if err := t.drawMonth(); err != nil { // 3.8.1
			return kernel.Outcome{}, err
		}
	}
	t.cda = t.mayCombine() && t.request != kernel.AAC
	if err := t.buildCDOL(); err != nil {
		return contactless.EndFor(stageGenerate, err, "C-4, 3.8.2"), nil
	}
	t.Data.Mark() // the counter may come again
	r, out, err := t.send(ctx, stageGenerate, apdu.AppendGenerateAC(t.Card.Buffer(), t.request.P1(t.cda), t.cdolData))
	if err != nil || out.Made() {
		return out, err
	}
	if r.SW != apdu.OK {
		return t.refusedCryptogram(r.SW), nil
	}
	message, err := t.takeCryptogram(r.Data)
	t.given = t.cid()
	if !t.holdsCard() {
		t.Show(kernel.UIRequest{Message: kernel.MsgCardReadOK, Status: kernel.CardReadSuccessfully})
	}
	if err != nil {
		return t.malformed(err), nil
	}
	return t.judge(message), nil
}

// buildCDOL keeps the values that CDOL1 asks for (C-4, 3.8.2).
func (t *transaction) buildCDOL() error {
	var buffer [tlv.MaxDOLData]byte
	data, err := tlv.AppendDOLData(buffer[:0], t.Data.Get(tagCDOL1), t.Data)
	switch {
	case err != nil:
		return err
	case t.full != nil:
		return t.full
	}
	kept, err := t.Data.Keep(data)
	t.cdolData = kept.Bytes
	return err
}

// refusedCryptogram is what the status words of GENERATE AC mean (C-4, 3.8.3): a phone may be asked once more.
func (t *transaction) refusedCryptogram(sw apdu.SW) kernel.Outcome {
	why := kernel.Reason{Stage: stageGenerate, Code: "c4.generate_" + sw.String(), Ref: "C-4, 3.8.3"}
	if sw == apdu.ReferenceInvalidated && t.mobile {
		return t.again(why)
	}
	return contactless.EndApplication(why)
}

// takeCryptogram reads the answer in format 1 or format 2 and sees that what must be there is (C-4, 3.8.4). It returns the
// objects of format 2 as stored.
func (t *transaction) takeCryptogram(data []byte) ([]byte, error) {
	template, value, err := apdu.Single(data)
	if err != nil {
		return nil, err
	}
	var message []byte
	switch template {
	case 0x77:
		received, err := t.Data.TakeObjects(t.Env, value)
		if err != nil {
			return nil, err
		}
		message = received.Bytes
	case 0x80:
		if err := t.Data.TakeCryptogram(value); err != nil {
			return nil, err
		}
	default:
		return nil, apdu.ErrTemplate
	}
	signature := t.Data.Has(tagSDAD)
	switch {
	case !t.Data.Has(tagCID):
		return nil, errMissingCID
	case !t.Data.Has(tagATC):
		return nil, errMissingATC
	case t.cda && t.cid() != kernel.AAC && template == 0x80:
		return nil, errTemplate
	case t.cda && t.cid() != kernel.AAC && !signature:
		return nil, errNoSignature
	case !t.Data.Has(tagCryptogram) && (!t.cda || !signature):
		return nil, errMissingAC
	}
	return message, nil
}

// What an answer to GENERATE AC can lack.
var (
	errMissingCID = &kernel.Error{Code: "c4.missing_9F27", Text: "the answer to GENERATE AC has no CID"}
	errMissingATC = &kernel.Error{Code: "c4.missing_9F36", Text: "the answer to GENERATE AC has no ATC"}
	errMissingAC  = &kernel.Error{Code: "c4.missing_9F26", Text: "the answer to GENERATE AC has no cryptogram"}
)

// cid returns the type of the cryptogram that the card gave.
func (t *transaction) cid() kernel.Cryptogram {
	if v := t.Data.Get(tagCID); len(v) == 1 {
		return kernel.CryptogramOf(v[0])
	}
	return kernel.AAC
}

// malformed is an answer of a wrong form (C-4, 3.8.4). An object that came twice ends the application whatever else the card
// can do.
func (t *transaction) malformed(err error) kernel.Outcome {
	if err == error(kernel.ErrRepeated) {
		return contactless.EndFor(stageGenerate, err, "C-4, 3.8.4")
	}
	return t.anotherWay(kernel.Reason{Stage: stageGenerate, Code: kernel.CodeOf(err), Ref: "C-4, 3.8.4"})
}

// judge holds the card's cryptogram against what was asked for (C-4, 3.8.5), and verifies its signature. It makes an
// outcome where the card declines, or may not say what it says.
func (t *transaction) judge(message []byte) kernel.Outcome {
	const ref = "C-4, 3.8.5"
	switch t.given {
	case kernel.AAC:
		if t.request == kernel.AAC {
			return t.declined(t.why)
		}
		return t.declined(kernel.Reason{Stage: stageGenerate, Code: "c4.aac", Ref: ref})
	case kernel.TC:
		if t.request != kernel.TC {
			return t.declined(kernel.Reason{Stage: stageGenerate, Code: "c4.tc_not_asked_for", Ref: ref})
		}
	case kernel.ARQC:
		if t.request == kernel.AAC {
			return t.declined(kernel.Reason{Stage: stageGenerate, Code: "c4.arqc_not_asked_for", Ref: ref})
		}
		if (t.lineDown() || t.Data.TerminalType().OfflineOnly()) && !t.options.Delayed {
			return t.declined(kernel.Reason{Stage: stageGenerate, Code: "c4.unable_to_go_online", Ref: ref})
		}
	default:
		return t.declined(kernel.Reason{Stage: stageGenerate, Code: "c4.cid_rfu", Ref: ref})
	}
	if t.cda {
		if why := t.authenticateCombined(message); why != nil {
			return t.declined(kernel.Reason{Stage: stageODA, Code: kernel.CodeOf(why), Ref: "C-4, 3.8.6"})
		}
	}
	if !t.magstripe {
		return kernel.Outcome{}
	}
	switch {
	case !bytes.Equal(t.Data.Get(tagATC), t.atc[:]): // 3.8.7
		return contactless.EndApplication(kernel.Reason{Stage: stageGenerate, Code: "c4.atc_differs", Ref: "C-4, 3.8.7"})
	case t.given != kernel.ARQC:
		return t.declined(kernel.Reason{Stage: stageGenerate, Code: "c4.magstripe_online_only", Ref: "C-4, 3.8.7"})
	}
	return kernel.Outcome{}
}
