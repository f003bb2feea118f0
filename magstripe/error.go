package magstripe

// Code says what is wrong with a track, and is itself the error. Codes are stable.
type Code string

// The codes.
const (
	CodeSentinel    Code = "magstripe.sentinel"     // no start or no end sentinel, or something behind the LRC
	CodeLength      Code = "magstripe.length"       // more characters than the track holds
	CodeCharacter   Code = "magstripe.character"    // a character that the track can't hold
	CodeLRC         Code = "magstripe.lrc"          // the check character is wrong
	CodeFormat      Code = "magstripe.format"       // a format code other than B on track 1, or none on track 3
	CodePAN         Code = "magstripe.pan"          // no card number, or one of more than 19 digits
	CodeSeparator   Code = "magstripe.separator"    // a field separator is missing
	CodeName        Code = "magstripe.name"         // a name of more than 26 characters
	CodeExpiry      Code = "magstripe.expiry"       // not YYMM and not left out
	CodeServiceCode Code = "magstripe.service_code" // not three digits and not left out
	CodeMismatch    Code = "magstripe.mismatch"     // tracks of different cards
	CodeEmpty       Code = "magstripe.empty"        // no track at all
)

// Error returns the code.
func (c Code) Error() string { return string(c) }

// ErrorCode returns the stable code.
func (c Code) ErrorCode() string { return string(c) }
