package unionpay

import (
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
)

// complete is the outcome of a transaction that nothing declined (C-7, 3.8).
func (t *transaction) complete() kernel.Outcome {
	t.Step(stageComplete, "C-7, 3.8")
	switch {
	case t.onlineRequired && !t.onlineCapable():
		return t.declined(stageComplete, "c7.offline_only", "C-7, 3.8.2")
	case t.onlineRequired:
		return t.onlineRequest()
	}
	return t.approved()
}

// approved is C-7, 3.8.1.
func (t *transaction) approved() kernel.Outcome {
	message := kernel.MsgApproved
	if t.cvm == kernel.ObtainSignature {
		message = kernel.MsgApprovedSign
	}
	return t.finish(kernel.Outcome{
		Kind: kernel.Approved, CVM: t.cvm, UI: t.message(message), Why: t.Note(stageComplete, "c7.tc", "C-7, 3.8.1"),
	})
}

// onlineRequest is C-7, 3.8.2. The card does not come back for the issuer's answer.
func (t *transaction) onlineRequest() kernel.Outcome {
	message := kernel.MsgAuthorising
	if t.cvm == kernel.OnlinePIN {
		message = kernel.MsgEnterPIN
	}
	return t.finish(kernel.Outcome{Kind: kernel.OnlineRequest, CVM: t.cvm, UI: t.message(message), Why: t.why})
}

// declined is C-7, 3.8.3. It has a Data Record, for the journal.
func (t *transaction) declined(stage, code, ref string) kernel.Outcome {
	return t.finish(kernel.Outcome{
		Kind: kernel.Declined, UI: t.message(kernel.MsgNotAuthorised), Why: t.Note(stage, code, ref),
	})
}

// message is a final message; with the option, the card's offline balance goes with it (C-7, 3.8.5).
func (t *transaction) message(m kernel.Message) kernel.UIRequest {
	r := kernel.UIRequest{Message: m}
	if t.options.ShowBalance {
		_, value := t.balance()
		return t.WithBalance(r, value)
	}
	return r
}

// finish adds Data Record and Discretionary Data (C-7, 3.8.4).
func (t *transaction) finish(o kernel.Outcome) kernel.Outcome {
	o.Record = t.DataRecord(record[:])
	tag, _ := t.balance()
	o.Discretionary = t.DiscretionaryData(tag)
	return o
}

// record is the Data Record (C-7, 3.8.4; Book A, table 6-3): what vendors' lists have, and behind it what hosts and wallets
// want besides. The TVR is as the card was sent it, since the cryptogram covers it: zero.
var record = [...]tlv.Tag{
	tagPAN, tagName, tagExpiry, tagCurrency, tagPSN, tagAIP, tagTVR, tagDate, tagType, tagIAD, tagCountry, tagCryptogram,
	tagATC, tagUN, tagFormFactor, tagExclusive, tagCID, tagTrack2, tagTTQ, tagAmount, tagOther, tagAvailable, tagProduct,
	tagAID, tagTime, tagMerchant, tagPAR,
	tagDFName, tagLabel, tagCTQ, tagTermCap, tagCVMResults, tagTermType, tagIFDSerial, tagSequence, tagTermVersion, tagIssuer,
	tagECIssuer, tagTokenReq, tagLast4, tagEntryMode,
}
