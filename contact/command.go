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
	return apdu.AppendCommand(dst, 0x00, apdu.InsInternalAuthenticate, 0x00, 0x00, data)
}
