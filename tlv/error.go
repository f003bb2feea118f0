package tlv

import "strconv"

// Code names what is wrong with an encoding. Codes are stable: programs compare them, vectors name them.
type Code string

// The codes of a SyntaxError.
const (
	CodeTruncated  Code = "tlv.truncated"         // a tag, length or value runs past the end
	CodeTagLong    Code = "tlv.tag_long"          // a tag of more than four bytes
	CodeTagNumber  Code = "tlv.tag_number"        // a long-form tag whose number begins with zero
	CodeTagText    Code = "tlv.tag_text"          // text that is not one tag in hexadecimal
	CodeIndefinite Code = "tlv.length_indefinite" // length byte '80'
	CodeLengthLong Code = "tlv.length_long"       // a length field of more than three bytes
	CodeDepth      Code = "tlv.depth"             // objects nested deeper than MaxDepth
	CodeDOLLength  Code = "tlv.dol_length"        // a DOL entry whose length is not one byte, or a list that asks for too much
)

// SyntaxError says where an encoding breaks the rules of Book 3 Annex B and which one. It carries no data bytes.
type SyntaxError struct {
	Code   Code
	Offset int    // of the offending byte, from the start of the outermost slice that was read
	Text   string // for CodeTagText: the text
}

func (e *SyntaxError) Error() string {
	if e.Code == CodeTagText {
		return string(e.Code) + ": " + strconv.Quote(e.Text)
	}
	return string(e.Code) + " at offset " + strconv.Itoa(e.Offset)
}

// Is makes errors.Is(err, &SyntaxError{Code: c}) true for every SyntaxError with that code.
func (e *SyntaxError) Is(target error) bool {
	t, ok := target.(*SyntaxError)
	return ok && t.Code == e.Code && t.Offset == 0 && t.Text == ""
}

// ErrorCode returns the stable code as text.
func (e *SyntaxError) ErrorCode() string { return string(e.Code) }
