package runner

import (
	"path"
	"slices"
	"strings"
)

// The features of `terminal_does`, and the runs that they mean something to.
const (
	featureTolerant = "tolerant-tlv" // FF between data objects is padding too
	featureCDA1     = "cda-mode-1"   // when combined signatures are asked for (Book 4, table 30)
	featureCDA2     = "cda-mode-2"
	featureCDA3     = "cda-mode-3"
	featureCDA4     = "cda-mode-4"
	featurePSE      = "pse"            // selection by the PSE; lacking it, the list of AIDs
	featurePINPad   = "pin-pad"        // lacking it, there is none
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
		featureCDA1:     {"contact.transaction"}, featureCDA2: {"contact.transaction"},
		featureCDA3: {"contact.transaction"}, featureCDA4: {"contact.transaction"},
		featurePSE:    {"contact.*"},
		featurePINPad: {"contact.cvm", "contact.transaction"},
		featureCash:   visa, featureCashback: visa, featureATM: visa, featureBalance: visa,
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
	case t.Given.protocolIsTPDU && !strings.HasPrefix(t.Run, "contact."):
		return lacks(`a card of protocol "tpdu" is contact's`)
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
