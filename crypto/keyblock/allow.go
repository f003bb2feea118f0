package keyblock

import "slices"

// Operation is what somebody wants to do with a key.
type Operation uint8

// The operations.
const (
	OpEncrypt  Operation = 1 << iota // encipher data or PINs, wrap keys
	OpDecrypt                        // decipher data or PINs, unwrap keys
	OpGenerate                       // compute MACs, card and PIN verification values
	OpVerify                         // verify MACs, values and signatures
	OpSign                           // sign
	OpDerive                         // derive other keys, those of DUKPT and of EMV included
	OpVary                           // make key variants
)

// operations returns what a mode of use is about, for ModeNone everything. ANSI X9.143, 6.3.3.
func (m Mode) operations() Operation {
	switch m {
	case ModeBoth:
		return OpEncrypt | OpDecrypt
	case ModeGenerateVerify:
		return OpGenerate | OpVerify
	case ModeDecrypt:
		return OpDecrypt
	case ModeEncrypt:
		return OpEncrypt
	case ModeGenerate:
		return OpGenerate
	case ModeNone:
		return OpEncrypt | OpDecrypt | OpGenerate | OpVerify | OpSign | OpDerive | OpVary
	case ModeSign:
		return OpSign
	case ModeSignDecrypt:
		return OpSign | OpDecrypt
	case ModeVerify:
		return OpVerify
	case ModeDerive:
		return OpDerive
	case ModeVariant:
		return OpVary
	default:
		return 0
	}
}

// Allows reports whether a mode of use allows an operation. ModeNone allows what the usage allows: ask Header.Allow.
func (m Mode) Allows(op Operation) bool { return op != 0 && m.operations()&op == op }

// Allows reports whether an operation is one of those that a usage is about: of the modes that go with it, leaving out N.
// A usage that X9.143 does not define allows nothing.
func (u Usage) Allows(op Operation) bool {
	if u == UsageIV {
		return op == OpEncrypt || op == OpDecrypt // the only mode of an IV is N
	}
	r, _ := u.Rule()
	var ops Operation
	for _, m := range r.Modes {
		if m := Mode(m); m != ModeNone {
			ops |= m.operations()
		}
	}
	return op != 0 && ops&op == op
}

// Allow returns nil where a key with that header may do an operation: its usage is one of those given (any, where none is
// given), usage and mode of use both allow the operation, and what the block holds is a key and not a component of one.
//
// The error is CodeForbidden with the field that stands against it.
func (h *Header) Allow(op Operation, usages ...Usage) error {
	if _, component := h.KeyVersion.Component(); component {
		return &Error{Code: CodeForbidden, Field: fieldKeyVersion}
	}
	if len(usages) > 0 && !slices.Contains(usages, h.Usage) || !h.Usage.Allows(op) {
		return &Error{Code: CodeForbidden, Field: fieldUsage}
	}
	if !h.Mode.Allows(op) {
		return &Error{Code: CodeForbidden, Field: fieldMode}
	}
	return nil
}

// Form is the form in which a key is to leave.
type Form uint8

// The forms.
const (
	InKeyBlock Form = iota // under a KBPK, in a key block or another form that meets X9.24
	UnderKEK               // under a KEK in a form that does not bind its header
	InClear                // as components or in the clear: no exportability allows it
)

// Allows reports whether a key of that exportability may leave in a form. ANSI X9.143, 6.3.5.
func (x Exportability) Allows(f Form) bool {
	return x == Exportable && f == InKeyBlock || x == Sensitive && (f == InKeyBlock || f == UnderKEK)
}

// AllowExport returns nil where a key with that header may leave in a form. The error is CodeExport.
func (h *Header) AllowExport(f Form) error {
	if !h.Exportability.Allows(f) {
		return &Error{Code: CodeExport, Field: fieldExportability}
	}
	return nil
}
