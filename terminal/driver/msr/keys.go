package msr

// Key codes that type no character (linux/input-event-codes.h).
const (
	keyEnter      = 28
	keyLeftShift  = 42
	keyRightShift = 54
	keyKeypadEnt  = 96
)

// A keyboard wedge types by the US layout, whatever the layout of the system is: what it means are these keys.
const (
	rowDigits = "1234567890-=" // from KEY_1, 2
	rowTop    = "qwertyuiop[]" // from KEY_Q, 16
	rowHome   = "asdfghjkl;'`" // from KEY_A, 30
	rowBottom = "\\zxcvbnm,./" // from KEY_BACKSLASH, 43

	shiftedDigits = "!@#$%^&*()_+"
	shiftedTop    = "QWERTYUIOP{}"
	shiftedHome   = "ASDFGHJKL:\"~"
	shiftedBottom = "|ZXCVBNM<>?"

	keypad = "789-456+1230." // from KEY_KP7, 71
)

// character returns what a key types, 0 for none.
func character(code uint16, shift bool) byte {
	for _, row := range [...]struct {
		first          uint16
		plain, shifted string
	}{
		{2, rowDigits, shiftedDigits},
		{16, rowTop, shiftedTop},
		{30, rowHome, shiftedHome},
		{43, rowBottom, shiftedBottom},
		{71, keypad, keypad},
		{57, " ", " "},
		{55, "*", "*"},
		{98, "/", "/"},
	} {
		if i := int(code) - int(row.first); i >= 0 && i < len(row.plain) {
			if shift {
				return row.shifted[i]
			}
			return row.plain[i]
		}
	}
	return 0
}
