package unionpay

import (
	"context"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
	"github.com/cardwright/emv/tlv/dict"
)

// readRecords is Read Application Data (C-7, 3.3): the records of the AFL in its order, if there are any. After the last one
// the card may leave the field.
func (t *transaction) readRecords(ctx context.Context) (kernel.Outcome, error) {
	t.Step(stageRead, "C-7, 3.3")
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
	if err := t.readBalance(ctx); err != nil {
		return kernel.Outcome{}, err
	}
	t.Show(kernel.UIRequest{Message: kernel.MsgCardReadOK, Status: kernel.CardReadSuccessfully}) // C-7, 3.3.3
	return kernel.Outcome{}, nil
}

// readRecord is C-7, 3.3.1.
func (t *transaction) readRecord(ctx context.Context, at *apdu.AFL) (kernel.Outcome, error) {
	const ref = "C-7, 3.3.1"
	r, out, err := t.send(ctx, stageRead, apdu.AppendReadRecord(t.Card.Buffer(), at.SFI, at.Record))
	if err != nil || out.Made() {
		return out, err
	}
	if r.SW != apdu.OK {
		return contactless.EndApplication(kernel.Reason{Stage: stageRead, Code: "c7.record_" + r.SW.String(), Ref: ref}), nil
	}
	before := t.makeRoomForPSN()
	if _, err := t.TakeRecord(at, r.Data); err != nil {
		return contactless.EndFor(stageRead, err, ref), nil
	}
	if now := t.Data.Get(tagPSN); before >= 0 && now[0] != byte(before) {
		return contactless.EndFor(stageRead, errPSN, "C-7, 3.3.2"), nil
	}
	return kernel.Outcome{}, nil
}

// makeRoomForPSN lets the PAN Sequence Number come again, in the answer to GET PROCESSING OPTIONS and in a record: of all
// objects it alone may (C-7, 3.3.2). It returns the number that came before, negative where there was none. One that differs
// is a contradiction.
func (t *transaction) makeRoomForPSN() int {
	number := t.Data.Get(tagPSN)
	if number == nil {
		return -1
	}
	if t.Data.From(tagPSN) == dict.Card {
		t.set(tagPSN, number)
	}
	return int(number[0])
}
