package magstripe

// ServiceCode is the service code of a track, three digits (ISO/IEC 7813). The empty one is none.
type ServiceCode string

// Chip reports whether the card has a chip that is to be used where feasible: 2xx and 6xx.
func (s ServiceCode) Chip() bool { return s.digit(0) == '2' || s.digit(0) == '6' }

// International reports whether the card may be used outside its country.
func (s ServiceCode) International() bool { return s.digit(0) == '1' || s.digit(0) == '2' }

// Online reports whether the issuer must authorise online: x2x and x4x.
func (s ServiceCode) Online() bool { return s.digit(1) == '2' || s.digit(1) == '4' }

// PIN reports whether a PIN is required: always for xx0, xx3 and xx5.
func (s ServiceCode) PIN() bool { return s.digit(2) == '0' || s.digit(2) == '3' || s.digit(2) == '5' }

// PINPrompt reports whether a PIN is to be asked for where there is a PIN pad: xx6 and xx7.
func (s ServiceCode) PINPrompt() bool { return s.digit(2) == '6' || s.digit(2) == '7' }

// Cash reports whether the card may be used for cash: all but xx2, xx5 and xx7.
func (s ServiceCode) Cash() bool {
	switch s.digit(2) {
	case '0', '1', '3', '4', '6':
		return true
	}
	return false
}

// Goods reports whether the card may be used for goods and services: all but xx3 and xx4.
func (s ServiceCode) Goods() bool {
	switch s.digit(2) {
	case '0', '1', '2', '5', '6', '7':
		return true
	}
	return false
}

// Words returns what the three digits mean; "reserved" for values that the standard keeps for later, and three empty
// texts where there is no service code.
func (s ServiceCode) Words() (interchange, authorisation, services string) {
	if len(s) != 3 {
		return "", "", ""
	}
	return word(interchanges[:], s[0]), word(authorisations[:], s[1]), word(serviceWords[:], s[2])
}

func (s ServiceCode) digit(i int) byte {
	if len(s) != 3 {
		return 0
	}
	return s[i]
}

func word(words []string, digit byte) string {
	if i := int(digit) - '0'; i >= 0 && i < len(words) && words[i] != "" {
		return words[i]
	}
	return "reserved"
}

// The meaning of the digits (ISO/IEC 7813).
var (
	interchanges = [...]string{
		1: "international", 2: "international, chip to be used where feasible",
		5: "national only", 6: "national only, chip to be used where feasible",
		7: "private, by bilateral agreement only", 9: "test",
	}
	authorisations = [...]string{
		0: "normal", 2: "by the issuer online", 4: "by the issuer online, except by bilateral agreement",
	}
	serviceWords = [...]string{
		0: "no restrictions, PIN required", 1: "no restrictions", 2: "goods and services only",
		3: "ATM only, PIN required", 4: "cash only", 5: "goods and services only, PIN required",
		6: "no restrictions, PIN where feasible", 7: "goods and services only, PIN where feasible",
	}
)
