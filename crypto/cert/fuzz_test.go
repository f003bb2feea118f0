package cert

import (
	"bytes"
	"errors"
	"math/big"
	"slices"
	"testing"

	"github.com/cardwright/emv/crypto/capk"
)

// The fuzz targets sign what they are given, so that the bytes reach every check behind the RSA operation. Whatever
// the bytes, the outcome is a known Code, or a success whose hash and lengths hold.

// mold makes a block of n bytes of what was given; sealed gives it a good hash.
func mold(data []byte, n int, sealed bool, covered ...[]byte) []byte {
	block := make([]byte, n)
	copy(block, data)
	block[0] &= 0x7F // below the modulus, so that the signature recovers to it
	if sealed {
		seal(block, covered...)
	}
	return block
}

func knownCode(t *testing.T, err error) {
	t.Helper()
	var c Code
	if !errors.As(err, &c) || !slices.Contains(Codes(), c) {
		t.Fatalf("error %v", err)
	}
}

func FuzzIssuer(f *testing.F) {
	ca := newSigner(f, "small", 3)
	for _, n := range []int{20, 28, 64} {
		block, d := issuerBlock(ca.modulus, PublicKey{bytes.Repeat([]byte{0xC5}, n), []byte{3}})
		f.Add(block, d.Remainder, d.Exponent, d.PAN, true)
		f.Add(block, d.Remainder, []byte{1, 0, 1}, d.PAN, false)
	}
	var v Verifier
	f.Fuzz(func(t *testing.T, data, remainder, exp, pan []byte, sealed bool) {
		block := mold(data, ca.modulus, sealed, remainder, exp)
		issuer, err := v.Issuer(ca.capk(), IssuerData{ca.sign(block), remainder, exp, pan, testToday, nil})
		if err != nil {
			knownCode(t, err)
			return
		}
		if !bytes.Equal(sha1Of(block[1:len(block)-21], remainder, exp), block[len(block)-21:len(block)-1]) {
			t.Fatal("a wrong hash was accepted")
		}
		if k := issuer.Key; len(k.Modulus) != issuer.KeyLength || !bytes.Equal(k.Exponent, exp) || len(k.Modulus) > ca.modulus ||
			!bytes.HasSuffix(k.Modulus, remainder) || !bytes.HasPrefix(issuer.Leftmost, k.Modulus[:len(k.Modulus)-len(remainder)]) {
			t.Fatalf("key %X of %X and %X", k.Modulus, issuer.Leftmost, remainder)
		}
	})
}

func FuzzICC(f *testing.F) {
	issuer := newSigner(f, "small", 3)
	for _, n := range []int{20, 22, 64} {
		block, d := iccBlock(issuer.modulus, PublicKey{bytes.Repeat([]byte{0xC5}, n), []byte{3}})
		f.Add(block, d.Remainder, d.Exponent, d.PAN, []byte("static"), true)
		f.Add(block, d.Remainder, d.Exponent, d.PAN, []byte{}, false)
	}
	var v Verifier
	f.Fuzz(func(t *testing.T, data, remainder, exp, pan, static []byte, sealed bool) {
		block := mold(data, issuer.modulus, sealed, remainder, exp, static)
		icc, err := v.ICC(issuer.key, ICCData{issuer.sign(block), remainder, exp, pan, testToday, [][]byte{static}})
		if err != nil {
			knownCode(t, err)
			return
		}
		if !bytes.Equal(sha1Of(block[1:len(block)-21], remainder, exp, static), block[len(block)-21:len(block)-1]) {
			t.Fatal("a wrong hash was accepted")
		}
		if k := icc.Key; len(k.Modulus) != icc.KeyLength || !bytes.Equal(k.Exponent, exp) || !bytes.HasPrefix(icc.PAN[:], pan) {
			t.Fatalf("key %X, PAN %x of %x", k.Modulus, icc.PAN[:], pan)
		}
	})
}

func FuzzSSAD(f *testing.F) {
	issuer := newSigner(f, "small", 3)
	f.Add(frame(64, unhex("0301DAC0")), []byte("static"), byte(3), true)
	f.Add(frame(64, unhex("9301DAC0")), []byte("static"), byte(0x93), false)
	var v Verifier
	f.Fuzz(func(t *testing.T, data, static []byte, format byte, sealed bool) {
		block := mold(data, issuer.modulus, sealed, static)
		s, err := v.SSAD(issuer.key, issuer.sign(block), format, [][]byte{static})
		if err != nil {
			knownCode(t, err)
			return
		}
		if !bytes.Equal(sha1Of(block[1:len(block)-21], static), s.Hash) || block[1] != format {
			t.Fatal("a wrong hash or format was accepted")
		}
	})
}

func FuzzSDAD(f *testing.F) {
	icc := newSigner(f, "small", 3)
	f.Add(frame(64, unhex("0501 03 02 0015")), []byte("dynamic"), byte(5), true)
	f.Add(frame(64, unhex("9501 03 02 0015")), []byte("dynamic"), byte(0x95), false)
	f.Add(frame(64, unhex("0501 20 02 0015 80 A1A2A3A4A5A6A7A8"), sha1Of([]byte("x"))), []byte("dynamic"), byte(5), true)
	var v Verifier
	f.Fuzz(func(t *testing.T, data, dynamic []byte, format byte, sealed bool) {
		block := mold(data, icc.modulus, sealed, dynamic)
		sdad := icc.sign(block)
		s, err := v.SDAD(icc.key, sdad, format, [][]byte{dynamic})
		if err != nil {
			knownCode(t, err)
		} else if n, ok := s.DynamicNumber(); !bytes.Equal(sha1Of(block[1:len(block)-21], dynamic), s.Hash) || block[1] != format ||
			!ok || !bytes.Equal(block[5:5+len(n)], n) {
			t.Fatal("a wrong hash, format or number was accepted")
		}
		c, err := v.CDA(icc.key, CDAData{sdad, block[len(block)/2], dynamic, [][]byte{dynamic}})
		if err != nil {
			knownCode(t, err)
		} else if !bytes.Equal(c.TransactionHash, sha1Of(dynamic)) {
			t.Fatal("a wrong transaction hash was accepted")
		}
	})
}

// FuzzRecover compares with the library's exponentiation for any key and signature.
func FuzzRecover(f *testing.F) {
	small := newSigner(f, "small", 3)
	f.Add(small.key.Modulus, bytes.Repeat([]byte{0x77}, 64), false)
	f.Add(newSigner(f, "ca1984", 3).key.Modulus, bytes.Repeat([]byte{0xFF}, 248), true)
	f.Add([]byte{1}, []byte{9}, true)
	f.Add([]byte{}, []byte{}, false)
	f.Add(make([]byte, capk.MaxModulus+1), make([]byte, capk.MaxModulus+1), false)
	var v Verifier
	f.Fuzz(func(t *testing.T, modulus, signature []byte, fermat bool) {
		key, e := PublicKey{modulus, []byte{3}}, int64(3)
		if fermat {
			key.Exponent, e = []byte{1, 0, 1}, 65537
		}
		got, err := v.Recover(key, signature)
		if err != nil {
			knownCode(t, err)
			return
		}
		n := new(big.Int).SetBytes(modulus)
		want := new(big.Int).Exp(new(big.Int).SetBytes(signature), big.NewInt(e), n)
		if len(got) != len(modulus) || new(big.Int).SetBytes(got).Cmp(want) != 0 {
			t.Fatalf("got %X, want %X", got, want)
		}
	})
}
