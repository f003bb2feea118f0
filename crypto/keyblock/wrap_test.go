package keyblock

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// source is a source of bytes that is the same for the same seed.
type source struct{ *rand.Rand }

func newSource(seed uint64) source { return source{rand.New(rand.NewPCG(seed, 31))} }

func (s source) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(s.Uint32())
	}
	return len(b), nil
}

func (s source) bytes(n int) []byte {
	b := make([]byte, n)
	_, _ = s.Read(b)
	return b
}

// kbpkLengths are the KBPKs of each version.
var kbpkLengths = map[Version][]int{
	VersionA: {16, 24}, VersionB: {16, 24}, VersionC: {16, 24}, VersionD: {16, 24, 32}, VersionE: {16, 24, 32},
}

// sample is a header and the lengths of keys that go with it.
type sample struct {
	usage     Usage
	algorithm Algorithm
	mode      Mode
	lengths   []int
	blocks    []OptionalBlock
}

var samples = []sample{
	{UsagePIN, AlgorithmTDES, ModeEncrypt, []int{8, 16, 24}, nil},
	{UsageData, AlgorithmDES, ModeBoth, []int{8}, nil},
	{UsagePIN, AlgorithmAES, ModeEncrypt, []int{16, 24, 32}, []OptionalBlock{Label("till 4")}},
	{UsageIV, AlgorithmAES, ModeNone, []int{8, 16}, nil},
	{UsageHMAC, AlgorithmHMAC, ModeGenerateVerify, []int{1, 20, 33, 64, 128}, []OptionalBlock{HashSHA256.Block()}},
	{UsageSignature, AlgorithmEC, ModeSign, []int{121, 223}, []OptionalBlock{Static.Block()}},
	{UsageSignature, AlgorithmRSA, ModeSign, []int{2349}, nil},
}

// optionals are combinations of optional blocks, short and extended.
func optionals() [][]OptionalBlock {
	long := func(id BlockID, n int, digits uint8) OptionalBlock {
		return OptionalBlock{ID: id, Data: strings.Repeat("x", n), LengthBytes: digits}
	}
	return [][]OptionalBlock{
		nil,
		{KeySet([]byte{0x00, 0x60, 0x4B, 0x12, 0x0F, 0x92, 0x92, 0x80, 0x00, 0x00})},
		{InitialKeyID([8]byte{1, 2, 3, 4, 5, 6, 7, 8}), OptionalBlock{ID: BlockKeyBlockValues, Data: "0400"}},
		{long("10", 0, 0), long("11", 1, 0), long("12", 250, 0), long("13", 251, 0)},
		{long("20", 252, 0), long("21", 100, 2), long("22", 10, 1), long("23", 300, 7)},
		{long("30", 3, 0), OptionalBlock{ID: BlockPadding, Data: "old"}},
	}
}

// each calls f with every version, KBPK length, sample, key length and combination of optional blocks.
func each(f func(name string, s source, kbpk []byte, h *Header, key []byte)) {
	seed := uint64(0)
	for v, sizes := range kbpkLengths {
		for _, size := range sizes {
			for _, m := range samples {
				for _, n := range m.lengths {
					for i, o := range optionals() {
						seed++
						s := newSource(seed)
						h := &Header{v, m.usage, m.algorithm, m.mode, NoKeyVersion, Exportable, ContextNone, slices.Concat(m.blocks, o)}
						name := fmt.Sprintf("%s, KBPK of %d, %s%s key of %d, optional blocks %d",
							string(v), size, string(m.usage), string(m.algorithm), n, i)
						f(name, s, s.bytes(size), h, s.bytes(n))
					}
				}
			}
		}
	}
}

func withoutPadding(blocks []OptionalBlock) []OptionalBlock {
	return slices.DeleteFunc(slices.Clone(blocks), func(o OptionalBlock) bool { return o.ID == BlockPadding })
}

func TestWrapUnwrap(t *testing.T) {
	runs := 0
	each(func(name string, s source, kbpk []byte, h *Header, key []byte) {
		runs++
		before := slices.Clone(h.Blocks)
		block, err := Wrap([]byte("kept"), s, kbpk, h, key, Options{ShowLength: runs%2 == 0, Permit: PermitAll})
		if err != nil || string(block[:4]) != "kept" {
			t.Fatalf("%s: %q, %v", name, block, err)
		}
		block = block[4:]
		got, unwrapped, err := Unwrap(kbpk, block, PermitAll)
		if err != nil || !bytes.Equal(unwrapped.Bytes(), key) {
			t.Fatalf("%s: %s: %v", name, block, err)
		}
		if !slices.Equal(h.Blocks, before) {
			t.Fatalf("%s: the header was written to", name)
		}
		if !slices.Equal(withoutPadding(got.Blocks), withoutPadding(h.Blocks)) {
			t.Fatalf("%s: optional blocks %q of %q", name, got.Blocks, h.Blocks)
		}
		same := *h
		same.Blocks = got.Blocks
		_, n, err := ParseHeader(block)
		if err != nil || string(same.append(nil, len(block))) != string(block[:n]) {
			t.Fatalf("%s: header %+v of %+v", name, got, h)
		}
		b, _ := h.Version.binding()
		if n%b.block != 0 {
			t.Fatalf("%s: a header of %d", name, n)
		}
	})
	if runs < 900 {
		t.Errorf("%d runs", runs)
	}
}

// TestEveryCharacterCounts changes each character of a block to its neighbours, its other case and a few of other sets.
func TestEveryCharacterCounts(t *testing.T) {
	for v, sizes := range kbpkLengths {
		for _, size := range sizes {
			s := newSource(uint64(size))
			kbpk := s.bytes(size)
			h := &Header{v, UsagePIN, AlgorithmTDES, ModeEncrypt, "c1", Sensitive, ContextExchange, []OptionalBlock{
				Label("abc"), KeySet(s.bytes(10)), {ID: "77", Data: strings.Repeat("long ", 60)},
			}}
			block, err := Wrap(nil, s, kbpk, h, s.bytes(16), Options{Permit: PermitAll})
			if err != nil {
				t.Fatal(err)
			}
			for at, was := range block {
				for _, to := range []byte{was ^ 1, was ^ 2, was ^ 0x10, was ^ 0x20, was + 1, '0', 'F', ' ', 0, 0xFF} {
					if to == was {
						continue
					}
					block[at] = to
					if _, key, err := Unwrap(kbpk, block, PermitAll); err == nil || key.Len() != 0 {
						t.Errorf("version %s, KBPK of %d: character %d as %q is taken", string(v), size, at, to)
					}
				}
				block[at] = was
			}
			for n := range block {
				if _, _, err := Unwrap(kbpk, block[:n], PermitAll); err == nil {
					t.Errorf("the first %d characters are taken", n)
				}
			}
			if _, _, err := Unwrap(kbpk, append(block, '\n'), PermitAll); !errors.Is(err, &Error{Code: CodeLength}) {
				t.Errorf("with an end of line: %v", err)
			}
			kbpk[size-1] ^= 0x40
			_, _, err = Unwrap(kbpk, block, PermitAll)
			wantCode(t, "another KBPK", err, CodeMAC)
		}
	}
}

func TestLengthIsHidden(t *testing.T) {
	for v, sizes := range kbpkLengths {
		for _, a := range []struct {
			algorithm Algorithm
			lengths   []int
		}{{AlgorithmTDES, []int{8, 16, 24}}, {AlgorithmAES, []int{16, 24, 32}}} {
			hidden, shown := map[int]bool{}, map[int]bool{}
			for _, n := range a.lengths {
				s := newSource(uint64(n))
				h := &Header{v, UsageData, a.algorithm, ModeBoth, NoKeyVersion, Exportable, ContextNone, nil}
				for _, o := range []Options{{Permit: PermitAll}, {ShowLength: true, Permit: PermitAll}} {
					block, err := Wrap(nil, s, s.bytes(sizes[0]), h, s.bytes(n), o)
					if err != nil {
						t.Fatal(err)
					}
					if o.ShowLength {
						shown[len(block)] = true
					} else {
						hidden[len(block)] = true
					}
				}
			}
			if len(hidden) != 1 || len(shown) < 2 {
				t.Errorf("version %s, algorithm %s: lengths %v hidden, %v shown", string(v), string(a.algorithm), hidden, shown)
			}
		}
	}
}

// TestPaddingIsDrawn sees that padding comes from the source and from nothing else.
func TestPaddingIsDrawn(t *testing.T) {
	s := newSource(1)
	kbpk, key := s.bytes(32), s.bytes(16)
	h := &Header{VersionD, UsagePIN, AlgorithmAES, ModeEncrypt, NoKeyVersion, NonExportable, ContextNone, []OptionalBlock{Label("x")}}
	wrap := func(random io.Reader) string {
		block, err := Wrap(nil, random, kbpk, h, key, Options{})
		if err != nil {
			t.Fatal(err)
		}
		return string(block)
	}
	first, again, other := wrap(newSource(7)), wrap(newSource(7)), wrap(newSource(8))
	if first != again || first == other {
		t.Error("blocks do not follow the source")
	}
	drawn := newSource(7).bytes(7 + 30)
	text := plaintext(t, kbpk, wrap(newSource(7)))
	if !bytes.Equal(text[lengthField+16:], drawn[7:]) {
		t.Errorf("padding %X, drawn %X", text[lengthField+16:], drawn)
	}
	for n := range drawn {
		_, err := Wrap(nil, bytes.NewReader(drawn[:n]), kbpk, h, key, Options{})
		wantCode(t, "a source that runs out", err, CodeRandom)
	}
	_, err := Wrap(nil, nil, kbpk, h, key, Options{})
	wantCode(t, "no source", err, CodeRandom)
}
