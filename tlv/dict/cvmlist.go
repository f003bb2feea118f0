package dict

import "encoding/binary"

// CVMList is a decoded Cardholder Verification Method List (Book 3, 10.5 and C3).
type CVMList struct {
	X, Y  uint32 // amounts in the application currency, with its implicit decimal point
	Rules []CVMRule
}

// CVMRule is one Cardholder Verification Rule of a CVM List.
type CVMRule struct {
	Code      uint8 // b7: go on with the succeeding rule if this one fails; b6 to b1: the method
	Condition uint8
}

// ReadCVMList decodes the value of tag '8E'. It reports false when the value is shorter than the two amounts or ends in
// the middle of a rule.
func ReadCVMList(value []byte) (CVMList, bool) {
	if len(value) < 8 || len(value)%2 != 0 {
		return CVMList{}, false
	}
	l := CVMList{X: binary.BigEndian.Uint32(value), Y: binary.BigEndian.Uint32(value[4:])}
	for r := value[8:]; len(r) > 0; r = r[2:] {
		l.Rules = append(l.Rules, CVMRule{Code: r[0], Condition: r[1]})
	}
	return l, true
}

// Method returns what the rule asks for in words.
func (r CVMRule) Method() string {
	m := r.Code & 0x3F
	if name := nameOf(cvmMethods, m); name != "" {
		return name
	}
	switch {
	case m >= 0x20 && m <= 0x2F:
		return "reserved for the payment system: " + hexByte(m)
	case m >= 0x30 && m <= 0x3E:
		return "reserved for the issuer: " + hexByte(m)
	case m == 0x3F:
		return "not available for use"
	}
	return "unrecognised: " + hexByte(m)
}

// When returns the rule's condition in words.
func (r CVMRule) When() string {
	if name := nameOf(cvmConditions, r.Condition); name != "" {
		return name
	}
	if r.Condition >= 0x80 {
		return "condition reserved for a payment system: " + hexByte(r.Condition)
	}
	return "unrecognised condition: " + hexByte(r.Condition)
}

// Succeeds reports whether the succeeding rule is applied when this one fails; otherwise verification fails with it.
func (r CVMRule) Succeeds() bool { return r.Code&0x40 != 0 }

// String returns the rule in words: "signature, if terminal supports the CVM, else fail".
func (r CVMRule) String() string {
	then := "else fail"
	if r.Succeeds() {
		then = "else next rule"
	}
	return r.Method() + ", " + r.When() + ", " + then
}

func nameOf(values []Value, is uint8) string {
	for _, v := range values {
		if v.Is == is {
			return v.Name
		}
	}
	return ""
}

func hexByte(b byte) string { return string(appendHex(nil, []byte{b})) }
