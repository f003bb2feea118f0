package ecc

import (
	"crypto/cipher"
	"crypto/subtle"
	"encoding/binary"

	"github.com/cardwright/emv/crypto/mask"
)

// Confidentiality enciphers and deciphers messages under SK_C. It keeps the expanded key and its working memory, so that
// it allocates nothing; it is not for use by several goroutines at once.
type Confidentiality struct {
	mask.Key
	block  cipher.Block
	stream [2 * 16]byte // a counter block, and what it enciphers to
}

// NewConfidentiality expands SK_C, which it does not keep. The error is CodeKeyLength.
func NewConfidentiality(sk *Key) (*Confidentiality, error) {
	block, err := newBlock(sk)
	if err != nil {
		return nil, err
	}
	return &Confidentiality{block: block}, nil
}

// maxMessage bounds a message so that its blocks can be counted in 32 bits. Those that cards exchange have 255 bytes.
const maxMessage = 1 << 16

// Crypt appends a message, enciphered or deciphered, to dst: AES in counter mode (NIST SP 800-38A, 6.5). The first
// counter block is the message counter, then zeros; it grows by one with each block. A message counter must not be used
// twice under a key: the exclusive or of two messages would show. dst must not overlap the message.
//
// Found of the known answers of Book E's message encipherment and confirmed by all of them. The errors are
// CodeMessageLength for more than 65,536 bytes, and CodeClosed: wiped.
func (c *Confidentiality) Crypt(dst []byte, counter uint16, message []byte) ([]byte, error) {
	if c.block == nil {
		return dst, refuse(CodeClosed, 0)
	}
	if len(message) > maxMessage {
		return dst, refuse(CodeMessageLength, len(message))
	}
	block, stream := c.stream[:16], c.stream[16:]
	defer clear(c.stream[:])
	clear(block)
	binary.BigEndian.PutUint16(block, counter)
	for n := uint32(0); len(message) > 0; n++ {
		binary.BigEndian.PutUint32(block[12:], n)
		c.block.Encrypt(stream, block)
		part := message[:min(len(message), len(stream))]
		subtle.XORBytes(stream, stream[:len(part)], part)
		dst = append(dst, stream[:len(part)]...)
		message = message[len(part):]
	}
	return dst, nil
}

// Wipe forgets the key. The Confidentiality refuses everything then.
func (c *Confidentiality) Wipe() { *c = Confidentiality{} }
