package apdu

import "github.com/cardwright/emv/tlv"

// AnswerError is what is wrong with the form of an answer.
type AnswerError struct{ Code, Text string }

func (e *AnswerError) Error() string { return e.Code + ": " + e.Text }

// ErrorCode returns the stable code.
func (e *AnswerError) ErrorCode() string { return e.Code }

// The forms that an answer may lack.
var (
	ErrNoData   = &AnswerError{"answer.empty", "an answer without data"}
	ErrTemplate = &AnswerError{"answer.template", "not the one template that the answer should be"}
	ErrFormat1  = &AnswerError{"answer.format_1", "a format 1 answer of the wrong length"}
)

// Single returns the one data object that an answer must consist of.
func Single(answer []byte) (tlv.Tag, []byte, error) {
	c := tlv.Read(answer)
	if !c.Next() {
		if err := c.Err(); err != nil {
			return 0, nil, err
		}
		return 0, nil, ErrNoData
	}
	first := c
	if c.Next() {
		return 0, nil, ErrTemplate
	}
	return first.Tag(), first.Value(), c.Err()
}

// SplitOptions takes format 1 of the answer to GET PROCESSING OPTIONS apart (Book 3, 6.5.8.4): the AIP, and the AFL, which
// is nil where there is none.
func SplitOptions(value []byte) (aip, afl []byte, err error) {
	if len(value) < 2 || len(value)%4 != 2 {
		return nil, nil, ErrFormat1
	}
	if len(value) > 2 {
		afl = value[2:]
	}
	return value[:2], afl, nil
}

// Cryptogram is the answer to GENERATE AC in format 1 (Book 3, 6.5.5.4).
type Cryptogram struct {
	CID, ATC, AC []byte
	IAD          []byte // up to 32 bytes
}

// SplitCryptogram takes format 1 of the answer to GENERATE AC apart.
func SplitCryptogram(value []byte) (Cryptogram, error) {
	if len(value) < 11 || len(value) > 43 {
		return Cryptogram{}, ErrFormat1
	}
	return Cryptogram{value[:1], value[1:3], value[3:11], value[11:]}, nil
}
