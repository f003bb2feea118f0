package pin

import "testing"

func BenchmarkFormat0(b *testing.B) {
	p, pan := newPIN(b, "1234"), []byte(testPAN)
	var block Block
	var got PIN
	b.ReportAllocs()
	for b.Loop() {
		_ = block.Encode0(p, pan)
		_ = block.Decode0(&got, pan)
	}
}

func BenchmarkFormat3(b *testing.B) {
	p, pan, random := newPIN(b, "1234"), []byte(testPAN), testRandom()
	var block Block
	var got PIN
	b.ReportAllocs()
	for b.Loop() {
		_ = block.Encode3(p, pan, random)
		_ = block.Decode3(&got, pan)
	}
}

// BenchmarkFormat0TDES is what a terminal does for a PIN: encode and encipher, key schedule included.
func BenchmarkFormat0TDES(b *testing.B) {
	p, pan := newPIN(b, "1234"), []byte(testPAN)
	var block Block
	b.ReportAllocs()
	for b.Loop() {
		_ = block.Encode0(p, pan)
		_, _ = EncipherTDES(&block, testKey[:16])
	}
}

// BenchmarkFormat4AES is what a terminal does for a PIN: encode and encipher, key schedule included.
func BenchmarkFormat4AES(b *testing.B) {
	p, pan, random := newPIN(b, "1234"), []byte(testPAN), testRandom()
	var f Field
	b.ReportAllocs()
	for b.Loop() {
		_ = f.Encode4(p, random)
		_, _ = EncipherAES(&f, pan, testKey[:16])
	}
}

func BenchmarkOffline(b *testing.B) {
	c, p, random := newCard(b, 144, 3), newPIN(b, "1234"), testRandom()
	dst := make([]byte, 0, 144)
	b.ReportAllocs()
	for b.Loop() {
		_, _ = EncipherOffline(dst, p, [8]byte{}, c.key, random)
	}
}
