package pin

import (
	"bytes"
	"errors"
	"testing"
)

// FuzzBlock: any 16 bytes decode to a PIN or to a known code; a PIN that was decoded encodes to a block that decodes
// to it again, and where the format has no random fill, to the same block.
func FuzzBlock(f *testing.F) {
	for _, format := range []byte("0123") {
		for _, digits := range []string{"1234", "123456789012"} {
			var b Block
			if err := encodeAs(&b, format, newPIN(f, digits), []byte(testPAN), zeros(8)); err != nil {
				f.Fatal(err)
			}
			f.Add(append(b[:], 1, 2, 3, 4, 5, 6, 7, 8), []byte(testPAN), format)
		}
	}
	var field Field
	if err := field.Encode4(newPIN(f, "12345"), zeros(8)); err != nil {
		f.Fatal(err)
	}
	f.Add(field[:], []byte("1"), byte('4'))
	f.Add([]byte{}, []byte{}, byte('0'))
	f.Fuzz(func(t *testing.T, data, pan []byte, format byte) {
		var field, again Field
		var b, c Block
		copy(field[:], data)
		copy(b[:], data)
		var p, q PIN
		var err error
		if format = '0' + format%5; format == '4' {
			err = field.Decode4(&p)
		} else {
			err = decodeAs(&b, format, &p, pan)
		}
		if err != nil {
			knownCode(t, err)
			if p != (PIN{}) {
				t.Fatal("a refusal leaves a PIN")
			}
			return
		}
		if p.Len() < MinLength || p.Len() > MaxLength {
			t.Fatalf("a PIN of %d digits", p.Len())
		}
		if format == '4' {
			if err := again.Encode4(&p, bytes.NewReader(field[8:])); err != nil || again != field {
				t.Fatalf("%X again: %X, %v", field[:], again[:], err)
			}
			return
		}
		if err := encodeAs(&c, format, &p, pan, bytes.NewReader(field[:8])); err != nil {
			t.Fatal(err)
		}
		if (format == '0' || format == '2') && b != c {
			t.Fatalf("%X again: %X", b[:], c[:])
		}
		if err := decodeAs(&c, format, &q, pan); err != nil || !q.Equal(&p) {
			t.Fatalf("%X again: %v", b[:], err)
		}
	})
}

// FuzzOffline: any PIN data decodes to a PIN or to a known code.
func FuzzOffline(f *testing.F) {
	number := [8]byte{1, 2, 3, 4, 5, 6, 7, 8}
	var b Block
	if err := b.Encode2(newPIN(f, "1234")); err != nil {
		f.Fatal(err)
	}
	f.Add(append(append([]byte{0x7F}, b[:]...), number[:]...))
	f.Add([]byte{0x7F})
	f.Fuzz(func(t *testing.T, data []byte) {
		var p PIN
		if err := DecodeOffline(&p, data, number); err != nil {
			knownCode(t, err)
			return
		}
		var b Block
		if err := b.Encode2(&p); err != nil || !bytes.Equal(b[:], data[1:9]) {
			t.Fatalf("%X again: %X, %v", data, b[:], err)
		}
	})
}

func knownCode(t *testing.T, err error) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("error %v", err)
	}
	switch e.Code {
	case CodeLength, CodeDigit, CodePAN, CodeControl, CodeFill, CodeDataLength, CodeDataHeader, CodeUnpredictable:
	default:
		t.Fatalf("error %v", err)
	}
}
