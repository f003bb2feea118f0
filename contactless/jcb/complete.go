package jcb

import (
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
)

// complete is the end of EMV mode (C-5, 3.8.8): a TC approves, an ARQC goes online. An offline reader that asked for a TC can
// do nothing with an ARQC.
func (t *transaction) complete() kernel.Outcome {
	t.Step(stageComplete, "C-5, 3.13")
	switch {
	case t.given == kernel.TC:
		return t.approved("c5.tc", "C-5, 3.13.1")
	case t.Data.TerminalType().OfflineOnly():
		return t.declined(stageComplete, "c5.offline_only", "C-5, 3.8.8")
	}
	out := t.onlineRequest("c5.arqc", "C-5, 3.13.2")
	switch {
	case t.holds(): // C-5, 3.13.9
		out.Start, out.OnlineResponse, out.RemovalTimeout = kernel.StartD, kernel.EMVData, t.options.RemovalTimeout
		out.UI.Status = kernel.Processing
		out.UIRestart = kernel.UIRequest{Message: kernel.MsgProcessing, Status: kernel.Processing}
	case t.updatesBy(updateSecond): // C-5, 3.13.10
		out.Start, out.OnlineResponse = kernel.StartB, kernel.EMVData
		out.UIRestart = kernel.UIRequest{Message: kernel.MsgPresentCardAgain, Status: kernel.ReadyToRead}
	}
	return out
}

// holds reports whether the card is to stay in the field until the issuer has answered.
func (t *transaction) holds() bool { return t.given == kernel.ARQC && t.updatesBy(updateHold) }

func (t *transaction) updatesBy(way byte) bool {
	v := t.Data.Get(tagIssuerUpdate)
	return t.tip(tipIssuerUpdate) && len(v) == 1 && v[0] == way
}

// approved is the outcome Approved (C-5, 3.13.1).
func (t *transaction) approved(code, ref string) kernel.Outcome {
	message := kernel.MsgApproved
	if t.cvm == kernel.ObtainSignature {
		message = kernel.MsgApprovedSign
	}
	return t.finish(kernel.Outcome{
		Kind: kernel.Approved, CVM: t.cvm, UI: t.message(message), Receipt: true, Record: t.DataRecord(record[:]),
		Why: t.Note(stageComplete, code, ref),
	})
}

// onlineRequest is the outcome Online Request (C-5, 3.13.2).
func (t *transaction) onlineRequest(code, ref string) kernel.Outcome {
	message, tags := kernel.MsgAuthorising, record[:]
	if t.cvm == kernel.OnlinePIN {
		message = kernel.MsgEnterPIN
	}
	if t.mode == magstripeMode {
		tags = recordMagstripe[:]
	}
	return t.finish(kernel.Outcome{
		Kind: kernel.OnlineRequest, CVM: t.cvm, UI: t.message(message), Record: t.DataRecord(tags),
		Why: t.Note(stageComplete, code, ref),
	})
}

// declined is the outcome Declined (C-5, 3.13.3). A refund ends so too: its record has the card number, and there is nothing
// to tell the cardholder but that the card was read.
func (t *transaction) declined(stage, code, ref string) kernel.Outcome {
	message := kernel.MsgNotAuthorised
	if t.Transaction.Type == kernel.Refund {
		message = kernel.MsgCardReadOK
	}
	return t.finish(kernel.Outcome{
		Kind: kernel.Declined, UI: t.message(message), Record: t.DataRecord(recordDeclined[:]), Why: t.Note(stage, code, ref),
	})
}

// tryAnother is the outcome Try Another Interface (C-5, 3.13.7).
func (t *transaction) tryAnother(why kernel.Reason) kernel.Outcome {
	return kernel.Outcome{
		Kind: kernel.TryAnotherInterface, Alternate: kernel.ContactChip, Why: why,
		UI: kernel.UIRequest{Message: kernel.MsgInsertCard, Status: kernel.ReadyToRead},
	}
}

// message is a final message; with the option, the card's Offline Balance goes with it.
func (t *transaction) message(m kernel.Message) kernel.UIRequest {
	r := kernel.UIRequest{Message: m, Status: kernel.CardReadSuccessfully}
	if t.options.ShowBalance {
		r = t.WithBalance(r, t.Data.Get(tagBalance))
	}
	return r
}

// finish adds the Discretionary Data: the Offline Balance, where the card gave it.
func (t *transaction) finish(o kernel.Outcome) kernel.Outcome {
	o.Discretionary = t.DiscretionaryData(tagBalance)
	return o
}

// The Data Records (C-5, 3.13.8). Behind the lists of the book stands what hosts and wallets want besides.
var (
	record = [...]tlv.Tag{
		tagAmount, tagOther, tagCryptogram, tagAIP, tagPSN, tagATC, tagName, tagCID, tagIAD, tagEntryMode, tagCountry, tagTVR,
		tagTrack1DD, tagTrack2, tagCurrency, tagDate, tagTime, tagType, tagUN, tagCVStatus, tagCDOL2, tagCVMResults,
		tagDFName, tagIssuer, tagIssuerJCB,
		tagAID, tagPAN, tagExpiry, tagDevice, tagExclusive, tagTokenReq, tagPAR, tagLast4, tagTermCap, tagTermType,
		tagSequence, tagIFDSerial, tagMCC,
	}
	recordMagstripe = [...]tlv.Tag{
		tagAmount, tagOther, tagName, tagEntryMode, tagCountry, tagTrack1DD, tagTrack2, tagCurrency, tagDate, tagTime, tagType,
		tagCVMResults, tagDFName, tagIssuer, tagIssuerJCB,
		tagAID, tagDevice, tagExclusive, tagTermCap, tagTermType, tagSequence, tagIFDSerial, tagMCC,
	}
	recordDeclined = [...]tlv.Tag{tagTrack2, tagTVR, tagTIP}
)
