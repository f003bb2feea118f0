package capture

import (
	"bytes"
	"strings"

	"github.com/cardwright/emv/kernel/apdu"
	"github.com/cardwright/emv/tlv"
	"github.com/cardwright/emv/tlv/dict"
)

// anyByte stands for a byte that a replay takes whatever it is.
const anyByte = ".."

// commandText writes a command. The data of VERIFY and PIN CHANGE are never written; those of a command that carries one of
// the numbers are not where they are to be hidden.
func commandText(c []byte, numbers [][]byte) string {
	hide := len(c) > 5 && (c[1] == apdu.InsVerify || c[1] == apdu.InsPINChangeUnblock)
	for _, n := range numbers {
		hide = hide || bytes.Contains(c, n)
	}
	text := upper(c)
	if hide && len(c) > 5 {
		return text[:10] + strings.Repeat(anyByte, len(c)-5)
	}
	return text
}

// answerText writes an answer.
func answerText(answer []byte, unmasked bool) string {
	if unmasked {
		return upper(answer)
	}
	r, ok := apdu.ParseResponse(answer)
	if !ok {
		return upper(answer)
	}
	return string(dict.MaskObjects(r.Data, nil)) + r.SW.String()
}

// numberBytes is how much of a card number is looked for: twelve digits, which every number has before its filler or
// separator.
const numberBytes = 6

// cardNumbers returns how the numbers in all answers begin: those of Application PAN (5A) and of tracks 2 (57, 9F6B).
func (r *Recorder) cardNumbers() [][]byte {
	var numbers [][]byte
	for _, t := range r.taps {
		for _, x := range t.exchanges {
			if resp, ok := apdu.ParseResponse(x.answer); ok {
				numbers = collect(numbers, resp.Data, 0)
			}
		}
	}
	return numbers
}

func collect(numbers [][]byte, list []byte, depth int) [][]byte {
	for c := tlv.Read(list); c.Next(); {
		switch t := c.Tag(); {
		case t.Constructed() && depth < tlv.MaxDepth:
			numbers = collect(numbers, c.Value(), depth+1)
		case t == 0x5A, t == 0x57, t == 0x9F6B:
			if v := c.Value(); len(v) >= numberBytes {
				numbers = append(numbers, v[:numberBytes])
			}
		}
	}
	return numbers
}
