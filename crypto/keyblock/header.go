package keyblock

import "strconv"

// Header is what a key block says of its key, readable by everybody and protected by the MAC. ANSI X9.143, 6.2.
type Header struct {
	Version       Version
	Usage         Usage
	Algorithm     Algorithm
	Mode          Mode
	KeyVersion    KeyVersion
	Exportability Exportability
	Context       Context

	// Blocks are the optional blocks in their order. A padding block, PB, is the last; Wrap writes its own.
	Blocks []OptionalBlock
}

const (
	headerLen = 16   // of the fixed part, in characters
	maxLength = 9999 // what four digits count
	maxBlocks = 99   // what two digits count
)

// The fields by name, as errors show them.
const (
	fieldVersion       = "version"
	fieldLength        = "length"
	fieldUsage         = "usage"
	fieldAlgorithm     = "algorithm"
	fieldMode          = "mode"
	fieldKeyVersion    = "key version"
	fieldExportability = "exportability"
	fieldBlocks        = "optional blocks"
	fieldContext       = "context"
	fieldReserved      = "reserved"
)

// ParseHeader reads the header of a whole key block and returns it with its length in characters, optional blocks
// included. Nothing vouches for what it says: only Unwrap does.
//
// The errors are CodeLength, CodeVersion, CodeField and CodeOptionalBlock.
func ParseHeader(block []byte) (Header, int, error) {
	if len(block) < headerLen || len(block) > maxLength {
		return Header{}, 0, &Error{Code: CodeLength, N: len(block)}
	}
	s := string(block)
	h := Header{
		Version: Version(s[:1]), Usage: Usage(s[5:7]), Algorithm: Algorithm(s[7:8]), Mode: Mode(s[8:9]),
		KeyVersion: KeyVersion(s[9:11]), Exportability: Exportability(s[11:12]), Context: Context(s[14:15]),
	}
	b, err := h.Version.binding()
	if err != nil {
		return Header{}, 0, err
	}
	if n, ok := decimal(s[1:5]); !ok || n != len(s) {
		return Header{}, 0, &Error{Code: CodeLength, Field: fieldLength, N: len(s)}
	}
	if err := h.wellFormed(); err != nil {
		return Header{}, 0, err
	}
	count, ok := decimal(s[12:14])
	if !ok {
		return Header{}, 0, &Error{Code: CodeField, Field: fieldBlocks}
	}
	if s[15] != '0' {
		return Header{}, 0, &Error{Code: CodeField, Field: fieldReserved} // ANSI X9.143, 6.2: shall be '0'
	}
	n := headerLen
	for range count {
		o, size, err := parseOptional(s[n:])
		if err != nil {
			return Header{}, 0, err
		}
		h.Blocks = append(h.Blocks, o)
		n += size
	}
	if err := checkBlocks(h.Blocks); err != nil {
		return Header{}, 0, err
	}
	// ANSI X9.143, 6.3.6: the optional blocks fill whole blocks of the cipher. CTR mode knows no blocks.
	if !b.stream && n%b.block != 0 {
		return Header{}, 0, &Error{Code: CodeOptionalBlock, Field: fieldBlocks, N: n}
	}
	return h, n, nil
}

// wellFormed checks the characters of the fixed fields: letters and digits, capitals but for the 'c' of components.
func (h *Header) wellFormed() error {
	for _, f := range [...]struct {
		name, value string
		n           int
	}{
		{fieldUsage, string(h.Usage), 2},
		{fieldAlgorithm, string(h.Algorithm), 1},
		{fieldMode, string(h.Mode), 1},
		{fieldKeyVersion, string(h.KeyVersion), 2},
		{fieldExportability, string(h.Exportability), 1},
		{fieldContext, string(h.Context), 1},
	} {
		good := len(f.value) == f.n
		for i := 0; good && i < f.n; i++ {
			good = alphanumeric(f.value[i]) || i == 0 && f.value[i] == 'c' && f.name == fieldKeyVersion
		}
		if !good {
			return &Error{Code: CodeField, Field: f.name}
		}
	}
	return nil
}

// append writes the header of a block of total characters to dst.
func (h *Header) append(dst []byte, total int) []byte {
	dst = append(dst, h.Version...)
	dst = appendDecimal(dst, total, 4)
	dst = append(dst, h.Usage...)
	dst = append(dst, h.Algorithm...)
	dst = append(dst, h.Mode...)
	dst = append(dst, h.KeyVersion...)
	dst = append(dst, h.Exportability...)
	dst = appendDecimal(dst, len(h.Blocks), 2)
	dst = append(dst, h.Context...)
	dst = append(dst, '0')
	for i := range h.Blocks {
		dst = h.Blocks[i].append(dst)
	}
	return dst
}

// decimal reads digits and nothing else.
func decimal(s string) (n int, ok bool) {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + int(c-'0')
	}
	return n, true
}

// appendDecimal writes n in a number of digits.
func appendDecimal(dst []byte, n, digits int) []byte {
	text := strconv.Itoa(n)
	for range digits - len(text) {
		dst = append(dst, '0')
	}
	return append(dst, text...)
}

func alphanumeric(c byte) bool { return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' }
