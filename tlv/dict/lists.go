package dict

import "github.com/cardwright/emv/tlv"

// IsDOL reports whether the value of e is a list of tags and lengths (Book 3, 5.4). '9F69', '9F51', '9F5B' and '9F5C'
// are lists to some kernels only, which the entry's scope tells.
func IsDOL(e *Entry) bool {
	switch e.Tag {
	case 0x8C, 0x8D, 0x97, 0x9F38, 0x9F3F, 0x9F49, 0x9F4F:
		return true
	case 0x9F51, 0x9F5B, 0x9F69, 0xDF811A:
		return e.Scope == C2
	case 0x9F5C:
		return e.Scope == C5
	}
	return false
}

// IsTagList reports whether the value of e is a list of tags without lengths.
func IsTagList(e *Entry) bool {
	switch e.Tag {
	case 0x9F4A:
		return true
	case 0xDF8106, 0xDF8112:
		return e.Scope == C2 || e.Scope == C8
	}
	return false
}

// tagAt reads one tag of a tag list and returns how many bytes it takes, or zero when it is no tag.
func tagAt(b []byte) (t tlv.Tag, n int) {
	for n < len(b) && n < 4 {
		t = t<<8 | tlv.Tag(b[n])
		n++
		if t.Valid() {
			return t, n
		}
	}
	return 0, 0
}

// title returns the tag and, where one of the scope's books knows it, its name.
func title(t tlv.Tag, scope Scope) string {
	if e := Lookup(t, scope); e != nil {
		return t.String() + " " + e.Name
	}
	return t.String() + " (unknown)"
}
