package profile_test

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/cardwright/emv/contact"
	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/mastercard"
	"github.com/cardwright/emv/contactless/visa"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/magstripe"
	"github.com/cardwright/emv/terminal/profile"
	"github.com/cardwright/emv/tlv"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func builtin(t testing.TB, country string) *profile.Profile {
	t.Helper()
	p, err := profile.Builtin(country)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestCountries holds the codes of ISO 3166 and ISO 4217, languages, limits, fallback and tips against what is known of
// the five countries.
func TestCountries(t *testing.T) {
	if got := strings.Join(profile.Countries(), " "); got != "AU CA GB IE US" {
		t.Fatal(got)
	}
	for _, c := range []struct {
		country, alpha3  string
		numeric          uint16
		currency         string
		code             uint16
		languages        string
		cvm              uint64 // the highest amount of a Visa tap without verification
		chipAbove        bool   // cards, not devices, are sent to the chip above a limit
		onlinePIN        bool   // by tap
		technical        bool
		foreign          bool
		signatureOptions string
	}{
		{"AU", "AUS", 36, "AUD", 36, "en", 200_00, false, true, true, true, "optional"},
		{"CA", "CAN", 124, "CAD", 124, "en fr", 250_00, true, false, true, false, "optional"},
		{"GB", "GBR", 826, "GBP", 826, "en", 100_00, true, false, false, false, "optional"},
		{"IE", "IRL", 372, "EUR", 978, "en", 50_00, true, false, false, false, "optional"},
		{"US", "USA", 840, "USD", 840, "en es", 100_00, false, true, true, false, "optional"},
	} {
		t.Run(c.country, func(t *testing.T) {
			p := builtin(t, c.country)
			if p.Country.Alpha2 != c.country || p.Country.Alpha3 != c.alpha3 || p.Country.Numeric != c.numeric {
				t.Errorf("%+v", p.Country)
			}
			if p.Currency.Alpha != c.currency || p.Currency.Numeric != c.code || p.Currency.Exponent != 2 {
				t.Errorf("%+v", p.Currency)
			}
			if got := strings.Join(p.Languages, " "); got != c.languages {
				t.Error(got)
			}
			a := application(t, p, "A0000000031010")
			l := a.Contactless.Limits
			if l.CVM == nil || *l.CVM != c.cvm || (l.Transaction != nil) != c.chipAbove || l.OnDevice != nil || *l.Floor != 0 {
				t.Errorf("limits %+v", l)
			}
			if got := contactless.TTQOnlinePIN.In(a.Contactless.TTQ[:]); got != c.onlinePIN {
				t.Errorf("online PIN by tap: %v", got)
			}
			if f := p.Fallback(); f.Technical != c.technical || f.Foreign != c.foreign {
				t.Errorf("%+v", f)
			}
			if usual, ok := magstripe.ProfileOf(c.country); !ok || usual.Technical != p.Fallback().Technical || usual.Foreign != p.Fallback().Foreign {
				t.Errorf("fallback %+v, usual %+v", p.Fallback(), usual)
			}
			if p.CVM.Signature != c.signatureOptions {
				t.Error(p.CVM.Signature)
			}
		})
	}
}

func application(t testing.TB, p *profile.Profile, aid string) profile.Application {
	t.Helper()
	i := slices.IndexFunc(p.Applications, func(a profile.Application) bool { return a.AID.String() == aid })
	if i < 0 {
		t.Fatalf("%s has no %s", p.Country.Alpha2, aid)
	}
	return p.Applications[i]
}

// table is a frozen copy of the applications by country, so that no change of the data is silent: the AID, its kernel,
// and where it is accepted, in the order AU CA GB IE US.
var table = []struct{ aid, kernel, where string }{
	{"A0000000031010", "visa", "AU CA GB IE US"},
	{"A0000000032010", "visa", "AU CA GB IE US"},
	{"A0000000032020", "visa", "GB IE"},
	{"A0000000033010", "visa", "US"},
	{"A0000000980840", "visa", "US"},
	{"A0000000041010", "mastercard", "AU CA GB IE US"},
	{"A0000000043060", "mastercard", "AU CA GB IE US"},
	{"A0000000042203", "mastercard", "US"},
	{"A00000002501", "amex", "AU CA GB IE US"},
	{"A0000001523010", "discover", "AU CA GB IE US"},
	{"A0000001524010", "discover", "US"},
	{"A0000000651010", "jcb", "AU CA GB US"},
	{"A000000333010101", "unionpay", "AU CA GB US"},
	{"A000000333010102", "unionpay", "AU CA GB US"},
	{"A000000333010103", "unionpay", "AU CA GB US"},
	{"A000000333010108", "unionpay", "US"},
	{"A0000002771010", "interac", "CA"},
	{"A00000038410", "eftpos", "AU"},
	{"A00000038420", "eftpos", "AU"},
	{"A0000006200620", "", "US"}, // contact only
}

func TestApplications(t *testing.T) {
	for _, country := range profile.Countries() {
		p := builtin(t, country)
		seen := 0
		for _, row := range table {
			i := slices.IndexFunc(p.Applications, func(a profile.Application) bool { return a.AID.String() == row.aid })
			if want := strings.Contains(row.where, country); want != (i >= 0) {
				t.Errorf("%s: %s is accepted: %v", country, row.aid, i >= 0)
				continue
			}
			if i < 0 {
				continue
			}
			seen++
			a := p.Applications[i]
			switch {
			case a.Contact == nil || len(a.Contact.Codes.Denial) != 5 || a.Label == "" || !tlv.DOLHas(a.Contact.DDOL, 0x9F37):
				t.Errorf("%s: %s: contact is not complete: %+v", country, row.aid, a)
			case row.kernel == "" && a.Contactless != nil, row.kernel != "" && (a.Contactless == nil || a.Contactless.Kernel != row.kernel):
				t.Errorf("%s: %s: the kernel is not %q", country, row.aid, row.kernel)
			}
		}
		if seen != len(p.Applications) {
			t.Errorf("%s has %d applications, %d of the table", country, len(p.Applications), seen)
		}
	}
}

// TestAccepted holds that terminals take every configuration, with all kernels and with each alone.
func TestAccepted(t *testing.T) {
	env := kernel.Env{Clock: kernel.SystemClock{}, Rand: rand.Reader}
	for _, country := range profile.Countries() {
		p := builtin(t, country)
		sets := [][]contactless.Kernel{profile.Kernels()}
		for _, k := range profile.Kernels() {
			sets = append(sets, []contactless.Kernel{k})
		}
		for _, kernels := range sets {
			config := p.Contactless(kernels...)
			if len(kernels) == 1 && len(config.Combinations) == 0 { // a domestic kernel, elsewhere
				continue
			}
			if _, err := contactless.New(config, env, kernels...); err != nil {
				t.Errorf("%s: %v", country, err)
			}
			for _, c := range config.Combinations {
				if !slices.ContainsFunc(kernels, func(k contactless.Kernel) bool { return k.ID() == c.Kernel }) {
					t.Errorf("%s: %s of a kernel that was not given", country, c.AID)
				}
			}
		}
		if got := len(p.Contactless().Combinations); got != 0 {
			t.Errorf("%s: %d combinations without a kernel", country, got)
		}
		if _, err := contact.New(p.Contact(), env, contact.Parties{}); err != nil {
			t.Errorf("%s: %v", country, err)
		}
		if v, ok := tlv.Find(p.Swipe(), 0x9F39); !ok || !bytes.Equal(v, []byte{0x90}) {
			t.Errorf("%s: entry mode of a swipe: %X", country, v)
		}
	}
}

// TestBoundaries: up to the limit nothing, above it verification. The entry point tests "from", Kernel 2 "above" (Book B,
// 3.1.1.8; C-2, S456).
func TestBoundaries(t *testing.T) {
	p := builtin(t, "GB")
	for _, c := range p.Contactless(visa.Kernel).Combinations {
		for amount, want := range map[uint64]bool{99_99: false, 100_00: false, 100_01: true} {
			tx := kernel.Transaction{Amount: amount, Currency: 826}
			in := contactless.Preprocess(&c.Limits, c.TTQ, nil, &tx)
			if in.CVMRequiredLimitExceeded != want || in.NotAllowed || !in.FloorLimitExceeded {
				t.Errorf("%s, %d: %+v", c.AID, amount, in)
			}
		}
	}
	config := p.Contactless(mastercard.Kernel)
	for _, c := range config.Combinations {
		for tag, want := range map[tlv.Tag]string{
			0xDF8126: "000000010000", 0xDF8124: "000000010000", 0xDF8125: "999999999999", 0xDF8123: "000000000000",
			0xDF8121: "0000000000", 0xDF8122: "F45084800C", 0xDF8120: "F45084800C", 0x9F1D: "2C00800000000000",
		} {
			if v, _ := tlv.Find(c.Data, tag); !strings.EqualFold(hex.EncodeToString(v), want) {
				t.Errorf("%s, %s: %X, want %s", c.AID, tag, v, want)
			}
		}
		if c.Limits.CVM != nil || c.Limits.Floor != nil || c.Limits.Transaction != nil {
			t.Errorf("%s: the entry point tests the limits of Kernel 2: %+v", c.AID, c.Limits)
		}
		// One log of torn transactions serves a reader (C-2, S9).
		if c.Options.(*mastercard.Options).TornLog != config.Combinations[0].Options.(*mastercard.Options).TornLog {
			t.Error("each combination has its own torn log")
		}
	}
	again := p.Contactless(mastercard.Kernel)
	if again.Combinations[0].Options.(*mastercard.Options).TornLog == config.Combinations[0].Options.(*mastercard.Options).TornLog {
		t.Error("two readers share a torn log")
	}
}

// TestBrands is the matrix of countries and brands, with the code of each refusal, and S61: Interac is shown in Canada
// and nowhere else.
func TestBrands(t *testing.T) {
	for _, b := range []struct {
		key, mark, aid, where string
	}{
		{"visa", "Visa", "A0000000031010", "AU CA GB IE US"},
		{"mastercard", "Mastercard", "A0000000041010", "AU CA GB IE US"},
		{"amex", "American Express", "A000000025010402", "AU CA GB IE US"},
		{"discover", "Diners Club", "A0000001523010", "AU CA GB IE US"},
		{"jcb", "JCB", "A0000000651010", "AU CA GB US"},
		{"unionpay", "UnionPay", "A000000333010102", "AU CA GB US"},
		{"interac", "Interac", "A0000002771010", "CA"},
		{"eftpos", "eftpos", "A00000038410", "AU"},
	} {
		for _, country := range profile.Countries() {
			p := builtin(t, country)
			want := strings.Contains(b.where, country)
			if _, ok := p.Accepts(b.key); ok != want {
				t.Errorf("%s accepts %s: %v", country, b.key, ok)
			}
			if got := slices.Contains(p.Marks(), b.mark); got != want {
				t.Errorf("%s shows %s: %v", country, b.mark, got)
			}
			err := p.WhyNot(profile.Insert, unhex(t, b.aid))
			if want != (err == nil) {
				t.Errorf("%s, %s: %v", country, b.key, err)
			}
			if code := kernel.CodeOf(err); !want && code != profile.CodeBrand {
				t.Errorf("%s, %s: %q", country, b.key, code)
			}
		}
	}
	gb := builtin(t, "GB")
	if err := gb.WhyNot(profile.Tap, unhex(t, "A0000000980840")); kernel.CodeOf(err) != profile.CodeProduct {
		t.Error(err)
	}
	if err := builtin(t, "IE").WhyNot(profile.Tap, unhex(t, "A0000000651010")); kernel.CodeOf(err) != profile.CodeBrand ||
		!strings.Contains(err.Error(), "JCB is not accepted here (Ireland)") {
		t.Error(err)
	}
	us := builtin(t, "US")
	if err := us.WhyNot(profile.Tap, unhex(t, "A0000006200620")); kernel.CodeOf(err) != profile.CodeInterface {
		t.Error(err)
	}
	if err := builtin(t, "AU").WhyNot(profile.Tap, unhex(t, "A00000038410")); kernel.CodeOf(err) != profile.CodeKernel {
		t.Error(err)
	}
	if err := us.WhyNot(profile.Tap, unhex(t, "A0000000031010")); err != nil {
		t.Error(err)
	}
	if err := gb.WhyNot(profile.Tap, unhex(t, "F000000001")); kernel.CodeOf(err) != profile.CodeUnnamed {
		t.Error(err)
	}
}

// TestNumbers: test numbers as the brands publish them.
func TestNumbers(t *testing.T) {
	p := builtin(t, "US")
	for number, want := range map[string]string{
		"4111111111111111": "visa", "5555555555554444": "mastercard", "2223003122003222": "mastercard",
		"378282246310005": "amex", "6011111111111117": "discover", "30569309025904": "discover", "36227206271667": "discover",
		"3530111333300000": "jcb", "6200000000000005": "unionpay", "6759649826438453": "mastercard", "9000000000000000": "",
	} {
		track, err := magstripe.ParseTrack2(";" + number + "=49122010000?")
		if err != nil {
			t.Fatal(err)
		}
		if b, ok := p.BrandOfNumber(track.PAN); b.Key != want || ok != (want != "") {
			t.Errorf("%s: %q", number, b.Key)
		}
	}
}

// TestRouting is the list of ready-made checks for cards with a domestic and a global application.
func TestRouting(t *testing.T) {
	global, common := "A0000000031010", "A0000000980840"
	for _, c := range []struct {
		country string
		on      profile.Interface
		names   []string
		keep    string
	}{
		{"US", profile.Tap, []string{global, common}, "01"},
		{"US", profile.Insert, []string{common, global}, "10"},
		{"US", profile.Tap, []string{global}, "1"},
		{"US", profile.Tap, []string{"A0000000041010", common}, "11"}, // two accounts: RIDs that do not belong together
		{"US", profile.Insert, []string{"A0000000041010", "A0000000042203"}, "01"},
		{"US", profile.Insert, []string{"A0000006200620", "A0000001523010"}, "10"},
		{"US", profile.Tap, []string{"A0000006200620", "A0000001523010"}, "11"},
		{"GB", profile.Tap, []string{global, common}, "11"},
		{"CA", profile.Tap, []string{global, "A0000002771010"}, "01"},
		{"CA", profile.Insert, []string{"A0000000041010", "A0000002771010"}, "01"},
		{"AU", profile.Tap, []string{"A0000000041010", "A00000038410"}, "11"}, // off
		{"AU", profile.Insert, []string{"A0000000041010", "A00000038410"}, "11"},
	} {
		p := builtin(t, c.country)
		var names []kernel.AID
		for _, n := range c.names {
			names = append(names, unhex(t, n))
		}
		got := ""
		for _, k := range p.Keep(c.on, 1000, names) {
			got += map[bool]string{true: "1", false: "0"}[k]
		}
		if got != c.keep {
			t.Errorf("%s, %s: %v: %s, want %s", c.country, c.on, c.names, got, c.keep)
		}
	}
	// Least-cost routing of Australia, switched on: by preference, and from an amount on.
	au := *builtin(t, "AU")
	au.Routings = slices.Clone(au.Routings)
	au.Routings[0].Active = true
	names := []kernel.AID{unhex(t, "A0000000041010"), unhex(t, "A00000038410")}
	if k := au.Keep(profile.Tap, 1, names); k[0] || !k[1] {
		t.Error("eftpos first: ", k)
	}
	if k := au.Keep(profile.Insert, 1, names); !k[0] || !k[1] {
		t.Error("when inserting, the cardholder chooses: ", k)
	}
	au.Routings[0].Above = 1000
	for amount, want := range map[uint64]bool{999: true, 1000: true, 1001: false} {
		if k := au.Keep(profile.Tap, amount, names); k[0] != want {
			t.Errorf("%d: %v", amount, k)
		}
	}
}

// TestSixthCountry: another country is a file, with a brand of its own.
func TestSixthCountry(t *testing.T) {
	file, err := os.ReadFile("testdata/SE.json")
	if err != nil {
		t.Fatal(err)
	}
	p, err := profile.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	if p.Country.Numeric != 752 || p.Currency.Alpha != "SEK" || strings.Join(p.Marks(), " ") != "Visa Mastercard Maestro Krona" {
		t.Errorf("%+v %+v %v", p.Country, p.Currency, p.Marks())
	}
	env := kernel.Env{Clock: kernel.SystemClock{}, Rand: rand.Reader}
	reader, err := contactless.New(p.Contactless(profile.Kernels()...), env, profile.Kernels()...)
	if err != nil || reader == nil {
		t.Fatal(err)
	}
	if _, err := contact.New(p.Contact(), env, contact.Parties{}); err != nil {
		t.Fatal(err)
	}
	if err := p.WhyNot(profile.Insert, unhex(t, "A0000000651010")); kernel.CodeOf(err) != profile.CodeBrand {
		t.Error(err)
	}
	if err := p.WhyNot(profile.Insert, unhex(t, "D7520000011010")); err != nil {
		t.Error(err)
	}
	// Dynamic reader limits of Kernel 3.
	o := p.Contactless(visa.Kernel).Combinations[0].Options.(*visa.Options)
	if len(o.Limits) != 1 || *o.Limits[0].Limits.CVM != 200_01 || *o.Limits[0].Limits.Transaction != 1000_01 {
		t.Errorf("%+v", o)
	}
}

func TestUnknownCountry(t *testing.T) {
	for _, name := range []string{"SE", "", "us", "../US", "brands", strings.Repeat("X", 1000)} {
		if _, err := profile.Builtin(name); kernel.CodeOf(err) != profile.CodeCountry || len(err.Error()) > 120 {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// change edits the file of a country as JSON, which knows nothing of profiles.
func change(t testing.TB, edit func(m map[string]any)) []byte {
	t.Helper()
	file, err := os.ReadFile("data/GB.json")
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(file, &m); err != nil {
		t.Fatal(err)
	}
	edit(m)
	out, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// at goes to a member: "brands.0.contactless".
func at(m any, path string) map[string]any {
	for _, step := range strings.Split(path, ".") {
		switch v := m.(type) {
		case map[string]any:
			m = v[step]
		case []any:
			var i int
			fmt.Sscan(step, &i)
			m = v[i]
		}
	}
	return m.(map[string]any)
}

// TestRefusals: each thing that can be wrong, its code, and its place.
func TestRefusals(t *testing.T) {
	set := func(path, key string, v any) func(map[string]any) {
		return func(m map[string]any) {
			if path != "" {
				m = at(m, path)
			}
			if v == nil {
				delete(m, key)
			} else {
				m[key] = v
			}
		}
	}
	for _, c := range []struct {
		edit       func(map[string]any)
		code, path string
	}{
		{set("", "format", "emv-profile/2"), profile.CodeFormat, "format"},
		{set("", "format", nil), profile.CodeMissing, "format"},
		{set("", "colour", "red"), profile.CodeUnknown, "colour"},
		{set("brands.0.contactless.limits", "cvn", 1), profile.CodeUnknown, "brands[0].contactless.limits.cvn"},
		{set("brands.0.contactless.options", "torn_records", 1), profile.CodeUnknown, "brands[0].contactless.options.torn_records"},
		{set("country", "numeric", "82"), profile.CodeValue, "country.numeric"},
		{set("country", "alpha2", "gb"), profile.CodeValue, "country.alpha2"},
		{set("country", "source", nil), profile.CodeSource, "country.source"},
		{set("brands.0.contactless.limits", "source", ""), profile.CodeSource, "brands[0].contactless.limits.source"},
		{set("brands.0.contactless.limits", "confidence", "sure"), profile.CodeValue, "brands[0].contactless.limits.confidence"},
		{set("brands.0.contactless.limits", "cvm", "100"), profile.CodeType, "brands[0].contactless.limits.cvm"},
		{set("brands.0.contactless.limits", "cvm", -1), profile.CodeValue, "brands[0].contactless.limits.cvm"},
		{set("brands.0.contactless.limits", "cvm", 1.5), profile.CodeValue, "brands[0].contactless.limits.cvm"},
		{set("brands.0.contactless.limits", "cvm", float64(999_999_999_999)), profile.CodeValue, "brands[0].contactless.limits.cvm"},
		{set("brands.0.contactless", "ttq", "3720C0"), profile.CodeLength, "brands[0].contactless.ttq"},
		{set("brands.0.contactless", "ttq", "3720C0XX"), profile.CodeHex, "brands[0].contactless.ttq"},
		{set("brands.0.contactless", "ttq", "37A0C000"), profile.CodeValue, "brands[0].contactless.ttq"},
		{set("brands.1.contactless.options", "tac_denial", "00"), profile.CodeLength, "brands[1].contactless.options.tac_denial"},
		{set("brands.1.contactless.data", "9F", "00"), profile.CodeHex, "brands[1].contactless.data.9F"},
		{set("brands.0", "brand", "vista"), profile.CodeReference, "brands[0].brand"},
		{set("brands.0", "applications", []any{"A0000000041010"}), profile.CodeReference, "brands[0].applications[0]"},
		{set("brands.0", "applications", []any{"A0000000031010", "A0000000031010"}), profile.CodeDuplicate, "brands[0].applications[1]"},
		{set("brands.0", "applications", []any{"A000"}), profile.CodeLength, "brands[0].applications[0]"},
		{set("currency", "exponent", 0), profile.CodeValue, "currency.exponent"},
		{set("", "languages", []any{"en", "en"}), profile.CodeDuplicate, "languages[1]"},
		{set("", "languages", []any{}), profile.CodeMissing, "languages"},
		{set("terminal.contact", "9F33", "E0B8"), profile.CodeLength, "terminal.contact.9F33"},
		{set("terminal.contact", "9F35", "22"), profile.CodeDuplicate, "terminal.contact.9F35"},
		{set("terminal.swipe", "9F40", nil), profile.CodeMissing, "terminal.swipe.9F40"},
		{set("terminal", "cda_mode", 5), profile.CodeValue, "terminal.cda_mode"},
		{set("cvm", "online_pin", "no"), profile.CodeType, "cvm.online_pin"},
		{set("cvm", "bypass", nil), profile.CodeMissing, "cvm.bypass"},
		{set("", "brands", []any{}), profile.CodeMissing, "brands"},
		{set("", "tips", []any{}), profile.CodeType, "tips"},
		{set("", "routing", []any{map[string]any{"prefer": []any{"A0000000031010"}, "source": "x", "confidence": "own"}}), profile.CodeMissing, "routing[0].over"},
		{set("", "define", []any{map[string]any{"brand": "visa", "name": "Visa", "applications": []any{}, "source": "x", "confidence": "own"}}), profile.CodeDuplicate, "define"},
	} {
		_, err := profile.Load(change(t, c.edit))
		var e *kernel.ConfigError
		if !errors.As(err, &e) {
			t.Errorf("%s at %s: %v", c.code, c.path, err)
			continue
		}
		if !slices.ContainsFunc(e.Faults, func(f kernel.Fault) bool { return f.Path == c.path && f.Code == c.code }) {
			t.Errorf("want %s at %s: %v", c.code, c.path, err)
		}
	}
	if _, err := profile.Load(change(t, func(map[string]any) {})); err != nil {
		t.Error("the unchanged file: ", err)
	}
	for text, code := range map[string]string{
		"": profile.CodeSyntax, "{": profile.CodeSyntax, "[]": profile.CodeType, "{} {}": profile.CodeSyntax, "{}": profile.CodeMissing,
		`{"format":"emv-profile/1","about":"a","about":"b"}`: profile.CodeDuplicate,
		strings.Repeat("[", 1000):                            profile.CodeSize,
		strings.Repeat(" ", 2<<20):                           profile.CodeSize,
	} {
		_, err := profile.Load([]byte(text))
		var e *kernel.ConfigError
		if !errors.As(err, &e) || !slices.ContainsFunc(e.Faults, func(f kernel.Fault) bool { return f.Code == code }) {
			t.Errorf("%.20q: %v", text, err)
		}
	}
}

// TestSources: each block of figures of the files says where it comes from. The reader refuses one that does not; here
// each is taken away in turn.
func TestSources(t *testing.T) {
	n := 0
	var walk func(v any, without func() []byte)
	file := change(t, func(map[string]any) {})
	var root map[string]any
	if err := json.Unmarshal(file, &root); err != nil {
		t.Fatal(err)
	}
	walk = func(v any, without func() []byte) {
		switch v := v.(type) {
		case map[string]any:
			if s, ok := v["source"]; ok {
				n++
				delete(v, "source")
				if _, err := profile.Load(without()); err == nil {
					t.Error("a block without a source is taken")
				}
				v["source"] = s
			}
			for _, m := range v {
				walk(m, without)
			}
		case []any:
			for _, m := range v {
				walk(m, without)
			}
		}
	}
	walk(root, func() []byte {
		out, err := json.Marshal(root)
		if err != nil {
			t.Fatal(err)
		}
		return out
	})
	if n < 15 {
		t.Errorf("only %d blocks have a source", n)
	}
}

func FuzzLoad(f *testing.F) {
	for _, name := range []string{"IE"} {
		file, err := os.ReadFile("data/" + name + ".json")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(file)
	}
	f.Add([]byte(`{"format":"emv-profile/1","brands":[{"brand":"visa","applications":["A0000000031010"],"contactless":{}}]}`))
	f.Fuzz(func(t *testing.T, file []byte) {
		p, err := profile.Load(file)
		if err != nil {
			if kernel.CodeOf(err) == "" {
				t.Fatalf("%v has no code", err)
			}
			return
		}
		if len(p.Applications) == 0 || p.Country.Numeric == 0 {
			t.Fatalf("%+v", p)
		}
		p.Contactless(profile.Kernels()...)
		p.Contact()
	})
}
