package keyblock

import (
	"bytes"
	"errors"
	"slices"
	"testing"
)

// codes are all there are.
var codes = []Code{
	CodeLength, CodeVersion, CodeField, CodeHex, CodeOptionalBlock, CodeAbsent, CodeMAC, CodeKeyLength, CodeKBPK,
	CodeStrength, CodeSingleDES, CodeDeprecated, CodeUsage, CodeAlgorithm, CodeMode, CodeForbidden, CodeExport, CodeRandom,
}

func knownCode(t *testing.T, err error) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) || !slices.Contains(codes, e.Code) {
		t.Fatalf("error %v", err)
	}
}

// seeds are the known blocks with their KBPKs.
func seeds(f *testing.F, add func(kbpk, block []byte)) {
	n := 0
	for _, c := range knownCases(f) {
		if block, ok := c.Given.Inputs["key_block_ascii"]; ok {
			add(unhexed(f, c.Given.Inputs["kbpk"]), []byte(block))
			n++
		}
	}
	if n == 0 {
		f.Fatal("no seeds")
	}
}

// FuzzParseHeader: what can be read writes as it was.
func FuzzParseHeader(f *testing.F) {
	seeds(f, func(_, block []byte) { f.Add(block) })
	f.Add([]byte("E0040P0AE00E0100LB00020018 a label 12345"))
	f.Fuzz(func(t *testing.T, block []byte) {
		h, n, err := ParseHeader(block)
		if err != nil {
			knownCode(t, err)
			return
		}
		if n > len(block) || string(h.append(nil, len(block))) != string(block[:n]) {
			t.Fatalf("%q was read as %+v", block, h)
		}
		if err := h.Check(0); err != nil {
			knownCode(t, err)
		}
		_ = h.Allow(OpEncrypt)
		_, _ = h.Derivations()
		_, _, _ = h.Certificate()
		_, _ = h.CheckValue(BlockKeyCheck)
		_, _ = h.BDKID()
		_, _ = h.Time(BlockStamp)
	})
}

// FuzzUnwrap: what can be opened is the block that Wrap makes of the same text.
func FuzzUnwrap(f *testing.F) {
	seeds(f, func(kbpk, block []byte) { f.Add(kbpk, block) })
	f.Fuzz(func(t *testing.T, kbpk, block []byte) {
		h, key, err := Unwrap(kbpk, block, PermitAll)
		if err != nil {
			knownCode(t, err)
			if key.Len() != 0 {
				t.Fatal("a key came with an error")
			}
			return
		}
		_, n, err := ParseHeader(block)
		if err != nil {
			t.Fatal(err)
		}
		if again := seal(t, kbpk, string(block[:n]), plaintext(t, kbpk, string(block))); !bytes.Equal(again, block) {
			t.Fatalf("%s, and again %s", block, again)
		}
		if err := h.checkKey(key.Len(), len(kbpk), PermitAll); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzText seals any text under any header, so that what is fuzzed is what stands behind a right MAC.
func FuzzText(f *testing.F) {
	f.Add(byte(0), "P0TE00E0000", []byte("\x00\x80ABCDEFGHIJKLMNOPpadded"))
	f.Add(byte(1), "M3TC00E0000", []byte("\x00\x03ABCDEFGHIJKLMN"))
	f.Add(byte(3), "P0AE00E0100LB10123456789012", []byte("\x01\x00ABCDEFGHIJKLMN"))
	f.Add(byte(4), "S0RS00N0000", []byte("\x00\x08A"))
	kbpk := newSource(10).bytes(16)
	f.Fuzz(func(t *testing.T, version byte, header string, text []byte) {
		v := Version("ABCDE"[version%5 : version%5+1])
		b, _ := v.binding()
		header = string(v) + "0000" + header
		if len(header)%b.block != 0 || len(text)%b.block != 0 || len(text) > maxLength || len(header) > maxLength {
			return
		}
		block := seal(t, kbpk, header, text)
		_, n, err := ParseHeader(block)
		sealed := err == nil && n == len(header) // otherwise what was sealed is not what is read
		_, key, err := Unwrap(kbpk, block, PermitAll)
		if err != nil {
			knownCode(t, err)
			if sealed && errors.Is(err, &Error{Code: CodeMAC}) {
				t.Fatal("the MAC was right")
			}
			return
		}
		bits := int(text[0])<<8 | int(text[1])
		if !sealed || bits != 8*key.Len() || !bytes.Equal(key.Bytes(), text[lengthField:lengthField+key.Len()]) {
			t.Fatalf("%v of %X", key, text)
		}
	})
}
