package discover

import (
	"context"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
	"github.com/cardwright/emv/kernel/tvr"
	"github.com/cardwright/emv/tlv"
)

// readRecords is Read Application Data (C-6, 3.3): the records of the AFL in its order. After the last one the card may
// leave the field.
func (t *transaction) readRecords(ctx context.Context) (kernel.Outcome, error) {
	t.Step(stageRead, "C-6, 3.3")
	if locator := t.Data.Get(tagAFL); locator != nil {
		afl, err := apdu.ReadAFL(locator)
		if err != nil {
			return contactless.EndFor(stageRead, err, "Book 3, 10.2"), nil
		}
		for afl.Next() {
			if out, err := t.readRecord(ctx, &afl); err != nil || out.Made() {
				return out, err
			}
		}
	}
	t.Static.AddTagList(t.Data)
	if out := t.checkNumber(); out.Made() {
		return out, nil
	}
	t.Show(kernel.UIRequest{Message: kernel.MsgCardReadOK, Status: kernel.CardReadSuccessfully}) // C-6, 3.3.3
	return kernel.Outcome{}, nil
}

// readRecord is C-6, 3.3.1.
func (t *transaction) readRecord(ctx context.Context, at *apdu.AFL) (kernel.Outcome, error) {
	const ref = "C-6, 3.3.1"
	r, out, err := t.send(ctx, stageRead, apdu.AppendReadRecord(t.Card.Buffer(), at.SFI, at.Record))
	if err != nil || out.Made() {
		return out, err
	}
	if r.SW != apdu.OK {
		return contactless.EndApplication(kernel.Reason{Stage: stageRead, Code: "c6.record_" + r.SW.String(), Ref: ref}), nil
	}
	if t.mode != emvMode {
		return t.takeTrackRecord(at.SFI, r.Data), nil
	}
	received, err := t.TakeRecord(at, r.Data)
	if err != nil {
		return contactless.EndFor(stageRead, err, ref), nil
	}
	for _, tag := range [...]tlv.Tag{tagAUC, tagIssuer} { // C-6, 3.6.1
		if _, ok := tlv.Find(received.Bytes, 0x70, tag); ok && at.SFI <= 10 && !t.Data.Has(tag) {
			t.setTVR(tvr.ICCDataMissing, stageRead, errUsage.Code, "C-6, 3.6.1")
			return contactless.EndFor(stageRead, errUsage, "C-6, 3.6.1"), nil
		}
	}
	return kernel.Outcome{}, nil
}

// checkNumber finds card number and date of expiry (C-6, 3.3.2). Implementations take both from track 2 and let them
// replace 5A and 5F24. Here they stand in for what is absent, and must agree with what is there: what a signature covers
// is not overwritten by what none may cover.
func (t *transaction) checkNumber() kernel.Outcome {
	const ref = "C-6, 3.3.2"
	var ok bool
	if t.track2, ok = kernel.ParseTrack2(t.Data.Get(tagTrack2)); !ok {
		if !t.Data.Has(tagTrack2) {
			t.setTVR(tvr.ICCDataMissing, stageRead, errTrack2.Code, ref)
		}
		return contactless.EndFor(stageRead, errTrack2, ref)
	}
	if value := t.Data.Get(tagPAN); value != nil {
		if pan, ok := kernel.ParsePAN(value); !ok || pan != t.track2.PAN {
			return contactless.EndFor(stageRead, errPAN, ref)
		}
	} else {
		var cn [10]byte
		t.set(tagPAN, t.track2.PAN.AppendCN(cn[:0]))
	}
	expiry := t.track2.Expiry
	if date := t.Data.Get(tagExpiry); date == nil {
		t.set(tagExpiry, []byte{expiry[0], expiry[1], lastDay(expiry)})
	} else if [2]byte(date) != expiry {
		return contactless.EndFor(stageRead, errExpiry, ref)
	}
	return kernel.Outcome{}
}

// lastDay returns the last day of a month YYMM, in binary coded decimal. A month that is none gets a day that is none.
func lastDay(month [2]byte) byte {
	switch month[1] {
	case 0x01, 0x03, 0x05, 0x07, 0x08, 0x10, 0x12:
		return 0x31
	case 0x04, 0x06, 0x09, 0x11:
		return 0x30
	case 0x02:
		if year := (month[0]>>4)*10 + month[0]&0x0F; year%4 == 0 { // 2000 was a leap year
			return 0x29
		}
		return 0x28
	}
	return 0x00
}
