//go:build yardstick

package yardstick_test

import (
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"math/big"
	"os"
	"testing"

	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/crypto/cert"
	"github.com/cardwright/emv/testvectors/yardstick"
)

func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

// ddaChain is what a card with keys of the budget's sizes sends for dynamic data authentication.
type ddaChain struct {
	ca         capk.Key
	issuer     cert.IssuerData
	icc        cert.ICCData
	sdad       []byte
	dynamic    [][]byte
	recoveries []yardstick.Recovery
}

// verify recovers and checks both certificates and the signature (Book 2, chapter 6).
func (c *ddaChain) verify(v *cert.Verifier) error {
	issuer, err := v.Issuer(&c.ca, c.issuer)
	if err != nil {
		return err
	}
	icc, err := v.ICC(issuer.Key, c.icc)
	if err != nil {
		return err
	}
	_, err = v.SDAD(icc.Key, c.sdad, cert.FormatSDAD, c.dynamic)
	return err
}

// newChain signs with the key pairs of crypto/cert's tests.
func newChain(t *testing.T) *ddaChain {
	ca, issuer, icc := readKey(t, "ca1984"), readKey(t, "issuer1408"), readKey(t, "icc1152")
	c := &ddaChain{
		ca:      capk.Key{RID: capk.RID{0xA0, 0, 0, 0, 3}, Index: 0x99, Modulus: ca.modulus(), Exponent: []byte{3}},
		dynamic: [][]byte{unhex("01020304")},
	}
	pan, today := unhex("4761739001010119"), capk.Date{0x26, 0x11, 0x30}
	static := bytes.Repeat([]byte{0x5A}, 120)

	fields := append(unhex("02476173FF11270A0B0C0101"), byte(issuer.size), 1)
	certificate, rest := certify(ca, fields, 36, issuer)
	c.issuer = cert.IssuerData{Certificate: certificate, Remainder: rest, Exponent: []byte{3}, PAN: pan, Today: today}

	fields = append(unhex("044761739001010119FFFF11270000010101"), byte(icc.size), 1)
	certificate, rest = certify(issuer, fields, 42, icc, static)
	c.icc = cert.ICCData{
		Certificate: certificate, Remainder: rest, Exponent: []byte{3}, PAN: pan, Today: today, Static: [][]byte{static},
	}
	c.sdad = icc.sign(unhex("050109081122334455667788"), c.dynamic...)
	c.recoveries = []yardstick.Recovery{
		{Modulus: ca.modulus(), Signature: c.issuer.Certificate},
		{Modulus: issuer.modulus(), Signature: c.icc.Certificate},
		{Modulus: icc.modulus(), Signature: c.sdad},
	}
	return c
}

// keyPair is an RSA key pair with exponent 3.
type keyPair struct {
	n, d *big.Int
	size int // bytes of the modulus
}

func readKey(t *testing.T, name string) *keyPair {
	t.Helper()
	data, err := os.ReadFile("../../crypto/cert/testdata/keys.json")
	if err != nil {
		t.Fatal(err)
	}
	var keys map[string]struct{ P, Q string }
	if err := json.Unmarshal(data, &keys); err != nil {
		t.Fatal(err)
	}
	p, q := new(big.Int).SetBytes(unhex(keys[name].P)), new(big.Int).SetBytes(unhex(keys[name].Q))
	one := big.NewInt(1)
	n := new(big.Int).Mul(p, q)
	phi := p.Sub(p, one).Mul(p, q.Sub(q, one))
	return &keyPair{n, new(big.Int).ModInverse(big.NewInt(3), phi), len(n.Bytes())}
}

func (k *keyPair) modulus() []byte { return k.n.Bytes() }

// sign makes a signature over a block with the fields, padded, and what follows it (Book 2, Tables 6, 14 and 17).
func (k *keyPair) sign(fields []byte, following ...[]byte) []byte {
	block := bytes.Repeat([]byte{0xBB}, k.size)
	block[0], block[k.size-1] = 0x6A, 0xBC
	copy(block[1:], fields)
	h := sha1.New()
	h.Write(block[1 : k.size-21])
	h.Write(bytes.Join(following, nil))
	h.Sum(block[k.size-21 : k.size-21])
	return new(big.Int).Exp(new(big.Int).SetBytes(block), k.d, k.n).FillBytes(block)
}

// certify makes a certificate for a key, in which all but fixed bytes are for its modulus, and the modulus's remainder.
func certify(by *keyPair, fields []byte, fixed int, subject *keyPair, static ...[]byte) (certificate, remainder []byte) {
	modulus := subject.modulus()
	room := min(by.size-fixed, len(modulus))
	remainder = modulus[room:]
	following := append([][]byte{remainder, {3}}, static...)
	return by.sign(append(fields, modulus[:room]...), following...), remainder
}
