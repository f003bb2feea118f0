package keyblock

import (
	"errors"
	"io"
	"strings"
	"testing"
)

// seal makes a block with a right MAC of any header and any text: what another implementation may send.
func seal(t testing.TB, kbpk []byte, header string, text []byte) []byte {
	t.Helper()
	var w worker
	if err := w.derive(Version(header[:1]), kbpk); err != nil {
		t.Fatal(err)
	}
	n := len(header)
	total := string(appendDecimal(nil, n+2*(len(text)+w.mac), 4))
	w.text = append([]byte(header[:1]+total+header[5:]), text...)
	var sum [16]byte
	var err error
	if !w.variant {
		if sum, err = w.authenticate(); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.crypt(n, sum[:w.block], false); err != nil {
		t.Fatal(err)
	}
	if w.variant {
		if sum, err = w.authenticate(); err != nil {
			t.Fatal(err)
		}
	}
	return appendHex(appendHex(w.text[:n:n], w.text[n:]), sum[:w.mac])
}

// TestKeyLengthField seals texts of every length field around what is there.
func TestKeyLengthField(t *testing.T) {
	for v, sizes := range kbpkLengths {
		s := newSource(3)
		kbpk := s.bytes(sizes[0])
		for _, size := range []int{16, 32, 48} {
			for _, bits := range []int{0, 1, 3, 7, 8, 9, 63, 64, 65, 120, 128, 129, 136, 192, 240, 256, 8*size - 24, 8*size - 16, 8*size - 8, 1 << 15, 0xFFFF} {
				text := s.bytes(size)
				text[0], text[1] = byte(bits>>8), byte(bits)
				block := seal(t, kbpk, string(v)+"0000P0TE00E0000", text)
				_, key, err := Unwrap(kbpk, block, PermitAll)
				good := (bits == 64 || bits == 128 || bits == 192) && bits <= 8*size-16
				if good != (err == nil) || good && key.Len() != bits/8 {
					t.Errorf("version %s, text of %d, %d bits: %v", string(v), size, bits, err)
				}
				if !good {
					wantCode(t, string(v), err, CodeKeyLength)
				}
			}
		}
	}
}

func TestBlocksRefused(t *testing.T) {
	s := newSource(4)
	kbpk := s.bytes(16)
	good := string(seal(t, kbpk, "D0000P0AE00E0000", append([]byte{0, 128}, s.bytes(30)...)))
	if _, _, err := Unwrap(kbpk, []byte(good), 0); err != nil {
		t.Fatal(err)
	}
	at := func(n int, with string) string { return good[:n] + with + good[n+len(with):] }
	optional := func(count string, blocks string) string {
		return string(seal(t, kbpk, "D0000P0AE00E"+count+"00"+blocks, append([]byte{0, 128}, s.bytes(30)...)))
	}
	for _, c := range []struct {
		name, block string
		code        Code
	}{
		{"empty", "", CodeLength},
		{"a part of a header", good[:15], CodeLength},
		{"a header alone", "D0016P0AE00E0000", CodeLength},
		{"longer than four digits count", good + strings.Repeat("0", maxLength), CodeLength},
		{"a length that is not it", at(1, "0128"), CodeLength},
		{"a length of no digits", at(1, "011A"), CodeLength},
		{"a length with a sign", at(1, "+112"), CodeLength},
		{"no room for the MAC", "D0032P0AE00E0000" + strings.Repeat("0", 16), CodeLength},
		{"a MAC and nothing else", "D0048P0AE00E0000" + strings.Repeat("0", 32), CodeLength},
		{"no whole block", "D0064P0AE00E0000" + strings.Repeat("0", 48), CodeLength},
		{"an odd digit", "D0113P0AE00E0000" + strings.Repeat("0", 97), CodeLength},
		{"version 0", at(0, "0"), CodeVersion},
		{"version F", at(0, "F"), CodeVersion},
		{"lower case version", at(0, "d"), CodeVersion},
		{"usage", at(5, "p0"), CodeField},
		{"algorithm", at(7, " "), CodeField},
		{"mode", at(8, "-"), CodeField},
		{"key version, the second", at(9, "0c"), CodeField},
		{"exportability", at(11, "e"), CodeField},
		{"count of optional blocks", at(12, "A0"), CodeField},
		{"context", at(14, "."), CodeField},
		{"reserved", at(15, "1"), CodeField},
		{"lower case digits", at(40, strings.ToLower("abcdef")), CodeHex},
		{"no digit in the MAC", at(len(good)-1, "G"), CodeHex},
		{"more optional blocks than there are", at(12, "99"), CodeOptionalBlock},
		{"length 03", optional("01", "LB03xxxxxxxxxxxx"), CodeOptionalBlock},
		{"length past the end", optional("01", "LBFFxxxxxxxxxxxx"), CodeOptionalBlock},
		{"length of no digits", optional("01", "LB1gxxxxxxxxxxxx"), CodeOptionalBlock},
		{"lower case length", optional("02", "LB0aabcdefPB06xx"), CodeOptionalBlock},
		{"extended by no bytes", optional("01", "LB00000Axxxxxxxx"), CodeOptionalBlock},
		{"extended by no number", optional("01", "LB00XX0Axxxxxxxx"), CodeOptionalBlock},
		{"extended past the end", optional("01", "LB00FF0010xxxxxx"), CodeOptionalBlock},
		{"extended, too short for itself", optional("01", "LB00020009xxxxxx"), CodeOptionalBlock},
		{"extended, more than a block has", optional("01", "LB0004FFFFFFFFxx"), CodeOptionalBlock},
		{"extended, overflows", optional("01", "LB0009"+strings.Repeat("F", 18)+"12345678"), CodeOptionalBlock},
		{"ID of signs", optional("01", "L.10xxxxxxxxxxxx"), CodeOptionalBlock},
		{"twice", optional("02", "LB08xxxxLB08xxxx"), CodeOptionalBlock},
		{"padding first", optional("02", "PB08xxxxLB08xxxx"), CodeOptionalBlock},
		{"not printable", optional("01", "LB10xxxxx\x07xxxxxx"), CodeOptionalBlock},
		{"not ASCII", optional("01", "LB10xxxxx\xC3\xA9xxxxx"), CodeOptionalBlock},
		{"Key Set ID of no digits", optional("02", "KS08VM9APB08xxxx"), CodeOptionalBlock},
		{"Key Set ID of odd digits", optional("02", "KS07123PB09xxxxx"), CodeOptionalBlock},
		{"Initial Key ID too short", optional("01", "IK10123456789012"), CodeOptionalBlock},
		{"no whole cipher block", optional("01", "LB08xxxx"), CodeOptionalBlock},
	} {
		_, key, err := Unwrap(kbpk, []byte(c.block), PermitAll)
		wantCode(t, c.name, err, c.code)
		if key.Len() != 0 {
			t.Errorf("%s: a key came out", c.name)
		}
	}
	// CTR mode needs no whole blocks: neither header nor text is padded.
	block := seal(t, kbpk, "E0000P0AE00E0100LB06xx", append([]byte{0, 128}, s.bytes(16)...))
	if _, key, err := Unwrap(kbpk, block, 0); err != nil || key.Len() != 16 {
		t.Errorf("version E: %v", err)
	}
}

func TestKBPKLengths(t *testing.T) {
	for v, sizes := range kbpkLengths {
		s := newSource(5)
		h := &Header{v, UsagePIN, AlgorithmTDES, ModeEncrypt, NoKeyVersion, Exportable, ContextNone, nil}
		block, err := Wrap(nil, s, s.bytes(sizes[0]), h, s.bytes(16), Options{Permit: PermitAll})
		if err != nil {
			t.Fatal(err)
		}
		for n := range 40 {
			good := false
			for _, size := range sizes {
				good = good || n == size
			}
			_, werr := Wrap(nil, s, s.bytes(n), h, s.bytes(16), Options{Permit: PermitAll})
			_, _, uerr := Unwrap(s.bytes(n), block, PermitAll)
			_, _, derr := DeriveKeys(v, s.bytes(n))
			if good {
				if werr != nil || derr != nil {
					t.Errorf("version %s, KBPK of %d: %v, %v", string(v), n, werr, derr)
				}
				continue
			}
			for _, err := range []error{werr, uerr, derr} {
				wantCode(t, string(v), err, CodeKBPK)
			}
		}
	}
	_, _, err := DeriveKeys("F", make([]byte, 16))
	wantCode(t, "version F", err, CodeVersion)
}

func TestWrapRefuses(t *testing.T) {
	s := newSource(6)
	good := Header{VersionD, UsagePIN, AlgorithmAES, ModeEncrypt, NoKeyVersion, Exportable, ContextNone, nil}
	with := func(f func(*Header)) *Header {
		h := good
		f(&h)
		return &h
	}
	all := func(h *Header) { *h = good }
	for _, c := range []struct {
		name   string
		h      *Header
		key, p int
		permit Permit // what lets it through, 0 for nothing does
		code   Code
	}{
		{"version", with(func(h *Header) { h.Version = "Z" }), 16, 32, 0, CodeVersion},
		{"no header", &Header{}, 16, 32, 0, CodeVersion},
		{"usage of one letter", with(func(h *Header) { h.Usage = "P" }), 16, 32, 0, CodeField},
		{"key version of signs", with(func(h *Header) { h.KeyVersion = "?1" }), 16, 32, 0, CodeField},
		{"deprecated", with(func(h *Header) { h.Version, h.Algorithm = VersionA, AlgorithmTDES }), 16, 16, PermitVersionA, CodeDeprecated},
		{"proprietary usage", with(func(h *Header) { h.Usage = "10" }), 16, 32, PermitAnyUse, CodeUsage},
		{"PIN key for RSA", with(func(h *Header) { h.Algorithm = AlgorithmRSA }), 16, 32, PermitAnyUse, CodeAlgorithm},
		{"PIN key to generate", with(func(h *Header) { h.Mode = ModeGenerate }), 16, 32, PermitAnyUse, CodeMode},
		{"exportability", with(func(h *Header) { h.Exportability = "1" }), 16, 32, PermitAnyUse, CodeField},
		{"context", with(func(h *Header) { h.Context = "3" }), 16, 32, PermitAnyUse, CodeField},
		{"HMAC without hash", with(func(h *Header) { h.Usage, h.Algorithm, h.Mode = UsageHMAC, AlgorithmHMAC, ModeGenerateVerify }), 16, 32, PermitAnyUse, CodeOptionalBlock},
		{"HMAC-SHA-2 with SHA-3", with(func(h *Header) {
			h.Usage, h.Algorithm, h.Mode, h.Blocks = UsageHMAC, AlgorithmHMACSHA2, ModeGenerateVerify, []OptionalBlock{HashSHA3_256.Block()}
		}), 16, 32, PermitAnyUse, CodeOptionalBlock},
		{"hash of a PIN key", with(func(h *Header) { h.Blocks = []OptionalBlock{HashSHA256.Block()} }), 16, 32, PermitAnyUse, CodeOptionalBlock},
		{"derivations of a PIN key", with(func(h *Header) { h.Blocks = []OptionalBlock{Derivations()} }), 16, 32, PermitAnyUse, CodeOptionalBlock},
		{"a block of 256 whose length is in one byte", with(func(h *Header) {
			h.Blocks = []OptionalBlock{{ID: BlockLabel, Data: strings.Repeat("x", 248), LengthBytes: 1}}
		}), 16, 32, 0, CodeOptionalBlock},
		{"too long", with(func(h *Header) { h.Blocks = []OptionalBlock{Label(strings.Repeat("x", 9900))} }), 16, 32, 0, CodeLength},
		{"no key", with(all), 0, 32, 0, CodeKeyLength},
		{"AES key of 17", with(all), 17, 32, 0, CodeKeyLength},
		{"AES key of 8", with(all), 8, 32, 0, CodeKeyLength},
		{"more bits than the field counts", with(all), 8192, 32, 0, CodeKeyLength},
		{"single DES as TDES", with(func(h *Header) { h.Algorithm = AlgorithmTDES }), 8, 32, PermitSingleDES, CodeSingleDES},
		{"IV of 12", with(func(h *Header) { h.Usage, h.Mode = UsageIV, ModeNone }), 12, 32, 0, CodeKeyLength},
		{"AES-256 under AES-128", with(all), 32, 16, PermitWeakKBPK, CodeStrength},
		{"AES under TDES", with(func(h *Header) { h.Version = VersionB }), 16, 24, PermitWeakKBPK, CodeStrength},
		{"TDES of three keys under two", with(func(h *Header) { h.Version, h.Algorithm = VersionB, AlgorithmTDES }), 24, 16, PermitWeakKBPK, CodeStrength},
	} {
		kbpk, key := s.bytes(c.p), s.bytes(c.key)
		block, err := Wrap(nil, s, kbpk, c.h, key, Options{Permit: PermitAll &^ c.permit})
		wantCode(t, c.name, err, c.code)
		if len(block) != 0 {
			t.Errorf("%s: something was written", c.name)
		}
		if c.permit == 0 {
			continue
		}
		block, err = Wrap(nil, s, kbpk, c.h, key, Options{Permit: c.permit})
		if err != nil {
			t.Errorf("%s, permitted: %v", c.name, err)
			continue
		}
		// The same from the other side: a block that somebody else wrapped.
		if _, _, err := Unwrap(kbpk, block, c.permit); err != nil {
			t.Errorf("%s, permitted: %v", c.name, err)
		}
		_, out, err := Unwrap(kbpk, block, PermitAll&^c.permit)
		wantCode(t, c.name, err, c.code)
		if out.Len() != 0 {
			t.Errorf("%s: a key came out", c.name)
		}
	}
	h := good
	for i := range 99 {
		h.Blocks = append(h.Blocks, OptionalBlock{ID: BlockID(appendDecimal(nil, i, 2)), Data: ""})
	}
	_, err := Wrap(nil, s, s.bytes(32), &h, s.bytes(16), Options{})
	wantCode(t, "99 blocks and padding", err, CodeOptionalBlock)
	h.Blocks = append(h.Blocks, OptionalBlock{ID: "AA"})
	_, err = Wrap(nil, s, s.bytes(32), &h, s.bytes(16), Options{})
	wantCode(t, "100 blocks", err, CodeOptionalBlock)
}

func TestErrorText(t *testing.T) {
	for want, e := range map[string]*Error{
		"keyblock.mac":                    {Code: CodeMAC},
		`keyblock.mode ("P0G")`:           {Code: CodeMode, Field: "P0G"},
		`keyblock.length ("length"): 12`:  {Code: CodeLength, Field: fieldLength, N: 12},
		"keyblock.random: unexpected EOF": {Code: CodeRandom, Err: io.ErrUnexpectedEOF},
	} {
		if e.Error() != want {
			t.Errorf("%s, want %s", e.Error(), want)
		}
	}
	if !errors.Is(&Error{Code: CodeRandom, Err: io.EOF}, io.EOF) || errors.Is(&Error{Code: CodeMAC}, &Error{Code: CodeHex}) {
		t.Error("Is")
	}
}
