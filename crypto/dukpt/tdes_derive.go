package dukpt

import (
	"crypto/cipher"
	"crypto/des"
	"crypto/subtle"

	"github.com/cardwright/emv/crypto/mac"
)

const (
	desBlock = 8
	tdesKey  = 16 // double length, the only one here
)

// tdesMask is what the second half of each derivation combines the key with. ANSI X9.24-1, A.2 and A.6.
var tdesMask = [tdesKey]byte{0xC0, 0xC0, 0xC0, 0xC0, 0, 0, 0, 0, 0xC0, 0xC0, 0xC0, 0xC0, 0, 0, 0, 0}

// TDESInitialKey makes dst the initial key (IPEK) of a device: each half is the left 8 bytes of its KSN, with a counter
// of zero, enciphered under the base derivation key of 16 bytes or its masked form. ANSI X9.24-1, A.6.
//
// The errors are CodeKeyLength and CodeCipher.
func TDESInitialKey(dst, bdk *Key, ksn TDESKSN) error {
	initial := ksn.Initial()
	return deriveTDES(dst, bdk, func(half *Key, block cipher.Block, at int) {
		copy(half.bytes[at:], initial[:desBlock])
		block.Encrypt(half.bytes[at:], half.bytes[at:])
	})
}

// deriveTDES makes dst a key of 16 bytes of which left and right come from derive under k and under k masked.
func deriveTDES(dst, k *Key, derive func(half *Key, block cipher.Block, at int)) error {
	if k.size != tdesKey {
		return &Error{Code: CodeKeyLength, N: k.size}
	}
	left, err := newTDES(k.bytes[:tdesKey])
	if err != nil {
		return err
	}
	var variant Key
	defer variant.Wipe()
	subtle.XORBytes(variant.bytes[:], k.bytes[:tdesKey], tdesMask[:])
	right, err := newTDES(variant.bytes[:tdesKey])
	if err != nil {
		return err
	}
	dst.Wipe()
	dst.size = tdesKey
	derive(dst, left, 0)
	derive(dst, right, desBlock)
	return nil
}

// tdesParent derives the keys that come from one key, by the non-reversible key generation process of ANSI X9.24-1,
// A.2: single DES between two additions of the right half, once with the key and once with its masked form.
type tdesParent struct {
	plain, mask cipher.Block // DES under the left half
	key, masked [tdesKey]byte
}

// set makes p the parent of the children of key, which has 16 bytes.
func (p *tdesParent) set(key []byte) error {
	copy(p.key[:], key)
	subtle.XORBytes(p.masked[:], p.key[:], tdesMask[:])
	var err error
	if p.plain, err = des.NewCipher(p.key[:desBlock]); err != nil {
		return &Error{Code: CodeCipher, Err: err}
	}
	if p.mask, err = des.NewCipher(p.masked[:desBlock]); err != nil {
		return &Error{Code: CodeCipher, Err: err}
	}
	return nil
}

// derive puts the child for ksn into dst, 16 bytes. dst is not what the parent was set from.
func (p *tdesParent) derive(dst []byte, ksn TDESKSN) {
	register := ksn[2:] // crypto register 1: the 64 rightmost bits of the KSN
	half := func(out []byte, des cipher.Block, right []byte) {
		subtle.XORBytes(out, register, right)
		des.Encrypt(out, out)
		subtle.XORBytes(out, out, right)
	}
	half(dst[desBlock:tdesKey], p.plain, p.key[desBlock:])
	half(dst[:desBlock], p.mask, p.masked[desBlock:])
}

// wipe ends p. The key schedules stay until the garbage collector takes them.
func (p *tdesParent) wipe() { *p = tdesParent{} }

// newTDES returns TDES, with the errors of this package.
func newTDES(key []byte) (cipher.Block, error) {
	b, err := mac.NewTDES(key)
	if err != nil {
		return nil, &Error{Code: CodeCipher, Err: err}
	}
	return b, nil
}
