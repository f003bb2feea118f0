package oda

import (
	"bytes"

	"github.com/cardwright/emv/tlv"
)

// Around returns what stands before and behind an object in a message: an answer without its signature, as the Transaction
// Data Hash Code covers it (Book 2, 6.6.2). Padding in front of the object belongs to what stands before it.
func Around(message []byte, tag tlv.Tag) (before, after []byte) {
	c := tlv.Read(message)
	end := 0
	for c.Next() {
		if c.Tag() == tag {
			behind := c.Offset() + c.Len()
			padding := len(message[end:]) - len(bytes.TrimLeft(message[end:], "\x00"))
			return message[:end+padding], message[behind:]
		}
		end = c.Offset() + c.Len()
	}
	return message, nil
}
