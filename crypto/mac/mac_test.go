package mac

import (
	"bytes"
	"crypto/cipher"
	"errors"
	"slices"
	"testing"
)

// testKey is 32 bytes of which the tests take what they need.
var testKey = [32]byte{
	0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF, 0xFE, 0xDC, 0xBA, 0x98, 0x76, 0x54, 0x32, 0x10,
	0x89, 0xAB, 0xCD, 0xEF, 0x01, 0x23, 0x45, 0x67, 0x76, 0x54, 0x32, 0x10, 0xFE, 0xDC, 0xBA, 0x98,
}

func counting(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(7*i + 1)
	}
	return b
}

// TestPaddingIsWhatIsMACed holds the padding that algorithm 1 adds on the way to the one that Pad writes out.
func TestPaddingIsWhatIsMACed(t *testing.T) {
	tdes, err := NewTDES(testKey[:16])
	if err != nil {
		t.Fatal(err)
	}
	aes, err := NewAES(testKey[:])
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range []cipher.Block{tdes, aes} {
		for _, p := range []Padding{Method1, Method2, Method3} {
			for n := range 50 {
				padded, err := p.Pad(nil, counting(n), b.BlockSize())
				if err != nil || len(padded) == 0 || len(padded)%b.BlockSize() != 0 {
					t.Fatalf("method %d, %d bytes: padded %X, %v", p, n, padded, err)
				}
				want := make([]byte, len(padded))
				cipher.NewCBCEncrypter(b, make([]byte, b.BlockSize())).CryptBlocks(want, padded)
				got, err := Algorithm1(nil, b, p, counting(n))
				if err != nil || !bytes.Equal(got, want[len(want)-b.BlockSize():]) {
					t.Errorf("method %d, %d bytes: %X, %v", p, n, got, err)
				}
			}
		}
	}
}

// TestRetailIsTDESAtTheEnd checks the other way to see algorithm 3: single DES up to the last block, TDES on it.
func TestRetailIsTDESAtTheEnd(t *testing.T) {
	data := counting(24)
	des, err := newDES(testKey[:8])
	if err != nil {
		t.Fatal(err)
	}
	head, err := Algorithm1(nil, des, Method1, data[:16])
	if err != nil {
		t.Fatal(err)
	}
	for i := range head {
		head[i] ^= data[16+i]
	}
	tdes, err := NewTDES(testKey[:16])
	if err != nil {
		t.Fatal(err)
	}
	tdes.Encrypt(head, head)
	got, err := Retail(nil, testKey[:16], Method1, data)
	if err != nil || !bytes.Equal(got, head) {
		t.Errorf("%X, %v, want %X", got, err, head)
	}
}

func TestAppendsAndKeepsWhatIsThere(t *testing.T) {
	dst := append(make([]byte, 0, 64), "head"...)
	data := counting(21)
	before := slices.Clone(data)
	got, err := Retail(dst, testKey[:16], Method2, data)
	if err != nil || len(got) != 12 || string(got[:4]) != "head" || &got[0] != &dst[0] {
		t.Errorf("Retail: %X, %v", got, err)
	}
	got, err = CMACAES(dst, testKey[:16], data)
	if err != nil || len(got) != 20 || string(got[:4]) != "head" {
		t.Errorf("CMACAES: %X, %v", got, err)
	}
	if !bytes.Equal(data, before) {
		t.Error("the data was written to")
	}
}

// otherBlock is a cipher with a block size that nothing here takes.
type otherBlock struct{ cipher.Block }

func (otherBlock) BlockSize() int { return 12 }

func TestRefusals(t *testing.T) {
	tdes, _ := NewTDES(testKey[:16])
	aes, _ := NewAES(testKey[:16])
	is := func(name string, err error, code Code) {
		t.Helper()
		var e *Error
		if !errors.As(err, &e) || e.ErrorCode() != string(code) || !errors.Is(err, &Error{Code: code}) {
			t.Errorf("%s: %v, want %s", name, err, code)
		}
	}
	for n := range 33 {
		_, err := NewTDES(testKey[:n:n])
		if ok := n == 16 || n == 24; ok != (err == nil) {
			t.Errorf("TDES key of %d bytes: %v", n, err)
		}
		_, err = NewAES(testKey[:n:n])
		if ok := n == 16 || n == 24 || n == 32; ok != (err == nil) {
			t.Errorf("AES key of %d bytes: %v", n, err)
		}
	}
	_, err := Retail(nil, testKey[:8], Method1, nil)
	is("Retail with 8 bytes", err, CodeKeyLength)
	_, err = CMACTDES(nil, testKey[:8], nil)
	is("CMACTDES with 8 bytes", err, CodeKeyLength)
	_, err = CMACAES(nil, testKey[:8], nil)
	is("CMACAES with 8 bytes", err, CodeKeyLength)
	_, err = Retail(nil, testKey[:16], 0, nil)
	is("padding 0", err, CodePadding)
	_, err = Padding(4).Pad(nil, nil, 8)
	is("padding 4", err, CodePadding)
	_, err = Method1.Pad(nil, nil, 0)
	is("block of 0", err, CodeBlockSize)
	_, err = Method1.Pad(nil, nil, 129)
	is("block of 129", err, CodeBlockSize)
	_, err = Method3.Pad(nil, nil, 1)
	is("method 3 in blocks of 1", err, CodeBlockSize)
	_, err = Algorithm3(nil, tdes, aes, Method1, nil)
	is("ciphers of two sizes", err, CodeBlockSize)
	_, err = Algorithm1(nil, otherBlock{}, Method1, nil)
	is("algorithm 1 in blocks of 12", err, CodeBlockSize)
	_, err = CMAC(nil, otherBlock{}, nil)
	is("CMAC in blocks of 12", err, CodeBlockSize)
}

func TestVerify(t *testing.T) {
	mac := counting(8)
	for n := range 10 {
		got := counting(n)
		if ok := Verify(mac, got, 4); ok != (n >= 4 && n <= 8) {
			t.Errorf("%d bytes: %v", n, ok)
		}
		for i := range got {
			got[i] ^= 1
			if Verify(mac, got, 0) {
				t.Errorf("%d bytes with byte %d changed pass", n, i)
			}
			got[i] ^= 1
		}
	}
	if Verify(mac, nil, 0) || Verify(nil, nil, 0) {
		t.Error("an empty MAC passes")
	}
}

func TestNoAllocationUnderAKeyedCipher(t *testing.T) {
	b, _ := NewTDES(testKey[:16])
	dst := make([]byte, 0, 16)
	data := counting(61)
	if n := testing.AllocsPerRun(100, func() {
		_, _ = CMAC(dst, b, data)
		_, _ = Algorithm3(dst, b, b, Method2, data)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkRetail(b *testing.B) {
	dst := make([]byte, 0, 8)
	data := counting(40)
	b.ReportAllocs()
	for b.Loop() {
		_, _ = Retail(dst, testKey[:16], Method2, data)
	}
}
