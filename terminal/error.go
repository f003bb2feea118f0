package terminal

import "fmt"

// The codes of errors of Open and Run.
const (
	CodeMissing   = "terminal.missing"  // a member of Config that is required
	CodeValue     = "terminal.value"    // a member of Config that can't be right
	CodeState     = "terminal.state"    // the folder of the state can't be used
	CodePort      = "terminal.port"     // a port can't be opened: Field says which
	CodeStopped   = "terminal.stopped"  // a listener ended by itself: Field says which
	CodeRunning   = "terminal.running"  // Run was called twice, or after Close
	CodeNoReaders = "E_NO_READER"       // no card interface at all: it can't be a terminal (S3)
	CodeCountries = "E_COUNTRY_UNKNOWN" // no profile: the country is not one of those that there are (S5)
)

// Error says why a terminal does not start, or stopped.
type Error struct {
	Code  string
	Field string // of Config, or the port
	Text  string // in English, for engineers
	Err   error
}

func (e *Error) Error() string {
	s := "terminal: " + e.Code
	if e.Field != "" {
		s += ": " + e.Field
	}
	if e.Text != "" {
		s += ": " + e.Text
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// ErrorCode returns the stable code.
func (e *Error) ErrorCode() string { return e.Code }

// Unwrap returns what is behind it.
func (e *Error) Unwrap() error { return e.Err }

func missing(field string) error { return &Error{Code: CodeMissing, Field: field} }

func wrong(field, format string, args ...any) error {
	return &Error{Code: CodeValue, Field: field, Text: fmt.Sprintf(format, args...)}
}
