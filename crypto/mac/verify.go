package mac

import "crypto/subtle"

// Verify reports whether received is computed or the leftmost bytes of it, and has at least least bytes (1 or more).
// The time it takes depends on lengths alone.
func Verify(computed, received []byte, least int) bool {
	n := len(received)
	if n < max(least, 1) || n > len(computed) {
		return false
	}
	return subtle.ConstantTimeCompare(computed[:n], received) == 1
}
