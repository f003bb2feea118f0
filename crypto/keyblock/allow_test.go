package keyblock

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

var operations = []Operation{OpEncrypt, OpDecrypt, OpGenerate, OpVerify, OpSign, OpDerive, OpVary}

// TestModes spells out ANSI X9.143, 6.3.3.
func TestModes(t *testing.T) {
	for mode, want := range map[Mode]string{
		ModeBoth: "ED", ModeGenerateVerify: "GV", ModeDecrypt: "D", ModeEncrypt: "E", ModeGenerate: "G", ModeNone: "EDGVSXY",
		ModeSign: "S", ModeSignDecrypt: "DS", ModeVerify: "V", ModeDerive: "X", ModeVariant: "Y", "1": "", "": "",
	} {
		got := ""
		for i, op := range operations {
			if mode.Allows(op) {
				got += "EDGVSXY"[i : i+1]
			}
		}
		if got != want || mode.Allows(0) {
			t.Errorf("%s allows %q, want %q", mode, got, want)
		}
	}
}

func TestAllow(t *testing.T) {
	for _, c := range []struct {
		usage  Usage
		mode   Mode
		op     Operation
		usages []Usage
		field  string // that stands against it, "" for none
	}{
		{UsagePIN, ModeEncrypt, OpEncrypt, nil, ""},
		{UsagePIN, ModeEncrypt, OpEncrypt, []Usage{UsageData, UsagePIN}, ""},
		{UsagePIN, ModeEncrypt, OpEncrypt, []Usage{UsageData}, fieldUsage},
		{UsagePIN, ModeEncrypt, OpDecrypt, nil, fieldMode},
		{UsagePIN, ModeBoth, OpEncrypt | OpDecrypt, nil, ""},
		{UsagePIN, ModeDecrypt, OpEncrypt | OpDecrypt, nil, fieldMode},
		{UsagePIN, ModeNone, OpDecrypt, nil, ""},
		{UsagePIN, ModeNone, OpGenerate, nil, fieldUsage},
		{UsagePIN, ModeGenerate, OpGenerate, nil, fieldUsage},
		{UsageIssuerAC, ModeDerive, OpDerive, []Usage{UsageIssuerAC}, ""},
		{UsageIssuerAC, ModeDerive, OpGenerate, []Usage{UsageIssuerAC}, fieldUsage},
		{UsageMAC3, ModeVerify, OpVerify, nil, ""},
		{UsageMAC3, ModeVerify, OpGenerate, nil, fieldMode},
		{UsageKBPK, ModeDecrypt, OpDecrypt, []Usage{UsageKBPK, UsageKBPK20038}, ""},
		{UsageKEK, ModeDecrypt, OpDecrypt, []Usage{UsageKBPK, UsageKBPK20038}, fieldUsage},
		{UsageIV, ModeNone, OpEncrypt, nil, ""},
		{UsageIV, ModeNone, OpDerive, nil, fieldUsage},
		{UsageSignature, ModeSign, OpSign, nil, ""},
		{"10", ModeBoth, OpEncrypt, nil, fieldUsage},
		{UsagePIN, ModeEncrypt, 0, nil, fieldUsage},
	} {
		h := Header{Usage: c.usage, Mode: c.mode, KeyVersion: NoKeyVersion}
		err := h.Allow(c.op, c.usages...)
		if c.field == "" {
			if err != nil {
				t.Errorf("%s, %s, %d: %v", c.usage, c.mode, c.op, err)
			}
			continue
		}
		wantCode(t, string(c.usage), err, CodeForbidden)
		if e, ok := err.(*Error); !ok || e.Field != c.field {
			t.Errorf("%s, %s, %d: %v, want %s", c.usage, c.mode, c.op, err, c.field)
		}
	}
	h := Header{Usage: UsagePIN, Mode: ModeEncrypt, KeyVersion: "c2"}
	wantCode(t, "a component", h.Allow(OpEncrypt), CodeForbidden)
	if c, ok := h.KeyVersion.Component(); !ok || c != '2' {
		t.Errorf("component %c, %v", c, ok)
	}
}

func TestAllowExport(t *testing.T) {
	for x, want := range map[Exportability][3]bool{
		Exportable: {true, false, false}, Sensitive: {true, true, false}, NonExportable: {}, "1": {}, "": {},
	} {
		for _, f := range []Form{InKeyBlock, UnderKEK, InClear} {
			h := Header{Exportability: x}
			err := h.AllowExport(f)
			if (err == nil) != want[f] {
				t.Errorf("%s in form %d: %v", x, f, err)
			}
			if err != nil {
				wantCode(t, string(x), err, CodeExport)
			}
		}
	}
}

// TestUsages holds the table to itself: no usage twice, in order, letters that exist, modes that somebody may use.
func TestUsages(t *testing.T) {
	last := Usage("")
	for _, r := range Usages() {
		if r.Usage <= last || r.Name == "" || !strings.HasSuffix(r.Modes, "N") {
			t.Errorf("%+v", r)
		}
		last = r.Usage
		for _, a := range r.Algorithms {
			if _, ok := algorithms[Algorithm(a)]; !ok {
				t.Errorf("%s: algorithm %c", r.Usage, a)
			}
		}
		some := false
		for _, m := range r.Modes {
			if Mode(m).operations() == 0 {
				t.Errorf("%s: mode %c", r.Usage, m)
			}
		}
		for _, op := range operations {
			some = some || r.Usage.Allows(op)
		}
		if !some {
			t.Errorf("%s allows nothing", r.Usage)
		}
	}
	if n := len(Usages()); n != 47 {
		t.Errorf("%d usages", n)
	}
	Usages()[0].Usage = "ZZ"
	if _, ok := UsageBDK.Rule(); !ok {
		t.Error("the table was changed from outside")
	}
}

// TestREADME holds the tables of README.md to those of the code.
func TestREADME(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, r := range Usages() {
		want = append(want, fmt.Sprintf("| `%s` | %s | %s | %s |", string(r.Usage), r.Name, spaced(r.Algorithms), spaced(r.Modes)))
	}
	for v, name := range versions {
		want = append(want, fmt.Sprintf("| `%s` | %s |", string(v), name))
	}
	for m, name := range modes {
		want = append(want, fmt.Sprintf("| `%s` | %s |", string(m), name))
	}
	for a, name := range algorithms {
		want = append(want, fmt.Sprintf("| `%s` | %s |", string(a), name))
	}
	for _, line := range want {
		if !strings.Contains(string(text), line) {
			t.Errorf("README.md has no %s", line)
		}
	}
	if n := strings.Count(string(text), "\n| `"); n < len(want) {
		t.Errorf("README.md has %d rows", n)
	}
}

func spaced(letters string) string { return strings.Join(strings.Split(letters, ""), " ") }

func TestFieldsSayWhatTheyMean(t *testing.T) {
	for want, v := range map[string]fmt.Stringer{
		"P0 (PIN encryption)": UsagePIN, "D (AES key derivation binding)": VersionD, "A (AES)": AlgorithmAES,
		"X (derive keys)": ModeDerive, "N (not exportable)": NonExportable, "1 (storage)": ContextStorage,
		"10": Usage("10"), "9": Mode("9"),
	} {
		if v.String() != want {
			t.Errorf("%s, want %s", v, want)
		}
	}
}
