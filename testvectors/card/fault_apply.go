package card

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"time"

	"github.com/cardwright/emv/tlv"
)

// linkFault returns what a fault makes of a command before the card acts on it: an answer, an error, or neither.
func (c *Card) linkFault() ([]byte, error) {
	for i := range c.faults {
		f := &c.faults[i]
		if !f.at(c.commands) {
			continue
		}
		switch f.name {
		case "removed":
			f.used, c.gone = true, true
			return nil, &Error{CodeRemoved, "a fault took the card away"}
		case "collision":
			f.used = true
			return nil, &Error{CodeCollision, "a fault brought a second card"}
		case faultStatus, faultAnswer:
			f.used = true
			return append([]byte{}, f.value...), nil
		case faultEndless:
			f.used = true
			return []byte{0x61, 0xFF}, nil
		default:
		}
	}
	return nil, nil
}

// answerFault returns what a fault makes of the answer to the current command, or of its way to the terminal.
func (c *Card) answerFault(answer []byte) ([]byte, error) {
	for i := range c.faults {
		f := &c.faults[i]
		if !f.at(c.commands) {
			continue
		}
		if code, breaks := link[f.name]; breaks {
			f.used = true
			return nil, &Error{code, "a fault lost the answer"}
		}
		switch f.name {
		case faultDelay:
			f.used = true
			c.took += time.Duration(f.count) * time.Microsecond
		case faultGarbage:
			f.used = true
			answer = garbage(c.commands)
		case faultEmpty:
			f.used = true
			answer = []byte{}
		case faultTruncate:
			if n := len(answer) - 2 - f.count; n >= 0 {
				f.used = true
				answer = append(answer[:n:n], answer[len(answer)-2:]...)
			}
		case faultFlipAnswer:
			f.flip(answer)
		default:
		}
	}
	return answer, nil
}

// garbage returns 40 bytes that look random and are those of the n-th command.
func garbage(n int) []byte {
	var b []byte
	for i := range uint64(2) {
		sum := sha256.Sum256(binary.BigEndian.AppendUint64([]byte("garbage"), uint64(n)<<8|i))
		b = append(b, sum[:]...)
	}
	return b[:40]
}

// flip changes the byte that the fault names, where there is one.
func (f *fault) flip(b []byte) {
	if f.offset < len(b) {
		b[f.offset] ^= f.mask
		f.used = true
	}
}

// appendObject appends an object as the card sends it. An empty value is that of an object that the card has not.
func (c *Card) appendObject(dst []byte, t tlv.Tag, value []byte) []byte {
	if len(value) == 0 {
		return dst
	}
	times := 1
	for i := range c.faults {
		f := &c.faults[i]
		if f.tag != t {
			continue
		}
		switch f.name {
		case faultFlip:
			value = slices.Clone(value)
			f.flip(value)
		case faultDrop:
			f.used = true
			return dst
		case faultRepeat:
			f.used = true
			times++
		default:
		}
	}
	for range times {
		dst = tlv.Append(dst, t, value)
	}
	return dst
}

// appendAdditions appends what faults put in a place.
func (c *Card) appendAdditions(dst []byte, at place) []byte {
	for i := range c.faults {
		f := &c.faults[i]
		if f.place != at {
			continue
		}
		switch f.name {
		case faultAdd:
			f.used = true
			dst = tlv.Append(dst, f.tag, f.value)
		case faultNested:
			f.used = true
			dst = append(dst, f.value...)
		default:
		}
	}
	return dst
}

// recordFault returns a record as faults leave it.
func (c *Card) recordFault(r *record, b []byte) []byte {
	for i := range c.faults {
		if f := &c.faults[i]; f.name == faultFlipRecord && f.place == place(r.sfi)<<8|place(r.number) {
			f.flip(b)
		}
	}
	return b
}
