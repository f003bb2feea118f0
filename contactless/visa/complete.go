package visa

import (
	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
)

// complete turns the flags into the outcome (C-3, 5.8): declined before online before approved.
func (t *transaction) complete() (kernel.Outcome, error) {
	t.Step(stageComplete, "C-3, 5.8")
	switch {
	case t.declineRequired:
		return t.declined(), nil
	case t.onlineRequired && t.TTQ(contactless.TTQOfflineOnly):
		t.decline(stageComplete, "c3.offline_only", "C-3, 5.8.1")
		return t.declined(), nil
	case t.onlineRequired:
		return t.onlineRequest(), nil
	}
	return t.approved(), nil
}

func (t *transaction) declined() kernel.Outcome {
	return t.finish(kernel.Outcome{Kind: kernel.Declined, UI: t.message(kernel.MsgNotAuthorised), Why: t.why})
}

func (t *transaction) approved() kernel.Outcome {
	message := kernel.MsgApproved
	if t.cvm == kernel.ObtainSignature {
		message = kernel.MsgApprovedSign
	}
	return t.finish(kernel.Outcome{
		Kind: kernel.Approved, CVM: t.cvm, UI: t.message(message), Record: t.dataRecord(),
		Why: kernel.Reason{Stage: stageComplete, Code: "c3.tc", Ref: "C-3, 5.8.1"},
	})
}

// onlineRequest asks for the issuer. Where reader and card both support issuer update processing, the card is to come
// back for the issuer's answer (C-3, 5.8.1.2).
func (t *transaction) onlineRequest() kernel.Outcome {
	out := kernel.Outcome{
		Kind: kernel.OnlineRequest, CVM: t.cvm, UI: t.message(kernel.MsgAuthorising), Record: t.dataRecord(), Why: t.why,
	}
	if t.TTQ(contactless.TTQIssuerUpdate) && ctqIssuerUpdateAtPOS.In(t.ctq()) {
		out.Start, out.OnlineResponse, out.FieldOff = kernel.StartB, kernel.EMVData, kernel.FieldOffNow
		out.UIRestart = kernel.UIRequest{Message: kernel.MsgPresentCardAgain, Status: kernel.ReadyToRead}
	}
	return t.finish(out)
}

// message is a final message. The book leaves its status open; with the option, the card's remaining offline amount goes
// with it (C-3, 4.3.1.1).
func (t *transaction) message(m kernel.Message) kernel.UIRequest {
	r := kernel.UIRequest{Message: m}
	if t.options.ShowBalance {
		return t.WithBalance(r, t.Data.Get(tagSpending))
	}
	return r
}

// finish adds the Discretionary Data: 9F5D where the card gave it (C-3, 4.3.1.1).
func (t *transaction) finish(o kernel.Outcome) kernel.Outcome {
	o.Discretionary = t.DiscretionaryData(tagSpending)
	return o
}

// record is the Data Record of Kernel 3 (C-3, 4.1.1.1; Book A, table 6-3): what clearing and the online request need, and
// what tells a wallet from a card. Objects that are not there are left out.
var record = [...]tlv.Tag{
	tagAmount, tagOther, tagCryptogram, tagCID, tagAIP, tagATC, tagIAD, tagTVR, tagUN, tagDate, tagType, tagCurrency,
	tagCountry, tagTermCap, tagTermType, tagEntryMode, tagSequence, tagIFDSerial,
	tagTrack2, tagPSN, tagExpiry, tagDFName, tagTTQ, tagCTQ, tagFormFactor, tagExclusive,
	tagTokenReq, tagPAR, tagLast4, tagScriptResult,
}

func (t *transaction) dataRecord() []byte {
	dst := t.Out.Record[:0]
	for _, tag := range record {
		v := t.Data.Get(tag)
		if v == nil {
			continue
		}
		dst = tlv.Append(dst, tag, v)
		if tag == tagFormFactor { // 4.1.1.1: the technology of the tap is the reader's word, ISO/IEC 14443
			dst[len(dst)-1] &= 0xF0
		}
	}
	t.Out.Record = dst
	return dst
}
