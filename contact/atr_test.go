package contact_test

import (
	"testing"

	"github.com/cardwright/emv/contact"
	"github.com/cardwright/emv/kernel"
)

// TestParseATR has answers to reset after a cold and after a warm reset (Book 1, 8.3).
func TestParseATR(t *testing.T) {
	for _, c := range []struct {
		name, atr  string
		cold, warm string // code, "" for accepted
		basic      bool
	}{
		{"basic T=0", "3B600000", "", "", true},
		{"basic T=0, inverse", "3F6500FF3132333435", "", "", true},
		{"basic T=1", "3BE00000 8131 FE45 14", "atr.tck", "atr.tck", false},
		{"no TB1", "3B4000", "atr.tb1", "", false},
		{"TB1 25", "3B602500", "atr.tb1", "", false},
		{"TA1 in negotiable mode", "3B70960000", "", "", false},
		{"TA1 in specific mode", "3BF0120000 10 00", "", "", false},
		{"TA1 not possible in specific mode", "3BF0960000 10 00", "atr.ta1", "atr.ta1", false},
		{"implicit parameters", "3BF0110000 10 10", "atr.ta2", "atr.ta2", false},
		{"TB2", "3BE00000 20 00", "atr.tb2", "", false},
		{"TC2", "3BE00000 40 0A", "", "", false},
		{"TC2 of zero", "3BE00000 40 00", "atr.tc2", "atr.tc2", false},
		{"TS", "3A600000", "atr.ts", "atr.ts", false},
		{"nothing", "", "atr.truncated", "atr.truncated", false},
		{"historical bytes missing", "3B6F000031", "atr.truncated", "atr.truncated", false},
		{"interface bytes missing", "3BE000", "atr.truncated", "atr.truncated", false},
		{"too long", "3B60000000", "atr.length", "atr.length", false},
		{"T=0 and T=1", "3BE00000 80 01 61", "", "", false},
		{"T=1 and T=14", "3BE00000 81 0E 6F", "atr.td2", "atr.td2", false},
		{"T=1 without TB3", "3BE00000 81 01 60", "atr.tb3", "atr.tb3", false},
	} {
		raw := unhex(t, c.atr)
		for _, warm := range []bool{false, true} {
			want := c.cold
			if warm {
				want = c.warm
			}
			a, err := contact.ParseATR(raw, warm)
			if got := kernel.CodeOf(err); got != want {
				t.Errorf("%s, warm %v: %q, want %q", c.name, warm, got, want)
			}
			if err == nil && a.Basic != c.basic {
				t.Errorf("%s: basic %v", c.name, a.Basic)
			}
		}
	}
	a, err := contact.ParseATR(unhex(t, "3B650000 3132333435"), false)
	if err != nil || string(a.Historical) != "12345" || a.Protocol != contact.T0 || a.TA1 != 0x11 {
		t.Errorf("%+v, %v", a, err)
	}
}

func FuzzParseATR(f *testing.F) {
	f.Add([]byte{0x3B, 0x60, 0x00, 0x00}, false)
	f.Add([]byte{0x3B, 0xE0, 0x00, 0x00, 0x81, 0x31, 0xFE, 0x45, 0x6B}, true)
	f.Add([]byte{0x3B, 0xFF, 0xFF}, true)
	f.Fuzz(func(t *testing.T, atr []byte, warm bool) {
		a, err := contact.ParseATR(atr, warm)
		if err != nil && kernel.CodeOf(err) == "" {
			t.Fatalf("no code: %v", err)
		}
		if err == nil && len(a.Historical) > 15 {
			t.Fatalf("%d historical bytes", len(a.Historical))
		}
		// What a cold reset accepts, a warm one does.
		if _, cold := contact.ParseATR(atr, false); cold == nil && err != nil {
			t.Fatalf("accepted cold and refused warm: %v", err)
		}
	})
}
