package visa

import (
	"context"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
)

// readRecords is Read Application Data (C-3, 5.3): the records of the AFL in its order. After the last one the card may
// leave the field.
func (t *transaction) readRecords(ctx context.Context) (kernel.Outcome, error) {
	t.Step(stageRead, "C-3, 5.3")
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
	t.Show(kernel.UIRequest{Message: kernel.MsgCardReadOK, Status: kernel.CardReadSuccessfully}) // 5.4.1.1
	return kernel.Outcome{}, nil
}

func (t *transaction) readRecord(ctx context.Context, at *apdu.AFL) (kernel.Outcome, error) {
	r, out, err := t.send(ctx, stageRead, apdu.AppendReadRecord(t.Card.Buffer(), at.SFI, at.Record))
	if err != nil || out.Made() {
		return out, err
	}
	if r.SW != apdu.OK {
		return contactless.EndApplication(kernel.Reason{Stage: stageRead, Code: "c3.record_" + r.SW.String(), Ref: "C-3, 5.3.1.1"}), nil
	}
	received, err := t.TakeRecord(at, r.Data)
	if err != nil {
		return contactless.EndFor(stageRead, err, "C-3, 5.3.1.1"), nil
	}
	t.lastRecord = received.Bytes
	return kernel.Outcome{}, nil
}
