package p2pe

import (
	"crypto/cipher"

	"github.com/cardwright/emv/crypto/dukpt"
	"github.com/cardwright/emv/crypto/mac"
)

// keys are the working keys of one transaction.
type keys struct {
	ksn            []byte
	algorithm      Algorithm
	pin, data, mac dukpt.Key
}

// setAES derives the working keys of an AES DUKPT transaction, all of one type; 0 is AES-128. ANSI X9.24-3, 6.3.1.
func (k *keys) setAES(t *dukpt.AESTransaction, of dukpt.KeyType) error {
	k.wipe()
	switch of {
	case dukpt.TDES2:
		k.algorithm = TDES2
	case dukpt.TDES3:
		k.algorithm = TDES3
	case 0, dukpt.AES128:
		of, k.algorithm = dukpt.AES128, AES128
	case dukpt.AES192:
		k.algorithm = AES192
	case dukpt.AES256:
		k.algorithm = AES256
	default:
		return &Error{Code: CodeAlgorithm}
	}
	k.ksn = append([]byte(nil), t.KSN[:]...)
	for _, d := range [...]struct {
		dst   *dukpt.Key
		usage dukpt.Usage
	}{{&k.pin, dukpt.PINEncryption}, {&k.data, dukpt.DataEncrypt}, {&k.mac, dukpt.MACGeneration}} {
		if err := t.Key(d.dst, d.usage, of); err != nil {
			k.wipe()
			return &Error{Code: CodeKey, Err: err}
		}
	}
	return nil
}

// setTDES derives the working keys of a TDES DUKPT transaction. ANSI X9.24-1, A.4.1.
func (k *keys) setTDES(t *dukpt.TDESTransaction) error {
	k.wipe()
	k.algorithm = TDES2
	k.ksn = append([]byte(nil), t.KSN[:]...)
	for _, d := range [...]struct {
		dst   *dukpt.Key
		usage dukpt.TDESUsage
	}{{&k.pin, dukpt.TDESPIN}, {&k.data, dukpt.TDESDataRequest}, {&k.mac, dukpt.TDESMACRequest}} {
		if err := t.Key(d.dst, d.usage); err != nil {
			k.wipe()
			return &Error{Code: CodeKey, Err: err}
		}
	}
	return nil
}

func (k *keys) wipe() {
	k.pin.Wipe()
	k.data.Wipe()
	k.mac.Wipe()
	k.ksn, k.algorithm = nil, ""
}

// cipher returns the algorithm under one of the keys.
func (k *keys) cipher(key *dukpt.Key) (cipher.Block, error) {
	var b cipher.Block
	var err error
	if k.algorithm.block() == 8 {
		b, err = mac.NewTDES(key.Bytes())
	} else {
		b, err = mac.NewAES(key.Bytes())
	}
	if err != nil {
		return nil, &Error{Code: CodeKey, Err: err}
	}
	return b, nil
}

// authenticate computes the MAC of a value. NIST SP 800-38B.
func (k *keys) authenticate(v *Value) ([]byte, error) {
	b, err := k.cipher(&k.mac)
	if err != nil {
		return nil, err
	}
	sum, err := mac.CMAC(nil, b, v.authenticated(nil))
	if err != nil {
		return nil, &Error{Code: CodeKey, Err: err}
	}
	return sum, nil
}
