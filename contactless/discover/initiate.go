package discover

import (
	"context"
	"time"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
	"github.com/cardwright/emv/kernel/tvr"
	"github.com/cardwright/emv/tlv"
)

// seePhone is how long the field stays off, and the message on, when a phone wants its owner (C-6, 3.2.3).
const seePhone = 1300 * time.Millisecond

// initiate is Initiate Application Processing (C-6, 3.2): GET PROCESSING OPTIONS and what its answer must hold.
func (t *transaction) initiate(ctx context.Context) (kernel.Outcome, error) {
	t.Step(stageInitiate, "C-6, 3.2")
	t.checkFloorLimit()
	var buffer [apdu.MaxPDOLData]byte
	data, err := t.Data.AppendPDOLData(buffer[:0], t.Data.Get(tagPDOL))
	if err != nil {
		return t.selectNext(stageInitiate, err, "C-6, 3.1.2"), nil
	}
	kept, err := t.Data.Keep(data) // C-6, 3.4.2: the signature covers them
	if err != nil {
		return contactless.EndFor(stageInitiate, err, "C-6, 3.2.2"), nil
	}
	t.pdolData = kept.Bytes
	r, out, err := t.send(ctx, stageInitiate, apdu.AppendGetProcessingOptions(t.Card.Buffer(), t.pdolData))
	if err != nil || out.Made() {
		return out, err
	}
	if r.SW != apdu.OK {
		return t.refused(r.SW), nil
	}
	return t.takeOptions(r.Data), nil
}

// checkFloorLimit compares the amount with the Terminal Floor Limit (C-6, 3.2.1). The reader's own limits are
// pre-processing's.
func (t *transaction) checkFloorLimit() {
	limit := t.Data.Get(tagFloorLimit)
	if len(limit) != 4 {
		return
	}
	floor := uint64(limit[0])<<24 | uint64(limit[1])<<16 | uint64(limit[2])<<8 | uint64(limit[3])
	if t.Transaction.Amount > floor {
		t.setTVR(tvr.FloorLimitExceeded, stageInitiate, "c6.floor_limit", "C-6, 3.2.1")
	}
}

// refused is what the status words of GET PROCESSING OPTIONS mean (C-6, 3.2.3).
func (t *transaction) refused(sw apdu.SW) kernel.Outcome {
	why := kernel.Reason{Stage: stageInitiate, Code: "c6.gpo_" + sw.String(), Ref: "C-6, 3.2.3"}
	switch sw {
	case apdu.ReferenceInvalidated: // 6984
		return t.tryAnother(why)
	case apdu.CommandNotAllowed: // 6986
		return contactless.SeePhone(why, seePhone)
	default:
		return contactless.SelectNext(why)
	}
}

// takeOptions reads the answer, which is in format 2 always (C-6, 3.2.4), and what each mode wants of it.
func (t *transaction) takeOptions(answer []byte) kernel.Outcome {
	template, value, err := apdu.Single(answer)
	if err == nil && template != 0x77 {
		err = apdu.ErrTemplate
	}
	if err == nil {
		var received kernel.Received
		received, err = t.Data.TakeObjects(t.Env, value)
		t.answer = received.Bytes
	}
	if err != nil {
		return t.selectNext(stageInitiate, err, "C-6, 3.2.4")
	}
	if !t.Data.Has(tagAIP) {
		return t.missing(tagAIP, "C-6, 3.2.4")
	}
	if afl := t.Data.Get(tagAFL); afl != nil {
		if _, err := apdu.ReadAFL(afl); err != nil {
			return t.selectNext(stageInitiate, err, "C-6, 3.2.4")
		}
	}
	if t.mode != emvMode {
		if !t.Data.Has(tagAFL) { // C-6, 3.2.5: the tracks are in records
			return t.tryAnotherOrEnd(stageInitiate, "c6.missing_94", "C-6, 3.2.5")
		}
		return kernel.Outcome{}
	}
	return t.checkOptions()
}

// inEveryAnswer are the objects that an answer in EMV mode must hold, the AIP beside them (C-6, 3.2.6).
var inEveryAnswer = [...]tlv.Tag{tagATC, tagIAD, tagCID, tagCPR}

// checkOptions is what the answer must hold in EMV mode, by the type of the cryptogram (C-6, 3.2.6).
func (t *transaction) checkOptions() kernel.Outcome {
	for _, tag := range inEveryAnswer {
		if !t.Data.Has(tag) {
			return t.missing(tag, "C-6, 3.2.6")
		}
	}
	t.setTVR(tvr.ODANotPerformed, stageInitiate, "c6.oda_not_performed", "C-6, 3.2.6")
	t.cryptogram = kernel.CryptogramOf(t.Data.Get(tagCID)[0])
	if t.cryptogram == reserved {
		return t.selectNext(stageInitiate, errReserved, "C-6, 3.2.6")
	}
	if iad := t.Data.Get(tagIAD); len(iad) >= cvrTo {
		t.set(tagCVR, iad[cvrFrom:cvrTo])
	}
	if t.hasWrongLength(tagBalance) {
		return contactless.EndFor(stageInitiate, errBalance, "C-6, 3.2.7")
	}
	t.signed = t.cryptogram == kernel.TC || cprPIDLimit.In(t.cpr())
	if t.signed {
		return t.checkSigned()
	}
	return t.checkUnsigned()
}

// checkSigned is an answer whose cryptogram is inside the signature: that of a TC, and of a loyalty transaction (C-6,
// 3.2.8).
func (t *transaction) checkSigned() kernel.Outcome {
	const ref = "C-6, 3.2.8"
	switch {
	case !t.Data.Has(tagAFL), !t.Data.Has(tagSDAD):
		t.setTVR(tvr.ICCDataMissing, stageInitiate, errNoSignature.Code, ref)
		return contactless.EndFor(stageInitiate, errNoSignature, ref)
	case t.Data.Has(tagCryptogram), t.hasWrongLength(tagCryptogram):
		return contactless.EndFor(stageInitiate, errInClear, ref)
	}
	return kernel.Outcome{}
}

// withoutRecords are the objects that must come with the answer where the card has no records (C-6, 3.2.7).
var withoutRecords = [...]tlv.Tag{tagTrack2, tagPSN, tagAUC, tagEffective, tagVersion}

// checkUnsigned is an answer with the cryptogram in the clear (C-6, 3.2.7).
func (t *transaction) checkUnsigned() kernel.Outcome {
	const ref = "C-6, 3.2.7"
	if !t.Data.Has(tagCryptogram) {
		return t.missingData(tagCryptogram, ref)
	}
	if t.Data.Has(tagSDAD) || t.hasWrongLength(tagSDAD) {
		return contactless.EndFor(stageInitiate, errSignature, ref)
	}
	if t.Data.Has(tagAFL) {
		return kernel.Outcome{}
	}
	for _, tag := range withoutRecords {
		if !t.Data.Has(tag) {
			return t.missingData(tag, ref)
		}
	}
	return kernel.Outcome{}
}

// hasWrongLength reports whether the answer holds an object that was not stored, since its length is not that of the book.
func (t *transaction) hasWrongLength(tag tlv.Tag) bool {
	_, ok := tlv.Find(t.answer, tag)
	return ok && !t.Data.Has(tag)
}

// missing is an answer that is not that of this kernel's cards.
func (t *transaction) missing(tag tlv.Tag, ref string) kernel.Outcome {
	return contactless.SelectNext(kernel.Reason{Stage: stageInitiate, Code: "c6.missing_" + tag.String(), Ref: ref})
}

// missingData is an answer without what the transaction can't do without.
func (t *transaction) missingData(tag tlv.Tag, ref string) kernel.Outcome {
	code := "c6.missing_" + tag.String()
	t.setTVR(tvr.ICCDataMissing, stageInitiate, code, ref)
	return contactless.EndApplication(kernel.Reason{Stage: stageInitiate, Code: code, Ref: ref})
}
