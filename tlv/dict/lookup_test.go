package dict

import (
	"slices"
	"testing"

	"github.com/cardwright/emv/tlv"
)

// linear is Lookup without an index.
func linear(t tlv.Tag, scope Scope) *Entry {
	var common *Entry
	for i := range table {
		if table[i].Tag != t {
			continue
		}
		switch table[i].Scope {
		case scope:
			return &table[i]
		case Common:
			common = &table[i]
		default:
		}
	}
	return common
}

func TestLookupIsLinearSearch(t *testing.T) {
	tags := []tlv.Tag{0x9F8102, 0x9F80, 0x9F8001, 0xDF8201, 0x1F01, 0x3F7F, 0xFFFFFFFF, 0x9F818101, 0x5C}
	for i := range tlv.Tag(0x10000) {
		tags = append(tags, i)
	}
	for i := range tlv.Tag(0x400) {
		tags = append(tags, 0xDF8000+i, 0xFF8000+i, 0x9F8000+i)
	}
	for _, tag := range tags {
		known := slices.ContainsFunc(table, func(e Entry) bool { return e.Tag == tag })
		if _, ok := IDOf(tag); ok != known {
			t.Fatalf("%s: IDOf says %v", tag, ok)
		}
		if !known {
			if e := Lookup(tag, C2); e != nil {
				t.Fatalf("%s: %v", tag, e)
			}
			continue
		}
		for scope := range Scope(Scopes) {
			if got, want := Lookup(tag, scope), linear(tag, scope); got != want {
				t.Fatalf("%s %s: %v, want %v", tag, scope, got, want)
			}
		}
	}
}

func TestIDs(t *testing.T) {
	seen := make(map[ID]tlv.Tag)
	for e := range All {
		id, ok := IDOf(e.Tag)
		if !ok || int(id) >= Tags() {
			t.Fatalf("%s: id %d, %v", e.Tag, id, ok)
		}
		if tag, again := seen[id]; again && tag != e.Tag {
			t.Fatalf("%s and %s share id %d", tag, e.Tag, id)
		}
		seen[id] = e.Tag
		if At(id, e.Scope) != e {
			t.Fatalf("%s %s: not found by id", e.Tag, e.Scope)
		}
	}
	if len(seen) != Tags() {
		t.Errorf("%d ids, %d tags", len(seen), Tags())
	}
	if _, ok := IDOf(0x1F7F); ok {
		t.Error("an unknown tag has an id")
	}
	n := 0
	for range All {
		if n++; n == 3 {
			break
		}
	}
	if n != 3 {
		t.Error("All goes on after false")
	}
	if s := Scope(200).String(); s != "unknown" {
		t.Error(s)
	}
}

func TestLookupAllocations(t *testing.T) {
	tags := []tlv.Tag{0x5A, 0x9F02, 0x9F6E, 0xDF811B, 0xFF8105, 0xDF8302, 0x9F8105, 0xDF7F, 0x1F01, 0x12345678}
	n := testing.AllocsPerRun(100, func() {
		for _, tag := range tags {
			Lookup(tag, C2)
			IDOf(tag)
		}
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkLookup(b *testing.B) {
	tags := []tlv.Tag{0x5A, 0x9F02, 0x9F6E, 0xDF811B, 0x82, 0x9F4B}
	for i := 0; b.Loop(); i++ {
		if Lookup(tags[i%len(tags)], C2) == nil {
			b.Fatal("unknown")
		}
	}
}
