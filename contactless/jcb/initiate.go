package jcb

import (
	"context"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
	"github.com/cardwright/emv/kernel/tvr"
	"github.com/cardwright/emv/tlv"
)

// initiate is Initiate Application Processing (C-5, 3.3): GET PROCESSING OPTIONS and what its answer must hold.
func (t *transaction) initiate(ctx context.Context) (kernel.Outcome, error) {
	t.Step(stageInitiate, "C-5, 3.3")
	var buffer [tlv.MaxDOLData]byte
	data, err := t.Data.AppendPDOLData(buffer[:0], t.Data.Get(tagPDOL)) // C-5, 3.3.1
	if err != nil {
		return t.nextFor(stageInitiate, err, "C-5, 3.3.1"), nil
	}
	kept, err := t.Data.Keep(data) // C-5, 3.8.6: a signature covers them
	if err != nil {
		return t.nextFor(stageInitiate, err, "C-5, 3.3.1"), nil
	}
	t.pdolData = kept.Bytes
	r, out, err := t.send(ctx, stageInitiate, apdu.AppendGetProcessingOptions(t.Card.Buffer(), t.pdolData))
	if err != nil || out.Made() {
		return out, err
	}
	if r.SW != apdu.OK && (!t.recovering || r.SW != warning) { // C-5, 3.3.2 and 3.14.3
		return t.next(stageInitiate, "c5.gpo_"+r.SW.String(), "C-5, 3.3.2"), nil
	}
	return t.takeOptions(r.Data), nil
}

// warning is the other status word that GET PROCESSING OPTIONS may have while a torn transaction is recovered.
const warning apdu.SW = 0x6200

// takeOptions reads the answer (C-5, 3.3.3 to 3.3.6).
func (t *transaction) takeOptions(answer []byte) kernel.Outcome {
	template, value, err := apdu.Single(answer)
	legacy := t.mode == legacyMode
	switch {
	case err != nil:
	case legacy && template != 0x80, !legacy && template != 0x77: // C-5, 3.3.3
		err = apdu.ErrTemplate
	case legacy:
		err = t.Data.TakeOptions(t.Env, answer)
	default:
		_, err = t.receive(value)
	}
	if err != nil {
		return t.nextFor(stageInitiate, err, "C-5, 3.3.6")
	}
	if !t.Data.Has(tagAIP) {
		return t.next(stageInitiate, "c5.missing_82", "C-5, 3.3.3")
	}
	if out := t.chooseMode(); out.Made() {
		return out
	}
	if out := t.checkLocator(); out.Made() {
		return out
	}
	t.chooseAuthentication()
	return kernel.Outcome{}
}

// chooseMode looks at the AIP of a card that knows more than Legacy mode (C-5, 3.3.5), and says to the host how the card was
// read.
func (t *transaction) chooseMode() kernel.Outcome {
	entry := byte(0x07)
	switch emv := aipEMVMode.In(t.Data.Get(tagAIP)); {
	case t.mode == legacyMode:
	case emv && t.options.does(CombinationEMV):
		t.mode = emvMode
	case !emv && t.options.does(CombinationMagstripe) && !t.recovering:
		t.mode, entry = magstripeMode, 0x91
	default:
		return t.nextFor(stageInitiate, errNoMode, "C-5, 3.3.5")
	}
	t.set(tagEntryMode, []byte{entry})
	return kernel.Outcome{}
}

// checkLocator checks the AFL, which only Mag-stripe mode can do without (C-5, 3.3.4).
func (t *transaction) checkLocator() kernel.Outcome {
	afl := t.Data.Get(tagAFL)
	if afl == nil {
		if t.mode == magstripeMode {
			return kernel.Outcome{}
		}
		return t.next(stageInitiate, "c5.missing_94", "C-5, 3.3.4")
	}
	if _, err := apdu.ReadAFL(afl); err != nil {
		return t.nextFor(stageInitiate, err, "C-5, 3.3.4")
	}
	return kernel.Outcome{}
}

// chooseAuthentication decides about offline data authentication: CDA, or none (C-5, 3.3.7).
func (t *transaction) chooseAuthentication() {
	t.cda = t.mode == emvMode && t.options.does(CombinationODA) && kernel.AIPCDA.In(t.Data.Get(tagAIP))
	if !t.cda {
		t.setTVR(tvr.ODANotPerformed, stageInitiate, "c5.oda_not_performed", "C-5, 3.3.7")
	}
}
