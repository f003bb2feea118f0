package issuer

import (
	"bytes"
	"testing"
)

// TestOptionC holds option C to its formula, for each length of PAN and of key. Book 2, A1.4.3.
func TestOptionC(t *testing.T) {
	const digits = "4761739001010010123"
	for _, size := range []int{16, 24, 32} {
		imk := key(t, (testIMK + testIMK)[:2*size])
		for n := 1; n <= len(digits); n++ {
			y := unhex(t, ("00000000000000000000000000000000" + digits[:n] + "07")[n+2:])
			for _, b := range y[:16] {
				y = append(y, ^b)
			}
			want := each(aesOf(t, imk.Bytes()), y...)[:size]
			var k Key
			if err := MasterKey(&k, &imk, OptionC, digits[:n], 0x07); err != nil || !bytes.Equal(k.Bytes(), want) {
				t.Errorf("AES-%d, PAN of %d digits: %X, %v, want %X", 8*size, n, k.Bytes(), err, want)
			}
			in := imk
			if err := MasterKey(&in, &in, OptionC, digits[:n], 0x07); err != nil || in != k {
				t.Errorf("AES-%d: in place: %v", 8*size, err)
			}
		}
	}
	var k Key
	wantCode(t, "no key", MasterKey(&k, &Key{}, OptionC, digits, 0), CodeKeyLength)
	wantCode(t, "no session master", SessionKeyAES(&k, &Key{}, Diversification{}), CodeKeyLength)
	_, err := ApplicationCryptogramAES(&Key{}, nil)
	wantCode(t, "no cryptogram key", err, CodeKeyLength)
	_, err = ARPC1AES(&Key{}, Cryptogram{}, [2]byte{})
	wantCode(t, "no ARPC key", err, CodeKeyLength)
	_, err = ARPC2AES(&Key{}, Cryptogram{}, [4]byte{}, nil)
	wantCode(t, "no ARPC key", err, CodeKeyLength)
	_, err = ARPC2AES(&Key{}, Cryptogram{}, [4]byte{}, make([]byte, 9))
	wantCode(t, "9 proprietary bytes", err, CodeDataLength)
}

// TestOptionBHashed gives the key of option B for a long PAN, and another than A's for a short one.
func TestOptionBHashed(t *testing.T) {
	imk := key(t, testIMK)
	for _, pan := range []string{"12345678901234567", "4761739001010010"} {
		var a, b, hashed Key
		for option, k := range map[Option]*Key{OptionA: &a, OptionB: &b, OptionBHashed: &hashed} {
			if err := MasterKey(k, &imk, option, pan, 0); err != nil {
				t.Fatal(err)
			}
		}
		if long := len(pan) > 16; hashed == a || (hashed == b) != long {
			t.Errorf("PAN of %d digits: hashed is A's: %v, is B's: %v", len(pan), hashed == a, hashed == b)
		}
	}
}

func TestTree(t *testing.T) {
	mk := key(t, testIMK)
	for _, tree := range []Tree{{Height: 8, Branch: 4}, {Height: 16, Branch: 2}, {Height: 4, Branch: 16}, {Height: 2, Branch: 256}, {Height: 11, Branch: 3}} {
		seen := map[Key]bool{}
		for _, atc := range [][2]byte{{0, 0}, {0, 1}, {0, 2}, {0, 0xFF}, {1, 0}, {0x80, 0}, {0xFF, 0xFF}} {
			var k Key
			if err := TreeSessionKey(&k, &mk, &tree, atc); err != nil {
				t.Fatal(err)
			}
			if seen[k] {
				t.Errorf("%+v: the key of %X was there before", tree, atc)
			}
			seen[k] = true
			in := mk
			if err := TreeSessionKey(&in, &in, &tree, atc); err != nil || in != k {
				t.Errorf("%+v: in place: %v", tree, err)
			}
		}
	}
	for _, tree := range []Tree{{}, {Height: 8, Branch: 3}, {Height: 1, Branch: 65536}, {Height: 17, Branch: 2}, {Height: 3, Branch: 300}, {Height: -1, Branch: 4}, {Height: 8, Branch: -4}} {
		wantCode(t, "a tree that is none", TreeSessionKey(&Key{}, &mk, &tree, [2]byte{}), CodeTree)
	}
	long := key(t, testIMK+testIMK)
	for _, k := range []*Key{{}, &long} {
		wantCode(t, "tree", TreeSessionKey(&Key{}, k, &Tree{Height: 8, Branch: 4}, [2]byte{}), CodeKeyLength)
		wantCode(t, "Visa", VisaMessagingKey(&Key{}, k, [2]byte{}), CodeKeyLength)
		wantCode(t, "inverse", InverseATCKey(&Key{}, k, [2]byte{}), CodeKeyLength)
	}
}

func BenchmarkTreeSessionKey(b *testing.B) {
	mk := key(b, testIMK)
	b.ReportAllocs()
	for b.Loop() {
		var k Key
		if err := TreeSessionKey(&k, &mk, &Tree{Height: 8, Branch: 4}, [2]byte{0x12, 0x34}); err != nil {
			b.Fatal(err)
		}
	}
}
