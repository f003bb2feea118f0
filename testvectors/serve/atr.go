package serve

// maxHistorical is how many historical bytes an answer to reset can have (ISO/IEC 7816-3, 8.2.1).
const maxHistorical = 15

// ATRT0 returns the basic answer to reset of a contact card under T=0 (Book 1, 8.3.1): TB1 and TC1, and historical bytes,
// of which more than 15 are cut.
func ATRT0(historical []byte) []byte {
	historical = historical[:min(len(historical), maxHistorical)]
	return append([]byte{0x3B, 0x60 | byte(len(historical)), 0x00, 0x00}, historical...)
}

// ATRT1 returns the basic answer to reset of a contact card under T=1 (Book 1, 8.3.2): IFSC FE, BWI 4 and CWI 5.
func ATRT1(historical []byte) []byte {
	historical = historical[:min(len(historical), maxHistorical)]
	atr := []byte{0x3B, 0xE0 | byte(len(historical)), 0x00, 0x00, 0x81, 0x31, 0xFE, 0x45}
	return checked(append(atr, historical...))
}

// ATRContactless returns the answer to reset that a PC/SC reader makes up for a contactless card with ISO-DEP (PC/SC part
// 3, 3.1.3.2.3.1): for type A the historical bytes of its ATS, for type B application data and protocol information of its
// ATQB and the high half of its answer to ATTRIB.
func ATRContactless(historical []byte) []byte {
	historical = historical[:min(len(historical), maxHistorical)]
	return checked(append([]byte{0x3B, 0x80 | byte(len(historical)), 0x80, 0x01}, historical...))
}

// checked appends TCK, the exclusive or of all bytes behind TS (ISO/IEC 7816-3, 8.2.5).
func checked(atr []byte) []byte {
	var tck byte
	for _, b := range atr[1:] {
		tck ^= b
	}
	return append(atr, tck)
}
