package jcb

import (
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/oda"
	"github.com/cardwright/emv/kernel/tvr"
)

// authenticate is Offline Data Authentication (C-5, 3.8.6; Book 2, 6.6.2): CDA, wherever it was asked for; the kernel has no
// other method. The Transaction Data Hash Code covers the values of the PDOL and of CDOL1, and the objects of the answer
// without the signature. A failure declines, for an ARQC too: the cryptogram stands inside the signature.
func (t *transaction) authenticate(message []byte) kernel.Outcome {
	t.Step(stageODA, "C-5, 3.8.6")
	before, after := oda.Around(message, tagSDAD)
	signed := [...][]byte{t.pdolData, t.cdolData, before, after}
	r := oda.CDA(oda.Input{Env: t.Env, Data: t.Data, Cert: t.Cert, Static: t.Static}, signed[:])
	if r.Why != nil {
		tvr.CDAFailed.Set(t.Data.Get(tagTVR))
		return t.declined(stageODA, kernel.CodeOf(r.Why), "C-5, 3.8.6")
	}
	t.set(tagCryptogram, r.CDA.Cryptogram)
	return kernel.Outcome{}
}
