// Package tvr has the bits of Terminal Verification Results and Transaction Status Information by name, and the two
// objects as the stages of processing write them.
package tvr

import (
	"errors"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
)

// The data objects.
const (
	Tag    tlv.Tag = 0x95 // Terminal Verification Results
	TagTSI tlv.Tag = 0x9B // Transaction Status Information
)

// Terminal Verification Results (Book 3, Annex C5). The low bits of byte 5 have other meanings to C-2 and C-8, and are
// not here.
const (
	ODANotPerformed            = kernel.Bit(1<<8 | 0x80)
	SDAFailed                  = kernel.Bit(1<<8 | 0x40)
	ICCDataMissing             = kernel.Bit(1<<8 | 0x20)
	OnExceptionFile            = kernel.Bit(1<<8 | 0x10)
	DDAFailed                  = kernel.Bit(1<<8 | 0x08)
	CDAFailed                  = kernel.Bit(1<<8 | 0x04)
	SDASelected                = kernel.Bit(1<<8 | 0x02)
	XDASelected                = kernel.Bit(1<<8 | 0x01)
	DifferentVersions          = kernel.Bit(2<<8 | 0x80)
	Expired                    = kernel.Bit(2<<8 | 0x40)
	NotYetEffective            = kernel.Bit(2<<8 | 0x20)
	ServiceNotAllowed          = kernel.Bit(2<<8 | 0x10)
	NewCard                    = kernel.Bit(2<<8 | 0x08)
	CVMNotSuccessful           = kernel.Bit(3<<8 | 0x80)
	UnrecognisedCVM            = kernel.Bit(3<<8 | 0x40)
	PINTryLimitExceeded        = kernel.Bit(3<<8 | 0x20)
	PINPadMissing              = kernel.Bit(3<<8 | 0x10) // PIN entry required and PIN pad not present or not working
	PINNotEntered              = kernel.Bit(3<<8 | 0x08) // PIN entry required, PIN pad present, but PIN was not entered
	OnlinePINEntered           = kernel.Bit(3<<8 | 0x04) // of EMV 4.4: online CVM captured
	FloorLimitExceeded         = kernel.Bit(4<<8 | 0x80)
	LowerLimitExceeded         = kernel.Bit(4<<8 | 0x40)
	UpperLimitExceeded         = kernel.Bit(4<<8 | 0x20)
	SelectedRandomly           = kernel.Bit(4<<8 | 0x10)
	MerchantForcedOnline       = kernel.Bit(4<<8 | 0x08)
	BiometricTypeNotSupported  = kernel.Bit(4<<8 | 0x02) // a selected Biometric Type not supported
	XDAFailed                  = kernel.Bit(4<<8 | 0x01)
	DefaultTDOLUsed            = kernel.Bit(5<<8 | 0x80)
	IssuerAuthenticationFailed = kernel.Bit(5<<8 | 0x40)
	ScriptFailedBefore         = kernel.Bit(5<<8 | 0x20) // before the final GENERATE AC
	ScriptFailedAfter          = kernel.Bit(5<<8 | 0x10) // after the final GENERATE AC
)

// Transaction Status Information (Book 3, Annex C6).
const (
	ODAPerformed                    = kernel.Bit(1<<8 | 0x80)
	CVMPerformed                    = kernel.Bit(1<<8 | 0x40)
	CardRiskManagementPerformed     = kernel.Bit(1<<8 | 0x20)
	IssuerAuthenticationPerformed   = kernel.Bit(1<<8 | 0x10)
	TerminalRiskManagementPerformed = kernel.Bit(1<<8 | 0x08)
	ScriptPerformed                 = kernel.Bit(1<<8 | 0x04)
)

// Results are both objects while a stage works on them.
type Results struct {
	TVR [5]byte
	TSI [2]byte

	env   *kernel.Env
	stage string
}

// Load reads both objects as they stand, zero where they are absent. stage is how reasons name who changes them.
func Load(env *kernel.Env, d *kernel.Data, stage, ref string) Results {
	r := Results{env: env, stage: stage}
	copy(r.TVR[:], d.Get(Tag))
	copy(r.TSI[:], d.Get(TagTSI))
	if env.Watched() {
		env.Emit(kernel.StepEvent{Name: stage, Ref: ref})
	}
	return r
}

// Mark sets a bit of the TVR and reports the rule that asked for it.
func (r *Results) Mark(b kernel.Bit, code, ref string) {
	b.Set(r.TVR[:])
	if r.env.Watched() {
		r.env.Emit(kernel.DecisionEvent{Reason: kernel.Reason{Stage: r.stage, Code: code, Ref: ref}})
	}
}

// Performed sets a bit of the TSI.
func (r *Results) Performed(b kernel.Bit) { b.Set(r.TSI[:]) }

// Store writes both objects. The error is kernel.ErrDataFull.
func (r *Results) Store(d *kernel.Data) error {
	return errors.Join(d.Set(Tag, r.TVR[:]), d.Set(TagTSI, r.TSI[:]))
}
