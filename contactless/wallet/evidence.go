package wallet

import (
	"encoding/hex"
	"strings"

	"github.com/cardwright/emv/tlv"
	"github.com/cardwright/emv/tlv/dict"
)

// Strength is how far a piece of evidence goes.
type Strength string

// The strengths.
const (
	Suggests Strength = "suggests" // compatible with something else, or a rule that is not the scheme's own
	Says     Strength = "says"     // the object's own meaning, by the scheme's book
)

// Claim is what a piece of evidence is about.
type Claim string

// The claims, and the answers that they are about.
const (
	ClaimKind   Claim = "kind"
	ClaimDevice Claim = "device"
	ClaimBrand  Claim = "wallet"
	ClaimCDCVM  Claim = "cdcvm"
	ClaimToken  Claim = "token"
)

// Evidence is one observation and what follows from it.
type Evidence struct {
	Claim    Claim
	Answer   string // the value of the answer's type: "device", "watch", "done", "yes"
	Strength Strength
	Tag      tlv.Tag // of the object, 0 where it is none
	Value    Value   // what it held
	Rule     string  // why, in words
	Ref      string  // where it is written
}

// String returns the evidence in one line: claim, answer, strength, object, rule and reference.
func (e Evidence) String() string {
	var b strings.Builder
	for _, s := range []string{string(e.Claim), " ", e.Answer, ": ", string(e.Strength), " "} {
		b.WriteString(s)
	}
	if e.Tag != 0 {
		b.WriteString(e.Tag.String() + " " + e.Value.String() + " ")
	}
	b.WriteString("(" + e.Rule + "; " + e.Ref + ")")
	return b.String()
}

// Value is up to eight bytes of an object, or that it is one which is not shown.
type Value struct {
	b      [8]byte
	n      uint8
	hidden bool
}

// valueOf keeps the first bytes of an object that the dictionary does not call sensitive.
func valueOf(t tlv.Tag, v []byte) (out Value) {
	if dict.SensitivityOf(t) != 0 {
		return Value{hidden: true}
	}
	out.n = uint8(copy(out.b[:], v))
	return out
}

// String returns the bytes in hexadecimal; of what is not shown, that it is there.
func (v Value) String() string {
	if v.hidden {
		return "[masked]"
	}
	return strings.ToUpper(hex.EncodeToString(v.b[:v.n]))
}

// add keeps a piece of evidence.
func (x *examiner) add(c Claim, answer string, s Strength, t tlv.Tag, v []byte, rule, ref string) {
	if x.report.n == maxEvidence {
		return
	}
	x.report.evidence[x.report.n] = Evidence{c, answer, s, t, valueOf(t, v), rule, ref}
	x.report.n++
}

// says reports whether there is evidence for a claim that is more than a suggestion.
func (r *Report) says(c Claim) bool {
	for i := range r.evidence[:r.n] {
		if e := &r.evidence[i]; e.Claim == c && e.Strength == Says {
			return true
		}
	}
	return false
}

// settle returns the answer to a claim: that of the strongest evidence, "unknown" where there is none, or where pieces of
// that strength contradict each other.
func (r *Report) settle(c Claim) string {
	for _, s := range [...]Strength{Says, Suggests} {
		answer := ""
		for i := range r.evidence[:r.n] {
			e := &r.evidence[i]
			switch {
			case e.Claim != c || e.Strength != s:
			case answer == "":
				answer = e.Answer
			case answer != e.Answer:
				return "unknown"
			}
		}
		if answer != "" {
			return answer
		}
	}
	return "unknown"
}
