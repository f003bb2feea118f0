package interac

import (
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
)

// complete turns the card's cryptogram into the outcome (Interac, A20).
func (t *transaction) complete() kernel.Outcome {
	t.Step(stageComplete, "Interac, A20")
	switch t.given {
	case kernel.TC:
		return t.finish(kernel.Outcome{
			Kind: kernel.Approved, CVM: t.cvm, Receipt: t.receiptRequired(),
			UI:  kernel.UIRequest{Message: kernel.MsgApproved},
			Why: kernel.Reason{Stage: stageComplete, Code: "interac.tc", Ref: "Interac, A20"},
		})
	case kernel.ARQC:
		// The issuer's answer needs no second tap: there is no second GENERATE AC and no script (Interac, A22).
		return t.finish(kernel.Outcome{
			Kind: kernel.OnlineRequest, CVM: t.cvm, Receipt: t.receiptRequired(),
			UI: kernel.UIRequest{Message: kernel.MsgAuthorising}, Why: t.why,
		})
	default:
		return t.finish(t.declined())
	}
}

// declined is an AAC. Where the terminal asked for it, it is a decline. Where the card gave it on its own, a limit that it
// counts has most likely been reached, which chip and PIN resets; its Card Transaction Information would tell, if its bits
// were public. A phone has no contacts (Interac, A20).
func (t *transaction) declined() kernel.Outcome {
	why := kernel.Reason{Stage: stageComplete, Code: "interac.aac", Ref: "Interac, A20"}
	switch {
	case t.asked == kernel.AAC:
		why = t.why
	case !t.phone:
		return t.otherInterface(why)
	}
	return kernel.Outcome{Kind: kernel.Declined, UI: kernel.UIRequest{Message: kernel.MsgNotAuthorised}, Why: why}
}

// receiptRequired reports whether an approval must be printed: from the receipt limit on (Interac, A23).
func (t *transaction) receiptRequired() bool {
	limit, ok := kernel.BCD(t.Data.Get(tagReceipt))
	return ok && t.Transaction.Amount >= limit
}

// record is the Data Record (Interac, A24). Objects that are not there are left out.
var record = [...]tlv.Tag{
	tagAmount, tagOther, tagCryptogram, tagCID, tagAIP, tagATC, tagIAD, tagTVR, tagUN, tagDate, tagType, tagCurrency,
	tagCountry, tagTermCap, tagCVMResults, tagTermType, tagAddCap, tagEntryMode, tagSequence, tagIFDSerial, tagVersion,
	tagAID, tagDFName, tagLabel, tagPreferred, tagTrack2, tagPAN, tagPSN, tagExpiry, tagMTI, tagTTI, tagTTT, tagTOS,
	tagProduct, tagCTI, tagFormFactor, tagPAR,
}

// finish adds the Data Record.
func (t *transaction) finish(o kernel.Outcome) kernel.Outcome {
	o.Record = t.DataRecord(record[:])
	return o
}
