package payment

import (
	"encoding/hex"

	"github.com/cardwright/emv/terminal/canonical"
)

// Hash returns the SHA-256 of the request's body in its canonical form (RFC 8785), as 64 hexadecimal digits: the members
// that Request has, those of zero value left out. The lease's epoch is no part of it: a till that has its lease renewed and
// sends again means the same payment. It is empty for a request that has no such form, which check has refused before.
func (r *Request) Hash() string {
	sum, err := canonical.Hash(r)
	if err != nil {
		return ""
	}
	return hex.EncodeToString(sum[:])
}
