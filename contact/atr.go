package contact

import "github.com/cardwright/emv/kernel"

// Protocol is the transmission protocol that a card offers first.
type Protocol uint8

// The protocols of Book 1, 9.
const (
	T0 Protocol = 0
	T1 Protocol = 1
)

// ATR is an answer to reset taken apart (Book 1, 8.2). Its presence flags belong to the interface characters that a card
// may leave out.
type ATR struct {
	Inverse    bool // TS 3F
	Protocol   Protocol
	Historical []byte // aliases the bytes that were parsed
	TA1        byte   // 11 (F 372, D 1) where the card gives none
	TC1        byte   // N, extra guard time
	WI         byte   // TC2, waiting time integer; T=0
	IFSC       byte   // TA3, the card's information field size; T=1
	BWI, CWI   byte   // TB3; T=1
	Specific   bool   // TA2: TA1 applies from the start
	Basic      bool   // all characters as a basic ATR has them (Book 1, 8.3.1 and 8.3.2); otherwise tolerated
}

// The ways in which an answer to reset is refused.
var (
	errATRShort    = &kernel.Error{Code: "atr.truncated", Text: "shorter than its characters announce"}
	errATRLong     = &kernel.Error{Code: "atr.length", Text: "longer than its characters announce, or than 32 characters"}
	errATRTS       = &kernel.Error{Code: "atr.ts", Text: "TS is neither 3B nor 3F"}
	errATRTA1      = &kernel.Error{Code: "atr.ta1", Text: "TA1 is not 11 to 13 in specific mode"}
	errATRTB1      = &kernel.Error{Code: "atr.tb1", Text: "TB1 is not 00 after a cold reset"}
	errATRProtocol = &kernel.Error{Code: "atr.protocol", Text: "the first protocol is neither T=0 nor T=1"}
	errATRTA2      = &kernel.Error{Code: "atr.ta2", Text: "TA2 names implicit parameters or another protocol"}
	errATRTB2      = &kernel.Error{Code: "atr.tb2", Text: "TB2 is there after a cold reset"}
	errATRTC2      = &kernel.Error{Code: "atr.tc2", Text: "TC2 is not 0A"}
	errATRTD2      = &kernel.Error{Code: "atr.td2", Text: "TD2 does not fit TD1"}
	errATRTA3      = &kernel.Error{Code: "atr.ta3", Text: "TA3 is not 10 to FE"}
	errATRTB3      = &kernel.Error{Code: "atr.tb3", Text: "TB3 is missing or its waiting times are out of range"}
	errATRTC3      = &kernel.Error{Code: "atr.tc3", Text: "TC3 is not 00"}
	errATRTCK      = &kernel.Error{Code: "atr.tck", Text: "the check character is wrong"}
)

// maxATR is the length of the longest answer to reset: TS and 32 characters (ISO/IEC 7816-3, 8.2.1).
const maxATR = 33

// characters are the interface characters of an answer to reset, by place: TA to TD of three groups.
type characters struct {
	value [3][4]byte
	there [3][4]bool
}

func (c *characters) get(kind byte, group int) (byte, bool) {
	return c.value[group-1][kind-'A'], c.there[group-1][kind-'A']
}

// ParseATR checks an answer to reset as Book 1, 8.3 has terminals do: what differs from a basic ATR is accepted where the
// book tolerates it, and refused otherwise. After a warm reset the book tolerates more. The error's codes begin with
// "atr.".
func ParseATR(atr []byte, warm bool) (ATR, error) {
	a := ATR{TA1: 0x11, WI: 0x0A, IFSC: 0x20}
	if len(atr) < 2 {
		return a, errATRShort
	}
	if len(atr) > maxATR {
		return a, errATRLong
	}
	switch atr[0] { // 8.3.3.1
	case 0x3B:
	case 0x3F:
		a.Inverse = true
	default:
		return a, errATRTS
	}
	var c characters
	rest, checked, err := c.read(atr)
	if err != nil {
		return a, err
	}
	n := int(atr[1] & 0x0F)
	tail := 0
	if checked {
		tail = 1
	}
	switch {
	case len(rest) < n+tail:
		return a, errATRShort
	case len(rest) > n+tail:
		return a, errATRLong
	}
	a.Historical = rest[:n:n]
	if checked && !tckHolds(atr) { // 8.3.3.13
		return a, errATRTCK
	}
	for _, check := range [...]func(*characters, bool) error{a.first, a.second, a.third} {
		if err := check(&c, warm); err != nil {
			return a, err
		}
	}
	a.Basic = a.isBasic(&c)
	return a, nil
}

// read takes the interface characters. Groups behind the third are passed over: EMV gives them no meaning. checked says
// that a check character must follow: some protocol other than T=0 is named (8.2.5).
func (c *characters) read(atr []byte) (rest []byte, checked bool, err error) {
	follows, rest := atr[1]>>4, atr[2:]
	for group := 0; follows != 0; group++ {
		next := byte(0)
		for k := range 4 {
			if follows>>k&1 == 0 {
				continue
			}
			if len(rest) == 0 {
				return nil, false, errATRShort
			}
			if group < len(c.value) {
				c.value[group][k], c.there[group][k] = rest[0], true
			}
			if k == 3 {
				next = rest[0] >> 4
				checked = checked || rest[0]&0x0F != 0
			}
			rest = rest[1:]
		}
		follows = next
	}
	return rest, checked, nil
}

// tckHolds reports whether T0 to TCK are zero under exclusive or.
func tckHolds(atr []byte) bool {
	x := byte(0)
	for _, b := range atr[1:] {
		x ^= b
	}
	return x == 0
}

// first checks TB1, TC1 and TD1 (Book 1, 8.3.3.3 to 8.3.3.6).
func (a *ATR) first(c *characters, warm bool) error {
	if tb1, ok := c.get('B', 1); !warm && (!ok || tb1 != 0x00) { // 8.3.3.4
		return errATRTB1
	}
	a.TC1, _ = c.get('C', 1) // any value, absent counts as 00 (8.3.3.5)
	if td1, ok := c.get('D', 1); ok {
		if td1&0x0F > 1 { // 8.3.3.6
			return errATRProtocol
		}
		a.Protocol = Protocol(td1 & 0x0F)
	}
	return nil
}

// second checks TA1 with TA2, and TB2 to TD2 (Book 1, 8.3.3.3 and 8.3.3.7 to 8.3.3.10).
func (a *ATR) second(c *characters, warm bool) error {
	if ta1, ok := c.get('A', 1); ok {
		a.TA1 = ta1
	}
	if ta2, ok := c.get('A', 2); ok {
		a.Specific = true
		if ta2&0x10 != 0 || Protocol(ta2&0x0F) != a.Protocol { // 8.3.3.7
			return errATRTA2
		}
		if a.TA1 < 0x11 || a.TA1 > 0x13 { // 8.3.3.3
			return errATRTA1
		}
	} else {
		a.TA1 = 0x11 // negotiable mode: the defaults stay, PPS being the driver's
	}
	if _, ok := c.get('B', 2); ok && !warm { // 8.3.3.8
		return errATRTB2
	}
	if tc2, ok := c.get('C', 2); ok && a.Protocol == T0 { // 8.3.3.9
		if tc2 != 0x0A {
			return errATRTC2
		}
	}
	// 8.3.3.10: behind T=0 come T=1 or T=14, behind T=1 only T=1.
	if td2, ok := c.get('D', 2); ok {
		next := td2 & 0x0F
		if next != 0x01 && (next != 0x0E || a.Protocol != T0) {
			return errATRTD2
		}
	}
	return nil
}

// third checks TA3, TB3 and TC3, which only T=1 has (Book 1, 8.3.3.11 to 8.3.3.13).
func (a *ATR) third(c *characters, _ bool) error {
	if a.Protocol != T1 {
		return nil
	}
	if ta3, ok := c.get('A', 3); ok {
		if ta3 < 0x10 || ta3 == 0xFF {
			return errATRTA3
		}
		a.IFSC = ta3
	}
	tb3, ok := c.get('B', 3)
	a.BWI, a.CWI = tb3>>4, tb3&0x0F
	// 8.3.3.12: BWI at most 4, CWI at most 5, and 2^CWI more than N + 1, where N = 255 counts as -1.
	n := int(a.TC1) + 1
	if a.TC1 == 0xFF {
		n = 0
	}
	if !ok || a.BWI > 4 || a.CWI > 5 || 1<<a.CWI <= n {
		return errATRTB3
	}
	if tc3, ok := c.get('C', 3); ok && tc3 != 0x00 { // longitudinal redundancy check only
		return errATRTC3
	}
	return nil
}

// isBasic reports whether the characters are those of a basic ATR: for T=0 TB1 and TC1 only, for T=1 also TD1 81, TD2 31,
// TA3 and TB3 (Book 1, tables 19 and 20).
func (a *ATR) isBasic(c *characters) bool {
	var want [3][4]bool
	want[0] = [4]bool{false, true, true, false}
	if a.Protocol == T1 {
		want[0][3], want[1] = true, [4]bool{3: true}
		want[2] = [4]bool{true, true, false, false}
	}
	tb1, _ := c.get('B', 1)
	td1, _ := c.get('D', 1)
	td2, _ := c.get('D', 2)
	return c.there == want && tb1 == 0 && (a.Protocol == T0 || td1 == 0x81 && td2 == 0x31)
}
