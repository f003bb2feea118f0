package pcsc

import (
	"strings"

	"github.com/cardwright/emv/terminal/driver"
)

// Words in the names that readers have under PC/SC. Contactless ones stand first, since "contact" is part of
// "contactless".
var (
	contactlessWords = []string{"contactless", "picc", "nfc", "rfid", "tap"}
	contactWords     = []string{"contact", "icc", "smart card reader", "smartcard reader", "pinpad", "sim"}
	contactlessEnds  = []string{"cl"} // a word of its own: "OMNIKEY CardMan 5x21-CL"
)

// KindOfName returns the interface that a reader's name tells of, 0 if it tells none.
func KindOfName(name string) driver.Kind {
	name = strings.ToLower(name)
	words := strings.FieldsFunc(name, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	has := func(w string) bool {
		if strings.Contains(w, " ") {
			return strings.Contains(name, w)
		}
		for _, one := range words {
			if one == w {
				return true
			}
		}
		return false
	}
	for _, w := range append(contactlessWords, contactlessEnds...) {
		if has(w) {
			return driver.Contactless
		}
	}
	for _, w := range contactWords {
		if has(w) {
			return driver.Contact
		}
	}
	return 0
}

// KindOfATR returns the interface that an answer to reset came through. Readers make up that of a contactless card: 3B, 8N,
// 80, 01, N historical bytes and the check character (PC/SC part 3, 3.1.3.2.3.1). Anything else of at least two bytes is a
// contact card's; 0 stands for what is no answer to reset.
func KindOfATR(atr []byte) driver.Kind {
	if len(atr) < 2 {
		return 0
	}
	n := int(atr[1] & 0x0F)
	if len(atr) != 5+n || atr[0] != 0x3B || atr[1]&0xF0 != 0x80 || atr[2] != 0x80 || atr[3] != 0x01 {
		return driver.Contact
	}
	var sum byte // TCK makes the exclusive or of all behind TS zero (ISO/IEC 7816-3, 8.2.5)
	for _, b := range atr[1:] {
		sum ^= b
	}
	if sum != 0 {
		return driver.Contact
	}
	return driver.Contactless
}

// kindsOf returns what a reader has: its name decides, then the card in it; with neither it may be either.
func kindsOf(name string, atr []byte) driver.Kind {
	if k := KindOfName(name); k != 0 {
		return k
	}
	if k := KindOfATR(atr); k != 0 {
		return k
	}
	return driver.Contact | driver.Contactless
}
