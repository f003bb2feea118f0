package cert

import (
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math/big"
	"os"
	"testing"

	"github.com/cardwright/emv/crypto/capk"
)

// signer is a private key of the tests. The primes are in testdata/keys.json; they protect nothing.
type signer struct {
	key     PublicKey
	n, d    *big.Int
	modulus int // bytes
}

// newSigner reads a key pair. e is 3 or 65537.
func newSigner(t testing.TB, name string, e int64) *signer {
	t.Helper()
	data, err := os.ReadFile("testdata/keys.json")
	if err != nil {
		t.Fatal(err)
	}
	var keys map[string]struct{ P, Q string }
	if err := json.Unmarshal(data, &keys); err != nil {
		t.Fatal(err)
	}
	p, okP := new(big.Int).SetString(keys[name].P, 16)
	q, okQ := new(big.Int).SetString(keys[name].Q, 16)
	if !okP || !okQ {
		t.Fatalf("no key %s", name)
	}
	one := big.NewInt(1)
	phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
	n := new(big.Int).Mul(p, q)
	return &signer{
		key: PublicKey{n.Bytes(), big.NewInt(e).Bytes()}, n: n,
		d: new(big.Int).ModInverse(big.NewInt(e), phi), modulus: len(n.Bytes()),
	}
}

func (s *signer) capk() *capk.Key {
	return &capk.Key{RID: capk.RID{0xA0, 0, 0, 0, 3}, Index: 0x99, Modulus: s.key.Modulus, Exponent: s.key.Exponent}
}

// sign is the RSA signature function on a whole block.
func (s *signer) sign(block []byte) []byte {
	return new(big.Int).Exp(new(big.Int).SetBytes(block), s.d, s.n).FillBytes(make([]byte, s.modulus))
}

// seal writes the hash result over the block and what follows it, as Book 2 says for all five kinds of block.
func seal(block []byte, rest ...[]byte) []byte {
	n := len(block)
	h := sha1.New()
	h.Write(block[1 : n-21])
	for _, b := range rest {
		h.Write(b)
	}
	h.Sum(block[n-21 : n-21])
	return block
}

// frame is a block of n bytes with the fixed bytes, filled with the pad pattern.
func frame(n int, fields ...[]byte) []byte {
	block := bytes.Repeat([]byte{0xBB}, n)
	block[0] = 0x6A
	copy(block[1:], bytes.Join(fields, nil))
	block[n-1] = 0xBC
	return block
}

// split divides a modulus into leftmost digits, of room bytes at most, and remainder.
func split(modulus []byte, room int) (leftmost, remainder []byte) {
	k := min(len(modulus), room)
	return modulus[:k], modulus[k:]
}

var (
	testPAN   = unhex("4761739001010119")
	testToday = capk.Date{0x26, 0x11, 0x30}
)

// issuerBlock is the block of a certificate for key by a CA key of n bytes, not yet sealed, and the card's data.
func issuerBlock(n int, key PublicKey) ([]byte, IssuerData) {
	leftmost, remainder := split(key.Modulus, n-36)
	block := frame(n, unhex("02 476173FF 1127 0A0B0C 01 01"), []byte{byte(len(key.Modulus)), byte(len(key.Exponent))}, leftmost)
	return block, IssuerData{Remainder: remainder, Exponent: key.Exponent, PAN: testPAN, Today: testToday}
}

// iccBlock is the same for a certificate with format '04'.
func iccBlock(n int, key PublicKey) ([]byte, ICCData) {
	leftmost, remainder := split(key.Modulus, n-42)
	block := frame(n, unhex("04 4761739001010119FFFF 1127 000001 01 01"), []byte{byte(len(key.Modulus)), byte(len(key.Exponent))}, leftmost)
	return block, ICCData{Remainder: remainder, Exponent: key.Exponent, PAN: testPAN, Today: testToday}
}

func issue(ca *signer, key PublicKey) IssuerData {
	block, d := issuerBlock(ca.modulus, key)
	d.Certificate = ca.sign(seal(block, d.Remainder, d.Exponent))
	return d
}

func issueICC(issuer *signer, key PublicKey, static ...[]byte) ICCData {
	block, d := iccBlock(issuer.modulus, key)
	d.Static = static
	d.Certificate = issuer.sign(seal(block, append([][]byte{d.Remainder, d.Exponent}, static...)...))
	return d
}

func signSSAD(issuer *signer, format byte, static ...[]byte) []byte {
	return issuer.sign(seal(frame(issuer.modulus, []byte{format, 1, 0xDA, 0xC0}), static...))
}

func signSDAD(icc *signer, format byte, data []byte, dynamic ...[]byte) []byte {
	return icc.sign(seal(frame(icc.modulus, []byte{format, 1, byte(len(data))}, data), dynamic...))
}

func unhex(s string) []byte {
	b, err := hex.DecodeString(string(bytes.ReplaceAll([]byte(s), []byte(" "), nil)))
	if err != nil {
		panic(err)
	}
	return b
}

// wantCode fails unless err is the code; an empty code means success.
func wantCode(t *testing.T, name string, err error, want Code) {
	t.Helper()
	if want == "" {
		if err != nil {
			t.Errorf("%s: %v, want success", name, err)
		}
		return
	}
	var got Code
	if !errors.As(err, &got) || got != want || !errors.Is(err, want) {
		t.Errorf("%s: %v, want %s", name, err, want)
	}
}
