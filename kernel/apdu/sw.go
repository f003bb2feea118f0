// Package apdu is the command layer: command and response APDUs, status words and the application file locator
// (Book 1, 11; Book 3, 6).
package apdu

import "fmt"

// SW is a status word, SW1 in the high byte.
type SW uint16

// Status words that the books give a meaning (Book 3, 6.3.5 and 6.5; Book 1, 11.3).
const (
	OK                      SW = 0x9000
	FileInvalidated         SW = 0x6283 // selected file invalidated: application blocked
	AuthenticationFailed    SW = 0x6300
	WrongLength             SW = 0x6700
	SecurityNotSatisfied    SW = 0x6982
	MethodBlocked           SW = 0x6983
	ReferenceInvalidated    SW = 0x6984
	ConditionsNotSatisfied  SW = 0x6985
	CommandNotAllowed       SW = 0x6986
	FunctionNotSupported    SW = 0x6A81
	FileNotFound            SW = 0x6A82
	RecordNotFound          SW = 0x6A83
	ReferencedDataNotFound  SW = 0x6A88
	InstructionNotSupported SW = 0x6D00
	ClassNotSupported       SW = 0x6E00
)

// SW1 returns the first byte.
func (s SW) SW1() byte { return byte(s >> 8) }

// SW2 returns the second byte.
func (s SW) SW2() byte { return byte(s) }

// Warning reports whether the status is a warning: the command was carried out, with a remark (Book 3, 6.3.5).
func (s SW) Warning() bool { return s.SW1() == 0x62 || s.SW1() == 0x63 }

// String returns the four digits.
func (s SW) String() string { return fmt.Sprintf("%04X", uint16(s)) }

// Meaning returns what the status says, in a few words.
func (s SW) Meaning() string {
	switch s {
	case OK:
		return "normal processing"
	case FileInvalidated:
		return "selected file invalidated"
	case AuthenticationFailed:
		return "authentication failed"
	case WrongLength:
		return "wrong length"
	case SecurityNotSatisfied:
		return "security status not satisfied"
	case MethodBlocked:
		return "authentication method blocked"
	case ReferenceInvalidated:
		return "referenced data invalidated"
	case ConditionsNotSatisfied:
		return "conditions of use not satisfied"
	case CommandNotAllowed:
		return "command not allowed"
	case FunctionNotSupported:
		return "function not supported"
	case FileNotFound:
		return "file not found"
	case RecordNotFound:
		return "record not found"
	case ReferencedDataNotFound:
		return "referenced data not found"
	case InstructionNotSupported:
		return "instruction not supported"
	case ClassNotSupported:
		return "class not supported"
	}
	switch s.SW1() {
	case 0x61:
		return "more data available"
	case 0x62:
		return "warning, nothing changed"
	case 0x63:
		if s.SW2()&0xF0 == 0xC0 {
			return fmt.Sprintf("%d tries left", s.SW2()&0x0F)
		}
		return "warning, something changed"
	case 0x6C:
		return "wrong Le"
	}
	return "unknown status"
}

// Response is a response APDU taken apart. Data aliases the bytes it was read from.
type Response struct {
	Data []byte
	SW   SW
}

// ParseResponse splits a response into data and status word. It reports false when there are not even two bytes.
func ParseResponse(b []byte) (Response, bool) {
	n := len(b) - 2
	if n < 0 {
		return Response{}, false
	}
	return Response{Data: b[:n:n], SW: SW(b[n])<<8 | SW(b[n+1])}, true
}
