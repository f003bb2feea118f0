package dict

import (
	"math/bits"
	"slices"
	"testing"

	"github.com/cardwright/emv/tlv"
)

// longer are the objects that may be longer than 255 bytes: a script command (Book 3, Annex A: up to 261) and what never
// crosses the card interface.
var longer = []tlv.Tag{0x86, 0xFF8101, 0xFF8102, 0xFF8103, 0xFF8104, 0xFF8105, 0xFF8106}

func TestTable(t *testing.T) {
	for i := range table {
		e := &table[i]
		at := e.Tag.String() + " " + e.Scope.String()
		if i > 0 && (table[i-1].Tag > e.Tag || table[i-1].Tag == e.Tag && table[i-1].Scope >= e.Scope) {
			t.Errorf("%s: twice, or out of order", at)
		}
		if !e.Tag.Valid() {
			t.Errorf("%s: not one complete tag", at)
		}
		if e.Name == "" || e.Source == 0 || e.Update == 0 || e.Ref == "" {
			t.Errorf("%s: name %q, source %d, update %d, ref %q", at, e.Name, e.Source, e.Update, e.Ref)
		}
		if e.Scope >= Scopes {
			t.Errorf("%s: scope %d", at, e.Scope)
		}
		if e.Tag.Constructed() != (e.Format == tlv.TemplateOfDataObjects) || e.Format == tlv.FormatUnknown {
			t.Errorf("%s: format %v", at, e.Format)
		}
		if e.Min > e.Max || e.Max == 0 || e.Max > 255 && !slices.Contains(longer, e.Tag) {
			t.Errorf("%s: length %d to %d", at, e.Min, e.Max)
		}
		for j, l := range e.Lengths {
			if l < e.Min || l > e.Max || j > 0 && l <= e.Lengths[j-1] {
				t.Errorf("%s: length %d", at, l)
			}
		}
		if e.Lengths != nil && (e.Lengths[0] != e.Min || e.Lengths[len(e.Lengths)-1] != e.Max) {
			t.Errorf("%s: lengths %d in %d to %d", at, e.Lengths, e.Min, e.Max)
		}
		for _, in := range e.Templates {
			if Lookup(in, e.Scope) == nil {
				t.Errorf("%s: template %s is no entry", at, in)
			}
		}
		checkFields(t, at, e.Bits, int(e.Max))
	}
}

func checkFields(t *testing.T, at string, fields []Field, length int) {
	t.Helper()
	used := make(map[uint8]uint8)
	for _, f := range fields {
		if f.Byte == 0 || int(f.Byte) > length || f.Mask == 0 || f.Name == "" {
			t.Errorf("%s: field %+v in %d bytes", at, f, length)
			continue
		}
		if used[f.Byte]&f.Mask != 0 {
			t.Errorf("%s: byte %d %q overlaps", at, f.Byte, f.Name)
		}
		used[f.Byte] |= f.Mask
		if f.Values == nil && bits.OnesCount8(f.Mask) != 1 {
			t.Errorf("%s: byte %d %q: %02X is not one bit", at, f.Byte, f.Name, f.Mask)
		}
		if run := f.Mask >> f.shift(); run&(run+1) != 0 {
			t.Errorf("%s: byte %d %q: mask %02X has gaps", at, f.Byte, f.Name, f.Mask)
		}
		seen := make(map[uint8]bool)
		for _, v := range f.Values {
			if v.Name == "" || seen[v.Is] || v.Is&^(f.Mask>>f.shift()) != 0 {
				t.Errorf("%s: byte %d %q: value %+v", at, f.Byte, f.Name, v)
			}
			seen[v.Is] = true
		}
	}
}

func TestPieces(t *testing.T) {
	for _, pieces := range [][]Piece{iadCCD, iadVisa, iadVisa2, iadMChip, iadAmex, iadDiscover, iadUnionPay} {
		at := 0
		for i, p := range pieces {
			if p.From != at || p.To <= p.From && i != len(pieces)-1 {
				t.Errorf("%q: %d to %d, expected from %d", p.Name, p.From, p.To, at)
			}
			checkFields(t, p.Name, p.Bits, p.To-p.From)
			at = p.To
		}
	}
}

// TestSensitive holds the list of what is masked, so that nothing leaves it unnoticed.
func TestSensitive(t *testing.T) {
	want := map[Sensitivity][]string{
		PAN:        {"5A EMV", "9F5E C-2"},
		Track:      {"56 C-2", "56 C-3", "56 C-4", "56 C-6", "57 EMV", "9F1F EMV", "9F20 EMV", "9F6B C-2", "9F6B C-4", "9F7E C-6", "DF8107 C-2", "DF8107 C-8", "DF8111 C-2", "DF8111 C-8", "DF8113 C-2", "DF812A C-2", "DF812B C-2"},
		Cardholder: {"5F20 EMV", "5F53 EMV", "9F0B EMV", "9F5B C-4", "9F61 C-7", "DF3E C-6"},
		Secret:     {"99 EMV"},
	}
	got := make(map[Sensitivity][]string)
	for e := range All {
		if e.Sensitive != Public {
			got[e.Sensitive] = append(got[e.Sensitive], e.Tag.String()+" "+e.Scope.String())
		}
	}
	for s := PAN; s <= Secret; s++ {
		if !slices.Equal(got[s], want[s]) {
			t.Errorf("class %d:\n got %q\nwant %q", s, got[s], want[s])
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d classes", len(got))
	}
}

// TestParties holds who is believed: no card may write what decides a transaction, and no terminal what a card says.
func TestParties(t *testing.T) {
	notCard := []tlv.Tag{
		0x71, 0x72, 0x81, 0x83, 0x86, 0x89, 0x8A, 0x91, 0x95, 0x98, 0x99, 0x9A, 0x9B, 0x9C, 0x5F2A, 0x5F36, 0x9F01, 0x9F02,
		0x9F03, 0x9F04, 0x9F06, 0x9F09, 0x9F15, 0x9F16, 0x9F1A, 0x9F1B, 0x9F1C, 0x9F1E, 0x9F21, 0x9F22, 0x9F33, 0x9F34, 0x9F35,
		0x9F37, 0x9F39, 0x9F40, 0x9F41, 0x9F45, 0x9F4C, 0x9F4E,
	}
	for _, tag := range notCard {
		for scope := range Scope(Scopes) {
			if e := Lookup(tag, scope); e == nil || e.Update.Has(Card) {
				t.Errorf("%s %s: a card may write it, or it is missing", tag, scope)
			}
		}
	}
	for e := range All {
		if e.Update.Has(Card) && !e.Source.Has(Card) {
			t.Errorf("%s %s: a card may write what it does not give", e.Tag, e.Scope)
		}
		if e.Update.Has(Issuer) && !e.Source.Has(Issuer) {
			t.Errorf("%s %s: an issuer may write what it does not give", e.Tag, e.Scope)
		}
	}
	for _, c := range []struct {
		tag   tlv.Tag
		scope Scope
		card  bool
	}{
		{0x9F66, C3, false},
		{0x9F66, C6, false},
		{0x9F66, C7, false},
		{0x9F66, C2, true},
		{0x9F6E, C2, true},
		{0x9F6E, C3, true},
		{0x9F6E, C4, false},
		{0x9F6E, C5, true},
		{0x9F6D, C2, false},
		{0x9F6D, C4, false},
		{0x9F53, C2, false},
		{0x9F53, C5, false},
		{0x9F53, C6, false},
		{0x9F5D, C2, true},
		{0x9F5D, C3, true},
		{0x9F5D, Interac, false},
		{0x9F7C, C2, false},
		{0x9F7C, C3, true},
		{0x9F71, C4, true},
		{0x9F71, C6, true},
		{0x9F70, Interac, true},
		{0x9F52, C5, false},
		{0x9F52, Interac, true},
		{0xDF8101, C2, false},
		{0xDF8303, C2, false},
		{0xDF8129, C2, false},
		{0xDF4B, C2, true},
	} {
		if e := Lookup(c.tag, c.scope); e == nil || e.Update.Has(Card) != c.card {
			t.Errorf("%s %s: card may write: want %v", c.tag, c.scope, c.card)
		}
	}
}

func TestScopeDecides(t *testing.T) {
	for _, c := range []struct {
		tag   tlv.Tag
		scope Scope
		name  string
	}{
		{0x9F6E, C2, "Third Party Data"},
		{0x9F6E, C3, "Form Factor Indicator (FFI)"},
		{0x9F6E, C4, "Enhanced Contactless Reader Capabilities"},
		{0x9F5D, C2, "Application Capabilities Information"},
		{0x9F5D, C3, "Available Offline Spending Amount (AOSA)"},
		{0x9F5D, Interac, "Terminal Contactless Receipt Required Limit"},
		{0x9F69, C2, "UDOL"},
		{0x9F69, C3, "Card Authentication Related Data"},
		{0x9F6C, C2, "Mag-stripe Application Version Number (Card)"},
		{0x9F6C, C3, "Card Transaction Qualifiers (CTQ)"},
		{0x9F6C, C7, "Card Transaction Qualifiers (CTQ)"},
		{0x9F66, C2, "PUNATC (Track2)"},
		{0x9F66, C3, "Terminal Transaction Qualifiers (TTQ)"},
		{0x9F66, Common, "Terminal Transaction Qualifiers (TTQ)"},
		{0x9F5B, C2, "DSDOL"},
		{0x9F5B, C3, "Issuer Script Results"},
		{0x9F5B, C4, "Product Membership Number"},
		{0x5A, C4, "Application Primary Account Number (PAN)"},
	} {
		if e := Lookup(c.tag, c.scope); e == nil || e.Name != c.name {
			t.Errorf("%s %s: %+v, want %q", c.tag, c.scope, e, c.name)
		}
	}
	for _, c := range []struct {
		tag   tlv.Tag
		scope Scope
	}{{0xDF811B, C3}, {0x9F6E, Common}, {0x9F6C, C4}, {0x9F80, C6}, {0, Common}, {0xDF8170, C2}} {
		if e := Lookup(c.tag, c.scope); e != nil {
			t.Errorf("%s %s is %q, want nothing", c.tag, c.scope, e.Name)
		}
	}
}

func TestValidLength(t *testing.T) {
	for _, c := range []struct {
		tag tlv.Tag
		n   int
		ok  bool
	}{
		{0x95, 5, true},
		{0x95, 4, false},
		{0x5F54, 8, true},
		{0x5F54, 9, false},
		{0x5F54, 11, true},
		{0x9F2A, 2, false},
		{0x9F2A, 1, true},
		{0x5A, 10, true},
		{0x5A, 11, false},
		{0x9F32, 2, false},
		{0x9F32, 3, true},
		{0x86, 261, true},
	} {
		if got := Lookup(c.tag, Common).ValidLength(c.n); got != c.ok {
			t.Errorf("%s with %d bytes: %v", c.tag, c.n, got)
		}
	}
}
