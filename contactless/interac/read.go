package interac

import (
	"context"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
)

// readRecords is Read Application Data (Book 3, 10.2): the records of the AFL in its order. The card stays in the field.
func (t *transaction) readRecords(ctx context.Context) (kernel.Outcome, error) {
	t.Step(stageRead, "Book 3, 10.2")
	afl, err := apdu.ReadAFL(t.Data.Get(tagAFL))
	if err != nil {
		return contactless.EndFor(stageRead, err, "Book 3, 10.2"), nil
	}
	for afl.Next() {
		if out, err := t.readRecord(ctx, &afl); err != nil || out.Made() {
			return out, err
		}
	}
	t.Static.AddTagList(t.Data)
	return kernel.Outcome{}, nil
}

func (t *transaction) readRecord(ctx context.Context, at *apdu.AFL) (kernel.Outcome, error) {
	r, out, err := t.send(ctx, stageRead, apdu.AppendReadRecord(t.Card.Buffer(), at.SFI, at.Record))
	if err != nil || out.Made() {
		return out, err
	}
	if r.SW != apdu.OK {
		return contactless.EndApplication(kernel.Reason{Stage: stageRead, Code: "interac.record_" + r.SW.String(), Ref: "Book 3, 10.2"}), nil
	}
	if _, err := t.TakeRecord(at, r.Data); err != nil {
		return contactless.EndFor(stageRead, err, "Book 3, 10.2"), nil
	}
	return kernel.Outcome{}, nil
}
