package emv_test

import (
	"io/fs"
	"path"
	"strings"
	"testing"
	"testing/fstest"
)

// TestHouseRulesFail shows that each rule can fail, and that its neighbours do not: want is a part of the one complaint,
// empty for code that is right.
func TestHouseRulesFail(t *testing.T) {
	imports := func(of string) string { return "package p\nimport _ \"" + of + "\"" }
	own := func(of string) string { return imports(module + "/" + of) }
	for _, c := range []struct{ name, text, want string }{
		{"tlv/dict/a.go", own("tlv"), ""},
		{"tlv/a.go", own("crypto/cert"), "must not import crypto/cert"},
		{"tlv/a.go", imports("golang.org/x/crypto/x"), "must not import the module"},
		{"tlv/a_test.go", own("kernel"), "must not import kernel"},
		{"tlv/a_test.go", imports("pgregory.net/rapid"), ""},
		{"tlv/a.go", imports("pgregory.net/rapid"), "must not import the module"},
		{"crypto/pin/a.go", imports("filippo.io/bigmod"), ""},
		{"crypto/pin/a.go", own("kernel"), "must not import kernel"},
		{"kernel/a.go", own("crypto/cert"), ""},
		{"kernel/a.go", own("magstripe"), "must not import magstripe"},
		{"kernel/a.go", own("contactless"), "must not import contactless"},
		{"kernel/a.go", imports("github.com/google/go-tpm/tpm2"), "must not import the module"},
		{"magstripe/a.go", own("kernel"), "must not import kernel"},
		{"contact/a.go", own("contactless"), "must not import contactless"},
		{"contact/a.go", own("kernel/apdu"), ""},
		{"contactless/a.go", own("contact"), "must not import contact"},
		{"contactless/a_test.go", own("contact"), "must not import contact"},
		{"contactless/a.go", own("contactless/visa"), "must not import a kernel"},
		{"contactless/a_test.go", own("contactless/visa"), ""},
		{"contactless/visa/a.go", own("contactless"), ""},
		{"contactless/visa/a.go", own("contactless/wallet"), ""},
		{"contactless/visa/a.go", own("contactless/jcb"), "a kernel must not import another"},
		{"contactless/visa/a_test.go", own("contactless/jcb"), "a kernel must not import another"},
		{"contactless/visa/a.go", own("testvectors"), "must not import testvectors"},
		{"contactless/visa/a_test.go", own("testvectors/card"), ""},
		{"terminal/driver/simulated/a.go", own("testvectors/card"), "must not import testvectors/card"},
		{"terminal/host/a.go", imports("github.com/moov-io/iso8583"), ""},
		{"terminal/host/a.go", own("cmd/emv"), "must not import cmd/emv"},
		{"testvectors/runner/a.go", own("contact"), ""},
		{"testvectors/runner/a.go", own("terminal"), "must not import terminal"},
		{"testvectors/card/a.go", own("crypto/issuer"), ""},
		{"testvectors/card/a.go", own("kernel"), "must not import kernel"},
		{"testvectors/issuer/a.go", own("contactless/visa"), "must not import contactless/visa"},
		{"testvectors/issuer/a.go", own("testvectors/runner"), "must not import testvectors/runner"},
		{"testvectors/card/a_test.go", own("contactless/visa"), ""},
		{"cmd/emv/a.go", own("testvectors/runner"), ""},
		{"cmd/emv/a.go", imports("example.com/surprise"), "must not import the module"},
		{"a.go", own("tlv"), "must not import tlv"},
		{"a_test.go", own("contactless/visa"), ""},

		{"tlv/a.go", "package p\nimport \"unsafe\"", "must not import unsafe"},
		{"crypto/a.go", "package p\nimport \"C\"", "must not import C"},
		{"kernel/a.go", "package p\nimport \"reflect\"", "must not import reflect"},
		{"kernel/a_test.go", "package p\nimport \"reflect\"", ""},
		{"terminal/driver/pcsc/a.go", "package p\nimport \"C\"", ""},

		{"kernel/a.go", "package p\nfunc init() {}", "has a func init"},
		{"kernel/a.go", "package p\ntype T int\nfunc (T) init() {}", ""},
		{"terminal/a.go", "package p\nfunc init() {}", ""},
		{"contact/a.go", "package p\nfunc f() { go f() }", "starts a goroutine"},
		{"kernel/cardtest/a.go", "package p\nfunc f() { go f() }", ""},
		{"contactless/a_test.go", "package p\nfunc f() { go f() }", ""},

		{"tlv/a.go", "package p\nvar n int\nfunc f() { n = 1 }", "writes to the package's variable n"},
		{"tlv/a.go", "package p\nvar _ = f\nfunc f() { _ = 1 }", ""},
		{"tlv/a.go", "package p\nvar n int\nfunc f() { n++ }", "writes to the package's variable n"},
		{"tlv/a.go", "package p\nvar n []int\nfunc f() { (n[0]) += 1 }", "writes to the package's variable n"},
		{"tlv/a.go", "package p\nvar n struct{ m map[int]int }\nfunc f() { n.m[1] = 1 }", "writes to the package's variable n"},
		{"tlv/a.go", "package p\nvar n int\nfunc f() { for n = range 3 {} }", "writes to the package's variable n"},
		{"tlv/a.go", "package p\nvar n = 1\nfunc f(n int) { n = 1 }", ""},
		{"tlv/a.go", "package p\nvar n = 1\nfunc f() { n := 1; n = 2; _ = n }", ""},
		{"tlv/a.go", "package p\nvar n = 1\nfunc f() int { m := n; m++; return m }", ""},
		{"terminal/a.go", "package p\nvar n int\nfunc f() { n = 1 }", ""},
	} {
		s, err := parse(c.name, c.text)
		if err != nil {
			t.Fatal(err)
		}
		faults := check([]source{s})
		if c.want == "" && len(faults) > 0 || c.want != "" && (len(faults) != 1 || !strings.Contains(faults[0], c.want)) {
			t.Errorf("%s\n%s\ncomplaints: %q; want %q", c.name, c.text, faults, c.want)
		}
	}
}

// TestHouseRulesSeeThePackage: a variable of one file is written to in another.
func TestHouseRulesSeeThePackage(t *testing.T) {
	var files []source
	for name, text := range map[string]string{
		"kernel/a.go": "package p\nvar table [3]int", "kernel/b.go": "package p\nfunc f() { table[1] = 2 }",
	} {
		s, err := parse(name, text)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, s)
	}
	if faults := check(files); len(faults) != 1 || !strings.HasPrefix(faults[0], "kernel/b.go:2: writes to") {
		t.Errorf("%q", faults)
	}
}

func TestHouseRulesSeeFolders(t *testing.T) {
	tree := fstest.MapFS{}
	for _, f := range append([]string{"utils"}, folders...) {
		tree[path.Join(f, "file")] = &fstest.MapFile{}
	}
	tree["go.mod"] = &fstest.MapFile{}
	entries, err := fs.ReadDir(tree, ".")
	if err != nil {
		t.Fatal(err)
	}
	if got := strangers(entries); len(got) != 1 || got[0] != "utils" {
		t.Errorf("%q", got)
	}
}
