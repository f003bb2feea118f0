package host_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/cardwright/emv/crypto/p2pe"
	"github.com/cardwright/emv/terminal/host"
)

// example is another acquirer's dialect.
func example() *host.Dialect {
	return must(host.LoadDialect(must(os.ReadFile("data/example-bcd.json"))))
}

func TestMTI(t *testing.T) {
	for _, x := range [][3]host.MTI{
		{"0100", "0110", "0101"},
		{"0200", "0210", "0201"},
		{"0220", "0230", "0221"},
		{"0221", "0230", "0221"},
		{"0400", "0410", "0401"},
		{"0421", "0430", "0421"},
		{"0500", "0510", "0501"},
		{"0800", "0810", "0801"},
		{"", "", ""},
		{"02A0", "", ""},
	} {
		if x[0].Answer() != x[1] || x[0].Repeat() != x[2] {
			t.Errorf("%q: %q, %q", x[0], x[0].Answer(), x[0].Repeat())
		}
	}
}

// built is a financial request, authenticated.
func built(t testing.TB, d *host.Dialect, change func(*host.Message)) ([]byte, error) {
	t.Helper()
	var keys host.MACKeys
	if err := keys.UseAES(aesTransaction()); err != nil {
		t.Fatal(err)
	}
	m := must(d.Message(host.OpFinancial, false, own, goldenRequest()))
	if change != nil {
		change(m)
	}
	return d.Authenticate(m, &keys)
}

func TestBuildRefuses(t *testing.T) {
	for _, x := range []struct {
		about  string
		change func(*host.Message)
		code   host.Code
	}{
		{"nothing wrong", func(*host.Message) {}, ""},
		{"an unknown type", func(m *host.Message) { m.MTI = "0640" }, host.CodeMTI},
		{"an answer's field", func(m *host.Message) { m.SetText(39, "00") }, host.CodeUnexpected},
		{"no amount", func(m *host.Message) { m.Set(4, nil) }, host.CodeMissing},
		{"letters in a number", func(m *host.Message) { m.SetText(4, "00000000125A") }, host.CodeField},
		{"too short", func(m *host.Message) { m.SetText(4, "1250") }, host.CodeField},
		{"too long", func(m *host.Message) { m.SetText(63, strings.Repeat("x", 1000)) }, host.CodeField},
		{"nothing in it", func(m *host.Message) { m.SetText(63, "") }, host.CodeField},
		{"a control character", func(m *host.Message) { m.SetText(63, "a\x1bb") }, host.CodeField},
		{"no ASCII", func(m *host.Message) { m.SetText(63, "å") }, host.CodeField},
		{"a fee without a sign", func(m *host.Message) { m.SetText(28, "000000100") }, host.CodeField},
		{"a fee", func(m *host.Message) { m.SetText(28, "D00000100") }, ""},
		{"no field of the dialect", func(m *host.Message) { m.SetText(5, "000000000000") }, host.CodeUnknown},
		{"a clear card number", func(m *host.Message) { m.SetText(2, pan) }, host.CodeUnexpected},
		{"Track 2 Equivalent Data in 55", func(m *host.Message) { m.Set(55, unhex("5711"+pan+"D49122010000000000")) }, host.CodeChip},
		{"the card number in 55", func(m *host.Message) { m.Set(55, unhex("5A08"+pan)) }, host.CodeChip},
		{"a name in 55", func(m *host.Message) { m.Set(55, unhex("5F20024142")) }, host.CodeChip},
		{"an unknown object in 55", func(m *host.Message) { m.Set(55, unhex("DF7F0101")) }, host.CodeChip},
		{"an empty object in 55", func(m *host.Message) { m.Set(55, unhex("9F3600")) }, host.CodeChip},
		{"an object twice in 55", func(m *host.Message) { m.Set(55, unhex("9A03261123"+"9A03261123")) }, host.CodeChip},
		{"a template in 55", func(m *host.Message) { m.Set(55, unhex("77059A03261123")) }, host.CodeChip},
		{"no objects in 55", func(m *host.Message) { m.Set(55, unhex("9F36")) }, host.CodeChip},
	} {
		if _, err := built(t, host.Default(), x.change); code(err) != x.code || sent(err) {
			t.Errorf("%s: %v", x.about, err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	d := host.Default()
	good, err := built(t, d, nil)
	if err != nil {
		t.Fatal(err)
	}
	at := func(i int, s string) []byte { return slices.Replace(bytes.Clone(good), i, i+len(s), []byte(s)...) }
	for _, x := range []struct {
		about string
		b     []byte
		code  host.Code
	}{
		{"nothing wrong", good, ""},
		{"empty", nil, host.CodeSyntax},
		{"cut", good[:len(good)-1], host.CodeSyntax},
		{"bytes behind it", append(bytes.Clone(good), 0), host.CodeSyntax},
		{"too long", append(bytes.Clone(good), make([]byte, 5000)...), host.CodeTooLong},
		{"an unknown type", at(0, "0640"), host.CodeMTI},
		{"a type that is none", at(0, "ABCD"), host.CodeMTI},
		{"a field that the dialect does not have", at(4, "\x3A"), host.CodeSyntax},
		{"an amount with letters", at(18, "0000000012 0"), host.CodeField},
		{"a sign in a length", at(12+6+12+10+6+6+4+3+2+12+8+15+3, "+09"), host.CodeSyntax},
		{"a length that is too long", at(12+6+12+10+6+6+4+3+2+12+8+15+3, "999"), host.CodeSyntax},
		{"bitmaps without end", append([]byte("0200"), bytes.Repeat([]byte{0xFF}, 400)...), host.CodeSyntax},
	} {
		if _, err := d.Parse(x.b); code(err) != x.code {
			t.Errorf("%s: %v", x.about, err)
		}
	}
	if _, err := example().Parse(good); code(err) != host.CodeSyntax {
		t.Errorf("without the header: %v", err)
	}
}

// TestParseIsBuild: what is parsed is built again to the same bytes, and a built message is parsed to the same fields.
func TestParseIsBuild(t *testing.T) {
	for _, d := range []*host.Dialect{host.Default(), example()} {
		rapid.Check(t, func(t *rapid.T) {
			m := must(d.Message(host.OpFinancial, false, own, goldenRequest()))
			m.SetText(4, rapid.StringMatching(`[0-9]{12}`).Draw(t, "4"))
			m.SetText(48, rapid.StringMatching(`[ -~]{1,999}`).Draw(t, "48"))
			if s := rapid.StringMatching(`[0-9]{0,11}`).Draw(t, "33"); s != "" {
				m.SetText(33, s)
			}
			m.Set(62, rapid.SliceOfN(rapid.Byte(), 1, 999).Draw(t, "62"))
			m.Set(61, bytes.Repeat([]byte{0xA5}, map[string]int{"cardwright-87": 12, "example-bcd": 10}[d.Name]))
			m.Set(64, rapid.SliceOfN(rapid.Byte(), 8, 8).Draw(t, "64"))
			b, err := d.Build(nil, m)
			if err != nil {
				t.Fatal(err)
			}
			again, err := d.Parse(b)
			if err != nil || again.MTI != m.MTI || !slices.Equal(again.Fields(), m.Fields()) {
				t.Fatal(again, err)
			}
			for _, n := range m.Fields() {
				if !bytes.Equal(m.Get(n), again.Get(n)) {
					t.Errorf("field %d", n)
				}
			}
		})
	}
}

func TestMessagePrintsMasked(t *testing.T) {
	m := host.NewMessage("0200")
	m.SetText(2, pan)
	m.SetText(35, pan+"=49122010000000000000")
	m.SetText(4, "000000001250")
	m.SetText(37, pan[:12])
	m.SetText(42, pan[:15]) // a host that puts it where it does not belong
	m.SetText(63, "card "+pan)
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("m", "m", m)
	text := fmt.Sprintf("%v %+v %#v %s %q %x %d", m, m, m, m, m, m, m) + log.String() + string(must(json.Marshal(m)))
	if strings.Contains(text, pan[:13]) || strings.Contains(text, fmt.Sprintf("%x", pan[:13])) {
		t.Error(text)
	}
	if !strings.Contains(text, "4=000000001250") {
		t.Error("the amount is not shown: ", text)
	}
	m.Wipe()
	if len(m.Fields()) != 0 {
		t.Error("not wiped")
	}
}

func TestValues(t *testing.T) {
	v := &p2pe.Value{
		Content: p2pe.Track2Equivalent, Algorithm: p2pe.AES128, KSN: make([]byte, 12), Vector: make([]byte, 16),
		Ciphertext: bytes.Repeat([]byte{7}, 32), MAC: make([]byte, 16),
	}
	p := &p2pe.Value{Content: p2pe.PINBlock, Algorithm: p2pe.TDES2, KSN: make([]byte, 10), Ciphertext: make([]byte, 8), MAC: make([]byte, 8)}
	b := must(host.AppendValues(nil, v, p))
	values, err := host.ParseValues(b)
	if err != nil || len(values) != 2 || fmt.Sprintf("%+v", *values[0]) != fmt.Sprintf("%+v", *v) || fmt.Sprintf("%+v", *values[1]) != fmt.Sprintf("%+v", *p) {
		t.Errorf("%+v, %v", values, err)
	}
	for _, wrong := range [][]byte{nil, b[:len(b)-1], append(bytes.Clone(b), 0), bytes.Repeat(b, 3), unhex("E103800101"), unhex("5A0101")} {
		if _, err := host.ParseValues(wrong); code(err) != host.CodeValues {
			t.Errorf("%X: %v", wrong, err)
		}
	}
	if _, err := host.AppendValues(nil, nil); code(err) != host.CodeValues {
		t.Error(err)
	}
	// A PIN in an advice, and among the values.
	r := goldenRequest()
	r.PIN = p
	if _, err := host.Default().Message(host.OpAdvice, false, own, r); code(err) != host.CodeValues {
		t.Error(err)
	}
	r.PIN, r.Values = nil, []*p2pe.Value{p}
	if _, err := host.Default().Message(host.OpFinancial, false, own, r); code(err) != host.CodeValues {
		t.Error(err)
	}
	r = goldenRequest()
	r.Extra = []host.Extra{{Field: 35, Value: []byte(pan + "=4912")}}
	if _, err := host.Default().Message(host.OpFinancial, false, own, r); code(err) != host.CodeCardData {
		t.Error(err)
	}
}

func TestDialectRefuses(t *testing.T) {
	file := string(must(os.ReadFile("data/cardwright-87.json")))
	for _, x := range []struct{ from, to string }{
		{`emv-iso8583/1`, `emv-iso8583/2`},
		{`"echo"`, `"ecco"`},
		{`"text": "ascii"`, `"text": "utf8"`},
		{`"header": ""`, `"header": "6"`},
		{`"max_message": 4096`, `"max_message": 70000`},
		{`"11": {"name"`, `"129": {"name"`},
		{`"11": {"name"`, `"011": {"name"`},
		{`"type": "x+n"`, `"type": "q"`},
		{`"length": 19, "prefix": "LL"`, `"length": 190, "prefix": "LL"`},
		{`"0210": {`, `"0211": {`},
		{`"0210": {"must": [3`, `"0210": {"must": [5, 3`},
		{`"0210": {"must": [3`, `"0210": {"must": [12, 3`},
		{`"financial": "0200"`, `"financial": "0210"`},
		{`"financial": "0200"`, `"finance": "0200"`},
		{`"action": "approve"`, `"action": "maybe"`},
		{`"08": {`, `"8": {`},
		{`"arc": "05"`, `"arc": "5"`},
		{`"cmac-aes"`, `"cmac"`},
		{`"ksn": 61`, `"ksn": 60`},
		{`"block": 52`, `"block": 54`},
		{`"chip": ["9F26"`, `"chip": ["9F27"`},
		{`"chip": ["9F26"`, `"chip": ["x"`},
		{`"echo": [3`, `"echo": [5`},
		{`"constants": {}`, `"constants": {"18": "59A9"}`},
		{`"constants": {}`, `"constants": {"55": "1"}`},
		{`"tip": "44"`, `"tip": "4"`},
		{`"54": {"action"`, `"51": {"action"`},
		{`"mac": {`, `"pin": {}, "mac": {`},
	} {
		changed := strings.Replace(file, x.from, x.to, 1)
		if changed == file {
			t.Fatalf("%q is not in the file", x.from)
		}
		if _, err := host.LoadDialect([]byte(changed)); code(err) != host.CodeDialect {
			t.Errorf("%q: %v", x.to, err)
		}
	}
	for _, s := range []string{"", "{}", "null", file + "{}", strings.Repeat(" ", 1<<19)} {
		if _, err := host.LoadDialect([]byte(s)); code(err) != host.CodeDialect {
			t.Errorf("%.10q: %v", s, err)
		}
	}
}

// TestChipTags holds the embedded list of field 55 to what may be in it, and to what every scheme wants.
func TestChipTags(t *testing.T) {
	data := objects(100, 1)
	b := must(host.Default().Chip(data))
	for _, tag := range strings.Fields("9F26 9F27 9F10 9F37 9F36 95 9A 9C 9F02 5F2A 82 9F1A 9F03 5F34") {
		if !bytes.Contains(b, unhex(tag)) {
			t.Errorf("%s is left out", tag)
		}
	}
	if bytes.Contains(b, unhex(pan)) {
		t.Error("the card number is in field 55")
	}
	if _, err := host.Default().Chip(unhex("9F36")); code(err) != host.CodeChip {
		t.Error(err)
	}
	var list struct{ Chip []string }
	if err := json.Unmarshal(must(os.ReadFile("data/cardwright-87.json")), &list); err != nil {
		t.Fatal(err)
	}
	for _, tag := range list.Chip { // each tag of the list comes through: none is confidential
		object := slices.Concat(unhex(tag), unhex("0101"))
		if got := must(host.Default().Chip(object)); !bytes.Equal(got, object) {
			t.Errorf("%s is listed and never sent", tag)
		}
	}
}

// TestCodes is the list of approvals: what is not on it declines.
func TestCodes(t *testing.T) {
	approve := map[string]host.Action{"00": host.Approve, "08": host.Approve, "11": host.Approve, "10": host.ApprovePart, "85": host.ApproveZero}
	d := host.Default()
	const characters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ "
	got := map[string]host.Action{}
	for _, a := range characters {
		for _, b := range characters {
			code := string(a) + string(b)
			if action, _ := d.Meaning(code); action == host.Approve || action == host.ApprovePart || action == host.ApproveZero {
				got[code] = action
			}
		}
	}
	if !maps.Equal(got, approve) {
		t.Error(got)
	}
}

// TestPartial is a partial approval, which is one, and what is none: another amount with a whole approval.
func TestPartial(t *testing.T) {
	d := host.Default()
	request := must(d.Message(host.OpFinancial, false, own, goldenRequest()))
	for _, x := range []struct {
		code, amount string
		matches      bool
		action       host.Action
	}{
		{"00", "000000001250", true, host.Approve},
		{"00", "000000001249", false, host.Approve},
		{"00", "000000001251", false, host.Approve},
		{"10", "000000001000", true, host.ApprovePart},
		{"10", "000000001251", false, host.ApprovePart},
		{"05", "000000001000", false, host.Decline},
	} {
		m := host.NewMessage("0210")
		for n, s := range map[int]string{4: x.amount, 11: "000042", 39: x.code, 37: "000000000042"} {
			m.SetText(n, s)
		}
		if d.Matches(request, m) != x.matches {
			t.Errorf("%+v", x)
		}
		a, err := d.Answer(request, m)
		if err != nil || a.Action != x.action || a.Approved() != (x.action == host.Approve) || fmt.Sprintf("%012d", a.Amount) != x.amount {
			t.Errorf("%+v: %+v, %v", x, a, err)
		}
	}
	zero := must(d.Message(host.OpFinancial, false, own, &host.Request{Trace: goldenRequest().Trace, Currency: 826, Entry: "071"}))
	m := host.NewMessage("0210")
	m.SetText(39, "85")
	if a, err := d.Answer(zero, m); err != nil || !a.Approved() || a.ARC != [2]byte{'0', '0'} {
		t.Errorf("%+v, %v", a, err)
	}
}

// TestKeys: working keys print as their mask, and are gone after Wipe.
func TestKeys(t *testing.T) {
	var keys host.MACKeys
	if err := keys.UseAES(aesTransaction()); err != nil {
		t.Fatal(err)
	}
	if text := fmt.Sprintf("%v %+v %#v %x", &keys, &keys, &keys, &keys); text != "[key] [key] [key] [key]" {
		t.Error(text)
	}
	d := host.Default()
	m := must(d.Message(host.OpFinancial, false, own, goldenRequest()))
	b := must(d.Authenticate(m, &keys))
	keys.Wipe()
	if _, err := d.Authenticate(m, &keys); code(err) != host.CodeKeys {
		t.Error(err)
	}
	if d.Verify(b, m, &keys) {
		t.Error("verified without a key")
	}
}

func FuzzParse(f *testing.F) {
	d, packed := host.Default(), example()
	good, err := built(f, d, nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(append([]byte("0210"), bytes.Repeat([]byte{0xFF}, 64)...))
	f.Add(unhex("60000100000200" + "3238048108C08209" + "000000"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, d := range []*host.Dialect{d, packed} {
			m, err := d.Parse(b)
			if err != nil {
				if code(err) == "" {
					t.Errorf("an error without a code: %v", err)
				}
				continue
			}
			again, err := d.Build(nil, m)
			if err != nil || !bytes.Equal(again, b) {
				t.Errorf("%X, %v", again, err)
			}
			_ = m.String()
			if a, err := d.Answer(host.NewMessage("0200"), m); err == nil {
				_, _ = a.IssuerAuth(), a.Scripts()
			}
		}
	})
}

func FuzzParseValues(f *testing.F) {
	f.Add(unhex("E103800101"))
	f.Add(must(host.AppendValues(nil, &p2pe.Value{Content: 1, Algorithm: p2pe.AES128})))
	f.Fuzz(func(t *testing.T, b []byte) {
		values, err := host.ParseValues(b)
		if err != nil {
			return
		}
		if again, err := host.AppendValues(nil, values...); err != nil || !bytes.Equal(again, b) {
			t.Errorf("%X, %v", again, err)
		}
	})
}
