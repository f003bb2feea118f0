package runner

import (
	"slices"
	"strings"
	"time"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/action"
	"github.com/cardwright/emv/kernel/risk"
)

// KernelOptions are the options of one application's kernel, where they are not those of the whole case. Pointers and slices are
// nil for what the case does not say.
type KernelOptions struct {
	switches map[string]bool // by feature
	keys     []string        // all that are given

	Limit, LimitOnDevice *uint64 // Kernel 5 and Interac: the kernel's own, beside the entry point's

	Combination     []byte  // Kernel 5: Combination Options
	Torn            *uint64 // Kernel 5: torn records that are kept, 0 or 1
	TornLifetime    *uint64 // Kernel 5, milliseconds, as all times
	MessageHold     *uint64 // Kernel 5
	Removal         *uint64 // Kernel 5
	UNRange         *uint64 // Kernel 4, months
	SeePhone        *uint64 // Kernel 4
	Retries         *uint64 // Interac
	CapabilitiesCVM []byte  // Interac: 9F33 where the amount asks for verification
	Capabilities    []byte  // Interac: 9F33 where it does not
}

// switched are the features that are an option of kernels, and may differ from one application to the next. The key of an
// option is its feature's name with low lines.
var switched = []string{
	featureCash, featureCashback, featureATM, featureBalance, featurePIDLimit, featureDelayed, featureStopCVM, featureBelowLimit,
	featureCashbackCVM, featureVersion00, featureReadBalance, featureCDAWithARQC, featureLegacyFloor, featureRefuseCards,
	featureRefuseDevices,
}

// OptionKey is the key in options of a feature.
func OptionKey(feature string) string { return strings.ReplaceAll(feature, "-", "_") }

// longest bounds a time: 24 hours.
const longest = uint64(24 * time.Hour / time.Millisecond)

func readOptions(o *object) KernelOptions {
	p := KernelOptions{
		switches: map[string]bool{},
		Limit:    o.decimal("limit"), LimitOnDevice: o.decimal("limit_on_device"),
		Combination: o.sized("combination_options", 2), Torn: o.most("torn_records", 1),
		TornLifetime: o.most("torn_lifetime_ms", longest), MessageHold: o.most("message_hold_ms", longest),
		Removal: o.most("removal_timeout_ms", longest), SeePhone: o.most("see_phone_ms", longest),
		UNRange: o.most("un_range", 0xFF), Retries: o.most("retries", 0xFF),
		CapabilitiesCVM: o.sized("capabilities_cvm", 3), Capabilities: o.sized("capabilities_no_cvm", 3),
	}
	for _, f := range switched {
		if on, there := o.flag(OptionKey(f)); there {
			p.switches[f] = on
		}
	}
	p.keys = sortedKeys(o.m)
	o.done()
	return p
}

// optionKernels are the kernels that have an option.
func optionKernels() map[string][]kernel.ID {
	of := map[string][]kernel.ID{
		"limit": {kernel.JCB, kernel.Interac}, "limit_on_device": {kernel.JCB, kernel.Interac},
		"combination_options": {kernel.JCB}, "torn_records": {kernel.JCB}, "torn_lifetime_ms": {kernel.JCB},
		"message_hold_ms": {kernel.JCB}, "removal_timeout_ms": {kernel.JCB},
		"un_range": {kernel.Amex}, "see_phone_ms": {kernel.Amex},
		"retries": {kernel.Interac}, "capabilities_cvm": {kernel.Interac}, "capabilities_no_cvm": {kernel.Interac},
	}
	for _, f := range switched {
		for _, k := range kernelTable() {
			if slices.Contains(featureRuns()[f], "kernel."+k.name) {
				of[OptionKey(f)] = append(of[OptionKey(f)], k.kernel.ID())
			}
		}
	}
	return of
}

// option reports whether a kernel has an option: what its application says counts before what the case says.
func (t *job) option(a *Application, feature string) bool {
	if on, said := a.Options.switches[feature]; said {
		return on
	}
	return t.Given.does(feature)
}

// kernelLimits returns the limits that a kernel tests itself for cards and for devices, and changes nothing of the entry
// point's. own is false where the case gives the application limits alone.
func (a *Application) kernelLimits() (limit, onDevice *uint64, own bool) {
	if a.Options.Limit != nil || a.Options.LimitOnDevice != nil {
		return a.Options.Limit, a.Options.LimitOnDevice, true
	}
	return a.Limits.Transaction, a.LimitOnDevice, false
}

// codes are the Terminal Action Codes of an application, selection its random selection.
func (a *Application) codes() action.Codes {
	return action.Codes{Denial: a.TACDenial, Online: a.TACOnline, Default: a.TACDefault}
}

func (a *Application) selection() risk.Selection {
	percent := func(p *uint64) uint8 { return uint8(min(valueOf(p), 0xFF)) }
	return risk.Selection{Threshold: valueOf(a.Threshold), Target: percent(a.Target), MaxTarget: percent(a.MaxTarget)}
}

// span is a time of options, 0 for none.
func span(ms *uint64) time.Duration { return time.Duration(valueOf(ms)) * time.Millisecond }

func readPreference(o *object) contactless.Preference {
	p := contactless.Preference{Above: valueOf(o.decimal("above"))}
	for _, list := range []struct {
		key string
		to  *[]kernel.AID
	}{{"prefer", &p.Prefer}, {"over", &p.Over}} {
		for _, aid := range o.list(list.key) {
			*list.to = append(*list.to, slices.Clone(o.hexOf(o.at(list.key), aid)))
		}
	}
	o.done()
	return p
}
