package unionpay

import (
	"bytes"
	"errors"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/crypto/cert"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/oda"
)

// authenticateOffline is Offline Data Authentication (C-7, 3.7): fDDA before every offline approval, and for an ARQC where
// the reader is one of those that let people through before the issuer has answered.
func (t *transaction) authenticateOffline() kernel.Outcome {
	switch {
	case t.cryptogram == kernel.ARQC && t.TTQ(contactless.TTQOnlineODA):
		return t.authenticateOnline()
	case t.onlineRequired: // C-7, 3.7.1
		return kernel.Outcome{}
	}
	t.Step(stageODA, "C-7, 3.7")
	if why := t.authenticate(); why != nil {
		return t.authenticationFailed(why)
	}
	return kernel.Outcome{}
}

// authenticateOnline is the authentication of an online transaction (C-7, 3.7.6): the card says in its FCI that it has it,
// and a gate that could not trust the card would have opened for nothing.
func (t *transaction) authenticateOnline() kernel.Outcome {
	const ref = "C-7, 3.7.6"
	t.Step(stageODA, "C-7, 3.7")
	if !functionOnlineODA.In(t.Data.Get(tagFunctions)) {
		return t.declined(stageODA, "c7.online_oda_unsupported", ref)
	}
	if why := t.authenticate(); why != nil {
		return t.declined(stageODA, kernel.CodeOf(why), ref)
	}
	t.why = t.Note(stageODA, "c7.arqc_authenticated", ref)
	return kernel.Outcome{}
}

// authenticate performs fDDA (C-7, 3.7.3; Book 2, 6.5). It returns the first check that failed.
func (t *transaction) authenticate() error {
	if !kernel.AIPDDA.In(t.Data.Get(tagAIP)) { // C-7, 3.7.1
		return errNoDDA
	}
	card := t.Data.Get(tagCARD)
	version := version00 // C-7, 3.7.2: of a card without 9F69
	if card != nil {
		version = card[0]
	}
	signed := [...][]byte{t.Data.Get(tagUN), t.Data.Get(tagAmount), t.Data.Get(tagCurrency), card}
	dynamic := signed[:]
	switch {
	case version == version01:
	case version == version00 && t.options.AcceptVersion00 && t.isOld():
		dynamic = signed[:1]
	default:
		return errVersion
	}
	if card != nil && !t.sameCTQ() { // the CTQ came unsigned, its copy did not
		return errCTQChanged
	}
	why := oda.DDA(oda.Input{Env: t.Env, Data: t.Data, Cert: t.Cert, Static: t.Static}, cert.FormatSDAD, dynamic).Why
	if why != nil && t.isSM(why) {
		return errSM
	}
	return why
}

// isOld reports whether the card's application is of a version before 0030, or of none that it tells (C-7, 3.7.2).
func (t *transaction) isOld() bool {
	version := t.Data.Get(tagVersion)
	return version == nil || bytes.Compare(version, defaultVersion[:]) < 0
}

// isSM reports whether authentication failed because the card's certificates are of the algorithms SM2 and SM3 (C-7, 3.7.4).
// A certificate of RSA is as long as its CA's key and looks like any bytes, so only one that no key fits is suspected, or
// that comes without what RSA needs besides.
func (t *transaction) isSM(why error) bool {
	if !errors.Is(why, oda.CodeCAPK) && !errors.Is(why, oda.CodeData) && !errors.Is(why, cert.CodeIssuerLength) {
		return false
	}
	c := t.Data.Get(tagIssuerCert)
	return len(c) > smAlgorithmAt && c[0] == smFormat && c[smAlgorithmAt] == smAlgorithm
}

// authenticationFailed is what a failure means for an offline approval (C-7, 3.7.5).
func (t *transaction) authenticationFailed(why error) kernel.Outcome {
	const ref = "C-7, 3.7.5"
	code := kernel.CodeOf(why)
	switch {
	case ctqOnlineIfODAFails.In(t.ctq()) && t.onlineCapable():
		t.goOnline(stageODA, code, ref)
		return kernel.Outcome{}
	case ctqSwitchIfODAFails.In(t.ctq()) && t.hasContact():
		return t.tryContact(stageODA, code, ref)
	default:
		return t.declined(stageODA, code, ref)
	}
}
