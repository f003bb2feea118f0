package runner

import (
	"path"
	"slices"
)

// The features of `terminal_does`, and the runs that they mean something to.
const (
	featureTolerant = "tolerant-tlv"   // FF between data objects is padding too
	featureCash     = "check-cash"     // C-3, 5.5.1.3
	featureCashback = "check-cashback" // C-3, 5.5.1.4
	featureATM      = "check-atm"      // C-3, 5.5.1.5
	featureBalance  = "show-balance"   // C-3, 4.3.1.1
)

// featureRuns lists the runs, as patterns, that each feature changes.
func featureRuns() map[string][]string {
	visa := []string{"contactless.transaction", "kernel.C3"}
	return map[string][]string{
		featureTolerant: {"tlv.parse"},
		featureCash:     visa, featureCashback: visa, featureATM: visa, featureBalance: visa,
	}
}

// checkFeatures skips a case that names a feature, to have or to lack, that this build does not know.
func (t *job) checkFeatures() error {
	features := featureRuns()
	for _, f := range t.Given.features() {
		if _, ok := features[f]; !ok {
			return lacks("this build has no feature %q", f)
		}
	}
	switch {
	case t.Given.protocolIsTPDU:
		return lacks(`this build has no card of protocol "tpdu", which is contact's`)
	case t.Given.hasECCKeys:
		return lacks("this build has no ECC CA public keys")
	case t.Want["wallet"] != nil:
		return lacks("this build has no contactless/wallet: want.wallet can't be told")
	}
	return nil
}

// reached reports whether a feature changes anything in a run.
func reached(feature, run string) bool {
	return slices.ContainsFunc(featureRuns()[feature], func(p string) bool {
		ok, _ := path.Match(p, run)
		return ok
	})
}
