package keystore

import "github.com/cardwright/emv/crypto/keyblock"

// Use is what a key is wanted for: one operation, as a key of one usage.
type Use struct {
	Usage     keyblock.Usage
	Operation keyblock.Operation
}

// Permit refuses a use that a header does not allow: CodeUsage, CodeMode. ANSI X9.143, 6.3.1 and 6.3.3.
func (u Use) Permit(label string, h *keyblock.Header) error {
	if h.Usage != u.Usage {
		return &Error{Code: CodeUsage, Label: label, Text: "the key is " + h.Usage.String() + ", not " + u.Usage.String()}
	}
	if !h.Mode.Allows(u.Operation) {
		return &Error{Code: CodeMode, Label: label, Text: "the mode of use is " + h.Mode.String()}
	}
	if err := h.Allow(u.Operation, u.Usage); err != nil {
		return &Error{Code: CodeUsage, Label: label, Err: err}
	}
	return nil
}
