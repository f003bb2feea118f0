package runner

import (
	"encoding/hex"
	"strings"
	"time"

	"github.com/cardwright/emv/kernel"
)

// KernelOutcome is what a stand-in kernel returns.
type KernelOutcome struct{ Outcome kernel.Outcome }

// The spellings of outcome parameters, in the order of their values in package kernel.
var (
	kindNames = []string{
		"select-next", "try-again", "approved", "declined", "online-request", "try-another-interface", "end-application",
		"request-online-pin",
	}
	startNames          = []string{"A", "B", "C", "D"}
	onlineResponseNames = []string{"emv-data", "any"}
	cvmNames            = []string{"no-cvm", "signature", "online-pin", "confirmation-code-verified"}
	alternateNames      = []string{"contact-chip", "magnetic-stripe"}
	statusNames         = []string{
		"not-ready", "idle", "ready-to-read", "processing", "card-read-successfully", "processing-error",
	}
)

// enum reads one of names, or "na", and returns its place: 1 for the first name, 0 for "na" and for nothing.
func enum(o *object, key string, names []string) int {
	v, ok := o.take(key)
	if !ok || v == nil {
		return 0
	}
	s, ok := v.(string)
	if !ok {
		o.add(o.at(key), CodeType, "must be text")
		return 0
	}
	if isNA(s) {
		return 0
	}
	for i, n := range names {
		if n == spelling(s) {
			return i + 1
		}
	}
	o.add(o.at(key), CodeValue, "%q is none of %s, na", s, strings.Join(names, ", "))
	return 0
}

// spelling returns the name of an interface that a case writes another way: the format's table leaves it open.
func spelling(s string) string {
	switch s {
	case "contact", "chip":
		return "contact-chip"
	case "mag-stripe", "magstripe":
		return "magnetic-stripe"
	}
	return s
}

// isNA reports whether text stands for "N/A".
func isNA(s string) bool { return s == "na" || s == "n/a" || s == "N/A" }

func readKernelOutcome(o *object) KernelOutcome {
	out := kernel.Outcome{
		Kind:           kernel.Kind(enum(o, "outcome", kindNames)),
		Start:          kernel.Start(enum(o, "start", startNames)),
		OnlineResponse: kernel.OnlineResponse(enum(o, "online_response", onlineResponseNames)),
		CVM:            kernel.CVM(enum(o, "cvm", cvmNames)),
		Alternate:      kernel.Alternate(enum(o, "alternate_interface", alternateNames)),
		UI:             readUI(o, "ui"),
		UIRestart:      readUI(o, "ui_restart"),
		Why:            kernel.Reason{Stage: "stand-in kernel", Code: "vector.given"},
	}
	if out.Kind == kernel.NoOutcome {
		o.add(o.at("outcome"), CodeMissing, "a kernel returns an outcome")
	}
	out.Receipt = readReceipt(o)
	if d, ok := readMillis(o, "field_off_ms"); ok {
		if out.FieldOff = d; d == 0 {
			out.FieldOff = kernel.FieldOffNow
		}
	}
	out.RemovalTimeout, _ = readMillis(o, "removal_timeout_ms")
	o.done()
	return KernelOutcome{out}
}

// readReceipt reads true or false; "yes" and "na" are Book A's words for them.
func readReceipt(o *object) bool {
	switch v, _ := o.take("receipt"); v {
	case true, "yes":
		return true
	case false, nil, "na", "n/a", "N/A":
	default:
		o.add(o.at("receipt"), CodeValue, "must be true or false")
	}
	return false
}

// readMillis reads a time in milliseconds; null and "na" are no time.
func readMillis(o *object, key string) (time.Duration, bool) {
	switch v := o.m[key].(type) {
	case nil:
		o.take(key)
		return 0, false
	case string:
		if isNA(v) {
			o.take(key)
			return 0, false
		}
	}
	ms, ok := o.whole(key)
	if ms < 0 {
		o.add(o.at(key), CodeValue, "must not be negative")
	}
	return time.Duration(ms) * time.Millisecond, ok
}

// readUI reads a user interface request. null and no key at all are "not present".
func readUI(o *object, key string) kernel.UIRequest {
	var r kernel.UIRequest
	if v, ok := o.m[key]; !ok || v == nil {
		o.take(key)
		return r
	}
	u := o.child(key)
	if b := u.sized("message", 1); b != nil {
		r.Message = kernel.Message(b[0])
	}
	r.Status = kernel.Status(enum(u, "status", statusNames))
	r.Hold, _ = readMillis(u, "hold_ms")
	r.Language = readLanguage(u.text("language"))
	if a := u.decimal("amount"); a != nil {
		r.Value, r.Amount = kernel.Amount, *a
	}
	u.done()
	return r
}

// readLanguage takes a Language Preference as text ("enfr") and as hexadecimal ("656E6672").
func readLanguage(s string) string {
	if b, err := hex.DecodeString(s); err == nil && len(b) > 0 && len(b)%2 == 0 && isLetters(string(b)) {
		return string(b)
	}
	return s
}

func isLetters(s string) bool {
	for _, c := range s {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return true
}
