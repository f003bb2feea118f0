package pin

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"
)

const testPAN = "4761739001010010"

var testKey = []byte("0123456789ABCDEFGHIJKLMNOPQRSTUV")

// encodeAs makes a block of the format that a digit names.
func encodeAs(b *Block, format byte, p *PIN, pan []byte, random io.Reader) error {
	switch format {
	case '0':
		return b.Encode0(p, pan)
	case '1':
		return b.Encode1(p, random)
	case '2':
		return b.Encode2(p)
	case '3':
		return b.Encode3(p, pan, random)
	}
	return fmt.Errorf("no format %c", format)
}

// decodeAs opens a block of the format that a digit names.
func decodeAs(b *Block, format byte, dst *PIN, pan []byte) error {
	switch format {
	case '0':
		return b.Decode0(dst, pan)
	case '1':
		return b.Decode1(dst)
	case '2':
		return b.Decode2(dst)
	case '3':
		return b.Decode3(dst, pan)
	}
	return fmt.Errorf("no format %c", format)
}

// testRandom gives bytes that are the same in every run.
func testRandom() *rand.ChaCha8 { return rand.NewChaCha8([32]byte{1, 2, 3}) }

// digitsOf draws n decimal digits.
func digitsOf(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = '0' + byte(r.IntN(10))
	}
	return b
}

// TestRoundTrip encodes and decodes every length of PIN and PAN in every format, enciphered where the format is.
func TestRoundTrip(t *testing.T) {
	random := testRandom()
	r := rand.New(random)
	for range 20 {
		for n := MinLength; n <= MaxLength; n++ {
			for panLength := 1; panLength <= 19; panLength++ {
				p, pan := newPIN(t, string(digitsOf(r, n))), digitsOf(r, panLength)
				for _, format := range []byte("0123") {
					var b, opened Block
					var got PIN
					if err := encodeAs(&b, format, p, pan, random); err != nil || b.Control() != format-'0' {
						t.Fatalf("format %c: %X, %v", format, b[:], err)
					}
					if format != '2' {
						e, err := EncipherTDES(&b, testKey[:16])
						if err != nil || bytes.Equal(e[:], b[:]) {
							t.Fatal(err)
						}
						if err := DecipherTDES(&opened, e, testKey[:16]); err != nil || opened != b {
							t.Fatalf("format %c: deciphered %X, want %X: %v", format, opened[:], b[:], err)
						}
					}
					if err := decodeAs(&b, format, &got, pan); err != nil || !got.Equal(p) {
						t.Fatalf("format %c, %X: %v", format, b[:], err)
					}
				}
				var f, opened Field
				var got PIN
				if err := f.Encode4(p, random); err != nil {
					t.Fatal(err)
				}
				for _, k := range []int{16, 24, 32} {
					e, err := EncipherAES(&f, pan, testKey[:k])
					if err != nil {
						t.Fatal(err)
					}
					if err := DecipherAES(&opened, e, pan, testKey[:k]); err != nil || opened != f {
						t.Fatalf("deciphered %X, want %X: %v", opened[:], f[:], err)
					}
				}
				if err := opened.Decode4(&got); err != nil || !got.Equal(p) {
					t.Fatalf("%X: %v", f[:], err)
				}
			}
		}
	}
}

// TestFillIsDrawn checks that every fill digit of a format comes up, and no other.
func TestFillIsDrawn(t *testing.T) {
	random := testRandom()
	for format, least := range map[byte]byte{'1': 0, '3': 0xA} {
		var seen [10][16]bool
		for range 2000 {
			var b Block
			if err := encodeAs(&b, format, newPIN(t, "1234"), []byte("0000000000000"), random); err != nil {
				t.Fatal(err)
			}
			for i := range seen {
				seen[i][b[3+i/2]>>(4-4*(i%2))&0xF] = true
			}
		}
		for i := range seen {
			for d := range byte(16) {
				if seen[i][d] != (d >= least) {
					t.Errorf("format %c: fill digit %d is %X: %v", format, i, d, seen[i][d])
				}
			}
		}
	}
}

// TestEveryDigitIsChecked changes each digit of a block to each value. What is accepted then is another PIN of the
// same length, or another fill that the format allows.
func TestEveryDigitIsChecked(t *testing.T) {
	pan := []byte("0000000000000") // an account number field of zeros: the block is the PIN field
	p := newPIN(t, "123456")
	fills := map[byte]string{'0': "F", '1': "0123456789ABCDEF", '2': "F", '3': "ABCDEF", '4': "A"}
	for _, format := range []byte("01234") {
		var b Block
		if format == '4' {
			var f Field
			if err := f.Encode4(p, zeros(8)); err != nil {
				t.Fatal(err)
			}
			b = Block(f[:8])
		} else if err := encodeAs(&b, format, p, pan, zeros(8)); err != nil {
			t.Fatal(err)
		}
		for i := range 16 {
			for d := range byte(16) {
				c, shift := b, 4-4*(i%2)
				c[i/2] = c[i/2]&^(0xF<<shift) | d<<shift
				var got PIN
				var err error
				if format == '4' {
					f := Field(append(c[:], make([]byte, 8)...))
					err = f.Decode4(&got)
				} else {
					err = decodeAs(&c, format, &got, pan)
				}
				var want Code
				switch {
				case i == 0 && d != format-'0':
					want = CodeControl
				case i == 1 && (d < MinLength || d > MaxLength):
					want = CodeLength
				case i == 1 && d > 6 && format != '1': // fill is read as digits: those of format 1 are zeros here
					want = CodeDigit
				case i == 1 && d < 6 && format != '1': // digits are read as fill
					want = CodeFill
				case i >= 2 && i < 8 && d > 9:
					want = CodeDigit
				case i >= 8 && !bytes.ContainsRune([]byte(fills[format]), rune("0123456789ABCDEF"[d])):
					want = CodeFill
				}
				switch {
				case want != "":
					wantCode(t, fmt.Sprintf("format %c, %X", format, c[:]), err, want)
					if got != (PIN{}) {
						t.Errorf("format %c, %X leaves a PIN", format, c[:])
					}
				case err != nil:
					t.Errorf("format %c, %X: %v", format, c[:], err)
				}
			}
		}
	}
}

func TestPANs(t *testing.T) {
	p := newPIN(t, "1234")
	var b Block
	var f Field
	if err := f.Encode4(p, zeros(8)); err != nil {
		t.Fatal(err)
	}
	for _, pan := range []string{"", "47617390010100100000", "476173900101001F", "4761 7390", "476173900101001=", "４７"} {
		pan := []byte(pan)
		wantCode(t, "Encode0", b.Encode0(p, pan), CodePAN)
		wantCode(t, "Encode3", b.Encode3(p, pan, zeros(8)), CodePAN)
		got := *p
		wantCode(t, "Decode0", b.Decode0(&got, pan), CodePAN)
		wantCode(t, "Decode3", b.Decode3(&got, pan), CodePAN)
		_, err := PANField(pan)
		wantCode(t, "PANField", err, CodePAN)
		_, err = EncipherAES(&f, pan, testKey[:16])
		wantCode(t, "EncipherAES", err, CodePAN)
		wantCode(t, "DecipherAES", DecipherAES(&f, AESBlock{1}, pan, testKey[:16]), CodePAN)
		if b != (Block{}) || got != (PIN{}) || f != (Field{}) {
			t.Errorf("PAN %q: a refusal leaves something", pan)
		}
		if err := f.Encode4(p, zeros(8)); err != nil {
			t.Fatal(err)
		}
	}
}

// TestOtherPAN: a block of another PAN decodes to another PIN or not at all.
func TestOtherPAN(t *testing.T) {
	var b Block
	if err := b.Encode0(newPIN(t, "1234"), []byte(testPAN)); err != nil {
		t.Fatal(err)
	}
	var got PIN
	wantCode(t, "Decode0", b.Decode0(&got, []byte("4761739001010028")), CodeFill)
	var f Field
	if err := f.Encode4(newPIN(t, "1234"), zeros(8)); err != nil {
		t.Fatal(err)
	}
	e, err := EncipherAES(&f, []byte(testPAN), testKey[:16])
	if err != nil {
		t.Fatal(err)
	}
	if err := DecipherAES(&f, e, []byte("4761739001010028"), testKey[:16]); err != nil {
		t.Fatal(err)
	}
	if f.Decode4(&got) == nil {
		t.Error("a block of another PAN was accepted")
	}
}

var errBroken = errors.New("broken")

// brokenReader gives some bytes and then an error.
type brokenReader int

func (r *brokenReader) Read(b []byte) (int, error) {
	n := min(len(b), int(*r))
	*r -= brokenReader(n)
	if n == 0 {
		return 0, errBroken
	}
	return n, nil
}

func TestRefusals(t *testing.T) {
	p := newPIN(t, "1234")
	var none PIN
	for _, format := range []byte("0123") {
		b := Block{1}
		wantCode(t, "no PIN", encodeAs(&b, format, &none, []byte(testPAN), zeros(8)), CodeLength)
		if b != (Block{}) {
			t.Errorf("format %c without a PIN leaves a block", format)
		}
	}
	f := Field{1}
	wantCode(t, "no PIN", f.Encode4(&none, zeros(8)), CodeLength)
	for n := range 8 {
		b, r := Block{1}, brokenReader(n)
		err := b.Encode1(p, &r)
		wantCode(t, "random", err, CodeRandom)
		r = brokenReader(n)
		wantCode(t, "random", b.Encode3(p, []byte(testPAN), &r), CodeRandom)
		r = brokenReader(n)
		wantCode(t, "random", f.Encode4(p, &r), CodeRandom)
		if b != (Block{}) || f != (Field{}) || n == 0 && !errors.Is(err, errBroken) {
			t.Errorf("broken after %d bytes: %v", n, err)
		}
	}
	for c := range byte(16) {
		_, err := EncipherTDES(&Block{c << 4}, testKey[:16])
		if ok := c == 0 || c == 1 || c == 3; !ok {
			wantCode(t, "EncipherTDES", err, CodeFormat)
		} else if err != nil {
			t.Error(err)
		}
		_, err = EncipherAES(&Field{c << 4}, []byte(testPAN), testKey[:16])
		if c != 4 {
			wantCode(t, "EncipherAES", err, CodeControl)
		} else if err != nil {
			t.Error(err)
		}
	}
	for _, n := range []int{0, 8, 15, 17, 32} {
		b := Block{1}
		_, err := EncipherTDES(&b, testKey[:n])
		wantMAC(t, "EncipherTDES", err)
		wantMAC(t, "DecipherTDES", DecipherTDES(&b, TDESBlock{}, testKey[:n]))
		if b != (Block{}) {
			t.Error("a refusal leaves a block")
		}
		n := min(n, 31)
		_, err = EncipherAES(&Field{0x44}, []byte(testPAN), testKey[:n])
		wantMAC(t, "EncipherAES", err)
		wantMAC(t, "DecipherAES", DecipherAES(&f, AESBlock{}, []byte(testPAN), testKey[:n]))
	}
}

// TestClearBlocksDoNotAllocate but for the 8 bytes that a source of random bytes fills.
func TestClearBlocksDoNotAllocate(t *testing.T) {
	p, pan := newPIN(t, "1234"), []byte(testPAN)
	var b Block
	var got PIN
	if n := testing.AllocsPerRun(100, func() {
		_ = b.Encode0(p, pan)
		_ = b.Decode0(&got, pan)
		_ = b.Encode2(p)
		_ = b.Decode2(&got)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
