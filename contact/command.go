package contact

import "github.com/cardwright/emv/kernel/apdu"

// appendSelect appends SELECT by name: the first occurrence, or with next the following one of a partial name (Book 1,
// 11.3.2).
func appendSelect(dst, name []byte, next bool) []byte {
	dst = apdu.AppendSelect(dst, name)
	if next {
		dst[3] = 0x02
	}
	return dst
}

// appendInternalAuthenticate appends INTERNAL AUTHENTICATE (Book 3, 6.5.9).
func appendInternalAuthenticate(dst, data []byte) []byte {
	dst = append(dst, 0x00, apdu.InsInternalAuthenticate, 0x00, 0x00, byte(len(data)))
	return append(append(dst, data...), 0x00)
}

// appendGenerateAC appends GENERATE AC (Book 3, 6.5.5). A CDOL that asks for nothing leaves the data field out.
func appendGenerateAC(dst []byte, p1 byte, data []byte) []byte {
	dst = append(dst, 0x80, apdu.InsGenerateAC, p1, 0x00)
	if len(data) > 0 {
		dst = append(append(dst, byte(len(data))), data...)
	}
	return append(dst, 0x00)
}
