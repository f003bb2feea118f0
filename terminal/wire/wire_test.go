package wire_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/cardwright/emv/terminal/text"
	"github.com/cardwright/emv/terminal/wire"
)

const ulid = "01JDC3V8Q4ZT5R6Y7W8X9ABCDE"

func cart() *wire.CartSet {
	return &wire.CartSet{
		CartID: "c1", Rev: 1, Currency: "GBP", Exponent: 2, Locale: "en-GB",
		Lines: []wire.CartLine{
			{ID: "1", Name: "Tea", Qty: "2", Unit: 250, Amount: 500},
			{ID: "2", Name: "Cheese", Qty: "0.350", Unit: 2000, Amount: 700},
			{ID: "3", Name: "Deposit", Qty: "-1", Unit: 100, Amount: -100},
		},
		Subtotal: 1100, Taxes: []wire.CartPart{{Name: "VAT", Amount: 220}}, Discounts: []wire.CartPart{{Name: "Member", Amount: 20}}, Total: 1300,
	}
}

func request() *wire.PaymentRequest {
	return &wire.PaymentRequest{
		RequestID: ulid, OrderRef: "order-1", Kind: wire.KindSale, Amount: 1300, Currency: "GBP",
		TipPolicy: wire.TipPolicy{Mode: "none"}, SurchargePolicy: wire.SurchargePolicy{Mode: "none"},
		Offline: wire.Offline{Mode: "forbid"}, Entry: []wire.Entry{wire.EntryTap, wire.EntryInsert}, CartHash: make([]byte, 32),
		Within: 60_000, LeaseEpoch: 4,
	}
}

func final() *wire.Final {
	return &wire.Final{
		RequestID: ulid, OrderRef: "order-1", Result: wire.Approved, Kind: wire.KindSale, Amount: 1300, Tip: 130, Total: 1430,
		Currency: "GBP", Time: 1795420800000, HostCode: "00",
		Receipt: &wire.Receipt{MaskedPAN: "************0119", Entry: wire.EntryTap, AID: "A0000000031010", Cryptogram: "0102030405060708"},
	}
}

// codeOf returns the code of err, "" for nil.
func codeOf(t *testing.T, err error) wire.Code {
	t.Helper()
	var e *wire.Error
	if err != nil && !errors.As(err, &e) {
		t.Fatalf("%v has no code", err)
	}
	if e == nil {
		return ""
	}
	return e.Code
}

func TestCartCheck(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*wire.CartSet)
		want   wire.Code
	}{
		"as it should be": {func(*wire.CartSet) {}, ""},
		"empty":           {func(c *wire.CartSet) { *c = wire.CartSet{CartID: "c", Rev: 1, Currency: "JPY", Locale: "ja"} }, ""},
		"line":            {func(c *wire.CartSet) { c.Lines[0].Amount++ }, wire.CodeCartSum},
		"tax":             {func(c *wire.CartSet) { c.Taxes[0].Amount++ }, wire.CodeCartSum},
		"discount":        {func(c *wire.CartSet) { c.Discounts = nil }, wire.CodeCartSum},
		"total":           {func(c *wire.CartSet) { c.Total-- }, wire.CodeCartSum},
		"overflow":        {func(c *wire.CartSet) { c.Lines[0].Amount = math.MaxInt64 }, wire.CodeBadMessage},
		"negative tax":    {func(c *wire.CartSet) { c.Taxes[0].Amount = -1 }, wire.CodeBadMessage},
		"id twice":        {func(c *wire.CartSet) { c.Lines[1].ID = "1" }, wire.CodeBadMessage},
		"quantity":        {func(c *wire.CartSet) { c.Lines[0].Qty = "1e3" }, wire.CodeBadMessage},
		"quantity ends":   {func(c *wire.CartSet) { c.Lines[0].Qty = "1." }, wire.CodeBadMessage},
		"currency":        {func(c *wire.CartSet) { c.Currency = "gbp" }, wire.CodeBadMessage},
		"exponent":        {func(c *wire.CartSet) { c.Exponent = 5 }, wire.CodeBadMessage},
		"revision":        {func(c *wire.CartSet) { c.Rev = 0 }, wire.CodeBadMessage},
		"locale":          {func(c *wire.CartSet) { c.Locale = "<b>" }, wire.CodeBadMessage},
		"long name":       {func(c *wire.CartSet) { c.Lines[0].Name = strings.Repeat("é", 201) }, wire.CodeBadMessage},
		"not UTF-8":       {func(c *wire.CartSet) { c.Lines[0].Name = "\xff" }, wire.CodeBadMessage},
		"many lines":      {func(c *wire.CartSet) { c.Lines = make([]wire.CartLine, 1001) }, wire.CodeBadMessage},
	} {
		v := cart()
		c.change(v)
		if got := codeOf(t, v.Check()); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestCartPatch(t *testing.T) {
	c := cart()
	p := &wire.CartPatch{
		CartID: "c1", Base: 1, Rev: 2, Ops: []wire.Op{
			{Op: "remove", ID: "3"},
			{Op: "put", Line: &wire.CartLine{ID: "1", Name: "Tea", Qty: "3", Unit: 250, Amount: 750}},
			{Op: "put", Line: &wire.CartLine{ID: "4", Name: "Milk", Qty: "1", Unit: 90, Amount: 90}},
		},
		Subtotal: 1540, Total: 1540,
	}
	n, err := p.Apply(c)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, l := range n.Lines {
		ids = append(ids, l.ID+"="+l.Qty)
	}
	if got := strings.Join(ids, " "); got != "1=3 2=0.350 4=1" || n.Rev != 2 || n.Total != 1540 {
		t.Errorf("%s, rev %d, total %d", got, n.Rev, n.Total)
	}
	if len(c.Lines) != 3 || c.Lines[0].Qty != "2" || c.Rev != 1 {
		t.Error("the old cart was changed")
	}
	for name, test := range map[string]struct {
		change func(*wire.CartPatch)
		want   wire.Code
	}{
		"other cart": {func(p *wire.CartPatch) { p.CartID = "c2" }, wire.CodeCartResync},
		"other base": {func(p *wire.CartPatch) { p.Base = 7; p.Rev = 8 }, wire.CodeCartResync},
		"sum":        {func(p *wire.CartPatch) { p.Total++ }, wire.CodeCartSum},
		"no line":    {func(p *wire.CartPatch) { p.Ops = []wire.Op{{Op: "remove", ID: "9"}} }, wire.CodeBadMessage},
	} {
		q := *p
		test.change(&q)
		if _, err := q.Apply(cart()); codeOf(t, err) != test.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := p.Apply(nil); codeOf(t, err) != wire.CodeCartResync {
		t.Errorf("without a cart: %v", err)
	}
	for name, op := range map[string]wire.Op{"nothing": {}, "both": {Op: "put", ID: "1", Line: &c.Lines[0]}, "put none": {Op: "put"}, "other": {Op: "move", ID: "1"}} {
		q := *p
		q.Ops = []wire.Op{op}
		if codeOf(t, q.Check()) != wire.CodeBadMessage {
			t.Errorf("%s is accepted", name)
		}
	}
}

// Any edits, sent as patches, lead to the same cart as the whole one: sums by the test's own arithmetic.
func TestPatchesEqualSets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shown := &wire.CartSet{CartID: "c", Rev: 1, Currency: "KWD", Exponent: 3, Locale: "ar"}
		lines := map[string]int64{}
		var order []string
		for step := range rapid.IntRange(1, 30).Draw(t, "steps") {
			id := rapid.StringMatching(`[a-f]`).Draw(t, "id")
			_, there := lines[id]
			p := &wire.CartPatch{CartID: "c", Base: shown.Rev, Rev: shown.Rev + 1 + uint64(step%3)}
			if there && rapid.Bool().Draw(t, "remove") {
				p.Ops = []wire.Op{{Op: "remove", ID: id}}
				delete(lines, id)
				order = slices.DeleteFunc(order, func(o string) bool { return o == id })
			} else {
				v := rapid.Int64Range(-9999, 9999).Draw(t, "amount")
				p.Ops = []wire.Op{{Op: "put", Line: &wire.CartLine{ID: id, Name: id, Qty: "1", Unit: v, Amount: v}}}
				if !there {
					order = append(order, id)
				}
				lines[id] = v
			}
			for _, v := range lines {
				p.Subtotal += v
			}
			p.Total = p.Subtotal
			n, err := p.Apply(shown)
			if err != nil {
				t.Fatal(err)
			}
			shown = n
		}
		var got []string
		for _, l := range shown.Lines {
			got = append(got, l.ID)
			if lines[l.ID] != l.Amount {
				t.Fatalf("line %s: %d, want %d", l.ID, l.Amount, lines[l.ID])
			}
		}
		if !slices.Equal(got, order) {
			t.Fatalf("order %v, want %v", got, order)
		}
	})
}

func TestPaymentCheck(t *testing.T) {
	for name, change := range map[string]func(*wire.PaymentRequest){
		"id":           func(r *wire.PaymentRequest) { r.RequestID = "1" },
		"id above 128": func(r *wire.PaymentRequest) { r.RequestID = "8" + ulid[1:] },
		"id with U":    func(r *wire.PaymentRequest) { r.RequestID = ulid[:25] + "U" },
		"order":        func(r *wire.PaymentRequest) { r.OrderRef = "a b" },
		"kind":         func(r *wire.PaymentRequest) { r.Kind = "gift" },
		"zero":         func(r *wire.PaymentRequest) { r.Amount = 0 },
		"negative":     func(r *wire.PaymentRequest) { r.Amount = -1 },
		"13 digits":    func(r *wire.PaymentRequest) { r.Amount = 1_000_000_000_000 },
		"with tip": func(r *wire.PaymentRequest) {
			r.Amount = 999_999_999_999
			r.TipPolicy = wire.TipPolicy{Mode: "fixed", Fixed: 1}
		},
		"tip":             func(r *wire.PaymentRequest) { r.TipPolicy.Mode = "" },
		"offline":         func(r *wire.PaymentRequest) { r.Offline.Mode = "yes" },
		"no entry":        func(r *wire.PaymentRequest) { r.Entry = nil },
		"refund, no card": func(r *wire.PaymentRequest) { r.Kind, r.Entry = wire.KindRefund, nil },
		"entry twice":     func(r *wire.PaymentRequest) { r.Entry = []wire.Entry{"tap", "tap"} },
		"hash":            func(r *wire.PaymentRequest) { r.CartHash = r.CartHash[1:] },
		"within":          func(r *wire.PaymentRequest) { r.Within = -1 },
		"within a day":    func(r *wire.PaymentRequest) { r.Within = 86_400_000 },
		"of nothing":      func(r *wire.PaymentRequest) { r.ReferencePOS = "pos-2" },
		"void of nothing": func(r *wire.PaymentRequest) { r.Kind = wire.KindVoid },
		"of itself":       func(r *wire.PaymentRequest) { r.Kind = wire.KindRefund; r.Reference = r.RequestID },
		"currency":        func(r *wire.PaymentRequest) { r.Currency = "826" },
	} {
		r := request()
		change(r)
		if codeOf(t, r.Check()) != wire.CodeBadMessage {
			t.Errorf("%s is accepted", name)
		}
	}
	if err := request().Check(); err != nil {
		t.Error(err)
	}
}

// A final never says that a card was charged unless it says approved, and never shows a card number.
func TestFinalCheck(t *testing.T) {
	for name, change := range map[string]func(*wire.Final){
		"sum":            func(f *wire.Final) { f.Total-- },
		"declined":       func(f *wire.Final) { f.Result = wire.Declined },
		"card number":    func(f *wire.Final) { f.Receipt.MaskedPAN = "4761739001010119" },
		"first six":      func(f *wire.Final) { f.Receipt.MaskedPAN = "476173******0119" },
		"five digits":    func(f *wire.Final) { f.Receipt.MaskedPAN = "***********10119" },
		"not at the end": func(f *wire.Final) { f.Receipt.MaskedPAN = "4761************" },
		"result":         func(f *wire.Final) { f.Result = "ok" },
		"hexadecimal":    func(f *wire.Final) { f.Receipt.TVR = "zz" },
	} {
		f := final()
		change(f)
		if codeOf(t, f.Check()) != wire.CodeBadMessage {
			t.Errorf("%s is accepted", name)
		}
	}
	if err := final().Check(); err != nil {
		t.Error(err)
	}
	f := final()
	f.Receipt.MaskedPAN = "•••• 0119"
	if err := f.Check(); err != nil {
		t.Error(err)
	}
}

func TestProtocolCommon(t *testing.T) {
	r := func(a, b, c, d int) wire.Range {
		return wire.Range{Min: wire.Protocol{Major: a, Minor: b}, Max: wire.Protocol{Major: c, Minor: d}}
	}
	for _, c := range []struct {
		a, b wire.Range
		want string
	}{
		{r(1, 3, 1, 5), r(1, 3, 1, 5), "{1 5} true"},
		{r(1, 3, 1, 5), r(1, 4, 1, 9), "{1 5} true"},
		{r(1, 3, 2, 0), r(1, 9, 2, 7), "{2 0} true"},
		{r(1, 3, 1, 5), r(1, 5, 1, 5), "{1 5} true"},
		{r(1, 3, 1, 5), r(1, 6, 1, 7), "false"},
		{r(1, 3, 1, 5), r(2, 0, 2, 0), "false"},
	} {
		for _, swap := range []bool{false, true} {
			a, b := c.a, c.b
			if swap {
				a, b = b, a
			}
			v, ok := a.Common(b)
			if got := fmt.Sprint(v, " ", ok); !strings.HasSuffix(got, c.want) {
				t.Errorf("%v and %v: %s, want %s", a, b, got, c.want)
			}
		}
	}
}

func TestFrameRefused(t *testing.T) {
	for frame, want := range map[string]wire.Code{
		`{"seq":1,"ack":0,"type":"pay"}`:              "",
		`{"seq":1,"ack":0,"type":"later","new":true}`: "", // members and types of a later version
		``:                                 wire.CodeBadMessage,
		`{`:                                wire.CodeBadMessage,
		`{"seq":1,"ack":0,"type":""}`:      wire.CodeBadMessage,
		`{"seq":-1,"ack":0,"type":"pay"}`:  wire.CodeBadMessage,
		`{"seq":1.5,"ack":0,"type":"pay"}`: wire.CodeBadMessage,
		`{"seq":9007199254740992,"ack":0,"type":"pay"}`:      wire.CodeBadMessage,
		`{"seq":1,"ack":0,"type":"pay"}{}`:                   wire.CodeBadMessage,
		`{"seq":1,"type":"` + strings.Repeat("a", 65) + `"}`: wire.CodeBadMessage,
		strings.Repeat("[", 100_000):                         wire.CodeBadMessage,
		`"` + strings.Repeat("a", wire.MaxFrame) + `"`:       wire.CodeTooLarge,
	} {
		_, err := wire.DecodeFrame([]byte(frame))
		if got := codeOf(t, err); got != want {
			t.Errorf("%.60s: %q, want %q", frame, got, want)
		}
		if err != nil && strings.Contains(err.Error(), "aaaa") {
			t.Errorf("the refusal quotes the frame: %v", err)
		}
	}
}

// Every code is one, and has a text for the cashier.
func TestCodes(t *testing.T) {
	seen := map[wire.Code]bool{}
	for _, c := range wire.Codes() {
		if !text.Has(string(c)) {
			t.Errorf("%s has no text", c)
		}
		if seen[c] || !strings.HasPrefix(string(c), "E_") {
			t.Errorf("%s", c)
		}
		seen[c] = true
	}
	if len(seen) != 46 {
		t.Errorf("%d codes", len(seen))
	}
}

func TestKeyMasks(t *testing.T) {
	k := wire.Key("0123456789abcdef0123456789abcdef")
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "key", k)
	out := fmt.Sprintf("%v %s %x %q %d %#v %+v", k, k, k, k, k, k, struct{ K wire.Key }{k}) + log.String()
	for _, leak := range []string{"0123", "3031", "48 49", "MDEy"} {
		if strings.Contains(out, leak) {
			t.Errorf("%q shows in %s", leak, out)
		}
	}
	b, err := json.Marshal(k)
	var back wire.Key
	if err != nil || json.Unmarshal(b, &back) != nil || string(back) != "0123456789abcdef0123456789abcdef" {
		t.Errorf("%s, %v", b, err)
	}
	for _, bad := range []string{`"AA=="`, `"A"`, `"AB"`, `"A/AA"`, `1`, `"AA\nAA"`} {
		if err := json.Unmarshal([]byte(bad), &back); err == nil {
			t.Errorf("%s is read", bad)
		}
	}
}

// The schema has no null.
func TestNoNull(t *testing.T) {
	void := request()
	void.Kind, void.Reference, void.Entry = wire.KindVoid, "01JDC3V8Q4ZT5R6Y7W8X9ABCDF", nil
	for _, v := range []wire.Body{
		&wire.CartSet{CartID: "c", Rev: 1, Currency: "JPY", Locale: "ja"}, &wire.CartPatch{CartID: "c", Base: 1, Rev: 2}, &wire.AddrUpdate{}, void,
		&wire.Hello{Platform: "ios", PosID: "p", Merchant: "m", Location: "l", Stream: "s"},
	} {
		if b, err := wire.Encode(v); err != nil || strings.Contains(string(b), "null") {
			t.Errorf("%s, %v", b, err)
		}
	}
}

// The member share_p tells a typed code from a scanned one.
func TestPairFirst(t *testing.T) {
	share := `"share_p":"` + strings.Repeat("A", 87) + `"`
	hello := `"code_id":"AAAAAAAAAAA","protocol":{"min":{"major":1,"minor":3},"max":{"major":1,"minor":5}},"app_version":"8.16.0",` +
		`"platform":"ios","pos_id":"till-7","name":"","merchant":"","location":"","networks":[],"pos_spki":"AA","mac_p":"` + strings.Repeat("A", 43) + `"`
	for text, want := range map[string]string{
		"{" + share + "}": "start", "{" + share + "," + hello + "}": "start", "{" + hello + "}": "hello",
		`{"share_p":null,` + hello + "}": "", `{"share_p":1}`: "", `{"share_p":""}`: "", `{"share_p":"` + strings.Repeat("A", 86) + `"}`: "",
		"{}": "", "null": "", "[]": "", `{"confirm_p":"AA"}`: "",
	} {
		var f wire.PairFirst
		got := ""
		switch err := wire.Decode([]byte(text), &f); {
		case err != nil:
			if codeOf(t, err) != wire.CodeBadMessage {
				t.Errorf("%s: %v", text, err)
			}
		case f.Start != nil && f.Hello == nil:
			got = "start"
		case f.Hello != nil && f.Start == nil:
			got = "hello"
		}
		if got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

// Whatever comes as the body of whatever frame: refused with a code, or checked and written again.
func FuzzDecode(f *testing.F) {
	bodies := []func() wire.Body{
		func() wire.Body { return &wire.PairHello{} }, func() wire.Body { return &wire.PairAnswer{} },
		func() wire.Body { return &wire.Hello{} }, func() wire.Body { return &wire.Welcome{} },
		func() wire.Body { return &wire.CartSet{} }, func() wire.Body { return &wire.CartPatch{} },
		func() wire.Body { return &wire.PaymentRequest{} }, func() wire.Body { return &wire.Final{} },
		func() wire.Body { return &wire.PaymentState{} }, func() wire.Body { return &wire.Status{} },
		func() wire.Body { return &wire.PairFirst{} }, func() wire.Body { return &wire.PairShareAnswer{} },
		func() wire.Body { return &wire.PairConfirm{} }, func() wire.Body { return &wire.PaymentLate{} },
	}
	for i, v := range map[int]any{4: cart(), 6: request(), 7: final()} {
		b, err := json.Marshal(v)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(i, b)
	}
	f.Add(1, []byte(`{"error":{"code":"E_LEASED","holder":"Till 1"}}`))
	f.Add(9, []byte(`{"state":"ready","docked":true,"card_in":false,"battery":50}`))
	f.Add(10, []byte(`{"share_p":"`+strings.Repeat("A", 87)+`"}`))
	f.Add(10, []byte(`{"code_id":"AAAAAAAAAAA","share_p":null}`))
	f.Add(11, []byte(`{"share":{"terminal_id":"a5","share_v":"`+strings.Repeat("A", 87)+`","confirm_v":"`+strings.Repeat("A", 43)+`"}}`))
	f.Add(13, []byte(`{"request_id":"`+ulid+`","order_ref":"1","host_code":"51","total":1250,"currency":"USD"}`))
	f.Add(12, []byte(`{"confirm_p":"`+strings.Repeat("A", 43)+`","hello":{"networks":null}}`))
	f.Fuzz(func(t *testing.T, i int, b []byte) {
		v := bodies[uint(i)%uint(len(bodies))]()
		if err := wire.Decode(b, v); err != nil {
			if codeOf(t, err) == "" {
				t.Fatal("no code")
			}
			return
		}
		again, err := wire.Encode(v)
		if err != nil {
			t.Fatal(err)
		}
		if err := wire.Decode(again, v); err != nil {
			t.Fatal(err)
		}
	})
}

// A refund of a payment that is named needs no card: the terminal has what it takes.
func TestRefundWithoutCard(t *testing.T) {
	r := wire.PaymentRequest{
		RequestID: "01J9Z3Q5W8X4T2B6N7M0K1H3G5", OrderRef: "o-1-R1", Kind: wire.KindRefund, Amount: 500, Currency: "GBP",
		Reference: "01J9Z3Q5W8X4T2B6N7M0K1H3G6", TipPolicy: wire.TipPolicy{Mode: "none"}, SurchargePolicy: wire.SurchargePolicy{Mode: "none"},
		Offline: wire.Offline{Mode: "forbid"},
	}
	if err := r.Check(); err != nil {
		t.Error(err)
	}
	r.Reference = ""
	if err := r.Check(); err == nil {
		t.Error("a refund of nothing, to no card")
	}
}
