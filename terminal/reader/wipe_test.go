package reader

import (
	"testing"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/mastercard"
)

// TestTornRecordsAreOverwritten, and not only forgotten.
func TestTornRecordsAreOverwritten(t *testing.T) {
	log := &mastercard.MemoryLog{}
	log.Insert([]byte{0x5A, 8, 0x47, 0x61, 0x73, 0x90, 1, 1, 0, 0x10})
	log.Insert([]byte{0x5A, 8, 0x47, 0x61, 0x73, 0x90, 1, 1, 0, 0x10})
	kept := log.At(0)
	r := &Reader{}
	r.keepTorn([]contactless.Combination{{Options: &mastercard.Options{TornLog: log}}})
	if !r.tornKept() {
		t.Error("the log was not found")
	}
	r.wipe()
	if r.tornKept() {
		t.Errorf("%d torn records are left", log.Len())
	}
	for _, b := range kept {
		if b != 0 {
			t.Fatal("a torn record was forgotten and not overwritten")
		}
	}
}
