// Package action is terminal action analysis (Book 3, 10.7): the action codes of issuer and terminal are held against the
// TVR, and a cryptogram is chosen to ask the card for.
//
//	terminal                 First                                    Unable
//	offline only             denial, then default: AAC; else TC       (does not happen)
//	offline with online      denial: AAC; online: ARQC; else TC       default: AAC; else TC
//	online only              denial: AAC; else ARQC                   AAC
package action

import (
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/tvr"
	"github.com/cardwright/emv/tlv"
)

// The data objects of the stage.
const (
	tagIACDefault tlv.Tag = 0x9F0D // Issuer Action Code - Default
	tagIACDenial  tlv.Tag = 0x9F0E // Issuer Action Code - Denial
	tagIACOnline  tlv.Tag = 0x9F0F // Issuer Action Code - Online
)

const (
	stage = "terminal action analysis"
	ref   = "Book 3, 10.7"
)

// Codes are the Terminal Action Codes of an application, 5 bytes each. One that is nil is all zero (Book 3, 10.7).
type Codes struct{ Denial, Online, Default []byte }

// OrMinimum returns the codes with the bits in place of an absent online or default code that Book 3, 10.7 strongly
// recommends that they have at least. It is for whoever configures a terminal: without them a false card, whose own codes
// are all zero, is approved offline although its authentication failed.
func (c Codes) OrMinimum() Codes {
	if c.Online == nil {
		c.Online = minimum[:]
	}
	if c.Default == nil {
		c.Default = minimum[:]
	}
	return c
}

// The values that absent action codes take (Book 3, 10.7). An absent issuer's denial asks for nothing, the issuer's other
// two for everything. An absent one of the terminal asks for nothing.
var (
	none    = [5]byte{}
	every   = [5]byte{0xFF, 0xFF, 0xFF, 0xFF, 0xFF}
	minimum = [5]byte{0xCC, 0, 0, 0, 0} // ODA not performed, SDA failed, DDA failed, CDA failed
)

// Decision is what the analysis found.
type Decision struct {
	Request kernel.Cryptogram
	Matched kernel.Bit    // the first bit of the TVR that an action code named, zero if none did
	Why     kernel.Reason // what decided
}

// First decides what to ask for with the first GENERATE AC.
func First(env *kernel.Env, d *kernel.Data, tac Codes) Decision {
	step(env)
	if b := match(d, tagIACDenial, none, tac.Denial); b != 0 {
		return decide(env, kernel.AAC, b, "action.denial")
	}
	switch kind := d.TerminalType(); {
	case kind.OnlineOnly(): // The online codes need not be looked at: all that is not denied goes online.
		return decide(env, kernel.ARQC, 0, "action.online_only")
	case kind.OfflineOnly(): // What should go online can't; the default codes stand in at once.
		if b := match(d, tagIACDefault, every, tac.Default); b != 0 {
			return decide(env, kernel.AAC, b, "action.default")
		}
	default: // a type that the book does not know can do both
		if b := match(d, tagIACOnline, every, tac.Online); b != 0 {
			return decide(env, kernel.ARQC, b, "action.online")
		}
	}
	return decide(env, kernel.TC, 0, "action.offline")
}

// Unable decides what to ask for with the second GENERATE AC when the terminal was unable to go online. A terminal that
// is online only does not accept offline: the book lets it skip the default codes, and so it does here.
func Unable(env *kernel.Env, d *kernel.Data, tac Codes) Decision {
	step(env)
	if d.TerminalType().OnlineOnly() {
		return decide(env, kernel.AAC, 0, "action.online_only")
	}
	if b := match(d, tagIACDefault, every, tac.Default); b != 0 {
		return decide(env, kernel.AAC, b, "action.default")
	}
	return decide(env, kernel.TC, 0, "action.offline")
}

// match returns the first bit that is set in the TVR and in one of the two action codes, zero if there is none.
func match(d *kernel.Data, issuer tlv.Tag, absentIssuer [5]byte, terminal []byte) kernel.Bit {
	results := d.Get(tvr.Tag)
	iac, tac := valueOr(d.Get(issuer), absentIssuer), valueOr(terminal, none)
	for i := range min(len(results), len(iac)) {
		hit := results[i] & (iac[i] | tac[i])
		for b := byte(0x80); b != 0; b >>= 1 {
			if hit&b != 0 {
				return kernel.Bit(uint16(i+1)<<8 | uint16(b))
			}
		}
	}
	return 0
}

// valueOr returns an action code, or its default where it is absent or not an action code.
func valueOr(v []byte, absent [5]byte) [5]byte {
	if len(v) != len(absent) {
		return absent
	}
	return [5]byte(v)
}

func step(env *kernel.Env) {
	if env.Watched() {
		env.Emit(kernel.StepEvent{Name: stage, Ref: ref})
	}
}

func decide(env *kernel.Env, c kernel.Cryptogram, b kernel.Bit, code string) Decision {
	why := kernel.Reason{Stage: stage, Code: code, Ref: ref}
	if env.Watched() {
		env.Emit(kernel.DecisionEvent{Reason: why})
	}
	return Decision{Request: c, Matched: b, Why: why}
}
