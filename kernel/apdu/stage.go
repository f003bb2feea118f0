package apdu

import "github.com/cardwright/emv/tlv"

// AppendGetData appends GET DATA for a primitive data object with a tag of two bytes (Book 3, 6.5.7).
func AppendGetData(dst []byte, tag uint16) []byte {
	return append(dst, 0x80, InsGetData, byte(tag>>8), byte(tag), 0x00)
}

// AppendGetChallenge appends GET CHALLENGE (Book 3, 6.5.6).
func AppendGetChallenge(dst []byte) []byte {
	return append(dst, 0x00, InsGetChallenge, 0x00, 0x00, 0x00)
}

// AppendVerify appends VERIFY (Book 3, 6.5.12). qualifier is P2 and says how data holds the PIN. What is appended is as
// secret as data: the caller wipes it.
func AppendVerify(dst []byte, qualifier byte, data []byte) []byte {
	dst = append(dst, 0x00, InsVerify, 0x00, qualifier, byte(len(data)))
	return append(dst, data...)
}

// DataObject returns the value that an answer to GET DATA holds: one object with that tag and nothing else (Book 3,
// 6.5.7). It reports false for anything that is not this with status 9000.
func (r Response) DataObject(tag uint16) ([]byte, bool) {
	c := tlv.Read(r.Data)
	if r.SW != OK || !c.Next() || c.Tag() != tlv.Tag(tag) || c.Offset()+c.Len() != len(r.Data) {
		return nil, false
	}
	return c.Value(), true
}
