package decode

import (
	"fmt"
	"strings"
)

// line is one line of input.
type line struct {
	number int
	from   byte // '>' to the card, '<' from it, 0 where it does not say
	tag    string
	bytes  []byte
}

// readLines reads hexadecimal: blanks inside a line mean nothing, empty lines and those that begin with '#' are passed
// over. A line may begin with '>' or '<', and may be TAG:VALUE.
func readLines(text string) ([]line, error) {
	var lines []line
	number := 0
	for s := range strings.Lines(text) {
		number++
		l := line{number: number}
		body := strings.TrimSpace(s)
		if body == "" || body[0] == '#' {
			continue
		}
		at := strings.Index(s, body)
		if body[0] == '>' || body[0] == '<' {
			l.from = body[0]
			body, at = body[1:], at+1
		}
		if tag, value, ok := strings.Cut(body, ":"); ok {
			l.tag = strings.ToUpper(strings.TrimSpace(tag))
			at += len(tag) + 1
			body = value
		}
		var err error
		if l.bytes, err = readHex(body, number, at); err != nil {
			return nil, err
		}
		lines = append(lines, l)
	}
	if len(lines) == 0 {
		return nil, &Fault{Code: "input.empty", Text: "there is nothing to decode"}
	}
	return lines, nil
}

// readHex reads one line's digits; at is where they begin in it.
func readHex(s string, number, at int) ([]byte, error) {
	out := make([]byte, 0, len(s)/2)
	var high byte
	half := false
	for i := range len(s) {
		c := s[i]
		var v byte
		switch {
		case c >= '0' && c <= '9':
			v = c - '0'
		case c >= 'a' && c <= 'f':
			v = c - 'a' + 10
		case c >= 'A' && c <= 'F':
			v = c - 'A' + 10
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			continue
		default:
			return nil, &Fault{
				Code: "input.hex", Place: fmt.Sprintf("line %d, column %d", number, at+i+1), Text: "not a hexadecimal digit",
			}
		}
		if half {
			out = append(out, high<<4|v)
		}
		high, half = v, !half
	}
	if half {
		return nil, &Fault{
			Code: "input.hex_odd", Place: fmt.Sprintf("line %d", number), Text: "an odd number of hexadecimal digits",
		}
	}
	return out, nil
}

// join returns the bytes of all lines.
func join(lines []line) []byte {
	var all []byte
	for _, l := range lines {
		all = append(all, l.bytes...)
	}
	return all
}
