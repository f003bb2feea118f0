package mac

// Padding is a padding method of ISO/IEC 9797-1, by its number there.
type Padding uint8

// The padding methods.
const (
	// Method1 adds as few '0' bits as needed, possibly none: data and the same data with zeros behind it look alike.
	// ISO/IEC 9797-1, padding method 1.
	Method1 Padding = 1
	// Method2 adds one '1' bit (byte '80'), then as few '0' bits as needed.
	// ISO/IEC 9797-1, padding method 2; ISO/IEC 7816-4.
	Method2 Padding = 2
	// Method3 pads as Method1 and puts the length of the unpadded data in bits, one block, big-endian, in front.
	// ISO/IEC 9797-1, padding method 3.
	Method3 Padding = 3
)

// maxBlock is the size of an AES block, the largest cipher block here, in bytes.
const maxBlock = 16

// maxPadBlock is the largest block that Pad fills: the standard sets no bound, and no cipher has more than 1024 bits.
const maxPadBlock = 128

// Pad appends data to dst, padded to a positive multiple of blockSize bytes (1 to 128; method 3 takes 4 and more).
//
// The errors are CodePadding and CodeBlockSize.
func (p Padding) Pad(dst, data []byte, blockSize int) ([]byte, error) {
	if err := p.check(); err != nil {
		return dst, err
	}
	if blockSize < 1 || blockSize > maxPadBlock || p == Method3 && blockSize < 4 {
		return dst, &Error{Code: CodeBlockSize, N: blockSize}
	}
	if p == Method3 {
		at := len(dst)
		dst = appendZeros(dst, blockSize)
		xorLength(dst[at:], len(data))
	}
	dst = append(dst, data...)
	switch {
	case p == Method2:
		dst = append(dst, 0x80)
		return appendZeros(dst, roundUp(len(data)+1, blockSize)-len(data)-1), nil
	case len(data) == 0:
		// ISO/IEC 9797-1, padding methods 1 and 3: empty data becomes one block of '0' bits.
		return appendZeros(dst, blockSize), nil
	}
	return appendZeros(dst, roundUp(len(data), blockSize)-len(data)), nil
}

func (p Padding) check() error {
	if p < Method1 || p > Method3 {
		return &Error{Code: CodePadding, N: int(p)}
	}
	return nil
}

// xorLength adds the length of data of n bytes, in bits, to the right end of a block.
func xorLength(block []byte, n int) {
	bits := uint64(n) << 3
	for i := len(block) - 1; i >= 0 && bits != 0; i-- {
		block[i] ^= byte(bits)
		bits >>= 8
	}
}

func roundUp(n, multiple int) int { return (n + multiple - 1) / multiple * multiple }

func appendZeros(dst []byte, n int) []byte {
	var zeros [maxPadBlock]byte
	return append(dst, zeros[:n]...)
}
