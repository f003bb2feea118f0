package ecc

import (
	"github.com/cardwright/emv/crypto/mac"
	"github.com/cardwright/emv/crypto/mask"
)

// keySize is the length of KD and of the session keys: AES-128.
const keySize = 16

// Key is a secret of up to 66 bytes: a shared secret, the key KD derived from it, or a session key. The zero Key is
// none: everything refuses it.
//
// It prints, logs and marshals as "[key]".
type Key struct {
	mask.Key
	bytes [maxField]byte
	size  int
}

// NewKey copies a session key, or KD, of 16 bytes. The error is CodeKeyLength.
func NewKey(b []byte) (Key, error) {
	if len(b) != keySize {
		return Key{}, refuse(CodeKeyLength, len(b))
	}
	k := Key{size: keySize}
	copy(k.bytes[:], b)
	return k, nil
}

// Bytes returns the key's bytes, of which it is not a copy: they are gone after Wipe.
func (k *Key) Bytes() []byte { return k.bytes[:k.size] }

// Wipe overwrites the key; it is the zero Key then.
func (k *Key) Wipe() { *k = Key{} }

// SessionKeys are the two keys of a secure channel.
type SessionKeys struct {
	C Key // SK_C, confidentiality
	I Key // SK_I, integrity
}

// Wipe overwrites both keys.
func (k *SessionKeys) Wipe() {
	k.C.Wipe()
	k.I.Wipe()
}

// The block of which a session key is the encipherment under KD: what the key is for, a counter that is always 1, a
// separator, the bytes that name the purpose, and the length of the key in bits.
var (
	labelC = [keySize]byte{0x01, 0x01, 0x00, 0x54, 0x33, 0x4A, 0x32, 0x59, 0x57, 0x77, 0x3D, 0xA5, 0xA5, 0xA5, 0x01, 0x80}
	labelI = [keySize]byte{0x02, 0x01, 0x00, 0x54, 0x33, 0x4A, 0x32, 0x59, 0x57, 0x77, 0x3D, 0xA5, 0xA5, 0xA5, 0x01, 0x80}
)

// DeriveKD makes kd the key derivation key of a shared secret: the AES-CMAC of it under a key of zeros.
//
//	KD = CMAC(0, z)
//
// Found of the known answers of Book E's derivation and confirmed by all of them. The error is CodeKeyLength: z is the
// zero Key.
func DeriveKD(kd, z *Key) error {
	if z.size == 0 {
		return refuse(CodeKeyLength, 0)
	}
	var zero [keySize]byte
	var out Key // so that kd may be z
	defer out.Wipe()
	b, err := mac.CMACAES(out.bytes[:0], zero[:], z.Bytes())
	if err != nil {
		return err
	}
	out.size = len(b)
	*kd = out
	return nil
}

// DeriveSessionKeys makes keys those of a shared secret.
//
//	SK_C = AES(KD)[01 01 00 54334A325957773D A5A5A5 0180]
//	SK_I = AES(KD)[02 01 00 54334A325957773D A5A5A5 0180]
//
// Found of the known answers of Book E's derivation and confirmed by all of them. The error is CodeKeyLength: z is the
// zero Key.
func DeriveSessionKeys(keys *SessionKeys, z *Key) error {
	var kd Key
	defer kd.Wipe()
	if err := DeriveKD(&kd, z); err != nil {
		return err
	}
	block, err := mac.NewAES(kd.Bytes())
	if err != nil {
		return err
	}
	keys.Wipe()
	keys.C.size, keys.I.size = keySize, keySize
	copy(keys.C.bytes[:], labelC[:])
	copy(keys.I.bytes[:], labelI[:])
	block.Encrypt(keys.C.Bytes(), keys.C.Bytes())
	block.Encrypt(keys.I.Bytes(), keys.I.Bytes())
	return nil
}
