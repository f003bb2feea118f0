package dukpt

import (
	"fmt"
	"testing"
)

// BenchmarkTDESStep is a terminal's transaction: the next key, and the PIN key of it.
func BenchmarkTDESStep(b *testing.B) {
	term, initial := loadTDES(b)
	var x TDESTransaction
	var k Key
	b.ReportAllocs()
	for b.Loop() {
		if term.Next(&x) != nil {
			_ = term.Load(initial, testTDESKSN)
		}
		_ = x.Key(&k, TDESPIN)
	}
}

// BenchmarkAESStep is a terminal's transaction: the next key, and the PIN key of it.
func BenchmarkAESStep(b *testing.B) {
	for _, size := range []int{16, 32} {
		b.Run(fmt.Sprint(8*size), func(b *testing.B) {
			term, _ := loadAES(b, size)
			var x AESTransaction
			var k Key
			b.ReportAllocs()
			for b.Loop() {
				_ = term.Next(&x)
				_ = x.Key(&k, PINEncryption, AES128)
			}
		})
	}
}

// BenchmarkTDESHost derives as deep as it gets: ten one bits.
func BenchmarkTDESHost(b *testing.B) {
	bdk, ksn := newKey(b, testBDK[:16]), testTDESKSN.with(0x1FF800)
	var x TDESTransaction
	b.ReportAllocs()
	for b.Loop() {
		_ = HostTDES(&x, bdk, ksn)
	}
}

// BenchmarkAESHost derives as deep as it gets: sixteen one bits.
func BenchmarkAESHost(b *testing.B) {
	bdk, ksn := newKey(b, testBDK[:16]), testID.ksn(0xFFFF0000)
	var x AESTransaction
	b.ReportAllocs()
	for b.Loop() {
		_ = HostAES(&x, bdk, ksn)
	}
}

func BenchmarkAESLoad(b *testing.B) {
	term, initial := loadAES(b, 16)
	b.ReportAllocs()
	for b.Loop() {
		_ = term.Load(initial, testID)
	}
}
