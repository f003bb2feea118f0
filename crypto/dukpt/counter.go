package dukpt

import "math/bits"

// schedule is the rule by which a transaction counter runs, and which future keys a terminal holds. It is the same in
// both standards but for the numbers.
//
// A future key is that of a counter value with zeros below its lowest one bit, and is held in the register of that bit.
// From the key of a value come the keys of the values that have one more one bit, below.
type schedule struct {
	width int // bits of the counter, and registers
	most  int // one bits that a value may have
}

// end is the value that follows the last: a terminal with it is exhausted.
func (s schedule) end() uint64 { return 1 << s.width }

// valid reports whether a transaction may have the counter c.
func (s schedule) valid(c uint64) bool {
	return c != 0 && c < s.end() && bits.OnesCount64(c) <= s.most
}

// next returns the valid counter after c, or end. A value that has all its one bits is followed by the one in which
// a carry makes them fewer. ANSI X9.24-1, A.2 ("New Key-1"); ANSI X9.24-3, 6.3.3 ("Update State for next Transaction").
func (s schedule) next(c uint64) uint64 {
	if bits.OnesCount64(c) < s.most {
		return c + 1
	}
	return c + c&-c
}

// children calls derive for each register that the key of counter c fills, with the register's own counter, from the
// highest down. None is filled when c has all its one bits.
func (s schedule) children(c uint64, derive func(register int, counter uint64)) {
	if bits.OnesCount64(c) >= s.most {
		return
	}
	top := s.width // the initial key, of counter 0, fills all
	if c != 0 {
		top = bits.TrailingZeros64(c)
	}
	for i := top - 1; i >= 0; i-- {
		derive(i, c|1<<i)
	}
}

// path calls step with the counters of the keys that lie between the initial key and that of c, the last being c:
// its one bits from the left. ANSI X9.24-1, A.3; ANSI X9.24-3, 6.3.2.
func path(c uint64, step func(counter uint64)) {
	for at := uint64(0); c != 0; {
		high := uint64(1) << (bits.Len64(c) - 1)
		c &^= high
		at |= high
		step(at)
	}
}

// inUse returns the registers, one a bit, that hold a key when c is the counter of the next transaction: that of its
// lowest one bit, and above it those of its zero bits.
func (s schedule) inUse(c uint64) uint64 {
	if c == 0 {
		return 0
	}
	return ^(c - 1) & (s.end() - 1)
}

// left returns how many transactions a terminal has from the counter c on, that of c included.
func (s schedule) left(c uint64) uint64 {
	if c == 0 || c >= s.end() {
		return 0
	}
	// Values from c on are those that share c's bits above some zero bit of c and have a one there, and c itself.
	n := uint64(1)
	for i := range s.width {
		if c>>i&1 == 0 {
			n += combinations(i, s.most-1-bits.OnesCount64(c>>i))
		}
	}
	return n
}

// combinations returns how many numbers of n bits have at most k one bits.
func combinations(n, k int) uint64 {
	if k < 0 {
		return 0
	}
	sum, term := uint64(0), uint64(1)
	for i := 0; i <= min(n, k); i++ {
		sum += term
		term = term * uint64(n-i) / uint64(i+1)
	}
	return sum
}
