package host

import "fmt"

// Code names what went wrong. Codes are stable: programs compare them.
type Code string

// The codes of messages and dialects.
const (
	CodeSyntax     Code = "host.syntax"      // bytes that are no message of the dialect
	CodeTooLong    Code = "host.too_long"    // longer than the dialect's messages are
	CodeMTI        Code = "host.mti"         // a message type that the dialect does not have
	CodeField      Code = "host.field"       // a value that the field can't have: its length or its characters
	CodeUnknown    Code = "host.unknown"     // a field that the dialect does not have
	CodeMissing    Code = "host.missing"     // a message without a field that it must have
	CodeUnexpected Code = "host.unexpected"  // a field that the message must not have
	CodeChip       Code = "host.chip"        // field 55 with what never belongs there, or that can't be read
	CodeCardData   Code = "host.card_data"   // clear card data in a dialect that enciphers them
	CodeValues     Code = "host.values"      // enciphered card data that can't be read, or a PIN that is none
	CodeDialect    Code = "host.dialect"     // a dialect's file is wrong
	CodeConfig     Code = "host.config"      // Config is wrong
	CodeKeys       Code = "host.keys"        // no working keys
	CodeCodeLength Code = "host.code_length" // an answer whose code is not two characters
)

// The codes of exchanges.
const (
	CodeConnect  Code = "host.connect"   // no connection: nothing was sent
	CodeInUse    Code = "host.in_use"    // a request with this STAN is under way: nothing was sent
	CodeClosed   Code = "host.closed"    // Close was called
	CodeNoAnswer Code = "host.no_answer" // sent, and no right answer in time
	CodeLost     Code = "host.lost"      // the connection broke when bytes may have left
	CodeContext  Code = "host.context"   // the caller's context ended
	CodePin      Code = "host.pin"       // the server's key is none of those that are trusted
	CodeRefused  Code = "host.refused"   // the host's answer to a network management message says no
)

// Error is an error with a stable code. It carries no card data, no key and no bytes of a message.
type Error struct {
	Code  Code
	Field int  // the field that it is about, 0 for none
	Sent  bool // bytes of the request may have left: nobody knows what the host did
	Text  string
	Err   error // why, where another package says so
}

func (e *Error) Error() string {
	s := string(e.Code)
	if e.Field != 0 {
		s += fmt.Sprintf(" field %d", e.Field)
	}
	if e.Text != "" {
		s += ": " + e.Text
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// ErrorCode returns the stable code as text.
func (e *Error) ErrorCode() string { return string(e.Code) }

// Unwrap returns what is behind it.
func (e *Error) Unwrap() error { return e.Err }

// Is makes errors.Is(err, &Error{Code: c}) true for every Error with that code.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}
