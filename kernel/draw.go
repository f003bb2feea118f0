package kernel

import "io"

// maxDraws is how often a byte is drawn before the source counts as broken: a good one does so once in 10^19, whatever n.
const maxDraws = 64

// ErrStuckRand is a source of randomness that gives only bytes that Draw can't use.
var ErrStuckRand = &Error{"rand.stuck", "the source of randomness gives nothing but high bytes"}

// Draw draws a number from 0 to n-1, n being 1 to 256, each equally likely: bytes from the last whole multiple of n on are
// drawn again. room is one byte or more to draw into. The error is the source's, or ErrStuckRand.
func Draw(random io.Reader, room []byte, n int) (int, error) {
	for range maxDraws {
		if _, err := io.ReadFull(random, room[:1]); err != nil {
			return 0, err
		}
		if v := int(room[0]); v < 256-256%n {
			return v % n, nil
		}
	}
	return 0, ErrStuckRand
}
