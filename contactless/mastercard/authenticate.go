package mastercard

import (
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/oda"
	"github.com/cardwright/emv/kernel/tvr"
)

// authenticate is S910 A, combined data authentication. What the Transaction Data Hash Code covers are the values of the
// PDOL and of CDOL1, and the objects of the answer without the signature (Book 2, 6.6.2). The relay resistance protocol
// has its own data behind the hash code, and data storage has its summaries in front of those.
func (t *transaction) authenticate(message []byte) kernel.Outcome {
	t.Step(stageODA, "C-2, S910")
	before, after := oda.Around(message, tagSDAD)
	signed := [...][]byte{t.Data.Get(tagPDOLData), t.Data.Get(tagCDOL1Data), before, after}
	in := oda.Input{Env: t.Env, Data: t.Data, Cert: t.Cert, Static: t.Static}
	r := oda.CDA(in, signed[:])
	why := r.Why
	var rest []byte
	if why == nil {
		rest = t.takeSummaries(r.CDA.Rest)
	}
	switch {
	case why == nil && t.rrp && !t.signedRelayData(rest):
		why = errRelayData
	case why == nil && (!t.cda || tvr.CDAFailed.In(t.Data.Get(tagTVR))):
		// A signature that nobody asked for, which stands on static data that are not complete.
		why = errUnasked
	}
	if why != nil {
		t.setTVR(tvr.CDAFailed)
		return t.fail(stageODA, l2CAMFailed, kernel.CodeOf(why), "C-2, S910")
	}
	t.set(tagCryptogram, r.CDA.Cryptogram)
	return t.judgeSummaries()
}

// What makes a signature fail that is in itself good.
var (
	errRelayData = &kernel.Error{Code: "c2.relay_data", Text: "the signed relay resistance data are not those that were exchanged"}
	errUnasked   = &kernel.Error{Code: "c2.cda_unasked", Text: "a signature although CDA is not performed or has failed"}
)
