package kernel

// Bit names one bit of a data object as the books do: byte from 1 on the left, bit from 8 (most significant) to 1.
//
//	const OnlinePINRequired = kernel.Bit(1<<8 | 0x80) // CTQ byte 1 b8
type Bit uint16

// In reports whether the bit is set in v; a value too short to have it has it not set.
func (b Bit) In(v []byte) bool {
	i := int(b>>8) - 1
	return i < len(v) && v[i]&byte(b) != 0
}

// Set sets the bit in v, which must be long enough.
func (b Bit) Set(v []byte) { v[int(b>>8)-1] |= byte(b) }

// Clear clears the bit in v, which must be long enough.
func (b Bit) Clear(v []byte) { v[int(b>>8)-1] &^= byte(b) }
