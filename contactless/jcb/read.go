package jcb

import (
	"context"

	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
	"github.com/cardwright/emv/kernel/tvr"
	"github.com/cardwright/emv/tlv"
)

// readRecords is Read Application Data (C-5, 3.4): the records of the AFL in its order, and what they must hold.
func (t *transaction) readRecords(ctx context.Context) (kernel.Outcome, error) {
	t.Step(stageRead, "C-5, 3.4")
	if locator := t.Data.Get(tagAFL); locator != nil {
		afl, err := apdu.ReadAFL(locator)
		if err != nil {
			return t.nextFor(stageRead, err, "C-5, 3.3.4"), nil
		}
		for afl.Next() {
			if out, err := t.readRecord(ctx, &afl); err != nil || out.Made() {
				return out, err
			}
		}
	}
	t.Static.AddTagList(t.Data) // C-5, 3.4.6
	if out := t.checkCardData(); out.Made() {
		return out, nil
	}
	t.checkKeys()
	return kernel.Outcome{}, nil
}

// readRecord is C-5, 3.4.1.
func (t *transaction) readRecord(ctx context.Context, at *apdu.AFL) (kernel.Outcome, error) {
	const ref = "C-5, 3.4.1"
	r, out, err := t.send(ctx, stageRead, apdu.AppendReadRecord(t.Card.Buffer(), at.SFI, at.Record))
	if err != nil || out.Made() {
		return out, err
	}
	if r.SW != apdu.OK {
		return t.next(stageRead, "c5.record_"+r.SW.String(), ref), nil
	}
	received, err := t.TakeRecord(at, r.Data)
	if err == nil && received.Length != 0 {
		err = errLength
	}
	if err != nil {
		return t.nextFor(stageRead, err, ref), nil
	}
	return kernel.Outcome{}, nil
}

// mandatory are the objects of the records without which there is no transaction in EMV mode and Legacy mode (C-5, 3.4.3).
var mandatory = [...]tlv.Tag{tagCDOL1, tagTrack2, tagExpiry}

// checkCardData is C-5, 3.4.2 to 3.4.4: dates that are dates, everything there, and one card number. The book does not ask
// for the PAN (5A); where a card has it, the number that goes to the host is the one that its certificate is for.
func (t *transaction) checkCardData() kernel.Outcome {
	for _, tag := range [...]tlv.Tag{tagExpiry, tagEffective} {
		if _, ok := t.Data.Date(tag); !ok && t.Data.Has(tag) {
			return t.nextFor(stageRead, errDate, "C-5, 3.4.2")
		}
	}
	if t.mode == magstripeMode {
		return kernel.Outcome{}
	}
	for _, tag := range mandatory {
		if !t.Data.Has(tag) {
			return t.next(stageRead, "c5.missing_"+tag.String(), "C-5, 3.4.3")
		}
	}
	var ok bool
	if t.track2, ok = kernel.ParseTrack2(t.Data.Get(tagTrack2)); !ok {
		return t.nextFor(stageRead, errTrack2, "C-5, 3.4.4")
	}
	if value := t.Data.Get(tagPAN); value != nil {
		if pan, ok := kernel.ParsePAN(value); !ok || pan != t.track2.PAN {
			return t.nextFor(stageRead, errPAN, "C-5, 3.4.4")
		}
	}
	return kernel.Outcome{}
}

// issuerFixed is what an Issuer Public Key Certificate needs beside the key (Book 2, table 6).
const issuerFixed = 36

// checkKeys looks, before the card is asked for its signature, whether it can be verified (C-5, 3.4.5): what is found
// missing stands in the TVR that goes into the cryptogram.
func (t *transaction) checkKeys() {
	const ref = "C-5, 3.4.5"
	if !t.cda {
		return
	}
	for _, tag := range [...]tlv.Tag{tagCAIndex, tagIssuerCert, tagIssuerExp, tagICCCert, tagICCExp, tagIssuerRest} {
		if t.Data.Has(tag) || tag == tagIssuerRest && !t.issuerKeyIsLonger() {
			continue
		}
		tvr.ICCDataMissing.Set(t.Data.Get(tagTVR))
		t.setTVR(tvr.CDAFailed, stageRead, "c5.missing_"+tag.String(), ref)
		return
	}
	if !t.hasCAKey() {
		t.setTVR(tvr.CDAFailed, stageRead, "c5.capk", ref)
	}
}

// issuerKeyIsLonger reports whether the issuer's key, which is as long as what it has signed, does not fit its certificate,
// which is as long as the CA's key: the rest must come as 92 then (Book 2, 6.3).
func (t *transaction) issuerKeyIsLonger() bool {
	return len(t.Data.Get(tagICCCert)) > len(t.Data.Get(tagIssuerCert))-issuerFixed
}

func (t *transaction) hasCAKey() bool {
	if t.Env.CAPKs == nil {
		return false
	}
	_, ok := t.Env.CAPKs.CAPK(capk.RID(t.Combination.AID), t.Data.Get(tagCAIndex)[0])
	return ok
}
