package jcb

import (
	"context"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
	"github.com/cardwright/emv/tlv"
)

// generateAC is the first part of completion in EMV mode (C-5, 3.8): the one GENERATE AC of a tap. A card that leaves now
// may have made its cryptogram: what is needed to get it with the next tap is kept.
func (t *transaction) generateAC(ctx context.Context) (kernel.Outcome, error) {
	t.Step(stageGenerate, "C-5, 3.8")
	if out := t.buildCDOL1(stageGenerate); out.Made() {
		return out, nil
	}
	control := t.request.P1(t.cda) // C-5, 3.8.1
	r, out, err := t.send(ctx, stageGenerate, apdu.AppendGenerateAC(t.Card.Buffer(), control, t.cdolData))
	if out.Made() {
		t.keepTorn(control) // C-5, 3.14.1
	}
	if err != nil || out.Made() {
		return out, err
	}
	switch r.SW { // C-5, 3.8.2
	case apdu.OK:
		return t.judgeAnswer(r.Data), nil
	case apdu.CommandNotAllowed:
		return t.seePhone(stageGenerate, "C-5, 3.8.2"), nil
	case apdu.ReferenceInvalidated:
		return t.tryAnother(t.Note(stageGenerate, "c5.generate_6984", "C-5, 3.8.2")), nil
	default:
		return t.next(stageGenerate, "c5.generate_"+r.SW.String(), "C-5, 3.8.2"), nil
	}
}

// buildCDOL1 makes what CDOL1 asks for, and keeps it.
func (t *transaction) buildCDOL1(stage string) kernel.Outcome {
	var buffer [tlv.MaxDOLData]byte
	data, err := tlv.AppendDOLData(buffer[:0], t.Data.Get(tagCDOL1), t.Data)
	if err == nil {
		err = t.full
	}
	if err != nil {
		return t.nextFor(stage, err, "C-5, 3.8.1")
	}
	kept, err := t.Data.Keep(data)
	if err != nil {
		return t.nextFor(stage, err, "C-5, 3.8.1")
	}
	t.cdolData = kept.Bytes
	return kernel.Outcome{}
}

// judgeAnswer is what follows an answer, that of GENERATE AC or, of a transaction that was torn, that of ECHO.
func (t *transaction) judgeAnswer(answer []byte) kernel.Outcome {
	message, out := t.takeAnswer(answer)
	if out.Made() {
		return out
	}
	if !t.holds() { // C-5, 3.13.9: a card that has to stay is not sent away
		t.showCardRead()
	}
	if t.cda {
		if out := t.authenticate(message); out.Made() { // C-5, 3.8.6
			return out
		}
	}
	if out := t.verifyCardholder(); out.Made() { // C-5, 3.8.7
		return out
	}
	if out := t.checkLimit(); out.Made() { // C-5, 3.8.9
		return out
	}
	return t.complete()
}

// showCardRead tells that the card may leave (C-5, 3.8.3).
func (t *transaction) showCardRead() {
	t.Show(kernel.UIRequest{Message: kernel.MsgCardReadOK, Status: kernel.CardReadSuccessfully})
}

// takeAnswer reads the answer and checks that it is one to what was asked (C-5, 3.8.3 to 3.8.5). What is wrong with it
// declines: the card has counted the transaction. It returns the objects as stored.
func (t *transaction) takeAnswer(answer []byte) ([]byte, kernel.Outcome) {
	template, value, err := apdu.Single(answer)
	if err == nil && template != 0x77 {
		err = apdu.ErrTemplate
	}
	var received kernel.Received
	if err == nil {
		received, err = t.receive(value)
	}
	if err != nil {
		return nil, t.declined(stageGenerate, kernel.CodeOf(err), "C-5, 3.8.3")
	}
	if !t.Data.Has(tagCID) {
		return nil, t.declined(stageGenerate, "c5.missing_9F27", "C-5, 3.8.4")
	}
	t.given = kernel.CryptogramOf(t.Data.Get(tagCID)[0])
	if t.given == reserved {
		return nil, t.endApplication(stageGenerate, "c5.cid_rfu", "C-5, 3.8.5")
	}
	for _, tag := range t.needed() {
		if !t.Data.Has(tag) {
			return nil, t.declined(stageGenerate, "c5.missing_"+tag.String(), "C-5, 3.8.4")
		}
	}
	switch {
	case t.given == kernel.AAC:
		return nil, t.declined(stageGenerate, "c5.aac", "C-5, 3.8.5")
	case !t.given.Answers(t.request):
		return nil, t.declined(stageGenerate, "c5.cid", "C-5, 3.8.5")
	}
	return received.Bytes, kernel.Outcome{}
}

// The objects of an answer in EMV mode, by what it is (C-5, 3.8.4).
var (
	neededSigned = [...]tlv.Tag{tagATC, tagCVStatus, tagSDAD}
	neededPlain  = [...]tlv.Tag{tagATC, tagCryptogram, tagCVStatus}
	neededAAC    = [...]tlv.Tag{tagATC, tagCryptogram}
)

// needed returns the objects of an answer beside the CID. A TC is never asked for without a signature.
func (t *transaction) needed() []tlv.Tag {
	switch {
	case t.given == kernel.AAC:
		return neededAAC[:]
	case t.cda:
		return neededSigned[:]
	}
	return neededPlain[:]
}
