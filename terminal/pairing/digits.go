package pairing

import (
	"encoding/binary"
	"encoding/hex"
	"io"
	"unicode"

	"github.com/cardwright/emv/crypto/spake2plus"
	"github.com/cardwright/emv/terminal/wire"
)

// digits is a code that can be typed: eight of them. PRODUCT 3.1.
type digits [8]byte

// drawDigits draws each of the 10^8 codes with the same probability.
func drawDigits(random io.Reader) (d digits, err error) {
	const codes = 100_000_000
	const fair = 1<<32 - 1<<32%codes // numbers from here on would make some codes more likely
	var b [4]byte
	defer clear(b[:])
	for range 64 {
		if _, err := io.ReadFull(random, b[:]); err != nil {
			return digits{}, err
		}
		n := binary.BigEndian.Uint32(b[:])
		if n >= fair {
			continue
		}
		for i := len(d) - 1; i >= 0; i-- {
			d[i], n = '0'+byte(n%10), n/10
		}
		return d, nil
	}
	return digits{}, io.ErrNoProgress
}

// String returns the code as a person reads it: two groups of four.
func (d *digits) String() string { return string(d[:4]) + " " + string(d[4:]) }

// parseDigits reads what a person typed: eight digits, with spaces or hyphens anywhere.
func parseDigits(typed string) (d digits, ok bool) {
	n := 0
	for _, c := range typed {
		switch {
		case c == '-' || unicode.IsSpace(c):
		case c < '0' || c > '9' || n == len(d):
			return digits{}, false
		default:
			d[n] = byte(c)
			n++
		}
	}
	return d, n == len(d)
}

// typedLabel names the protocol of the typed code, in the context of SPAKE2+ and as the salt of argon2id.
const typedLabel = "cardwright pair code v1"

// typedCost is what a code costs whoever has w0 and L, and nobody else: an exchange leaves nothing to try codes on. Both
// are in the terminal's memory alone, for five minutes, where the code itself was just before. Nothing makes 10^8 codes
// dear within five minutes; one pass over 8 MiB makes a code dearer than a plain hash, as RFC 9383, 3.2 wants. Portable Go
// needs 12 ms for it on a server's core, so that a slow ARM needs one or two tenths of a second: the terminal once for a
// code, not for a try, and the till once.
var typedCost = spake2plus.Cost{Passes: 1, KiB: 8 << 10}

// typedSecrets makes w0 and w1 of a code. The till is not known when the terminal does it, so that the identity of the
// prover is empty here (RFC 9383, 3.2); it comes with the exchange. The terminal's key keeps tables for one terminal
// from serving against another.
func typedSecrets(d *digits, terminal Pin) (spake2plus.Secrets, error) {
	s, err := spake2plus.Derive(d[:], nil, terminal[:], []byte(typedLabel), typedCost)
	if err != nil {
		return s, &wire.Error{Code: wire.CodeInternal, Detail: "typed code", Err: err}
	}
	return s, nil
}

// typedSession is what the exchange is bound to: the TLS connection, and both keys that TLS has seen. A middleman has
// two connections and a key of its own on each.
func typedSession(e []byte, till, terminal Pin) spake2plus.Session {
	return spake2plus.Session{Context: append([]byte(typedLabel), e...), Prover: till[:], Verifier: terminal[:]}
}

// typedSecret makes of K_shared what takes the place of a scanned secret.
func typedSecret(shared []byte) (s Secret) {
	copy(s[:], shared)
	clear(shared)
	return s
}

// parseTerminalID reads what String writes.
func parseTerminalID(s string) (id TerminalID, ok bool) {
	if len(s) != hex.EncodedLen(len(id)) {
		return id, false
	}
	_, err := hex.Decode(id[:], []byte(s))
	return id, err == nil && id.String() == s
}
