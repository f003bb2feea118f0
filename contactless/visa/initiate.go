package visa

import (
	"context"
	"time"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
	"github.com/cardwright/emv/tlv"
)

// seePhone is how long the field stays off, and the message on, when a phone wants its owner (C-3, 5.2.2.2).
const seePhone = 1300 * time.Millisecond

// initiate is Initiate Application Processing (C-3, 5.2): GET PROCESSING OPTIONS and what its answer holds.
func (t *transaction) initiate(ctx context.Context) (kernel.Outcome, error) {
	t.Step(stageInitiate, "C-3, 5.2")
	pdol := t.Data.Get(tagPDOL)
	if !tlv.DOLHas(pdol, tagTTQ) { // the entry point has seen to that; a kernel run alone has not
		return contactless.EndFor(stageInitiate, errNoPDOL, "C-3, 5.4.2.1"), nil
	}
	var buffer [apdu.MaxPDOLData]byte
	data, err := t.Data.AppendPDOLData(buffer[:0], pdol)
	if err != nil {
		return contactless.EndFor(stageInitiate, err, "C-3, 5.2.1.1"), nil
	}
	r, out, err := t.send(ctx, stageInitiate, apdu.AppendGetProcessingOptions(t.Card.Buffer(), data))
	if err != nil || out.Made() {
		return out, err
	}
	if r.SW != apdu.OK {
		return t.refused(r.SW), nil
	}
	return t.takeOptions(r.Data), nil
}

// refused is what the status words of GET PROCESSING OPTIONS mean (C-3, 5.2.2.2).
func (t *transaction) refused(sw apdu.SW) kernel.Outcome {
	why := kernel.Reason{Stage: stageInitiate, Code: "c3.gpo_" + sw.String(), Ref: "C-3, 5.2.2.2"}
	switch sw {
	case apdu.ReferenceInvalidated: // 6984
		return contactless.InsertCard(why)
	case apdu.ConditionsNotSatisfied: // 6985
		return contactless.SelectNext(why)
	case apdu.CommandNotAllowed: // 6986
		// Book and implementations differ in whether this is Try Again or End Application with Start B. Either way the
		// reader polls again, after the field was off; Try Again says so without asking the terminal.
		return contactless.SeePhone(why, seePhone)
	}
	return contactless.EndApplication(why)
}

// takeOptions reads the answer in format 1 or format 2 (Book 3, 6.5.8.4). An object that came before is an error (C-3,
// 5.4.2.2).
func (t *transaction) takeOptions(data []byte) kernel.Outcome {
	if err := t.Data.TakeOptions(t.Env, data); err != nil {
		return contactless.EndFor(stageInitiate, err, "C-3, 5.2.2.2")
	}
	return kernel.Outcome{}
}
