package amex

import (
	"context"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
	"github.com/cardwright/emv/kernel/tvr"
	"github.com/cardwright/emv/tlv"
)

// Without these data objects there is no transaction (C-4, 3.2.2).
var (
	mandatory          = [...]tlv.Tag{tagPAN, tagExpiry, tagCDOL1}
	mandatoryMagstripe = [...]tlv.Tag{tagEffective, tagName, tagTrack2Eq}
)

// panDigits is how many digits the card number of the tracks of mag-stripe mode has (C-4, 3.9.1).
const panDigits = 15

// readRecords is Read Application Data (C-4, 3.2): the records of the AFL in its order, and what must be in them.
func (t *transaction) readRecords(ctx context.Context) (kernel.Outcome, error) {
	t.Step(stageRead, "C-4, 3.2")
	afl, err := apdu.ReadAFL(t.Data.Get(tagAFL))
	if err != nil {
		return contactless.EndFor(stageRead, err, "C-4, 3.1.4"), nil
	}
	for afl.Next() {
		if out, err := t.readRecord(ctx, &afl); err != nil || out.Made() {
			return out, err
		}
	}
	t.Static.AddTagList(t.Data)
	if list := t.Data.Get(tagSDATagList); list != nil && string(list) != "\x82" {
		t.mark(tvr.SDAFailed, stageRead, "oda.tag_list", "C-4, 3.2.1")
	}
	if out := t.checkCardData(); out.Made() {
		return out, nil
	}
	if t.magstripe {
		return t.readATC(ctx)
	}
	return kernel.Outcome{}, nil
}

// readRecord is C-4, 3.2.1.
func (t *transaction) readRecord(ctx context.Context, at *apdu.AFL) (kernel.Outcome, error) {
	r, out, err := t.send(ctx, stageRead, apdu.AppendReadRecord(t.Card.Buffer(), at.SFI, at.Record))
	if err != nil || out.Made() {
		return out, err
	}
	if r.SW != apdu.OK {
		return contactless.EndApplication(kernel.Reason{Stage: stageRead, Code: "c4.record_" + r.SW.String(), Ref: "C-4, 3.2.1"}), nil
	}
	if _, err := t.TakeRecord(at, r.Data); err != nil {
		return contactless.EndFor(stageRead, err, "C-4, 3.2.1"), nil
	}
	return kernel.Outcome{}, nil
}

// checkCardData sees that what is mandatory is there, and can be read (C-4, 3.2.2 and 3.2.3).
func (t *transaction) checkCardData() kernel.Outcome {
	needed := mandatory[:]
	for range 2 {
		for _, tag := range needed {
			if !t.Data.Has(tag) {
				return contactless.EndApplication(kernel.Reason{Stage: stageRead, Code: "c4.missing_" + tag.String(), Ref: "C-4, 3.2.2"})
			}
		}
		needed = mandatoryMagstripe[:]
		if !t.magstripe {
			break
		}
	}
	for _, tag := range [...]tlv.Tag{tagExpiry, tagEffective} {
		if _, ok := t.Data.Date(tag); !ok && t.Data.Has(tag) {
			return contactless.EndApplication(kernel.Reason{Stage: stageRead, Code: "c4.date_" + tag.String(), Ref: "C-4, 3.2.3"})
		}
	}
	if list := t.Data.Get(tagCVMList); len(list)%2 != 0 { // the dictionary has seen to the least length
		return contactless.EndApplication(kernel.Reason{Stage: stageRead, Code: "c4.cvm_list", Ref: "C-4, 3.2.3"})
	}
	return t.readNumber()
}

// readNumber reads the card number. The tracks of mag-stripe mode have room for one of 15 digits (C-4, 3.9.1).
func (t *transaction) readNumber() kernel.Outcome {
	var ok bool
	if t.pan, ok = kernel.ParsePAN(t.Data.Get(tagPAN)); !ok {
		return contactless.EndApplication(kernel.Reason{Stage: stageRead, Code: "c4.pan", Ref: "C-4, 3.2.3"})
	}
	if !t.magstripe {
		return kernel.Outcome{}
	}
	if len(t.pan.Unmasked()) != panDigits {
		return contactless.EndApplication(kernel.Reason{Stage: stageRead, Code: "c4.pan_digits", Ref: "C-4, 3.9.1"})
	}
	if t.track2, ok = kernel.ParseTrack2(t.Data.Get(tagTrack2Eq)); !ok {
		return contactless.EndApplication(kernel.Reason{Stage: stageRead, Code: "c4.track2", Ref: "C-4, 3.2.3"})
	}
	return kernel.Outcome{}
}

// readATC asks for the Application Transaction Counter, which the cryptogram of mag-stripe mode must have too (C-4, 3.2.4).
func (t *transaction) readATC(ctx context.Context) (kernel.Outcome, error) {
	r, out, err := t.send(ctx, stageRead, apdu.AppendGetData(t.Card.Buffer(), uint16(tagATC)))
	if err != nil || out.Made() {
		return out, err
	}
	if r.SW != apdu.OK {
		return contactless.EndApplication(kernel.Reason{Stage: stageRead, Code: "c4.get_data_" + r.SW.String(), Ref: "C-4, 3.2.4"}), nil
	}
	atc, ok := r.DataObject(uint16(tagATC))
	if !ok || len(atc) != len(t.atc) {
		return contactless.EndApplication(kernel.Reason{Stage: stageRead, Code: "c4.get_data_answer", Ref: "C-4, 3.2.4"}), nil
	}
	copy(t.atc[:], atc)
	return kernel.Outcome{}, nil
}
