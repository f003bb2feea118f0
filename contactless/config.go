package contactless

import (
	"errors"
	"fmt"
	"slices"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
	"github.com/cardwright/emv/tlv/dict"
)

// Config is what an acquirer and a merchant set up. It is checked as a whole by New and not changed afterwards.
type Config struct {
	// Terminal holds TLV data objects that are the same for all combinations: 9F1A, 9F33, 9F35, 9F40, 9F15, 9F16, 9F1C,
	// 9F1E, 9F4E and what else kernels and acquirer want.
	Terminal []byte

	// Combinations, in the order in which they are tried (Book B, 3.3.2.5). At least one.
	Combinations []Combination

	// Preferences are the merchant's choices between applications of one account; none leaves them to the card's priorities.
	Preferences []Preference

	// Restarts is how often one transaction may go back to Start B on its own: after Try Again and after communication
	// errors in selection. The books set no bound, which lets a card keep a reader busy for ever. 0 takes
	// DefaultRestarts.
	Restarts int
}

// DefaultRestarts is the Config.Restarts of a configuration that sets none.
const DefaultRestarts = 8

// Combination is an AID with the kernel that serves it, and the two's configuration (Book A, 5.2 and 5.3).
type Combination struct {
	AID    kernel.AID // 5 to 16 bytes
	Kernel kernel.ID  // not AnyKernel

	// Types are the transaction types for which the combination is there; none means all.
	Types []kernel.TransactionType

	Limits Limits

	// TTQ is the Terminal Transaction Qualifiers (9F66), nil for a kernel without. Pre-processing sets and clears its
	// dynamic bits, byte 2 b8 and b7; only Autorun takes them from here.
	TTQ *TTQ

	// ExtendedSelection is the Extended Selection Support flag: 9F29 of a directory entry is appended to the ADF name.
	ExtendedSelection bool

	// Data holds TLV data objects for this combination; they replace those of Config.Terminal.
	Data []byte

	// Options are the kernel's own, of the type that its package names; nil takes that type's zero value.
	Options any
}

// Limits is the entry point configuration that pre-processing tests (Book A, table 5-2). Each item may be absent: nil,
// and then its test is skipped.
type Limits struct {
	StatusCheck       bool    // Status Check Support flag; absent is the same as 0
	ZeroAmount        *bool   // Zero Amount Allowed flag
	ZeroAmountOffline *bool   // Zero Amount Allowed for Offline flag (Book A 2.10 and later)
	Transaction       *uint64 // Reader Contactless Transaction Limit, minor units: refused from this amount on
	Floor             *uint64 // Reader Contactless Floor Limit: online above this amount
	CVM               *uint64 // Reader CVM Required Limit: verification from this amount on
}

// LimitSet is a set of limits for the cards of one Application Program ID (9F5A): dynamic reader limits.
type LimitSet struct {
	ProgramID []byte // 1 to 16 bytes; the whole of the card's 9F5A must be equal
	Limits    Limits
}

// serves reports whether the combination is there for a transaction type.
func (c *Combination) serves(t kernel.TransactionType) bool {
	return len(c.Types) == 0 || slices.Contains(c.Types, t)
}

// check returns everything that is wrong with the configuration.
func (c *Config) check(kernels []Kernel) []kernel.Fault {
	faults := checkObjects("terminal", c.Terminal)
	if c.Restarts < 0 {
		faults = append(faults, kernel.Fault{Path: "restarts", Code: "config.restarts", Text: "negative"})
	}
	if len(c.Combinations) == 0 {
		faults = append(faults, kernel.Fault{
			Path: "applications", Code: "config.no_combination", Text: "there must be at least one",
		})
	}
	for i := range c.Preferences {
		faults = append(faults, c.Preferences[i].faults(fmt.Sprintf("preferences[%d]", i))...)
	}
	for i := range c.Combinations {
		path := fmt.Sprintf("applications[%d]", i)
		faults = append(faults, c.checkCombination(path, i, kernels)...)
	}
	return faults
}

func (c *Config) checkCombination(path string, i int, kernels []Kernel) []kernel.Fault {
	comb := &c.Combinations[i]
	var faults []kernel.Fault
	fault := func(field, code, text string) {
		faults = append(faults, kernel.Fault{Path: path + "." + field, Code: code, Text: text})
	}
	if !comb.AID.Valid() {
		fault("aid", "config.aid_length", fmt.Sprintf("%d bytes; an AID has 5 to 16", len(comb.AID)))
	}
	for j := range i {
		other := &c.Combinations[j]
		if string(other.AID) == string(comb.AID) && other.Kernel == comb.Kernel && overlap(other.Types, comb.Types) {
			fault("aid", "config.duplicate", fmt.Sprintf("applications[%d] has the same AID and kernel", j))
		}
	}
	faults = append(faults, comb.Limits.Faults(path)...)
	faults = append(faults, checkObjects(path+".data", comb.Data)...)
	if d := kernel.NewData(); errors.Is(errors.Join(d.Load(c.Terminal), d.Load(comb.Data)), kernel.ErrDataFull) {
		fault("data", "config.too_large", "more data objects than a transaction has room for")
	}
	k := slices.IndexFunc(kernels, func(k Kernel) bool { return k.ID() == comb.Kernel })
	if k < 0 {
		fault("kernel", "config.kernel_missing", "kernel "+comb.Kernel.String()+" was not given to New")
		return faults
	}
	return append(faults, kernels[k].Faults(path, comb, c.Terminal)...)
}

// Faults returns what is wrong with the limits, each with its path below the given one.
func (l *Limits) Faults(path string) []kernel.Fault {
	var faults []kernel.Fault
	for _, a := range []struct {
		name string
		v    *uint64
	}{{"contactless_limit", l.Transaction}, {"contactless_floor_limit", l.Floor}, {"cvm_limit", l.CVM}} {
		if a.v != nil && *a.v > kernel.MaxAmount {
			faults = append(faults, kernel.Fault{
				Path: path + "." + a.name, Code: "config.limit", Text: "more than twelve digits",
			})
		}
	}
	return faults
}

// overlap reports whether two lists of transaction types have one in common; an empty list is all types.
func overlap(a, b []kernel.TransactionType) bool {
	if len(a) == 0 || len(b) == 0 {
		return true
	}
	return slices.ContainsFunc(a, func(t kernel.TransactionType) bool { return slices.Contains(b, t) })
}

// checkObjects checks TLV configuration data: well formed, no object twice, lengths that the dictionary allows, nothing
// that only a card can say.
func checkObjects(path string, objects []byte) []kernel.Fault {
	var faults []kernel.Fault
	var seen []tlv.Tag
	c := tlv.Read(objects)
	for c.Next() {
		t := c.Tag()
		at := path + "." + t.String()
		if slices.Contains(seen, t) {
			faults = append(faults, kernel.Fault{Path: at, Code: "config.object_twice", Text: "given twice"})
		}
		seen = append(seen, t)
		if text := lengthFault(t, c.Len()); text != "" {
			faults = append(faults, kernel.Fault{Path: at, Code: "config.object_length", Text: text})
		}
	}
	if err := c.Err(); err != nil {
		faults = append(faults, kernel.Fault{Path: path, Code: kernel.CodeOf(err), Text: err.Error()})
	}
	return faults
}

// lengthFault says what is wrong with an object's length. It is good when any book allows it: which kernel's meaning
// counts is not known for objects that are common to all. Texts and plain numbers may be shorter than their book has
// them, since a DOL fills them up (Book 3, 5.4); an object whose bits or digits kernels read may not.
func lengthFault(t tlv.Tag, n int) string {
	id, ok := dict.IDOf(t)
	if !ok {
		return ""
	}
	for s := range dict.Scope(dict.Scopes) {
		e := dict.At(id, s)
		if e == nil {
			continue
		}
		exact := e.Bits != nil || e.Format == tlv.Numeric
		if e.ValidLength(n) || !exact && n < int(e.Min) {
			return ""
		}
	}
	return fmt.Sprintf("%d bytes", n)
}
