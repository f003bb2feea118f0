package discover

import (
	"errors"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/oda"
	"github.com/cardwright/emv/kernel/tvr"
)

// authenticateOffline is Offline Data Authentication (C-6, 3.4): a combined signature, in the answer to GET PROCESSING
// OPTIONS, wherever that holds one. There is no SDA and no DDA, and a cryptogram in the clear is not signed.
//
// Public code leaves the signature of a loyalty transaction unverified. Here it is verified: what is approved because of
// it stands on nothing else.
func (t *transaction) authenticateOffline() {
	if !t.signed {
		return
	}
	t.Step(stageODA, "C-6, 3.4")
	tvr.ODANotPerformed.Clear(t.Data.Get(tagTVR)) // C-6, 3.4.1
	why := t.authenticate()
	if err := oda.Mark(t.Data, oda.MethodCDA, why); err != nil && t.full == nil {
		t.full = err
	}
	if why == nil {
		return
	}
	t.cdaFailed = true
	code := kernel.CodeOf(why)
	if errors.Is(why, oda.CodeCAPK) { // C-6, 3.4.3: a key that the reader lacks counts as data that the card lacks
		t.setTVR(tvr.ICCDataMissing, stageODA, code, "C-6, 3.4.3")
	}
	t.Note(stageODA, code, "C-6, 3.4.3")
}

// authenticate verifies the signature and takes the cryptogram out of it (C-6, 3.4.2; Book 2, 6.6.2). The Transaction Data
// Hash Code covers the values of the PDOL and the objects of the answer without the signature: there is no CDOL.
func (t *transaction) authenticate() error {
	before, after := oda.Around(t.answer, tagSDAD)
	signed := [...][]byte{t.pdolData, before, after}
	r := oda.CDA(oda.Input{Env: t.Env, Data: t.Data, Cert: t.Cert, Static: t.Static}, signed[:])
	if r.Why == nil {
		t.set(tagCryptogram, r.CDA.Cryptogram)
	}
	return r.Why
}
