package profile_test

import (
	"encoding/binary"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/tvr"
	"github.com/cardwright/emv/terminal/profile"
	"github.com/cardwright/emv/tlv"
)

// TestForward: no stripe and no Interac anywhere; chip and PIN alone in Ireland and Great Britain. PRODUCT 3.3
func TestForward(t *testing.T) {
	for _, country := range profile.Countries() {
		f := builtin(t, country).Forward
		if f == nil || f.Max == 0 || f.Max > f.Sum || f.Count == 0 || f.Age <= 0 || f.Age > 72*time.Hour {
			t.Fatalf("%s: %+v", country, f)
		}
		chipAndPIN := country == "IE" || country == "GB"
		want := []profile.Interface{profile.Insert, profile.Tap}
		if chipAndPIN {
			want = want[:1]
		}
		if f.PIN != chipAndPIN || !slices.Equal(f.Entries, want) || !slices.Contains(f.Never, "interac") {
			t.Errorf("%s: %+v", country, f)
		}
	}
	p, err := profile.Load(change(t, func(m map[string]any) { delete(m, "forward") }))
	if err != nil || p.Forward != nil {
		t.Errorf("%+v, %v", p, err)
	}
	p, err = profile.Load(change(t, func(m map[string]any) { delete(at(m, "forward"), "never") }))
	if err != nil || !slices.Equal(p.Forward.Never, []string{"interac"}) {
		t.Errorf("%+v, %v", p, err)
	}
}

// TestForwardRefused: what a file can't say of it.
func TestForwardRefused(t *testing.T) {
	for _, c := range []struct {
		key  string
		to   any
		path string
		code string
	}{
		{"max", nil, "forward.max", profile.CodeMissing},
		{"sum", nil, "forward.sum", profile.CodeMissing},
		{"count", nil, "forward.count", profile.CodeMissing},
		{"hours", nil, "forward.hours", profile.CodeMissing},
		{"entries", nil, "forward.entries", profile.CodeMissing},
		{"source", nil, "forward.source", profile.CodeSource},
		{"max", 0, "forward.max", profile.CodeValue},
		{"max", 50001, "forward.sum", profile.CodeValue},
		{"count", 1001, "forward.count", profile.CodeValue},
		{"hours", 73, "forward.hours", profile.CodeValue},
		{"entries", []string{"swipe"}, "forward.entries[0]", profile.CodeValue},
		{"entries", []string{"contact", "contact"}, "forward.entries[1]", profile.CodeDuplicate},
		{"entries", []string{}, "forward.entries", profile.CodeMissing},
		{"never", []string{"visas"}, "forward.never[0]", profile.CodeReference},
		{"floor", 1, "forward.floor", profile.CodeUnknown},
	} {
		_, err := profile.Load(change(t, func(m map[string]any) {
			if c.to == nil {
				delete(at(m, "forward"), c.key)
			} else {
				at(m, "forward")[c.key] = c.to
			}
		}))
		var config *kernel.ConfigError
		if !errors.As(err, &config) || !slices.ContainsFunc(config.Faults, func(f kernel.Fault) bool { return f.Path == c.path && f.Code == c.code }) {
			t.Errorf("%s = %v: %v", c.key, c.to, err)
		}
	}
}

// TestAway: the floor limits with which a card may approve by itself, and with which it is asked to go online first.
func TestAway(t *testing.T) {
	p := builtin(t, "CA")
	for _, a := range p.ContactAway().Applications {
		want := uint32(p.Forward.Max + 1) // from the floor limit on is too much (Book 3, 10.6.1)
		if b, _ := p.BrandOf(a.AID); b.Key == "interac" {
			want = 0
		}
		if v, _ := tlv.Find(a.Data, 0x9F1B); len(v) != 4 || binary.BigEndian.Uint32(v) != want {
			t.Errorf("%s: %X, want %d", a.AID, v, want)
		}
	}
	for _, a := range p.ContactUnsure().Applications {
		floor, _ := tlv.Find(a.Data, 0x9F1B)
		b, _ := p.BrandOf(a.AID)
		selected, err := a.Selection.Selects(nil, 1250, uint64(binary.BigEndian.Uint32(floor)))
		if err != nil || selected == (b.Key == "interac") { // that one is above its floor limit, and goes online for this
			t.Errorf("%s: selected %t, %v", a.AID, selected, err)
		}
		if !tvr.SelectedRandomly.In(a.Codes.Online) {
			t.Errorf("%s would not go online: %X", a.AID, a.Codes.Online)
		}
	}
	for i, a := range p.Contact().Applications { // and nothing of it gets into the usual ones
		if v, _ := tlv.Find(a.Data, 0x9F1B); binary.BigEndian.Uint32(v) != 0 || a.Selection.Target != 0 {
			t.Errorf("%d: %X, %+v", i, v, a.Selection)
		}
	}
	taps := p.ContactlessAway(profile.Kernels()...)
	for _, c := range taps.Combinations {
		want := p.Forward.Max
		if b, _ := p.BrandOf(c.AID); b.Key == "interac" {
			want = 0
		}
		if v, own := tlv.Find(c.Data, 0xDF8123); own { // Kernel 2 (C-2, Annex A)
			if n := bcd(v); n != want {
				t.Errorf("%s: %d, want %d", c.AID, n, want)
			}
		} else if c.Limits.Floor == nil || *c.Limits.Floor != want {
			t.Errorf("%s: %v, want %d", c.AID, c.Limits.Floor, want)
		}
	}
	ireland := builtin(t, "IE").ContactlessAway(profile.Kernels()...)
	for _, c := range ireland.Combinations {
		if v, _ := tlv.Find(c.Data, 0xDF8123); bcd(v) != 0 || c.Limits.Floor != nil && *c.Limits.Floor != 0 {
			t.Errorf("%s: %X, %v", c.AID, v, c.Limits.Floor)
		}
	}
}

func bcd(b []byte) (n uint64) {
	for _, v := range b {
		n = n*100 + uint64(v>>4)*10 + uint64(v&15)
	}
	return n
}
