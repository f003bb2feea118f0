package keyblock

import "testing"

func benchmarks(b *testing.B, f func(b *testing.B, s source, kbpk []byte, h *Header, key []byte)) {
	for _, c := range []struct {
		name      string
		version   Version
		algorithm Algorithm
		kbpk, key int
	}{
		{"A", VersionA, AlgorithmTDES, 16, 16},
		{"B", VersionB, AlgorithmTDES, 24, 16},
		{"C", VersionC, AlgorithmTDES, 16, 16},
		{"D", VersionD, AlgorithmAES, 32, 32},
		{"E", VersionE, AlgorithmAES, 32, 32},
	} {
		b.Run(c.name, func(b *testing.B) {
			s := newSource(11)
			h := &Header{c.version, UsagePIN, c.algorithm, ModeEncrypt, NoKeyVersion, NonExportable, ContextNone, nil}
			b.ReportAllocs()
			f(b, s, s.bytes(c.kbpk), h, s.bytes(c.key))
		})
	}
}

func BenchmarkWrap(b *testing.B) {
	benchmarks(b, func(b *testing.B, s source, kbpk []byte, h *Header, key []byte) {
		var block []byte
		for b.Loop() {
			var err error
			if block, err = Wrap(block[:0], s, kbpk, h, key, Options{Permit: PermitVersionA}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkUnwrap(b *testing.B) {
	benchmarks(b, func(b *testing.B, s source, kbpk []byte, h *Header, key []byte) {
		block, err := Wrap(nil, s, kbpk, h, key, Options{Permit: PermitVersionA})
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			_, k, err := Unwrap(kbpk, block, PermitVersionA)
			if err != nil {
				b.Fatal(err)
			}
			k.Wipe()
		}
	})
}
