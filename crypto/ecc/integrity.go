package ecc

import (
	"crypto/cipher"
	"crypto/subtle"
	"slices"

	"github.com/cardwright/emv/crypto/mac"
	"github.com/cardwright/emv/crypto/mask"
)

// MACSize is the length of every MAC of the secure channel: the leftmost 8 bytes of a CMAC.
const MACSize = 8

// MAC is a message authentication code under SK_I.
type MAC [MACSize]byte

// Integrity computes MACs under SK_I. It keeps the expanded key and its working memory, so that a MAC allocates nothing
// once that has grown; it is not for use by several goroutines at once.
type Integrity struct {
	mask.Key
	block cipher.Block
	input []byte       // what a MAC is over, in one piece; cleared after each
	out   [2 * 16]byte // a whole CMAC, and the block that it enciphers
	zero  [counterSize]byte
}

// counterSize is the length of a message counter.
const counterSize = 2

// NewIntegrity expands SK_I, which it does not keep. The error is CodeKeyLength.
func NewIntegrity(sk *Key) (*Integrity, error) {
	block, err := newBlock(sk)
	if err != nil {
		return nil, err
	}
	return &Integrity{block: block}, nil
}

// newBlock returns AES under a session key.
func newBlock(sk *Key) (cipher.Block, error) {
	if sk.size != keySize {
		return nil, refuse(CodeKeyLength, sk.size)
	}
	return mac.NewAES(sk.Bytes())
}

// MAC returns the MAC of a message, which may come in parts, under a message counter.
//
//	MAC = leftmost 8 bytes of CMAC(SK_I, counter ‖ message)
//
// Found of the known answers of Book E's message MAC and confirmed by all of them. The error is CodeClosed: wiped.
func (i *Integrity) MAC(counter uint16, message ...[]byte) (MAC, error) {
	full, err := i.cmac([counterSize]byte{byte(counter >> 8), byte(counter)}, message)
	if err != nil {
		return MAC{}, err
	}
	defer clear(full)
	return MAC(full), nil
}

// Verify verifies the MAC of a message, in constant time. The errors are CodeMAC and CodeClosed.
func (i *Integrity) Verify(received []byte, counter uint16, message ...[]byte) error {
	own, err := i.MAC(counter, message...)
	if err != nil {
		return err
	}
	if !mac.Verify(own[:], received, MACSize) {
		return refuse(CodeMAC, 0)
	}
	return nil
}

// IADMAC returns the Issuer Application Data MAC (tag 9F8104) of its input data, which the kernel's book lists and which
// may come in parts. Its last step feeds the block forward that it enciphers: so one who has SK_I, as both sides do,
// still can't find other data for a MAC.
//
//	C       = CMAC(SK_I, '0000' ‖ data)
//	IAD MAC = leftmost 8 bytes of C ⊕ D(C), D being the decipherment of a block under SK_I
//
// D(C) is the last block with all that CMAC adds to it. Found of the known answers and confirmed by all of them. The
// error is CodeClosed: wiped.
func (i *Integrity) IADMAC(data ...[]byte) (MAC, error) {
	full, err := i.cmac(i.zero, data)
	if err != nil {
		return MAC{}, err
	}
	last := i.out[16:]
	i.block.Decrypt(last, full)
	subtle.XORBytes(last, last, full)
	defer clear(i.out[:])
	return MAC(last), nil
}

// EDAMAC returns the Enhanced Data Authentication MAC (tag 9F8105), which binds the application cryptogram to the
// channel.
//
//	EDA MAC = leftmost 8 bytes of CMAC(SK_I, '0000' ‖ cryptogram ‖ IAD MAC)
//
// Found of the known answers and confirmed by all of them. The error is CodeClosed: wiped.
func (i *Integrity) EDAMAC(cryptogram [8]byte, iad MAC) (MAC, error) {
	full, err := i.cmac(i.zero, [][]byte{cryptogram[:], iad[:]})
	if err != nil {
		return MAC{}, err
	}
	defer clear(full)
	return MAC(full), nil
}

// cmac returns the CMAC of parts behind a prefix, good until the next one.
func (i *Integrity) cmac(prefix [counterSize]byte, parts [][]byte) ([]byte, error) {
	if i.block == nil {
		return nil, refuse(CodeClosed, 0)
	}
	n := len(prefix)
	for _, p := range parts {
		n += len(p)
	}
	i.input = slices.Grow(i.input[:0], n) // before there is anything in it, so that growth leaves nothing behind
	i.input = append(i.input, prefix[:]...)
	for _, p := range parts {
		i.input = append(i.input, p...)
	}
	full, err := mac.CMAC(i.out[:0], i.block, i.input)
	clear(i.input)
	return full, err
}

// Wipe forgets the key and overwrites the working memory. The Integrity refuses everything then.
func (i *Integrity) Wipe() {
	clear(i.input[:cap(i.input)])
	*i = Integrity{}
}
