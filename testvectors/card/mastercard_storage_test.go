package card

import (
	"bytes"
	"testing"
)

// TestOWHF2 has the published vector of the one-way function of data storage version 1 (C-2, GAC.40).
func TestOWHF2(t *testing.T) {
	got := owhf2(unhex("5168624300900697"), unhex("8199829983998499"), unhex("1223344556677889"))
	if want := unhex("659C8EBFAA816DB5"); !bytes.Equal(got, want) {
		t.Errorf("%X, want %X", got, want)
	}
	if owhf2([]byte{1}, make([]byte, 8), make([]byte, 8)) != nil {
		t.Error("a DS ID of one byte has a digest")
	}
}

// TestSlotTakesWhoKnowsTheInput writes a slot with the digest of an input, and again with that input.
func TestSlotTakesWhoKnowsTheInput(t *testing.T) {
	c, err := New(Config{Profile: "mastercard-ids"})
	if err != nil {
		t.Fatal(err)
	}
	var s storage
	operator, input := unhex("8199829983998499"), unhex("1223344556677889")
	write := func(input, digest []byte, data string) []byte {
		r := idsRead{operator: operator}
		r.write(c, store{{tagDSInput, input}, {tagDSDigest, digest}, {tagODSInfo, []byte{0x80}}, {tagODSTerm, []byte(data)}}, &s)
		return r.after
	}
	digest := owhf2(c.own.get(tagDSID), operator, input)
	first := write(make([]byte, 8), digest, "first")
	if got := write(make([]byte, 8), digest, "forged"); !bytes.Equal(got, first) || string(s.slots[0].data) != "first" {
		t.Error("written without the input")
	}
	if got := write(input, digest, "second"); bytes.Equal(got, first) || string(s.slots[0].data) != "second" {
		t.Error("not written with the input")
	}
}
