package amex

import (
	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/crypto/cert"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/oda"
	"github.com/cardwright/emv/kernel/tvr"
)

// authenticateOffline is Offline Data Authentication (C-4, 3.3), as far as it comes before the cryptogram: SDA, and for
// CDA whether there is a key to begin with. What failed goes into the TVR, and the action codes decide.
func (t *transaction) authenticateOffline() {
	switch t.method {
	case oda.MethodSDA: // 3.3.1
		t.Step(stageODA, "C-4, 3.3.1")
		why := oda.SDA(t.odaInput(), cert.FormatSSAD).Why
		if why != nil {
			t.Note(stageODA, kernel.CodeOf(why), "C-4, 3.3.1")
		}
		t.keep(oda.Mark(t.Data, oda.MethodSDA, why))
	case oda.MethodCDA:
		if why := t.findCAPK(); why != nil { // 3.3.2
			t.Note(stageODA, kernel.CodeOf(why), "C-4, 3.3.2")
			t.keep(oda.Mark(t.Data, oda.MethodCDA, why))
		}
	default: // none: the TVR has it
	}
}

func (t *transaction) odaInput() oda.Input {
	return oda.Input{Env: t.Env, Data: t.Data, Cert: t.Cert, Static: t.Static}
}

// findCAPK sees whether the CA public key is there that the card names (C-4, 3.3.2): without it no combined signature is
// asked for.
func (t *transaction) findCAPK() error {
	index, aid := t.Data.Get(tagCAIndex), t.Data.Get(tagAID)
	if index == nil {
		return oda.CodeCAIndex
	}
	if t.Env.CAPKs == nil || len(aid) < len(capk.RID{}) {
		return oda.CodeCAPK
	}
	if _, ok := t.Env.CAPKs.CAPK(capk.RID(aid), index[0]); !ok {
		return oda.CodeCAPK
	}
	return nil
}

// mayCombine reports whether a combined signature is to be asked for (C-4, 3.8.2).
func (t *transaction) mayCombine() bool {
	return t.method == oda.MethodCDA && !tvr.CDAFailed.In(t.Data.Get(tagTVR))
}

// authenticateCombined is combined data authentication (C-4, 3.8.6). The Transaction Data Hash Code covers the values of the
// PDOL, with the Terminal Type as the card was sent it, those of CDOL1, and the objects of the answer without the
// signature (Book 2, 6.6.2). The cryptogram is the one inside the signature.
func (t *transaction) authenticateCombined(message []byte) error {
	t.Step(stageODA, "C-4, 3.8.6")
	before, after := oda.Around(message, tagSDAD)
	signed := [...][]byte{t.pdolData, t.cdolData, before, after}
	r := oda.CDA(t.odaInput(), signed[:])
	t.keep(oda.Mark(t.Data, oda.MethodCDA, r.Why))
	if r.Why == nil {
		t.set(tagCryptogram, r.CDA.Cryptogram)
	}
	return r.Why
}
