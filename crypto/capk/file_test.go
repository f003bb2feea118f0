package capk

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

var (
	visa       = RID{0xA0, 0, 0, 0, 3}
	mastercard = RID{0xA0, 0, 0, 0, 4}
)

func TestTestSet(t *testing.T) {
	s, err := Test()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range s.Refused() {
		got = append(got, string(r.Code)+" "+keyName(r.RID, r.Index))
	}
	want := []string{
		"capk.superseded A000000004/00",
		"capk.superseded A000000004/01",
		"capk.superseded A000000004/02",
		"capk.modulus A000000004/06",
		"capk.superseded A000000004/FA",
		"capk.checksum A000000004/FB",
		"capk.checksum A000000004/FC",
		"capk.checksum A000000004/FD",
		"capk.exponent A000000010/FB",
		"capk.exponent A000000010/FC",
		"capk.exponent A000000010/FD",
		"capk.checksum_missing A000000025/C3",
		"capk.checksum_missing AFFFFFFFFF/92",
		"capk.superseded B012345678/F3",
	}
	if !slices.Equal(got, want) {
		t.Errorf("refused:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if s.Len() != 130 {
		t.Errorf("%d keys, want 130", s.Len())
	}
	for _, want := range []struct {
		rid    RID
		index  byte
		prefix string
		length int
	}{
		{visa, 0x92, "996AF56F", 176},
		{visa, 0x94, "ACD2B123", 248},
		{mastercard, 0x00, "9C6BE5AD", 160},
		{mastercard, 0x01, "D2010716", 96},
		{mastercard, 0x02, "A99A6D3E", 192},
		{mastercard, 0x05, "A1F5E1C9", 128},
		{mastercard, 0xF3, "98F0C770", 144},
		{mastercard, 0xFA, "A90FCD55", 144},
		{RID{0xB0, 0x12, 0x34, 0x56, 0x78}, 0xF3, "94EA62F6", 128},
	} {
		k, ok := s.CAPK(want.rid, want.index)
		if !ok {
			t.Errorf("%s: absent", keyName(want.rid, want.index))
			continue
		}
		if got := fmt.Sprintf("%X", k.Modulus[:4]); got != want.prefix || len(k.Modulus) != want.length {
			t.Errorf("%s: %s, %d bytes, want %s, %d bytes", keyName(want.rid, want.index), got, len(k.Modulus), want.prefix, want.length)
		}
	}
	if _, ok := s.CAPK(visa, 0x09); ok {
		t.Error("a live key is in the test set")
	}
}

func TestProductionSet(t *testing.T) {
	s, err := Production()
	if err != nil {
		t.Fatal(err)
	}
	if r := s.Refused(); len(r) != 0 {
		t.Errorf("refused %v", r)
	}
	var got []string
	for k := range s.All() {
		got = append(got, keyName(k.RID, k.Index))
	}
	want := []string{
		"A000000003/01", "A000000003/07", "A000000003/08", "A000000003/09",
		"A000000004/04", "A000000004/05", "A000000004/06",
		"A000000025/03", "A000000025/0E", "A000000025/0F", "A000000025/10",
		"A000000333/01", "A000000333/02", "A000000333/04",
	}
	if !slices.Equal(got, want) {
		t.Errorf("keys %v, want %v", got, want)
	}
	if k, _ := s.CAPK(mastercard, 0x06); k == nil || len(k.Modulus) != 248 {
		t.Errorf("A000000004/06 = %v, want 248 bytes", k)
	}
	if got := s.At(Date{0x18, 0x01, 0x01}).Len(); got != 11 {
		t.Errorf("%d keys on 1 January 2018, want 11: Visa 01, 07 and UnionPay 01 have expired", got)
	}
	// Every test key is absent, under whatever index.
	test, err := Test()
	if err != nil {
		t.Fatal(err)
	}
	for k := range test.All() {
		if live, ok := s.CAPK(k.RID, k.Index); ok && string(live.Modulus) == string(k.Modulus) {
			t.Errorf("%s is in both sets", keyName(k.RID, k.Index))
		}
	}
}

// TestChangedByteIsRefused changes each hexadecimal digit of a key of a file in turn.
func TestChangedByteIsRefused(t *testing.T) {
	var f struct{ Keys []map[string]any }
	if err := json.Unmarshal(testFile, &f); err != nil {
		t.Fatal(err)
	}
	first := f.Keys[0]
	for _, field := range []string{"rid", "index", "modulus", "exponent", "sha1"} {
		text := first[field].(string)
		for i := range text {
			changed := []byte(text)
			changed[i] = "123456789ABCDEF0"[strings.IndexByte("0123456789ABCDEF", text[i])]
			first[field] = string(changed)
			s, err := Parse(document(t, first))
			if err != nil {
				t.Fatalf("%s[%d]: %v", field, i, err)
			}
			if r := s.Refused(); s.Len() != 0 || len(r) != 1 || r[0].Code != CodeChecksum {
				t.Fatalf("%s[%d] changed: %d keys, refused %v", field, i, s.Len(), r)
			}
		}
		first[field] = text
	}
	if s, err := Parse(document(t, first)); err != nil || s.Len() != 1 {
		t.Fatalf("unchanged: %v", err)
	}
}

func TestClashes(t *testing.T) {
	a, b, c := sample(1, 64), sample(2, 80), sample(3, 96)
	s, err := Parse(document(t, a, b, c))
	if s != nil || !errors.Is(err, &Error{Code: CodeClash}) {
		t.Fatalf("err = %v, want %s", err, CodeClash)
	}
	var faults Faults
	if !errors.As(err, &faults) || len(faults) != 3 {
		t.Errorf("faults %v, want all three pairs", err)
	}
	if got := faults[0].Error(); got != "capk.clash at keys[1] (A000000003/77): moduli of 64 and 80 bytes, neither is superseded" {
		t.Errorf("text %q", got)
	}
	a["superseded"], c["superseded"] = "older", "a slip"
	s, err = Parse(document(t, a, b, c))
	if err != nil {
		t.Fatal(err)
	}
	if k, ok := s.CAPK(visa, 0x77); !ok || len(k.Modulus) != 80 {
		t.Errorf("loaded %v, want the key of 80 bytes", k)
	}
	want := []Refusal{
		{visa, 0x77, CodeSuperseded, "keys[0]", "older"},
		{visa, 0x77, CodeSuperseded, "keys[2]", "a slip"},
	}
	if got := s.Refused(); !slices.Equal(got, want) {
		t.Errorf("refused %v, want %v", got, want)
	}
}

func TestRefusals(t *testing.T) {
	tests := []struct {
		name   string
		change func(map[string]any)
		want   Code
	}{
		{"no checksum", func(m map[string]any) { delete(m, "sha1") }, CodeChecksumMissing},
		{"marked", func(m map[string]any) { m["checksum_agrees"] = false }, CodeChecksum},
		{"superseded", func(m map[string]any) { m["superseded"] = "why" }, CodeSuperseded},
		{"exponent", func(m map[string]any) { m["exponent"] = "02"; sign(m) }, CodeExponent},
		{"long exponent", func(m map[string]any) { m["exponent"] = "0003"; sign(m) }, CodeExponent},
		{"even", func(m map[string]any) { m["modulus"] = strings.Repeat("80", 64); sign(m) }, CodeModulus},
		{"leading zero", func(m map[string]any) { m["modulus"] = "00" + strings.Repeat("81", 64); sign(m) }, CodeModulus},
		{"short", func(m map[string]any) { m["modulus"] = strings.Repeat("81", MinModulus-1); sign(m) }, CodeModulus},
		{"long", func(m map[string]any) { m["modulus"] = strings.Repeat("81", MaxModulus+1); sign(m) }, CodeModulus},
	}
	for _, tt := range tests {
		m := sample(1, 64)
		tt.change(m)
		s, err := Parse(document(t, m))
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if r := s.Refused(); s.Len() != 0 || len(r) != 1 || r[0].Code != tt.want {
			t.Errorf("%s: refused %v, want %s", tt.name, r, tt.want)
		}
	}
}

func TestFaultsAreListedAtOnce(t *testing.T) {
	a, b, c, d := sample(1, 64), sample(2, 64), sample(3, 64), sample(4, 64)
	a["rid"], a["index"], a["expiry_yymmdd"] = "A0000000", "1", "991301"
	b["modulus"], b["exponent"], b["sha1"] = "8", "X", "00"
	c["environment"] = "prod"
	d["colour"] = "red"
	_, err := Parse(document(t, a, b, c, d))
	var faults Faults
	if !errors.As(err, &faults) {
		t.Fatalf("err = %v", err)
	}
	var got []string
	for _, f := range faults {
		got = append(got, string(f.Code)+" "+f.Path)
	}
	want := []string{
		"capk.rid keys[0].rid", "capk.index keys[0].index", "capk.expiry keys[0].expiry_yymmdd",
		"capk.hex keys[1].modulus", "capk.hex keys[1].exponent", "capk.hex keys[1].sha1",
		"capk.file keys[2].environment", "capk.file keys[3]",
	}
	if !slices.Equal(got, want) {
		t.Errorf("faults %v, want %v", got, want)
	}
	if faults.ErrorCode() != "capk.rid" || faults[0].ErrorCode() != "capk.rid" {
		t.Errorf("code %s", faults.ErrorCode())
	}
}

func TestMalformedFiles(t *testing.T) {
	for _, text := range []string{
		``, `[]`, `{`, `{"format":"emv-capks/2","keys":[]}`, `{"format":"emv-capks/1","kyes":[]}`,
		`{"format":"emv-capks/1","keys":[]} {}`, `{"format":"emv-capks/1","keys":[3]}`,
	} {
		if _, err := Parse([]byte(text)); !errors.Is(err, &Error{Code: CodeFile}) {
			t.Errorf("%s: err = %v, want %s", text, err, CodeFile)
		}
	}
}

func TestLoad(t *testing.T) {
	s, err := Load(strings.NewReader(string(productionFile)))
	if err != nil || s.Len() != 14 {
		t.Errorf("%d keys, %v", s.Len(), err)
	}
	broken := errors.New("broken")
	_, err = Load(iotest.ErrReader(broken))
	if !errors.Is(err, broken) || !errors.Is(err, &Error{Code: CodeRead}) {
		t.Errorf("err = %v", err)
	}
}

// FuzzParse: whatever is loaded has passed every check.
func FuzzParse(f *testing.F) {
	f.Add(productionFile)
	f.Add(document(f, sample(1, 64), sample(2, 64)))
	f.Add([]byte(`{"format":"emv-capks/1","keys":[{"rid":"A000000003"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := Parse(data)
		if err != nil {
			var faults Faults
			if s != nil || !errors.As(err, &faults) || len(faults) == 0 {
				t.Fatalf("set %v, err %v", s, err)
			}
			return
		}
		for k := range s.All() {
			if k.check() != nil {
				t.Fatalf("loaded %v", k)
			}
			if got, ok := s.CAPK(k.RID, k.Index); !ok || got != k {
				t.Fatalf("%s is not found", keyName(k.RID, k.Index))
			}
		}
	})
}

// sample is an entry for A000000003/77 with a modulus of n bytes.
func sample(seed byte, n int) map[string]any {
	modulus := make([]byte, n)
	for i := range modulus {
		modulus[i] = 0x81 + 2*seed
	}
	m := map[string]any{"rid": visa.String(), "index": "77", "modulus": fmt.Sprintf("%X", modulus), "exponent": "03"}
	sign(m)
	return m
}

// sign gives an entry the checksum of its key.
func sign(m map[string]any) {
	text := func(field string) string { s, _ := m[field].(string); return s }
	e := entry{RID: text("rid"), Index: text("index"), Modulus: text("modulus"), Exponent: text("exponent")}
	k, _ := e.key("")
	m["sha1"] = fmt.Sprintf("%x", k.Checksum())
}

func document(t testing.TB, keys ...map[string]any) []byte {
	t.Helper()
	data, err := json.Marshal(map[string]any{"format": Format, "keys": keys})
	if err != nil {
		t.Fatal(err)
	}
	return data
}
