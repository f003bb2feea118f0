package ecc

import "github.com/cardwright/emv/crypto/mask"

// Counter gives each message of one direction its number, once. The zero Counter has none to give.
type Counter struct{ next, end uint32 }

// NewCounter makes a counter that gives first, first+1 and so on to last. Where the counters of a card and of a kernel
// begin is their book's affair; the ranges of the two directions must not meet.
//
// The error is CodeCounter: last is before first.
func NewCounter(first, last uint16) (Counter, error) {
	if last < first {
		return Counter{}, refuse(CodeCounter, int(last))
	}
	return Counter{uint32(first), uint32(last) + 1}, nil
}

// Next returns the number of the next message. The error is CodeCounter: all are used.
func (c *Counter) Next() (uint16, error) {
	if c.next >= c.end {
		return 0, refuse(CodeCounter, 0)
	}
	c.next++
	return uint16(c.next - 1), nil
}

// Left returns how many messages can still be numbered.
func (c *Counter) Left() int { return int(c.end - c.next) }

func (c *Counter) meets(o *Counter) bool { return c.next < o.end && o.next < c.end }

// Channel is one end of a secure channel. A protected message is
//
//	ciphertext ‖ MAC over counter ‖ ciphertext
//
// both under the message counter of its direction. This composition, encipher then MAC, is this package's own: the known
// answers show each of the two alone. A kernel whose book composes otherwise uses Integrity and Confidentiality.
//
// A message that is lost, repeated, changed or sent back has a wrong MAC, since each end counts by itself; after the
// first one the channel refuses everything. A Channel prints as "[key]" and is not for several goroutines at once.
type Channel struct {
	mask.Key
	integrity       *Integrity
	confidentiality *Confidentiality
	send, receive   Counter
}

// NewChannel opens a channel with keys, which it does not keep, and the counters of what this end sends and receives.
//
// The errors are CodeKeyLength, and CodeCounter where the two directions share a number.
func NewChannel(keys *SessionKeys, send, receive Counter) (*Channel, error) {
	if send.meets(&receive) {
		return nil, refuse(CodeCounter, 0)
	}
	i, err := NewIntegrity(&keys.I)
	if err != nil {
		return nil, err
	}
	c, err := NewConfidentiality(&keys.C)
	if err != nil {
		return nil, err
	}
	return &Channel{integrity: i, confidentiality: c, send: send, receive: receive}, nil
}

// Seal appends a message, protected, to dst: MACSize bytes more than it has.
//
// The errors are CodeClosed, CodeCounter and CodeMessageLength.
func (c *Channel) Seal(dst, message []byte) ([]byte, error) {
	if c.integrity == nil {
		return dst, refuse(CodeClosed, 0)
	}
	counter, err := c.send.Next()
	if err != nil {
		return dst, err
	}
	at := len(dst)
	out, err := c.confidentiality.Crypt(dst, counter, message)
	if err != nil {
		return dst, err
	}
	m, err := c.integrity.MAC(counter, out[at:])
	if err != nil {
		return dst, err
	}
	return append(out, m[:]...), nil
}

// Open appends the message that is protected to dst, and nothing before its MAC is verified.
//
// The errors are CodeClosed, CodeCounter, CodeMessageLength and CodeMAC; the last two close the channel.
func (c *Channel) Open(dst, protected []byte) ([]byte, error) {
	if c.integrity == nil {
		return dst, refuse(CodeClosed, 0)
	}
	counter, err := c.receive.Next()
	if err != nil {
		return dst, err
	}
	n := len(protected) - MACSize
	if n < 0 {
		c.Wipe()
		return dst, refuse(CodeMessageLength, len(protected))
	}
	if err := c.integrity.Verify(protected[n:], counter, protected[:n]); err != nil {
		c.Wipe()
		return dst, err
	}
	return c.confidentiality.Crypt(dst, counter, protected[:n])
}

// Wipe forgets the keys and overwrites the working memory. The Channel refuses everything then.
func (c *Channel) Wipe() {
	if c.integrity != nil {
		c.integrity.Wipe()
		c.confidentiality.Wipe()
	}
	*c = Channel{}
}
