package magstripe

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// Tracks in the layout of ISO/IEC 7813 with a test number.
const (
	one = "%B4111111111111111^DOE/JOHN                  ^25122011234567890?"
	two = ";4111111111111111=25122011234567890?"
)

func TestMasks(t *testing.T) {
	s, err := Parse(one, two, "")
	if err != nil {
		t.Fatal(err)
	}
	j, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{fmt.Sprint(s), fmt.Sprintf("%+v %#v %q %x", s, s.PAN, s.PAN, s.PAN), string(j)} {
		for _, secret := range []string{"1111111111", "DOE", "1234567890"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s shows %s", text, secret)
			}
		}
	}
	if s.PAN.String() != "411111******1111" || s.PAN.Unmasked() != "4111111111111111" {
		t.Error(s.PAN)
	}
	if n := s.Tracks[0].Name.Unmasked(); n != "DOE/JOHN" {
		t.Errorf("%q", n)
	}
}

func TestExpired(t *testing.T) {
	for _, c := range []struct {
		expiry      string
		year, month int
		want        bool
	}{
		{"2512", 2025, 12, false},
		{"2512", 2026, 1, true},
		{"2511", 2025, 12, true},
		{"4912", 2026, 1, false},
		{"5001", 2026, 1, true},
		{"", 2026, 1, false},
	} {
		track := Track{Expiry: c.expiry}
		if got := track.Expired(c.year, c.month); got != c.want {
			t.Errorf("%s in %d-%02d: %v", c.expiry, c.year, c.month, got)
		}
	}
}

func TestServiceCodes(t *testing.T) {
	for code, want := range map[ServiceCode]string{
		"101": "international|normal|no restrictions",
		"201": "international, chip to be used where feasible|normal|no restrictions",
		"620": "national only, chip to be used where feasible|by the issuer online|no restrictions, PIN required",
		"747": "private, by bilateral agreement only|by the issuer online, except by bilateral agreement|goods and services only, PIN where feasible",
		"999": "test|reserved|reserved", "": "||",
	} {
		a, b, c := code.Words()
		if got := a + "|" + b + "|" + c; got != want {
			t.Errorf("%s: %s", code, got)
		}
	}
	for _, c := range []struct {
		code                                               ServiceCode
		chip, international, online, pin, ask, cash, goods bool
	}{
		{"101", false, true, false, false, false, true, true},
		{"220", true, true, true, true, false, true, true},
		{"543", false, false, true, true, false, true, false},
		{"604", true, false, false, false, false, true, false},
		{"202", true, true, false, false, false, false, true},
		{"205", true, true, false, true, false, false, true},
		{"206", true, true, false, false, true, true, true},
		{"207", true, true, false, false, true, false, true},
		{"", false, false, false, false, false, false, false},
	} {
		got := [...]bool{
			c.code.Chip(), c.code.International(), c.code.Online(), c.code.PIN(), c.code.PINPrompt(), c.code.Cash(), c.code.Goods(),
		}
		if want := [...]bool{c.chip, c.international, c.online, c.pin, c.ask, c.cash, c.goods}; got != want {
			t.Errorf("%q: %v, want %v", c.code, got, want)
		}
	}
}

func TestFallback(t *testing.T) {
	us, _ := ProfileOf("US")
	gb, _ := ProfileOf("GB")
	au, _ := ProfileOf("AU")
	for _, c := range []struct {
		profile Profile
		s       Situation
		verdict Verdict
		why     string
	}{
		{us, Situation{ServiceCode: "101", ChipReader: true}, Accept, "fallback.no_chip"},
		{us, Situation{ServiceCode: "201", ChipReader: true}, UseChip, "fallback.untried"},
		{us, Situation{ServiceCode: "601", ChipReader: true}, UseChip, "fallback.untried"},
		{us, Situation{ServiceCode: "201"}, Fallback, "fallback.technical"},
		{gb, Situation{ServiceCode: "201"}, Refuse, "fallback.not_allowed"},
		{us, Situation{ServiceCode: "201", ChipReader: true, Chip: ChipUnreadable, Failures: 2}, UseChip, "fallback.try_again"},
		{us, Situation{ServiceCode: "201", ChipReader: true, Chip: ChipUnreadable, Failures: 3}, Fallback, "fallback.technical"},
		{gb, Situation{ServiceCode: "201", ChipReader: true, Chip: ChipUnreadable, Failures: 3}, Refuse, "fallback.not_allowed"},
		{Profile{Technical: true, Tries: 1}, Situation{ServiceCode: "201", ChipReader: true, Chip: ChipUnreadable, Failures: 1}, Fallback, "fallback.technical"},
		{us, Situation{ServiceCode: "201", ChipReader: true, Chip: ChipNoCommon}, Fallback, "fallback.no_common"},
		{Profile{Technical: true}, Situation{ServiceCode: "201", ChipReader: true, Chip: ChipNoCommon}, Refuse, "fallback.not_allowed"},
		{us, Situation{ServiceCode: "201", ChipReader: true, Chip: ChipBlocked}, Refuse, "fallback.blocked"},
		{us, Situation{ServiceCode: "101", ChipReader: true, Chip: ChipDeclined}, Refuse, "fallback.declined"},
		{us, Situation{ServiceCode: "201", ChipReader: true, Chip: ChipCancelled}, Refuse, "fallback.cancelled"},
		{us, Situation{ServiceCode: "201", ChipReader: true, Chip: ChipTapDeclined}, UseChip, "fallback.tap"},
		{us, Situation{ServiceCode: "220", ChipReader: true, Chip: ChipUnreadable, Failures: 3, DomesticOnly: true}, Refuse, "fallback.domestic"},
		{au, Situation{ServiceCode: "201", ChipReader: true, Chip: ChipUnreadable, Failures: 3}, Refuse, "fallback.foreign_only"},
		{au, Situation{ServiceCode: "201", ChipReader: true, Chip: ChipUnreadable, Failures: 3, Foreign: true}, Fallback, "fallback.technical"},
	} {
		if v, why := c.profile.Judge(c.s); v != c.verdict || why != c.why {
			t.Errorf("%+v: %v because of %s, want %v because of %s", c.s, v, why, c.verdict, c.why)
		}
	}
}

// FuzzParse holds that any text is refused with a code or read so that what was read is a part of it.
func FuzzParse(f *testing.F) {
	f.Add(one, two, "")
	f.Add("", two+"1", ";014111111111111111=1?")
	f.Add("%B^^==?", ";=?", "")
	f.Add("%", ";", "?")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		s, err := Parse(a, b, c)
		if err != nil {
			if code, ok := err.(Code); !ok || code == "" {
				t.Fatalf("%v is no code", err)
			}
			return
		}
		for i, text := range []string{a, b, c} {
			track := &s.Tracks[i]
			if track.Number == 0 {
				continue
			}
			for _, part := range []string{track.PAN.Unmasked(), track.Discretionary.Unmasked(), track.Name.Unmasked()} {
				if !strings.Contains(text, part) {
					t.Fatalf("%q is not in track %d", part, i+1)
				}
			}
			if track.PAN != s.PAN {
				t.Fatal("tracks of different cards")
			}
		}
	})
}

// TestAppendUnmasked gives the tracks back as they were read, blanks that pad a name aside.
func TestAppendUnmasked(t *testing.T) {
	for _, c := range []struct{ one, two, three string }{
		{"%B4111111111111111^DOE/JOHN^25122011234567890?", "", ""},
		{"%B4111111111111111^^^^?", "", ""},
		{"", ";4111111111111111=25122011234567890?", ""},
		{"", ";4111111111111111===1234?", ""},
		{"", ";4111111111111111=2512=99?", ""},
		{"", "", ";014111111111111111=724724000000000?"},
	} {
		s, err := Parse(c.one, c.two, c.three)
		if err != nil {
			t.Fatal(err)
		}
		for i, text := range []string{c.one, c.two, c.three} {
			if got := string(s.Tracks[i].AppendUnmasked(nil)); got != strings.Trim(text, "%;?") {
				t.Errorf("track %d of %q: %q", i+1, text, got)
			}
		}
	}
}
