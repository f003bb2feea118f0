package payment

import (
	"slices"

	"github.com/cardwright/emv/kernel"
)

// parseName reads an enumeration by its names.
func parseName[T ~uint8](to *T, names []string, text []byte, what string) error {
	i := slices.Index(names, string(text))
	if i < 0 {
		return &kernel.Error{Code: "payment.name", Text: "not a " + what}
	}
	*to = T(i)
	return nil
}

func nameOf[T ~uint8](v T, names []string) string {
	if int(v) < len(names) {
		return names[v]
	}
	return "unknown"
}

// Kind is what is asked for.
type Kind uint8

// The kinds. Void, Capture and Adjust are about an earlier payment, and so may be Refund.
const (
	Sale Kind = iota + 1
	Refund
	Void
	Preauth
	Capture
	Adjust
)

var kindNames = []string{"none", "sale", "refund", "void", "preauth", "capture", "adjust"}

// String returns the kind as the protocol has it: "sale".
func (k Kind) String() string { return nameOf(k, kindNames) }

// MarshalText gives the name to JSON.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads a name.
func (k *Kind) UnmarshalText(text []byte) error { return parseName(k, kindNames, text, "kind") }

// charges reports whether money is taken, or held.
func (k Kind) charges() bool { return k == Sale || k == Preauth }

// background reports whether it is sent by a chain, without a card.
func (k Kind) background() bool { return k == Void || k == Capture || k == Adjust }

// Entry is how a card comes in.
type Entry uint8

// The entries.
const (
	Tap Entry = iota + 1
	Insert
	Swipe
	Manual
)

var entryNames = []string{"none", "tap", "insert", "swipe", "manual"}

// String returns the entry as the protocol has it: "tap".
func (e Entry) String() string { return nameOf(e, entryNames) }

// MarshalText gives the name to JSON.
func (e Entry) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

// UnmarshalText reads a name.
func (e *Entry) UnmarshalText(text []byte) error { return parseName(e, entryNames, text, "entry") }

// Result is how a payment ended.
type Result uint8

// The results. Only Approved has moved money, or will.
const (
	Approved Result = iota + 1
	Declined
	Cancelled
	Failed
)

var resultNames = []string{"none", "approved", "declined", "cancelled", "failed"}

// String returns the result as the protocol has it: "approved".
func (r Result) String() string { return nameOf(r, resultNames) }

// MarshalText gives the name to JSON.
func (r Result) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads a name.
func (r *Result) UnmarshalText(text []byte) error { return parseName(r, resultNames, text, "result") }
