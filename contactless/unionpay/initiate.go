package unionpay

import (
	"context"
	"time"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
	"github.com/cardwright/emv/tlv"
)

// seePhone is how long the field stays off, and the message on, when a phone wants its owner (C-7, 3.2.3).
const seePhone = time.Second

// initiate is Initiate Application Processing (C-7, 3.2): GET PROCESSING OPTIONS, and what its answer must hold.
func (t *transaction) initiate(ctx context.Context) (kernel.Outcome, error) {
	t.Step(stageInitiate, "C-7, 3.2")
	var buffer [apdu.MaxPDOLData]byte
	data, err := t.Data.AppendPDOLData(buffer[:0], t.Data.Get(tagPDOL))
	if err != nil {
		return contactless.EndFor(stageInitiate, err, "C-7, 3.2.1"), nil
	}
	r, out, err := t.send(ctx, stageInitiate, apdu.AppendGetProcessingOptions(t.Card.Buffer(), data))
	if err != nil || out.Made() {
		return out, err
	}
	if r.SW != apdu.OK {
		return t.refused(r.SW), nil
	}
	if out := t.takeOptions(r.Data); out.Made() {
		return out, nil
	}
	return t.checkOptions(), nil
}

// refused is what the status words of GET PROCESSING OPTIONS mean (C-7, 3.2.3).
func (t *transaction) refused(sw apdu.SW) kernel.Outcome {
	why := kernel.Reason{Stage: stageInitiate, Code: "c7.gpo_" + sw.String(), Ref: "C-7, 3.2.3"}
	switch sw {
	case apdu.ConditionsNotSatisfied: // 6985
		return contactless.SelectNext(why)
	case apdu.CommandNotAllowed: // 6986
		return kernel.Outcome{
			Kind: kernel.TryAgain, Start: kernel.StartB, FieldOff: seePhone, Why: why,
			UI:        kernel.UIRequest{Message: kernel.MsgSeePhone, Status: kernel.ProcessingError, Hold: seePhone},
			UIRestart: kernel.UIRequest{Message: kernel.MsgPresentCardAgain, Status: kernel.ReadyToRead},
		}
	default: // 6984 and all others
		if t.hasContact() {
			return t.tryContact(why.Stage, why.Code, why.Ref)
		}
		return contactless.EndApplication(why)
	}
}

// takeOptions takes the answer in, which is in format 2 always (C-7, 3.2.4).
func (t *transaction) takeOptions(answer []byte) kernel.Outcome {
	const ref = "C-7, 3.2.4"
	template, value, err := apdu.Single(answer)
	if err == nil && template != 0x77 {
		err = apdu.ErrTemplate
	}
	if err == nil {
		_, err = t.Data.TakeObjects(t.Env, value)
	}
	if err == nil && t.Data.Has(tagAFL) {
		_, err = apdu.ReadAFL(t.Data.Get(tagAFL))
	}
	if err != nil {
		return contactless.EndFor(stageInitiate, err, ref)
	}
	return kernel.Outcome{}
}

// inEveryAnswer are the objects that every answer must hold (C-7, 3.2.6).
var inEveryAnswer = [...]tlv.Tag{tagAIP, tagATC, tagCryptogram, tagIAD}

// checkOptions is what the answer must hold, by the type of the cryptogram: the records' place for a TC, track 2 for all
// else (C-7, 3.2.6). An AAC ends the transaction here, before any record (C-7, 3.2.7).
func (t *transaction) checkOptions() kernel.Outcome {
	for _, tag := range inEveryAnswer {
		if !t.Data.Has(tag) {
			return t.missing(tag)
		}
	}
	t.cryptogram = t.cid()
	switch t.cryptogram {
	case kernel.TC:
		if !t.Data.Has(tagAFL) {
			return t.missing(tagAFL)
		}
	case kernel.ARQC, kernel.AAC:
		if !t.Data.Has(tagTrack2) {
			return t.missing(tagTrack2)
		}
		if t.cryptogram == kernel.AAC {
			return t.declined(stageInitiate, "c7.aac", "C-7, 3.2.7")
		}
	default:
		return t.declined(stageInitiate, "c7.cid_rfu", "C-7, 3.2.7")
	}
	return kernel.Outcome{}
}

func (t *transaction) missing(tag tlv.Tag) kernel.Outcome {
	return contactless.EndApplication(kernel.Reason{Stage: stageInitiate, Code: "c7.missing_" + tag.String(), Ref: "C-7, 3.2.6"})
}

// cid returns the type of the cryptogram, from the CID or, where the card gave none, from the Issuer Application Data (C-7,
// 3.2.5).
func (t *transaction) cid() kernel.Cryptogram {
	if !t.Data.Has(tagCID) {
		if !t.Data.DeriveCID() {
			return reserved
		}
		t.Note(stageInitiate, "c7.cid_derived", "C-7, 3.2.5")
	}
	return kernel.CryptogramOf(t.Data.Get(tagCID)[0])
}
