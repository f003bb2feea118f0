package interac

import (
	"context"
	"time"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
)

// seePhone is how long the field stays off, and the message on, when a phone wants its owner (Interac, A7).
const seePhone = 1300 * time.Millisecond

// initiate is Initiate Application Processing (Book 3, 10.1). A card without PDOL is sent an empty command template
// (Interac, A6).
func (t *transaction) initiate(ctx context.Context) (kernel.Outcome, error) {
	t.Step(stageInitiate, "Book 3, 10.1")
	var buffer [apdu.MaxPDOLData]byte
	data, err := t.Data.AppendPDOLData(buffer[:0], t.Data.Get(tagPDOL))
	if err != nil {
		return contactless.EndFor(stageInitiate, err, "Book 3, 5.4"), nil
	}
	t.pdolData = t.keep(data)
	r, out, err := t.send(ctx, stageInitiate, apdu.AppendGetProcessingOptions(t.Card.Buffer(), data))
	if err != nil || out.Made() {
		return out, err
	}
	if r.SW != apdu.OK {
		return t.refused(r.SW), nil
	}
	if err := t.Data.TakeOptions(t.Env, r.Data); err != nil {
		return contactless.EndFor(stageInitiate, err, "Book 3, 6.5.8"), nil
	}
	return kernel.Outcome{}, nil
}

// refused is what the status words of GET PROCESSING OPTIONS mean (Interac, A7).
func (t *transaction) refused(sw apdu.SW) kernel.Outcome {
	why := kernel.Reason{Stage: stageInitiate, Code: "interac.gpo_" + sw.String(), Ref: "Interac, A7"}
	switch sw {
	case apdu.ReferenceInvalidated, apdu.ConditionsNotSatisfied: // 6984, 6985: not without contacts
		return t.otherInterface(why)
	case apdu.CommandNotAllowed: // 6986: the phone wants its owner
		return contactless.SeePhone(why, seePhone)
	}
	return contactless.EndApplication(why)
}
