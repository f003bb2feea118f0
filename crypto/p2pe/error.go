package p2pe

// Code names what is refused. Codes are stable: programs compare them.
type Code string

// The codes of an Error.
const (
	CodePAN       Code = "p2pe.pan"       // a PAN that is not 8 to 19 digits
	CodeBIN       Code = "p2pe.bin"       // a BIN length that is neither 6 nor 8
	CodeData      Code = "p2pe.data"      // a track that is empty, too long, or has characters that no track has
	CodeContent   Code = "p2pe.content"   // a value of something else than what is asked for
	CodeAlgorithm Code = "p2pe.algorithm" // a value enciphered with another algorithm than the host expects
	CodeKSN       Code = "p2pe.ksn"       // a value of another transaction
	CodeMAC       Code = "p2pe.mac"       // a value that was changed, or made under another key
	CodeForm      Code = "p2pe.form"      // a value whose parts have lengths that no value has
	CodeUsed      Code = "p2pe.used"      // a second PIN in one transaction
	CodeKey       Code = "p2pe.key"       // working keys that cannot be derived, or were wiped
	CodePIN       Code = "p2pe.pin"       // a PIN that cannot be enciphered, or does not come out of its block
	CodeRandom    Code = "p2pe.random"    // the source of random bytes failed
)

// Error says what is refused. It carries nothing of the card, the PIN or a key.
type Error struct {
	Code    Code
	Content Content // what it is about, 0 for nothing in particular
	Err     error   // what the package below said, possibly nil
}

func (e *Error) Error() string {
	text := string(e.Code)
	if e.Content != 0 {
		text += " (" + e.Content.String() + ")"
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Is makes errors.Is(err, &Error{Code: c}) true for every Error with that code.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code && t.Content == 0 && t.Err == nil
}

// Unwrap returns what the package below said.
func (e *Error) Unwrap() error { return e.Err }

// ErrorCode returns the stable code as text.
func (e *Error) ErrorCode() string { return string(e.Code) }
