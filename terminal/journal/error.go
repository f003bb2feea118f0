package journal

import "fmt"

// The codes of errors.
const (
	CodeDamaged  = "journal_damaged"   // what is on the disk is not what was written
	CodeFailed   = "journal_failed"    // a write or a sync failed: open it again
	CodeLocked   = "journal_locked"    // another process has it open
	CodeClosed   = "journal_closed"    // Close was called
	CodeTooLarge = "journal_too_large" // a payload is longer than MaxPayload
	CodeAbsent   = "journal_absent"    // no record is at this place
)

// Error is an error with a stable code and, where it is about a place, the place.
type Error struct {
	Code string
	Text string
	At   At    // of a damage: where reading ended
	Err  error // what the file system said, nil if it said nothing
}

func (e *Error) Error() string {
	s := e.Code + ": " + e.Text
	if e.Code == CodeDamaged || e.Code == CodeAbsent {
		s += fmt.Sprintf(" (segment %d, byte %d)", e.At.Segment, e.At.Offset)
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// ErrorCode returns the stable code.
func (e *Error) ErrorCode() string { return e.Code }

// Unwrap returns what the file system said.
func (e *Error) Unwrap() error { return e.Err }

func failed(text string, err error) *Error { return &Error{Code: CodeFailed, Text: text, Err: err} }
