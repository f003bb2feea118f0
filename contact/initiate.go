package contact

import (
	"context"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
	"github.com/cardwright/emv/tlv"
)

// What a card can do wrong that has no code elsewhere.
var (
	errPDOLLong = &kernel.Error{Code: "contact.pdol_long", Text: "the PDOL asks for more than a command can hold"}
	errNoAIP    = &kernel.Error{Code: "contact.missing_82", Text: "no Application Interchange Profile"}
	errNoAFL    = &kernel.Error{Code: "contact.missing_94", Text: "no Application File Locator"}
)

// initiate is Initiate Application Processing (Book 3, 10.1). again says that the application can't be used and that
// another one is to be selected.
func (t *transaction) initiate(ctx context.Context) (again bool, out kernel.Outcome, err error) {
	t.step(stageInitiate, "Book 3, 10.1")
	// 10.1: TVR and TSI begin at zero.
	if err := t.data.Set(tagTVR, make([]byte, 5)); err != nil {
		return false, t.end(stageInitiate, err, "Book 3, 10.1"), nil
	}
	if err := t.data.Set(tagTSI, make([]byte, 2)); err != nil {
		return false, t.end(stageInitiate, err, "Book 3, 10.1"), nil
	}
	if err := t.drawUN(); err != nil {
		return false, kernel.Outcome{}, err
	}
	var buffer [tlv.MaxDOLData]byte
	data, why := tlv.AppendDOLData(buffer[:0], t.data.Get(tagPDOL), t.data)
	if why == nil && len(data) > apdu.MaxPDOLData {
		why = errPDOLLong
	}
	if why != nil {
		return false, t.end(stageInitiate, why, "Book 3, 10.1"), nil
	}
	kept, why := t.data.Keep(data) // a combined signature covers them (Book 2, 6.6.2)
	if why != nil {
		return false, t.end(stageInitiate, why, "Book 3, 10.1"), nil
	}
	t.pdolData = kept.Bytes
	r, out, err := t.send(ctx, stageInitiate, apdu.AppendGetProcessingOptions(t.link.Buffer(), data))
	switch {
	case err != nil || out.Made():
		return false, out, err
	case r.SW == apdu.ConditionsNotSatisfied: // 10.1: back to application selection without this one
		t.decide(stageInitiate, "contact.gpo_6985", "Book 3, 10.1")
		return true, kernel.Outcome{}, nil
	case r.SW != apdu.OK:
		return false, t.terminate(stageInitiate, "contact.gpo_"+r.SW.String(), "Book 3, 10.1"), nil
	}
	if why := t.takeOptions(r.Data); why != nil {
		return false, t.end(stageInitiate, why, "Book 3, 6.5.8.4"), nil
	}
	return false, kernel.Outcome{}, nil
}

// takeOptions reads the answer in format 1 or format 2 (Book 3, 6.5.8.4). Both must give the AIP and the AFL.
func (t *transaction) takeOptions(answer []byte) error {
	err := t.data.TakeOptions(&t.env, answer)
	switch {
	case err != nil:
		return err
	case !t.data.Has(tagAIP):
		return errNoAIP
	case !t.data.Has(tagAFL):
		return errNoAFL
	}
	return nil
}

// end is terminate with the code of err.
func (t *transaction) end(stage string, err error, ref string) kernel.Outcome {
	return t.terminate(stage, kernel.CodeOf(err), ref)
}
