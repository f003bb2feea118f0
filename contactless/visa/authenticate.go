package visa

import (
	"bytes"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/crypto/cert"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/oda"
	"github.com/cardwright/emv/tlv"
)

// authenticateOffline is Offline Data Authentication (C-3, 5.6): always before an offline approval, and where reader and
// card agree also for an online request.
func (t *transaction) authenticateOffline() kernel.Outcome {
	switch {
	case t.declineRequired:
		return kernel.Outcome{}
	case !t.onlineRequired:
		t.Step(stageODA, "C-3, 5.6")
		if why := t.authenticate(cert.FormatSDAD, cert.FormatSSAD); why != nil {
			return t.authenticationFailed(why)
		}
	case t.cryptogram == kernel.ARQC && t.TTQ(contactless.TTQOnlineODA) && t.supportsODA():
		t.Step(stageODA, "C-3, 5.6")
		// The decision stays with the issuer, which the result reaches in no data object of its own: in this kernel the
		// TVR is zero.
		if why := t.authenticate(cert.FormatSDADOnline, cert.FormatSSADOnline); why != nil {
			t.Note(stageODA, kernel.CodeOf(why), "C-3, 5.6.1.1")
		}
	}
	return kernel.Outcome{}
}

func (t *transaction) supportsODA() bool {
	aip := t.Data.Get(tagAIP)
	return kernel.AIPSDA.In(aip) || kernel.AIPDDA.In(aip)
}

// authenticate performs fDDA where the card signed dynamically and SDA where it has a static signature only. It returns
// the first check that failed.
func (t *transaction) authenticate(dynamic, static byte) error {
	in := oda.Input{Env: t.Env, Data: t.Data, Cert: t.Cert, Static: t.Static}
	switch {
	case t.Data.Has(tagSDAD):
		if err := t.checkCARD(); err != nil {
			return err
		}
		// C-3, Annex C: version 01 of fDDA signs these, and no DDOL is asked.
		signed := [...][]byte{
			t.Data.Get(tagUN), t.Data.Get(tagAmount), t.Data.Get(tagCurrency), t.Data.Get(tagCARD),
		}
		return oda.DDA(in, dynamic, signed[:]).Why
	case t.Data.Has(tagSSAD):
		return oda.SDA(in, static).Why
	}
	return errNoSignature
}

// checkCARD checks Card Authentication Related Data (9F69): it is in the last record, of version 01, and its copy of the
// CTQ, where it has one, is the CTQ that came with the answer to GET PROCESSING OPTIONS. That answer is not signed and
// 9F69 is: this is how a changed CTQ is seen.
func (t *transaction) checkCARD() error {
	card := t.Data.Get(tagCARD)
	switch {
	case card == nil || card[0] != cardVersion:
		return errCARD
	case !t.inLastRecord(tagCARD):
		return errCARD
	case len(card) >= ctqCopyInCARD+2 && !bytes.Equal(card[ctqCopyInCARD:ctqCopyInCARD+2], t.ctq()):
		return errCTQChanged
	}
	return nil
}

func (t *transaction) inLastRecord(tag tlv.Tag) bool {
	_, ok := tlv.Find(t.lastRecord, 0x70, tag)
	return ok
}

// authenticationFailed is what a failure means for an offline approval (C-3, 5.6.1.2).
func (t *transaction) authenticationFailed(why error) kernel.Outcome {
	const ref = "C-3, 5.6.1.2"
	code := kernel.CodeOf(why)
	switch {
	case ctqOnlineIfODAFails.In(t.ctq()) && !t.TTQ(contactless.TTQOfflineOnly):
		t.goOnline(stageODA, code, ref)
	case ctqSwitchIfODAFails.In(t.ctq()) && t.TTQ(contactless.TTQContactChip):
		return contactless.InsertCard(kernel.Reason{Stage: stageODA, Code: code, Ref: ref})
	default:
		t.decline(stageODA, code, ref)
	}
	return kernel.Outcome{}
}
