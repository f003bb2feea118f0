package unionpay

import (
	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
)

// checkCardData is what is checked when all is read (C-7, 3.4): there is a card number, in track 2 or alone, and both are the
// same.
func (t *transaction) checkCardData() kernel.Outcome {
	const ref = "C-7, 3.4.1"
	t.Step(stageData, "C-7, 3.4")
	track, number := t.Data.Get(tagTrack2), t.Data.Get(tagPAN)
	if track == nil && number == nil {
		return contactless.EndFor(stageData, errNoPAN, ref)
	}
	if track != nil {
		track2, ok := kernel.ParseTrack2(track)
		if !ok {
			return contactless.EndFor(stageData, errTrack2, ref)
		}
		t.pan = track2.PAN
	}
	if number != nil {
		pan, ok := kernel.ParsePAN(number)
		if !ok || track != nil && pan != t.pan {
			return contactless.EndFor(stageData, errPAN, ref)
		}
		t.pan = pan
	}
	return kernel.Outcome{}
}

// takeCardDecision is what the type of the cryptogram asks for (C-7, 3.4.2). A card that approves offline although it was
// told that an online cryptogram is required is taken to its issuer, as Kernel 3 does.
func (t *transaction) takeCardDecision() {
	switch {
	case t.cryptogram == kernel.ARQC:
		t.goOnline(stageData, "c7.arqc", "C-7, 3.4.2")
	case t.TTQ(contactless.TTQOnlineCryptogram):
		t.goOnline(stageData, "c7.tc_not_asked_for", "C-7, 3.4.2")
	}
}
