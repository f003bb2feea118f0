package mastercard

import (
	"context"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
	"github.com/cardwright/emv/kernel/tvr"
	"github.com/cardwright/emv/tlv"
)

// generateAC is procedure 7.6, Prepare Generate AC Command, and states S9 and S11.
func (t *transaction) generateAC(ctx context.Context) (kernel.Outcome, error) {
	t.Step(stageGenerate, "C-2, 7.6")
	control, out := t.referenceControl()
	if out.Made() {
		return out, nil
	}
	t.set(tagRefControl, []byte{control})
	data, err := t.buildDOL(tagCDOL1Data, t.Data.Get(tagCDOL1), tlv.MaxDOLData)
	if err == nil && t.idsWrite() {
		data, err = t.addDSDOL()
	}
	if err == nil {
		err = t.full
	}
	if err != nil {
		return t.fail(stageGenerate, l2Parsing, kernel.CodeOf(err), "C-2, 7.6"), nil
	}
	if err := ctx.Err(); err != nil { // from here on the card may have answered
		return kernel.Outcome{}, err
	}
	r, err := t.Card.Send(ctx, apdu.AppendCommand(t.Card.Buffer(), 0x80, apdu.InsGenerateAC, control, 0x00, data))
	t.dropTorn(err == nil)
	if err != nil {
		kept := t.keepTorn()
		switch {
		case !kernel.IsCardError(err):
			return kernel.Outcome{}, err
		case !kept && t.idsWrite():
			return t.loseWrite(stageGenerate, err, "C-2, S9"), nil
		}
		return t.tryAgain(stageGenerate, err, "C-2, S9"), nil
	}
	if r.SW != apdu.OK {
		return t.failStatus(stageGenerate, "c2.generate_", r.SW, "C-2, S9"), nil
	}
	message, err := t.takeCryptogram(r.Data, true)
	if err != nil {
		return t.fail(stageGenerate, l2Parsing, kernel.CodeOf(err), "C-2, S9"), nil
	}
	return t.judgeCryptogram(ctx, message)
}

// referenceControl makes the Reference Control Parameter (DF8114; C-2, 7.6): the cryptogram asked for, with CDA where it is
// performed and has not failed yet. Where data storage is in use (GAC.1) the slot has its say first. On-device verification without CDA is not accepted: nobody would sign for it (C-2, GAC.22).
// Readings differ for a card without CDA; the strict one is taken.
func (t *transaction) referenceControl() (byte, kernel.Outcome) {
	switch {
	case t.idsRead() && !tvr.CDAFailed.In(t.Data.Get(tagTVR)): // GAC.1, GAC.2
		write, out := t.storageAC()
		if write {
			out = t.prepareWrite()
		}
		return byte(t.ac) | refControlCDA, out
	case !t.cda || tvr.CDAFailed.In(t.Data.Get(tagTVR)):
		if t.deviceCVM && t.ac != kernel.AAC {
			t.ac = kernel.AAC
			t.Note(stageGenerate, "c2.device_cvm_without_cda", "C-2, GAC.23")
		}
	case t.ac != kernel.AAC || capabilityCDAOnAAC.In(t.Data.Get(tagCapabilities)):
		return byte(t.ac) | refControlCDA, kernel.Outcome{}
	}
	return byte(t.ac), kernel.Outcome{}
}

// takeCryptogram reads the answer to GENERATE AC in format 1 or format 2 (Book 3, 6.5.5.4), or the answer to RECOVER AC,
// which has no format 1. It returns the objects of a format 2 answer as stored.
func (t *transaction) takeCryptogram(data []byte, format1 bool) ([]byte, error) {
	template, value, err := apdu.Single(data)
	switch {
	case err != nil:
		return nil, err
	case template == 0x77:
		r, err := t.receive(value, template)
		return r.Bytes, err
	case template != 0x80 || !format1:
		return nil, apdu.ErrTemplate
	}
	if t.Data.Has(tagCID) || t.Data.Has(tagATC) || t.Data.Has(tagCryptogram) || t.Data.Has(tagIAD) {
		return nil, errFormat1
	}
	return nil, t.Data.TakeCryptogram(value)
}

// judgeCryptogram is what S9, S10 and S11 do with an answer that could be read, up to S910.
func (t *transaction) judgeCryptogram(ctx context.Context, message []byte) (kernel.Outcome, error) {
	for _, tag := range [...]tlv.Tag{tagATC, tagCID} {
		if !t.Data.Has(tag) {
			return t.fail(stageGenerate, l2CardDataMissing, "c2.missing_"+tag.String(), "C-2, S9"), nil
		}
	}
	requested, given := kernel.CryptogramOf(t.byteOf(tagRefControl)), t.given()
	if !given.Answers(requested) {
		return t.fail(stageGenerate, l2CardData, "c2.cid", "C-2, S9"), nil
	}
	if err := t.readBalanceAfter(ctx); err != nil {
		return kernel.Outcome{}, err
	}
	if len(t.dx.after) == 0 { // otherwise the card must stay until S15
		t.showCardRead()
	}
	if t.Data.Has(tagSDAD) {
		if out := t.authenticate(message); out.Made() {
			return out, nil
		}
	} else if out := t.acceptUnsigned(requested, given); out.Made() {
		return out, nil
	}
	if len(t.dx.after) > 0 {
		if err := t.writeAfter(ctx); err != nil { // C-2, S15
			return kernel.Outcome{}, err
		}
		t.showCardRead()
	}
	return t.complete(), nil
}

// showCardRead tells the cardholder to take the card away.
func (t *transaction) showCardRead() {
	t.Show(kernel.UIRequest{Message: kernel.MsgClearDisplay, Status: kernel.CardReadSuccessfully})
}

// given is the type of the cryptogram that the card gave.
func (t *transaction) given() kernel.Cryptogram { return kernel.CryptogramOf(t.byteOf(tagCID)) }

// acceptUnsigned is S910 B: an answer without a signature.
func (t *transaction) acceptUnsigned(requested, given kernel.Cryptogram) kernel.Outcome {
	signed := t.byteOf(tagRefControl)&refControlCDA != 0
	switch {
	case !t.Data.Has(tagCryptogram):
		return t.fail(stageGenerate, l2CardDataMissing, "c2.missing_9F26", "C-2, S910")
	case given == kernel.AAC && t.idsRead():
		return t.fail(stageGenerate, l2CardData, "c2.ids_unsigned", "C-2, S910")
	case given == kernel.AAC && signed && requested == kernel.AAC, given != kernel.AAC && signed:
		return t.fail(stageGenerate, l2CardData, "c2.no_signature", "C-2, S910")
	}
	if given != kernel.AAC && t.rrp {
		t.rewriteTrack2()
	}
	return kernel.Outcome{}
}
