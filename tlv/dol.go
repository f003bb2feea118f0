package tlv

// MaxDOLData is the most that a list may ask for: what fits into the data field of a short command.
const MaxDOLData = 255

// DOL walks the entries of a data object list (Book 3, 5.4): pairs of a tag and a length of one byte. A tag that occurs
// twice is seen twice.
//
//	d := tlv.ReadDOL(list)
//	for d.Next() {
//		use(d.Tag(), d.Len())
//	}
type DOL struct {
	list []byte
	pos  int
	tag  Tag
	n    int
	at   int
	code Code
}

// ReadDOL returns a cursor in front of the list's first entry.
func ReadDOL(list []byte) DOL { return DOL{list: list} }

// Next moves to the next entry. Unlike TLV data a list knows no padding: '00' where a tag should be is an error.
func (d *DOL) Next() bool {
	if d.code != "" || d.pos >= len(d.list) {
		return false
	}
	if d.list[d.pos] == 0x00 {
		return d.fail(d.pos, CodeTagNumber)
	}
	t, i, code := readTag(d.list, d.pos)
	if code != "" {
		return d.fail(i, code)
	}
	if i >= len(d.list) {
		return d.fail(i, CodeTruncated)
	}
	d.tag, d.n, d.pos = t, int(d.list[i]), i+1
	return true
}

func (d *DOL) fail(at int, code Code) bool {
	d.at, d.code = at, code
	return false
}

// Tag returns the current entry's tag.
func (d *DOL) Tag() Tag { return d.tag }

// Len returns the number of bytes that the current entry asks for, 0 to 255.
func (d *DOL) Len() int { return d.n }

// Err returns nil at a regular end, otherwise a *SyntaxError whose offset counts in the list.
func (d *DOL) Err() error {
	if d.code == "" {
		return nil
	}
	return &SyntaxError{Code: d.code, Offset: d.at}
}

// DOLDataLen returns how many bytes the list asks for, and an error when the list is malformed or asks for more than
// MaxDOLData.
func DOLDataLen(list []byte) (int, error) {
	n := 0
	d := ReadDOL(list)
	for d.Next() {
		if n += d.n; n > MaxDOLData {
			return 0, &SyntaxError{Code: CodeDOLLength, Offset: d.pos - 1}
		}
	}
	if err := d.Err(); err != nil {
		return 0, err
	}
	return n, nil
}

// DOLHas reports whether the list names t.
func DOLHas(list []byte, t Tag) bool {
	d := ReadDOL(list)
	for d.Next() {
		if d.tag == t {
			return true
		}
	}
	return false
}

// Source gives the data objects that a DOL asks for. It returns the value and its format; a nil value is an object that
// is absent, FormatUnknown one that is not known at all.
type Source interface {
	DOLValue(t Tag) (value []byte, f Format)
}

// AppendDOLData appends the data that the list asks for, entry after entry (Book 3, 5.4). On an error dst is returned
// as it was.
func AppendDOLData(dst, list []byte, from Source) ([]byte, error) {
	out := dst
	d := ReadDOL(list)
	for d.Next() {
		value, f := from.DOLValue(d.tag)
		// 5.4 b: a tag that is unknown, or of a constructed object, gives zeros.
		if f == FormatUnknown || d.tag.Constructed() {
			value = nil
		}
		out = AppendDOLValue(out, value, f, d.n)
		if len(out)-len(dst) > MaxDOLData {
			return dst, &SyntaxError{Code: CodeDOLLength, Offset: d.pos - 1}
		}
	}
	if err := d.Err(); err != nil {
		return dst, err
	}
	return out, nil
}

// AppendDOLValue appends value in exactly n bytes, cut or padded as Book 3, 5.4 asks for its format. An empty value
// counts as absent and gives zeros, whatever the format.
func AppendDOLValue(dst, value []byte, f Format, n int) []byte {
	have := len(value)
	switch {
	// 5.4 c: too long. Numeric loses its leftmost bytes, every other format its rightmost.
	case have >= n && f == Numeric:
		return append(dst, value[have-n:]...)
	case have >= n:
		return append(dst, value[:n]...)
	// 5.4 d: too short, or absent. Numeric is padded with zeros in front, compressed numeric with 'F' behind, every
	// other format with zeros behind.
	case have == 0:
		return appendFill(dst, 0x00, n)
	case f == Numeric:
		return append(appendFill(dst, 0x00, n-have), value...)
	case f == CompressedNumeric:
		return appendFill(append(dst, value...), 0xFF, n-have)
	}
	return appendFill(append(dst, value...), 0x00, n-have)
}

func appendFill(dst []byte, b byte, n int) []byte {
	for range n {
		dst = append(dst, b)
	}
	return dst
}
