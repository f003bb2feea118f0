package visa

import (
	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
)

// mandatory are the data objects without which no transaction is complete (C-3, 5.4.2.1). The CID (9F27) is not among
// them: it can be derived.
var mandatory = [...]tlv.Tag{tagDFName, tagAIP, tagATC, tagCryptogram, tagIAD, tagTrack2}

// checkCardData is Card Read Complete (C-3, 5.4.2): everything there, nothing that contradicts itself. That no object came
// twice has been seen when they came.
func (t *transaction) checkCardData() kernel.Outcome {
	t.Step(stageData, "C-3, 5.4.2")
	for _, tag := range mandatory {
		if !t.Data.Has(tag) {
			return contactless.EndApplication(kernel.Reason{Stage: stageData, Code: "c3.missing_" + tag.String(), Ref: "C-3, 5.4.2.1"})
		}
	}
	var ok bool
	if t.track2, ok = kernel.ParseTrack2(t.Data.Get(tagTrack2)); !ok {
		return contactless.EndApplication(kernel.Reason{Stage: stageData, Code: "c3.track2", Ref: "C-3, 5.4.2.1"})
	}
	if value := t.Data.Get(tagPAN); value != nil { // 5.4.2.2
		pan, ok := kernel.ParsePAN(value)
		if !ok || pan != t.track2.PAN {
			return contactless.EndApplication(kernel.Reason{Stage: stageData, Code: "c3.pan_differs", Ref: "C-3, 5.4.2.2"})
		}
	}
	return kernel.Outcome{}
}

// takeCardDecision reads what the card decided (C-3, 5.4.3) and sets the kernel's flags.
func (t *transaction) takeCardDecision() {
	t.cryptogram = t.cid()
	switch t.cryptogram { // 5.4.3.2
	case kernel.AAC:
		t.decline(stageData, "c3.aac", "C-3, 5.4.3.2")
	case kernel.ARQC:
		t.goOnline(stageData, "c3.arqc", "C-3, 5.4.3.2")
	case kernel.TC:
		// The card was told that an online cryptogram is required and approves offline all the same. Versions of the
		// book differ in whether this declines; going online leaves the decision to the issuer.
		if t.TTQ(contactless.TTQOnlineCryptogram) {
			t.goOnline(stageData, "c3.tc_not_asked_for", "C-3, 5.4.3.2")
		}
	default: // reserved
		t.decline(stageData, "c3.cid_rfu", "C-3, 5.4.3.2")
	}
}

// cid returns the type of the cryptogram, from the CID or, where the card gave none, from the Issuer Application Data
// (C-3, 5.4.3.1).
func (t *transaction) cid() kernel.Cryptogram {
	if !t.Data.Has(tagCID) && !t.Data.DeriveCID() {
		return reserved
	}
	return kernel.CryptogramOf(t.Data.Get(tagCID)[0])
}
