package magstripe

import (
	"fmt"
	"strings"
	"testing"
)

func TestManual(t *testing.T) {
	all := ManualRules{Allowed: true, SecurityCode: true}
	for _, c := range []struct {
		name                 string
		rules                ManualRules
		number, expiry, code string
		want                 error
	}{
		{"as printed", all, "4111 1111 1111 1111", "1226", "123", nil},
		{"American Express", all, "3782-822463-10005", "1226", "1234", nil},
		{"without a security code", ManualRules{Allowed: true}, "4111111111111111", "1226", "", nil},
		{"not allowed", ManualRules{SecurityCode: true}, "4111111111111111", "1226", "123", CodeManual},
		{"a digit mistyped", all, "4111111111111112", "1226", "123", CodeLuhn},
		{"too short", all, "41111111111", "1226", "123", CodePAN},
		{"too long", all, "41111111111111111111", "1226", "123", CodePAN},
		{"a letter", all, "411111111111111I", "1226", "123", CodePAN},
		{"nothing", all, "", "1226", "123", CodePAN},
		{"month 13", all, "4111111111111111", "1326", "123", CodeExpiry},
		{"expiry too short", all, "4111111111111111", "126", "123", CodeExpiry},
		{"expired last month", all, "4111111111111111", "1026", "123", CodeExpired},
		{"expires this month", all, "4111111111111111", "1126", "123", nil},
		{"no security code", all, "4111111111111111", "1226", "", CodeSecurityCode},
		{"four digits", all, "4111111111111111", "1226", "1234", CodeSecurityCode},
		{"three of American Express", all, "378282246310005", "1226", "123", CodeSecurityCode},
	} {
		m, err := c.rules.ParseManual(c.number, c.expiry, c.code, 2026, 11)
		if err != c.want {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
		if err == nil && (m.Expiry != c.expiry[2:]+c.expiry[:2] || m.SecurityCode.Unmasked() != c.code) {
			t.Errorf("%s: read %q %q", c.name, m.Expiry, m.SecurityCode.Unmasked())
		}
		if text := fmt.Sprintf("%v %+v", m, m); err == nil && c.code != "" && (strings.Contains(text, c.code) || strings.Contains(text, "1111111111")) {
			t.Errorf("%s: printed as %s", c.name, text)
		}
		if m.Wipe(); m.SecurityCode.Unmasked() != "" {
			t.Errorf("%s: the security code is still there", c.name)
		}
	}
}

func TestEntryMode(t *testing.T) {
	for v, want := range map[Verdict]EntryMode{Accept: "90", Fallback: "80", UseChip: "", Refuse: ""} {
		if got := v.EntryMode(); got != want {
			t.Errorf("%v: %q, want %q", v, got, want)
		}
	}
}
