package pin

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"math/big"
	"testing"

	"github.com/cardwright/emv/crypto/cert"
)

// card is a card's RSA key: the side that deciphers. It is written with math/big from Book 2, Annex B2.1 alone, as no
// enciphered offline PIN has been published: two sides agree here, not a number of others.
type card struct {
	key     cert.PublicKey
	modulus *big.Int
	private *big.Int
}

// newCard makes a key with a modulus of n bytes.
func newCard(t testing.TB, n int, e int64) *card {
	t.Helper()
	exponent, one := big.NewInt(e), big.NewInt(1)
	for {
		p, err := rand.Prime(rand.Reader, 4*n)
		if err != nil {
			t.Fatal(err)
		}
		q, err := rand.Prime(rand.Reader, 4*n)
		if err != nil {
			t.Fatal(err)
		}
		modulus := new(big.Int).Mul(p, q)
		phi := new(big.Int).Mul(p.Sub(p, one), q.Sub(q, one))
		private := new(big.Int).ModInverse(exponent, phi)
		if private == nil || modulus.BitLen() != 8*n {
			continue
		}
		return &card{cert.PublicKey{Modulus: modulus.Bytes(), Exponent: exponent.Bytes()}, modulus, private}
	}
}

// decipher applies the private key (Book 2, A2.1.2).
func (c *card) decipher(data []byte) []byte {
	x := new(big.Int).SetBytes(data)
	return x.Exp(x, c.private, c.modulus).FillBytes(make([]byte, len(c.key.Modulus)))
}

func TestOffline(t *testing.T) {
	random := testRandom()
	number := [8]byte{0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88}
	for _, e := range []int64{3, 65537} {
		for _, n := range []int{64, 65, 96, 112, 128, 144, 176, 192, 248} {
			c := newCard(t, n, e)
			for size := MinLength; size <= MaxLength; size++ {
				p := newPIN(t, "987654321098"[:size])
				got, err := EncipherOffline([]byte("head"), p, number, c.key, random)
				if err != nil || len(got) != 4+n || string(got[:4]) != "head" {
					t.Fatalf("%d bytes, e = %d: %v", n, e, err)
				}
				data := c.decipher(got[4:])
				var b Block
				if err := b.Encode2(p); err != nil {
					t.Fatal(err)
				}
				want := append(append([]byte{0x7F}, b[:]...), number[:]...)
				if !bytes.HasPrefix(data, want) {
					t.Fatalf("%d bytes, e = %d: PIN data %X, want %X first", n, e, data, want)
				}
				var opened PIN
				if err := DecodeOffline(&opened, data, number); err != nil || !opened.Equal(p) {
					t.Fatalf("%d bytes, e = %d: %v", n, e, err)
				}
			}
		}
	}
}

// TestOfflinePadding: the padding is what was drawn, all of it.
func TestOfflinePadding(t *testing.T) {
	c := newCard(t, 128, 3)
	padding := bytes.Repeat([]byte{0xA5, 0x5A, 0x01}, 37)
	got, err := EncipherOffline(nil, newPIN(t, "1234"), [8]byte{}, c.key, bytes.NewReader(padding))
	if err != nil {
		t.Fatal(err)
	}
	if data := c.decipher(got); !bytes.Equal(data[17:], padding) {
		t.Errorf("padding %X", data[17:])
	}
}

func TestOfflineRefusals(t *testing.T) {
	c := newCard(t, 128, 3)
	p := newPIN(t, "1234")
	changed := func(change func(m []byte) []byte) cert.PublicKey {
		return cert.PublicKey{Modulus: change(bytes.Clone(c.key.Modulus)), Exponent: c.key.Exponent}
	}
	keys := map[string]cert.PublicKey{
		"no modulus":       {Exponent: []byte{3}},
		"even modulus":     changed(func(m []byte) []byte { m[127] &^= 1; return m }),
		"leading zero bit": changed(func(m []byte) []byte { m[0] &= 0x7F; return m }),
		"63 bytes":         changed(func(m []byte) []byte { return m[len(m)-63:] }),
		"249 bytes":        changed(func(m []byte) []byte { return append(bytes.Repeat([]byte{0xFF}, 121), m...) }),
	}
	for _, e := range []string{"", "\x01", "\x02", "\x05", "\x00\x03", "\x01\x00\x00", "\x01\x00\x01\x00"} {
		keys[fmt.Sprintf("exponent %x", e)] = cert.PublicKey{Modulus: c.key.Modulus, Exponent: []byte(e)}
	}
	for name, key := range keys {
		room := make([]byte, 0, 300)
		got, err := EncipherOffline(room, p, [8]byte{}, key, testRandom())
		wantCode(t, name, err, CodeRSAKey)
		if len(got) != 0 {
			t.Errorf("%s: %d bytes", name, len(got))
		}
	}

	// What was written before the refusal is gone.
	room := make([]byte, 0, 300)
	var none PIN
	_, err := EncipherOffline(room, &none, [8]byte{1}, c.key, testRandom())
	wantCode(t, "no PIN", err, CodeLength)
	r := brokenReader(110)
	_, err = EncipherOffline(room, p, [8]byte{1}, c.key, &r)
	wantCode(t, "random", err, CodeRandom)
	if !bytes.Equal(room[:300], make([]byte, 300)) {
		t.Error("a refusal leaves PIN data")
	}

	number := [8]byte{1, 2, 3, 4, 5, 6, 7, 8}
	var b Block
	if err := b.Encode2(p); err != nil {
		t.Fatal(err)
	}
	data := append(append([]byte{0x7F}, b[:]...), number[:]...)
	open := func(name string, code Code, data []byte) {
		t.Helper()
		got := *p
		wantCode(t, name, DecodeOffline(&got, data, number), code)
		if got != (PIN{}) {
			t.Errorf("%s leaves a PIN", name)
		}
	}
	with := func(at int, v byte) []byte {
		d := bytes.Clone(data)
		d[at] = v
		return d
	}
	open("short", CodeDataLength, data[:16])
	open("header", CodeDataHeader, with(0, 0x6A))
	open("number", CodeUnpredictable, with(16, 9))
	open("control", CodeControl, with(1, 0x04))
	open("length", CodeLength, with(1, 0x23))
	open("digit", CodeDigit, with(2, 0x1A))
	open("fill", CodeFill, with(8, 0xF0))
}

// recorder keeps the slices that it was asked to fill: PIN data is built around the padding.
type recorder struct{ seen []byte }

func (r *recorder) Read(b []byte) (int, error) {
	r.seen = b
	return len(b), nil
}

// TestOfflineLeavesNoPINData: where the PIN data stood, the result stands, whatever room dst had.
func TestOfflineLeavesNoPINData(t *testing.T) {
	c := newCard(t, 128, 65537)
	for _, room := range []int{0, 128} {
		var r recorder
		got, err := EncipherOffline(make([]byte, 0, room), newPIN(t, "1234"), [8]byte{}, c.key, &r)
		if err != nil {
			t.Fatal(err)
		}
		if &r.seen[0] != &got[17] {
			t.Error("the PIN data stood elsewhere")
		}
		if data := c.decipher(got); bytes.Equal(data[1:9], got[1:9]) || !bytes.Equal(r.seen, got[17:]) {
			t.Error("the PIN data is left")
		}
	}
}
