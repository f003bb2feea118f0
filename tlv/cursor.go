package tlv

// MaxDepth is how deep objects may be nested below the level that Read starts from. EMV itself needs four levels
// (6F, A5, BF0C, 61); what a card nests deeper is refused before it costs anything.
const MaxDepth = 8

// Cursor walks the data objects of one level, in the order in which they stand:
//
//	c := tlv.Read(b)
//	for c.Next() {
//		use(c.Tag(), c.Value())
//	}
//
// A cursor that is declared in the head of its loop is copied on every turn, which takes longer than the walk. Err must be asked after the last Next. A Cursor is a value: it holds no memory of its own, copies of it walk
// independently, and nothing it does on well-formed data allocates. Values alias the slice that was read.
type Cursor struct {
	data     []byte
	pos      int // behind the current object, which is the end of its value
	start    int // of the current value
	tag      Tag
	base     int // offset of data in the outermost slice
	depth    uint8
	tolerant bool
	failed   int // offset of the offending byte, in data
	code     Code
}

// Read returns a cursor in front of the first object of b. Bytes '00' before, between and after objects are padding
// and skipped (Book 3, Annex B1); everything else must be an object.
func Read(b []byte) Cursor { return Cursor{data: b} }

// ReadTolerant is Read for what some real cards send: 'FF' is padding too, wherever a tag could begin, as ISO/IEC 7816-4
// once allowed. Tags whose first byte is FF can't be read this way; no card object has one.
func ReadTolerant(b []byte) Cursor { return Cursor{data: b, tolerant: true} }

// Next moves to the next object. It returns false at the end of the data and where the encoding is wrong; Err tells
// which.
func (c *Cursor) Next() bool {
	// The common case without a call: no padding, a tag of one or two bytes, a length of one.
	at := c.pos
	b := c.data[at:]
	if len(b) < 3 {
		return c.next()
	}
	t, n, head := Tag(b[0]), int(b[1]), 2
	if t&0x1F == 0x1F {
		if n == 0 || n >= 0x80 || t == 0xFF && c.tolerant {
			return c.next()
		}
		t, n, head = t<<8|Tag(n), int(b[2]), 3
	}
	if t == 0 || n >= 0x80 || n > len(b)-head {
		return c.next()
	}
	at += head
	c.tag, c.start, c.pos = t, at, at+n
	return true
}

// next is Next for every form.
func (c *Cursor) next() bool {
	b, i := c.data, c.pos
	for i < len(b) && (b[i] == 0x00 || b[i] == 0xFF && c.tolerant) {
		i++
	}
	if i == len(b) {
		c.pos = i
		return false
	}
	t, i, code := readTag(b, i)
	if code != "" {
		return c.fail(i, code)
	}
	n, i, code := readLength(b, i)
	if code != "" {
		return c.fail(i, code)
	}
	if n > len(b)-i {
		return c.fail(len(b), CodeTruncated)
	}
	c.tag, c.start, c.pos = t, i, i+n
	return true
}

// readLength reads the length field at b[at:]: at most three bytes (Book 3, Annex B2). It returns the length and the
// offset behind it, or the code of what is wrong and the offset of the byte that is.
func readLength(b []byte, at int) (n, next int, code Code) {
	if at >= len(b) {
		return 0, at, CodeTruncated
	}
	size := int(b[at] & 0x7F)
	switch {
	case b[at] < 0x80:
		return int(b[at]), at + 1, ""
	case size == 0:
		return 0, at, CodeIndefinite
	case size > 2:
		return 0, at, CodeLengthLong
	case at+size >= len(b):
		return 0, len(b), CodeTruncated
	case size == 1:
		return int(b[at+1]), at + 2, ""
	}
	return int(b[at+1])<<8 | int(b[at+2]), at + 3, ""
}

// fail stops the cursor for good.
func (c *Cursor) fail(at int, code Code) bool {
	c.failed, c.code, c.pos = at, code, len(c.data)
	return false
}

// Tag returns the current object's tag.
func (c *Cursor) Tag() Tag { return c.tag }

// Value returns the current object's value. It aliases the data that is read; appending to it does not overwrite what
// follows.
func (c *Cursor) Value() []byte { return c.data[c.start:c.pos:c.pos] }

// Len returns the length of the current object's value.
func (c *Cursor) Len() int { return c.pos - c.start }

// Offset returns where the current value begins, counted from the start of the outermost slice.
func (c *Cursor) Offset() int { return c.base + c.start }

// Enter returns a cursor over the objects inside the current one. When that would exceed MaxDepth, the cursor it
// returns has no objects and the error CodeDepth.
func (c *Cursor) Enter() Cursor {
	in := Cursor{data: c.data[c.start:c.pos:c.pos], base: c.base + c.start, depth: c.depth + 1, tolerant: c.tolerant}
	if in.depth > MaxDepth {
		in.fail(0, CodeDepth)
	}
	return in
}

// Err returns nil at a regular end, otherwise a *SyntaxError.
func (c *Cursor) Err() error {
	if c.code == "" {
		return nil
	}
	return &SyntaxError{Code: c.code, Offset: c.base + c.failed}
}

// Find returns the value of the first object with the given path below b: Find(fci, 0x6F, 0xA5, 0x9F38). It reports
// false when there is none, also when the encoding breaks before it.
func Find(b []byte, path ...Tag) ([]byte, bool) {
	for i, t := range path {
		c := Read(b)
		for {
			if !c.Next() {
				return nil, false
			}
			if c.tag == t {
				break
			}
		}
		b = c.Value()
		if i == len(path)-1 {
			return b, true
		}
	}
	return nil, false
}

// Check reports whether b is well formed on all its levels; a constructed object's value must be so too.
func Check(b []byte) error { return check(Read(b)) }

func check(c Cursor) error {
	for c.Next() {
		if c.tag.Constructed() {
			if err := check(c.Enter()); err != nil {
				return err
			}
		}
	}
	return c.Err()
}
