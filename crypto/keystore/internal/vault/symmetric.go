package vault

import (
	"crypto/cipher"
	"crypto/rand"
	"math/bits"

	"github.com/cardwright/emv/crypto/keyblock"
	"github.com/cardwright/emv/crypto/keystore"
	"github.com/cardwright/emv/crypto/mac"
)

// Generate makes a new key.
func (v *Vault) Generate(label string, h keyblock.Header, bits int) (info keystore.Info, err error) {
	if err := checkHeader(label, &h); err != nil {
		return info, err
	}
	err = v.change(func() error {
		if err := v.absent(label); err != nil {
			return err
		}
		if h.Algorithm == keyblock.AlgorithmEC {
			info, err = v.generatePair(label, h, bits)
			return err
		}
		if h.Algorithm != keyblock.AlgorithmAES && h.Algorithm != keyblock.AlgorithmTDES {
			return &keystore.Error{Code: keystore.CodeAlgorithm, Label: label, Text: "nothing here generates such a key"}
		}
		if bits%8 != 0 || bits < 0 || bits > 256 {
			return &keystore.Error{Code: keystore.CodeLength, Label: label}
		}
		b := v.scratch.plain[:bits/8]
		_, _ = rand.Read(b) // never fails
		if h.Algorithm == keyblock.AlgorithmTDES {
			oddParity(b)
		}
		info, err = v.keep(label, h, b)
		return err
	})
	return info, err
}

// Compose makes a key of components.
func (v *Vault) Compose(label string, h keyblock.Header, components ...[]byte) (info keystore.Info, err error) {
	if err := checkHeader(label, &h); err != nil {
		return info, err
	}
	if len(components) < 2 {
		return info, &keystore.Error{Code: keystore.CodeComponent, Label: label, Text: "a key has two components or more"}
	}
	for _, c := range components {
		if len(c) != len(components[0]) || len(c) > len(DataKey{}) {
			return info, &keystore.Error{Code: keystore.CodeComponent, Label: label, Text: "the components have several lengths"}
		}
		if h.Algorithm == keyblock.AlgorithmTDES && !hasOddParity(c) {
			return info, &keystore.Error{Code: keystore.CodeParity, Label: label, Text: "a byte of a component has even parity"}
		}
	}
	err = v.change(func() error {
		if err := v.absent(label); err != nil {
			return err
		}
		b := v.scratch.plain[:len(components[0])]
		for _, c := range components {
			for i := range c {
				b[i] ^= c[i]
			}
		}
		info, err = v.keep(label, h, b)
		return err
	})
	return info, err
}

// hasOddParity reports whether every byte has an odd number of '1' bits. TDES does not look at parity, but people type
// components, and theirs have it: a wrong digit shows (ANSI X3.92; FIPS 46-3).
func hasOddParity(component []byte) bool {
	odd := true
	for _, b := range component {
		odd = odd && bits.OnesCount8(b)%2 == 1
	}
	return odd
}

// keep writes a symmetric key that is no DUKPT key: such a one needs its serial number, which a key block has.
func (v *Vault) keep(label string, h keyblock.Header, b []byte) (keystore.Info, error) {
	if h.Usage == keyblock.UsageInitialKey {
		return keystore.Info{}, &keystore.Error{
			Code: keystore.CodeUsage, Label: label, Text: "an initial DUKPT key comes in a key block, with its serial number",
		}
	}
	if h.Usage == keyblock.UsageSignature {
		return keystore.Info{}, &keystore.Error{Code: keystore.CodeUsage, Label: label, Text: "a symmetric key does not sign"}
	}
	check, err := checkValue(label, h.Algorithm, b)
	if err != nil {
		return keystore.Info{}, err
	}
	p := v.describe(label, keystore.KindSymmetric, h, 8*len(b))
	p.Check = check
	return v.create(p, b)
}

// block returns the cipher of a symmetric key. The errors are CodeAlgorithm and CodeLength.
func block(label string, a keyblock.Algorithm, b []byte) (cipher.Block, error) {
	var c cipher.Block
	var err error
	switch a {
	case keyblock.AlgorithmAES:
		c, err = mac.NewAES(b)
	case keyblock.AlgorithmTDES:
		c, err = mac.NewTDES(b)
	default:
		return nil, &keystore.Error{Code: keystore.CodeAlgorithm, Label: label, Text: "it is of algorithm " + a.String()}
	}
	if err != nil {
		return nil, &keystore.Error{Code: keystore.CodeLength, Label: label, Err: err}
	}
	return c, nil
}

// checkHeader holds a header that came without a block to what one in a block is held to.
func checkHeader(label string, h *keyblock.Header) error {
	if h.KeyVersion == "" {
		h.KeyVersion = keyblock.NoKeyVersion
	}
	of := keyblock.Header{
		Version: keyblock.VersionD, Usage: h.Usage, Algorithm: h.Algorithm, Mode: h.Mode, KeyVersion: h.KeyVersion,
		Exportability: h.Exportability, Context: keyblock.ContextNone,
	}
	if err := of.Check(0); err != nil {
		return &keystore.Error{Code: keystore.CodeHeader, Label: label, Err: err}
	}
	return nil
}

// checkValue computes the key check value. ANSI X9.24-1, annex A.
func checkValue(label string, a keyblock.Algorithm, b []byte) ([]byte, error) {
	method := keyblock.CheckCMAC
	switch a {
	case keyblock.AlgorithmAES:
	case keyblock.AlgorithmTDES:
		method = keyblock.CheckLegacy
	default:
		return nil, &keystore.Error{Code: keystore.CodeAlgorithm, Label: label, Text: "it is of algorithm " + a.String()}
	}
	v, err := keyblock.NewCheckValue(method, a, b)
	if err != nil {
		return nil, &keystore.Error{Code: keystore.CodeLength, Label: label, Err: err}
	}
	return v.Value, nil
}

// Encrypt enciphers under a stored key, in CBC mode.
func (v *Vault) Encrypt(dst []byte, label string, usage keyblock.Usage, iv, data []byte) ([]byte, error) {
	return v.cbc(dst, label, keystore.Use{Usage: usage, Operation: keyblock.OpEncrypt}, iv, data)
}

// Decrypt deciphers what Encrypt enciphered.
func (v *Vault) Decrypt(dst []byte, label string, usage keyblock.Usage, iv, data []byte) ([]byte, error) {
	return v.cbc(dst, label, keystore.Use{Usage: usage, Operation: keyblock.OpDecrypt}, iv, data)
}

func (v *Vault) cbc(dst []byte, label string, use keystore.Use, iv, data []byte) ([]byte, error) {
	if use.Usage != keyblock.UsageData && use.Usage != keyblock.UsagePIN {
		return dst, &keystore.Error{Code: keystore.CodeUsage, Label: label, Text: "data is enciphered under D0 and P0 keys"}
	}
	err := v.read(func() error {
		r, key, err := v.find(label, keystore.KindSymmetric, use)
		if err != nil {
			return err
		}
		c, err := block(label, r.public.header().Algorithm, key)
		if err != nil {
			return err
		}
		n := c.BlockSize()
		if iv == nil {
			iv = make([]byte, n)
		}
		if len(iv) != n || len(data)%n != 0 {
			return &keystore.Error{Code: keystore.CodeLength, Label: label, Text: "data is whole blocks, the vector is one"}
		}
		at := len(dst)
		dst = append(dst, data...)
		if use.Operation == keyblock.OpEncrypt {
			cipher.NewCBCEncrypter(c, iv).CryptBlocks(dst[at:], dst[at:])
		} else {
			cipher.NewCBCDecrypter(c, iv).CryptBlocks(dst[at:], dst[at:])
		}
		return nil
	})
	return dst, err
}

// MAC computes the MAC that the key's usage names.
func (v *Vault) MAC(dst []byte, label string, op keyblock.Operation, data []byte) ([]byte, error) {
	if op != keyblock.OpGenerate && op != keyblock.OpVerify {
		return dst, &keystore.Error{Code: keystore.CodeMode, Label: label, Text: "a MAC is generated or verified"}
	}
	err := v.read(func() error {
		r, key, err := v.opened(label, keystore.KindSymmetric)
		if err != nil {
			return err
		}
		h := r.public.header()
		use := keystore.Use{Usage: h.Usage, Operation: op}
		switch h.Usage {
		case keyblock.UsageMAC1, keyblock.UsageMAC3, keyblock.UsageCMAC:
		default:
			use.Usage = keyblock.UsageCMAC // which the key is not
		}
		if err := use.Permit(label, &h); err != nil {
			return err
		}
		dst, err = macUnder(dst, label, h, key, data)
		return err
	})
	return dst, err
}

func macUnder(dst []byte, label string, h keyblock.Header, key, data []byte) ([]byte, error) {
	c, err := block(label, h.Algorithm, key)
	if err != nil {
		return dst, err
	}
	switch h.Usage {
	case keyblock.UsageMAC1:
		dst, err = mac.Algorithm1(dst, c, mac.Method2, data)
	case keyblock.UsageMAC3:
		if h.Algorithm != keyblock.AlgorithmTDES {
			return dst, &keystore.Error{Code: keystore.CodeAlgorithm, Label: label, Text: "MAC algorithm 3 is of DES"}
		}
		dst, err = mac.Retail(dst, key, mac.Method2, data)
	default:
		dst, err = mac.CMAC(dst, c, data)
	}
	if err != nil {
		return dst, &keystore.Error{Code: keystore.CodeLength, Label: label, Err: err}
	}
	return dst, nil
}

// oddParity sets the last bit of each byte of a DES key. ISO/IEC 18033-3, 4.2; Book 2, A1.4.
func oddParity(key []byte) {
	for i, b := range key {
		p := b >> 1
		p ^= p >> 4
		p ^= p >> 2
		p ^= p >> 1
		key[i] = b&^1 | p&1 ^ 1
	}
}
