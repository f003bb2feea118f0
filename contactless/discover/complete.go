package discover

import (
	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
)

// approved is the outcome Approved (C-6, 3.8.1).
func (t *transaction) approved(code, ref string) kernel.Outcome {
	message := kernel.MsgApproved
	if t.cvm == kernel.ObtainSignature {
		message = kernel.MsgApprovedSign
	}
	return t.finish(kernel.Outcome{
		Kind: kernel.Approved, CVM: t.cvm, UI: t.message(message), Record: t.DataRecord(record[:]),
		Why: t.Note(stageAction, code, ref),
	})
}

// onlineRequest is the outcome Online Request (C-6, 3.8.2). Where reader and card both support issuer update processing,
// the card is to come back for the issuer's scripts.
func (t *transaction) onlineRequest(code, ref string) kernel.Outcome {
	out := kernel.Outcome{
		Kind: kernel.OnlineRequest, CVM: t.cvm, UI: t.message(kernel.MsgAuthorising), Record: t.DataRecord(record[:]),
		Why: t.Note(stageAction, code, ref),
	}
	if t.TTQ(contactless.TTQIssuerUpdate) && cprIssuerUpdate.In(t.cpr()) {
		out.Start, out.OnlineResponse, out.FieldOff = kernel.StartB, kernel.EMVData, kernel.FieldOffNow
		out.UIRestart = kernel.UIRequest{Message: kernel.MsgPresentCardAgain, Status: kernel.ReadyToRead}
	}
	return t.finish(out)
}

// declined is the outcome Declined (C-6, 3.8.3).
func (t *transaction) declined(code, ref string) kernel.Outcome {
	return t.finish(kernel.Outcome{
		Kind: kernel.Declined, UI: t.message(kernel.MsgNotAuthorised), Record: t.DataRecord(recordDeclined[:]),
		Why: t.Note(stageAction, code, ref),
	})
}

// message is a final message; with the option, the card's offline balance goes with it.
func (t *transaction) message(m kernel.Message) kernel.UIRequest {
	r := kernel.UIRequest{Message: m, Status: kernel.CardReadSuccessfully}
	if t.options.ShowBalance {
		return t.WithBalance(r, t.Data.Get(tagBalance))
	}
	return r
}

// finish adds the Discretionary Data: the offline balance, where the card gave it.
func (t *transaction) finish(o kernel.Outcome) kernel.Outcome {
	o.Discretionary = t.DiscretionaryData(tagBalance)
	return o
}

// The Data Records (C-6, 3.8.4; Book A, table 6-3). Behind what public code has of the book's own lists stands what hosts
// and wallets want besides.
var (
	record = [...]tlv.Tag{
		tagAmount, tagOther, tagCryptogram, tagAID, tagAIP, tagPSN, tagATC, tagAUC, tagName, tagCID, tagDFName, tagIAD,
		tagTermVer, tagTermCap, tagCountry, tagTermType, tagTVR, tagTrack1DD, tagTrack2, tagDate, tagType, tagUN, tagTSI,
		tagCurrency,
		tagPAN, tagExpiry, tagCVMResults, tagTTQ, tagCPR, tagFormFactor, tagTokenReq, tagPAR, tagSequence, tagIFDSerial,
		tagMCC, tagEntryMode,
	}
	recordMagstripe = [...]tlv.Tag{
		tagAmount, tagOther, tagTermCap, tagCountry, tagTermType, tagTrack1, tagTrack2, tagDate, tagType, tagTVR, tagTSI,
		tagAID, tagDFName, tagATC, tagUN, tagCurrency,
	}
	recordDeclined = [...]tlv.Tag{
		tagAmount, tagOther, tagTermCap, tagCountry, tagTermType, tagDate, tagType, tagTVR, tagTSI,
	}
)
