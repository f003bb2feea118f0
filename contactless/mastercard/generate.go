package mastercard

import (
	"context"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
	"github.com/cardwright/emv/tlv"
	"github.com/cardwright/emv/tlv/dict"
)

// generateAC is procedure 7.6, Prepare Generate AC Command, and states S9 and S11.
func (t *transaction) generateAC(ctx context.Context) (kernel.Outcome, error) {
	t.step(stageGenerate, "C-2, 7.6")
	control := t.referenceControl()
	t.set(tagRefControl, []byte{control})
	data, err := t.buildDOL(tagCDOL1Data, t.Data.Get(tagCDOL1), tlv.MaxDOLData)
	if err == nil {
		err = t.full
	}
	if err != nil {
		return t.fail(stageGenerate, l2Parsing, kernel.CodeOf(err), "C-2, 7.6"), nil
	}
	r, err := t.Card.Send(ctx, appendCommand(t.Card.Buffer(), apdu.InsGenerateAC, control, 0x00, data))
	if err != nil && !kernel.IsCardError(err) {
		return kernel.Outcome{}, err
	}
	if t.recovered { // S11: the card has begun anew
		t.options.TornLog.Remove(t.torn)
	}
	if err != nil {
		t.keepTorn()
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
// performed and has not failed yet. On-device verification without CDA is not accepted: nobody would sign for it (C-2, GAC.22).
// Readings differ for a card without CDA; the strict one is taken.
func (t *transaction) referenceControl() byte {
	switch {
	case !t.cda || tvrCDAFailed.In(t.Data.Get(tagTVR)):
		if t.deviceCVM && t.ac != aac {
			t.ac = aac
			t.note(stageGenerate, "c2.device_cvm_without_cda", "C-2, GAC.23")
		}
	case t.ac != aac || capabilityCDAOnAAC.In(t.Data.Get(tagCapabilities)):
		return byte(t.ac) | refControlCDA
	}
	return byte(t.ac)
}

// takeCryptogram reads the answer to GENERATE AC in format 1 or format 2 (Book 3, 6.5.5.4), or the answer to RECOVER AC,
// which has no format 1. It returns the objects of a format 2 answer as stored.
func (t *transaction) takeCryptogram(data []byte, format1 bool) ([]byte, error) {
	template, value, err := single(data)
	switch {
	case err != nil:
		return nil, err
	case template == 0x77:
		r, err := t.receive(value)
		return r.Bytes, err
	case template != 0x80 || !format1:
		return nil, errTemplate
	}
	if len(value) < 11 || len(value) > 43 || t.Data.Has(tagCID) || t.Data.Has(tagATC) || t.Data.Has(tagCryptogram) ||
		t.Data.Has(tagIAD) {
		return nil, errFormat1
	}
	for _, part := range [...]struct {
		tag   tlv.Tag
		value []byte
	}{{tagCID, value[:1]}, {tagATC, value[1:3]}, {tagCryptogram, value[3:11]}, {tagIAD, value[11:]}} {
		if _, err := t.Data.ReceiveValue(dict.Card, part.tag, part.value); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// judgeCryptogram is what S9, S10 and S11 do with an answer that could be read, up to S910.
func (t *transaction) judgeCryptogram(ctx context.Context, message []byte) (kernel.Outcome, error) {
	for _, tag := range [...]tlv.Tag{tagATC, tagCID} {
		if !t.Data.Has(tag) {
			return t.fail(stageGenerate, l2CardDataMissing, "c2.missing_"+tag.String(), "C-2, S9"), nil
		}
	}
	requested, given := acType(t.byteOf(tagRefControl)&0xC0), t.given()
	if !mayGive(requested, given) {
		return t.fail(stageGenerate, l2CardData, "c2.cid", "C-2, S9"), nil
	}
	if err := t.readBalanceAfter(ctx); err != nil {
		return kernel.Outcome{}, err
	}
	t.Show(kernel.UIRequest{Message: kernel.MsgClearDisplay, Status: kernel.CardReadSuccessfully})
	if t.Data.Has(tagSDAD) {
		if out := t.authenticate(message); made(out) {
			return out, nil
		}
	} else if out := t.acceptUnsigned(requested, given); made(out) {
		return out, nil
	}
	return t.complete(), nil
}

// given is the type of the cryptogram that the card gave.
func (t *transaction) given() acType { return acType(t.byteOf(tagCID) & 0xC0) }

// mayGive reports whether a card may give a cryptogram when it is asked for another (C-2, S9): a lower one always.
func mayGive(requested, given acType) bool {
	switch requested {
	case tc:
		return given == tc || given == arqc || given == aac
	case arqc:
		return given == arqc || given == aac
	default:
		return given == aac
	}
}

// acceptUnsigned is S910 B: an answer without a signature.
func (t *transaction) acceptUnsigned(requested, given acType) kernel.Outcome {
	signed := t.byteOf(tagRefControl)&refControlCDA != 0
	switch {
	case !t.Data.Has(tagCryptogram):
		return t.fail(stageGenerate, l2CardDataMissing, "c2.missing_9F26", "C-2, S910")
	case given == aac && signed && requested == aac, given != aac && signed:
		return t.fail(stageGenerate, l2CardData, "c2.no_signature", "C-2, S910")
	}
	if given != aac && t.rrp {
		t.rewriteTrack2()
	}
	return kernel.Outcome{}
}
