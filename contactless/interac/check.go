package interac

import (
	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
)

// mandatory are the data objects without which there is no transaction (Interac, A9; Book 3, 7.2), besides the card number.
var mandatory = [...]tlv.Tag{tagAIP, tagAFL, tagExpiry, tagCDOL1}

// checkCardData sees that everything is there, and that the card has one number: in Track 2 Equivalent Data, in the
// Application PAN, or the same in both. That no object came twice has been seen when they came.
func (t *transaction) checkCardData() kernel.Outcome {
	t.Step(stageData, "Interac, A9")
	for _, tag := range mandatory {
		if !t.Data.Has(tag) {
			return contactless.EndApplication(kernel.Reason{Stage: stageData, Code: "interac.missing_" + tag.String(), Ref: "Interac, A9"})
		}
	}
	raw, plain := t.Data.Get(tagTrack2), t.Data.Get(tagPAN)
	if raw == nil && plain == nil {
		return contactless.EndApplication(kernel.Reason{Stage: stageData, Code: "interac.missing_57", Ref: "Interac, A9"})
	}
	track2, ok := kernel.ParseTrack2(raw)
	if raw != nil && !ok {
		return contactless.EndApplication(kernel.Reason{Stage: stageData, Code: "interac.track2", Ref: "Interac, A9"})
	}
	pan, ok := kernel.ParsePAN(plain)
	if plain != nil && (!ok || raw != nil && pan != track2.PAN) {
		return contactless.EndApplication(kernel.Reason{Stage: stageData, Code: "interac.pan_differs", Ref: "Interac, A9"})
	}
	return kernel.Outcome{}
}
