package interac

import (
	"errors"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/oda"
)

// authenticate verifies the combined signature (Book 2, 6.6.2). The Transaction Data Hash Code covers the values of the PDOL
// and of CDOL1, and the objects of the answer without the signature.
//
// A signature that fails ends the tap, for an ARQC as for a TC: the cryptogram stands inside it, so there is nothing to send
// to the issuer, and its TVR could not be told of the failure without breaking the cryptogram (Interac, A19).
func (t *transaction) authenticate(message []byte) kernel.Outcome {
	t.Step(stageODA, "Book 2, 6.6.2")
	var why error = errNoSignature
	if t.Data.Has(tagSDAD) {
		before, after := oda.Around(message, tagSDAD)
		signed := [...][]byte{t.pdolData, t.cdolData, before, after}
		r := oda.CDA(oda.Input{Env: t.Env, Data: t.Data, Cert: t.Cert, Static: t.Static}, signed[:])
		if why = r.Why; why == nil {
			t.set(tagCryptogram, r.CDA.Cryptogram)
			why = errors.Join(t.full, oda.Mark(t.Data, oda.MethodCDA, nil))
		}
	}
	if why != nil {
		return t.otherInterface(kernel.Reason{Stage: stageODA, Code: kernel.CodeOf(why), Ref: "Interac, A19"})
	}
	return kernel.Outcome{}
}
