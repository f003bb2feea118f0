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
	featureAutorun  = "autorun"        // Book A, 8.1.1.6
	featureCash     = "check-cash"     // C-3, 5.5.1.3
	featureCashback = "check-cashback" // C-3, 5.5.1.4
	featureATM      = "check-atm"      // C-3, 5.5.1.5
	featureBalance  = "show-balance"   // C-3, 4.3.1.1; C-5, 3.13.1; C-6, 3.8.1; C-7, 3.8.5
	featurePIDLimit = "pid-limit"      // C-6, 3.7.1

	featureDelayed  = "delayed-authorisation" // C-4, 3.4.5
	featureLineDown = "unable-to-go-online"   // C-4, 3.7.1
	featureStopCVM  = "stop-at-failed-cvm"    // C-4, 3.5.3

	featureBelowLimit  = "no-cvm-below-limit" // C-7, 3.6.6
	featureCashbackCVM = "cashback-needs-cvm" // C-7, 3.1.3
	featureVersion00   = "fdda-version-00"    // C-7, 3.7.2
	featureReadBalance = "read-balance"       // C-7, 3.3.4

	featureMagstripe     = "magstripe-mode"              // C-5, 3.9
	featureEMVMode       = "emv-mode"                    // C-5, 3.2.2
	featureLegacyMode    = "legacy-mode"                 // C-5, 3.2.4
	featureODA           = "offline-data-authentication" // C-5, 3.3.7
	featureExceptionFile = "exception-file"              // C-5, 3.5.7

	featureCDAWithARQC   = "cda-with-arqc"  // Interac, A17
	featureLegacyFloor   = "legacy-floor"   // Interac, A14
	featureRefuseCards   = "refuse-cards"   // Interac, A10
	featureRefuseDevices = "refuse-devices" // Interac, A10
)

// featureRuns lists the runs, as patterns, that each feature changes.
func featureRuns() map[string][]string {
	visa := []string{"contactless.transaction", "kernel.C3"}
	flash := []string{"contactless.transaction", "kernel.INTERAC"}
	quickPass := []string{"contactless.transaction", "kernel.C7"}
	amex := []string{"contactless.transaction", "kernel.C4"}
	jcb := []string{"contactless.transaction", "kernel.C5"}
	return map[string][]string{
		featureTolerant: {"tlv.parse"},
		featureCDA1:     {"contact.transaction"}, featureCDA2: {"contact.transaction"},
		featureCDA3: {"contact.transaction"}, featureCDA4: {"contact.transaction"},
		featurePSE:     {"contact.*"},
		featurePINPad:  {"contact.cvm", "contact.transaction"},
		featureAutorun: {"contactless.select", "contactless.entrypoint", "contactless.transaction"},
		featureCash:    visa, featureCashback: visa, featureATM: visa,
		featureBalance: {"contactless.transaction", "kernel.C3", "kernel.C5", "kernel.C6", "kernel.C7"}, featurePIDLimit: {"contactless.transaction", "kernel.C6"},
		featureDelayed: amex, featureLineDown: amex, featureStopCVM: amex,
		featureBelowLimit: quickPass, featureCashbackCVM: quickPass, featureVersion00: quickPass, featureReadBalance: quickPass,
		featureMagstripe: jcb, featureEMVMode: jcb, featureLegacyMode: jcb, featureODA: jcb, featureExceptionFile: jcb,
		featureCDAWithARQC: flash, featureLegacyFloor: flash, featureRefuseCards: flash, featureRefuseDevices: flash,
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
