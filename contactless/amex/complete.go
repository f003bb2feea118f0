package amex

import (
	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
)

// complete turns what the card gave into the outcome (C-4, 3.9).
func (t *transaction) complete() kernel.Outcome {
	t.Step(stageComplete, "C-4, 3.9")
	if t.magstripe && t.full == nil {
		t.buildTracks() // 3.9.1
	}
	if t.full != nil {
		return contactless.EndFor(stageComplete, t.full, "C-4, 3.9")
	}
	switch {
	case t.given == kernel.TC:
		return t.approved("c4.tc")
	case t.options.Delayed && !t.magstripe:
		// The host hears of it later (C-4, 3.9.2). In mag-stripe mode the card has proved nothing yet: only the issuer can.
		return t.approved("c4.delayed")
	}
	return t.onlineRequest()
}

// approved is C-4, 3.9.2.
func (t *transaction) approved(code string) kernel.Outcome {
	message := kernel.MsgApproved
	if t.cvm == kernel.ObtainSignature {
		message = kernel.MsgApprovedSign
	}
	return t.finish(kernel.Outcome{
		Kind: kernel.Approved, CVM: t.cvm, Receipt: true,
		UI:  kernel.UIRequest{Message: message, Status: kernel.CardReadSuccessfully},
		Why: kernel.Reason{Stage: stageComplete, Code: code, Ref: "C-4, 3.9.2"},
	})
}

// onlineRequest is C-4, 3.9.3. With partial online the card may leave, and the issuer's answer is the last word.
func (t *transaction) onlineRequest() kernel.Outcome {
	message := kernel.MsgAuthorising
	if t.cvm == kernel.OnlinePIN {
		message = kernel.MsgEnterPIN
	}
	out := kernel.Outcome{
		Kind: kernel.OnlineRequest, CVM: t.cvm,
		UI:  kernel.UIRequest{Message: message, Status: kernel.CardReadSuccessfully},
		Why: kernel.Reason{Stage: stageComplete, Code: "c4.arqc", Ref: "C-4, 3.9.3"},
	}
	if t.holdsCard() { // 3.10
		out.UI.Status = kernel.Processing
		out.Start, out.OnlineResponse = kernel.StartD, kernel.EMVData
	}
	return t.finish(out)
}

// holdsCard reports whether the card stays in the field for the issuer's answer (C-4, 3.10): full online, the older style,
// with a card that has a second list for it.
func (t *transaction) holdsCard() bool {
	return t.says(enhancedFullOnline) && !t.magstripe && !t.options.Delayed && t.given == kernel.ARQC && t.Data.Has(tagCDOL2)
}

// declined is C-4, 3.9.4: another interface, where the reader offers it after a decline and the card has contacts.
func (t *transaction) declined(why kernel.Reason) kernel.Outcome {
	if t.says(enhancedTryAnother) && !t.magstripe && t.contactPossible() {
		return t.finish(contactless.InsertCard(why))
	}
	return t.refused(why)
}

// refused is Declined, whatever else there is.
func (t *transaction) refused(why kernel.Reason) kernel.Outcome {
	return t.finish(kernel.Outcome{
		Kind: kernel.Declined, Why: why, UI: kernel.UIRequest{Message: kernel.MsgNotAuthorised},
	})
}

// The objects that an outcome carries (C-4, 3.9.5). Those that are not there are left out; the tracks are of mag-stripe mode.
var (
	record = [...]tlv.Tag{
		tagAmount, tagOther, tagCryptogram, tagCID, tagAIP, tagATC, tagIAD, tagTVR, tagUN, tagDate, tagType, tagCurrency,
		tagCountry, tagTermCap, tagTermType, tagCVMResults, tagAID, tagDFName, tagVersion, tagMCC, tagMerchant,
		tagTrack2Eq, tagPAN, tagName, tagExpiry, tagPSN, tagIACDefault, tagIACDenial, tagIACOnline,
		tagReader, tagEnhanced, tagTrack1, tagTrack2, tagTokenReq, tagPAR, tagLast4,
	}
	discretionary = [...]tlv.Tag{tagMembership, tagMember, tagFormFactor, tagCapabilities, tagMobileCVM}
)

// finish adds Data Record and Discretionary Data.
func (t *transaction) finish(o kernel.Outcome) kernel.Outcome {
	o.Record, o.Discretionary = t.DataRecord(record[:]), t.DiscretionaryData(discretionary[:]...)
	return o
}
