package tlv_test

import (
	"testing"

	"github.com/cardwright/emv/tlv"
)

// BenchmarkWalk walks a record of 205 bytes, as the budget has it (docs/performance.md).
func BenchmarkWalk(b *testing.B) {
	record := recordBody(b)
	b.SetBytes(int64(len(record)))
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		c := tlv.Read(record)
		for c.Next() {
			n += c.Len()
		}
		if n == 0 {
			b.Fatal("nothing walked")
		}
	}
}

func BenchmarkDOL(b *testing.B) {
	dol := unhex(b, "9F02069F03069F1A0295055F2A029A039C019F3704")
	dst := make([]byte, 0, 256)
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if dst, err = tlv.AppendDOLData(dst[:0], dol, source{}); err != nil {
			b.Fatal(err)
		}
	}
}
