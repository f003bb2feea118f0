package payment

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cardwright/emv/kernel"
)

// TestHash compares with the canonical form written by hand from RFC 8785.
func TestHash(t *testing.T) {
	id := "01ARZ3NDEKTSV4RRFFQ69G5FAV"
	r := Request{
		RequestID: id, OrderRef: "a\"\\é€\U0001F600\u2028<>&", Kind: Sale, Amount: 999_999_999_999, Currency: 840,
		Entry: []Entry{Tap, Insert}, Tip: TipPolicy{Ask: true, Smart: &SmartTip{Below: 10, Amounts: []uint64{1, 2}}},
	}
	want := `{"amount":999999999999,"currency":840,"entry":["tap","insert"],"kind":"sale",` +
		`"order_ref":"a\"\\é€` + "\U0001F600\u2028" + `<>&","request_id":"` + id + `",` +
		`"tip_policy":{"ask":true,"smart":{"amounts":[1,2],"below":10}}}`
	sum := sha256.Sum256([]byte(want))
	if got := r.Hash(); got != hex.EncodeToString(sum[:]) {
		t.Error("not the canonical form")
	}
}

// TestHashDiffers: whatever is changed in a request, its hash is another one.
func TestHashDiffers(t *testing.T) {
	base := Request{RequestID: "01ARZ3NDEKTSV4RRFFQ69G5FAV", OrderRef: "o", Kind: Sale, Amount: 1, Currency: 840}
	seen := map[string]string{base.Hash(): "the request itself"}
	for what, change := range map[string]func(*Request){
		"id":       func(r *Request) { r.RequestID = "01ARZ3NDEKTSV4RRFFQ69G5FAW" },
		"order":    func(r *Request) { r.OrderRef = "p" },
		"kind":     func(r *Request) { r.Kind = Preauth },
		"amount":   func(r *Request) { r.Amount = 2 },
		"currency": func(r *Request) { r.Currency = 841 },
		"original": func(r *Request) { r.Original.RequestID = "x" },
		"till":     func(r *Request) { r.Original.POS = "x" },
		"tip":      func(r *Request) { r.Tip.Custom = true },
		"percent":  func(r *Request) { r.Tip.Percent = []uint32{1} },
		"smart":    func(r *Request) { r.Tip.Smart = &SmartTip{} },
		"fee":      func(r *Request) { r.Surcharge.BasisPoints = 1 },
		"offline":  func(r *Request) { r.Offline.Allow = true },
		"entry":    func(r *Request) { r.Entry = []Entry{Tap} },
		"cart":     func(r *Request) { r.CartHash = "x" },
		"within":   func(r *Request) { r.Within = 1 },
		"force":    func(r *Request) { r.ForceAdditional = true },
		"role":     func(r *Request) { r.Role = "x" },
	} {
		r := base
		change(&r)
		if other, twice := seen[r.Hash()]; twice {
			t.Errorf("%s has the hash of %s", what, other)
		}
		seen[r.Hash()] = what
	}
}

func TestULID(t *testing.T) {
	// The example of the ULID specification: 1469918176385 ms is 01ARYZ6S41.
	if got := timeOf("01ARYZ6S41TSV4RRFFQ69G5FAV").UnixMilli(); got != 1469918176385 {
		t.Error(got)
	}
	now := time.UnixMilli(1_800_000_000_123)
	if got := timeOf(ulid(now, 5)); !got.Equal(now) {
		t.Error(got)
	}
	for _, bad := range []string{"", "01ARYZ6S41TSV4RRFFQ69G5FA", "81ARYZ6S41TSV4RRFFQ69G5FAV", "01ARYZ6S41TSV4RRFFQ69G5FAI", "01aryz6s41tsv4rrffq69g5fav"} {
		if validULID(bad) {
			t.Errorf("%q", bad)
		}
	}
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"VISA CREDIT":              "VISA CREDIT",
		"a\x00\x1b[31mb\u202e":     "a[31mb",
		"N 4761739001010119":       "N ****************",
		"4761 7390 0101 0119 X":    "******************* X",
		"4761-7390-0101-0119":      "*******************",
		"12345678901":              "12345678901",
		strings.Repeat("x", 50):    strings.Repeat("x", 40),
		"card 123 and 456 and 789": "card 123 and 456 and 789",
	} {
		if got := clean(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		pan := rapid.StringMatching(`[0-9]{13,19}`).Draw(t, "number")
		text := rapid.StringMatching(`[ -~]{0,30}`).Draw(t, "before") + pan + rapid.StringMatching(`[ -~]{0,30}`).Draw(t, "after")
		if out := clean(text); strings.Contains(out, pan[:12]) || len(out) > maxShown {
			t.Fatalf("%q", out)
		}
	})
}

func TestCardOf(t *testing.T) {
	d := kernel.NewData()
	for _, o := range []struct {
		tag   uint32
		value string
	}{
		{0x5A, "4761739001010119"},
		{0x84, "A0000000031010"},
		{0x50, "56495341"},
		{0x9F12, "4D79204361726420"},
		{0x9F11, "01"},
		{0x9F26, "0102030405060708"},
		{0x95, "8000000000"},
		{0x9B, "E800"},
		{0x9F27, "80"},
		{0x8A, "3030"},
	} {
		v, err := hex.DecodeString(o.value)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Set(tagOf(o.tag), v); err != nil {
			t.Fatal(err)
		}
	}
	want := Card{
		Entry: Tap, Number: "************0119", AID: "A0000000031010", Label: "My Card", Cryptogram: "0102030405060708",
		TVR: "8000000000", TSI: "E800", CID: "80", ARC: "00",
	}
	if got := CardOf(d, nil, Tap); got != want || got.cleaned() != want {
		t.Errorf("%+v\nwant\n%+v", got, want)
	}
}

// TestSTAN: after 999999 comes 1.
func TestSTAN(t *testing.T) {
	e := &Engine{config: Config{Clock: SystemClock{}}, book: newBook()}
	for last, want := range map[uint32]uint32{0: 1, 1: 2, 999_998: 999_999, 999_999: 1} {
		e.book.stan = last
		if got := e.trace(); got.STAN != want || len(got.RRN) != 12 {
			t.Errorf("after %d: %+v", last, got)
		}
	}
}

// TestPause: 5 s, doubled, at most a quarter of an hour.
func TestPause(t *testing.T) {
	for n, want := range map[int]time.Duration{1: 5 * time.Second, 2: 10 * time.Second, 4: 40 * time.Second, 9: 15 * time.Minute, 1 << 40: 15 * time.Minute} {
		if got := pause(n); got != want {
			t.Errorf("%d: %s", n, got)
		}
	}
}

// FuzzRequest takes any JSON for a request: what passes the checks is the same request after a journey through JSON, and its
// hash too.
func FuzzRequest(f *testing.F) {
	for _, seed := range []string{
		`{"request_id":"01ARZ3NDEKTSV4RRFFQ69G5FAV","order_ref":"o","kind":"sale","amount":1,"currency":840}`,
		`{"request_id":"01ARZ3NDEKTSV4RRFFQ69G5FAV","order_ref":"\ud800","kind":"refund","amount":999999999999,"currency":840,"entry":["tap"]}`,
		`{"request_id":"01ARZ3NDEKTSV4RRFFQ69G5FAV","order_ref":"o","kind":"void","currency":36,"original":{"request_id":"01ARZ3NDEKTSV4RRFFQ69G5FAW"}}`,
		`{"kind":"preauth","tip_policy":{"ask":true,"percent":[10],"smart":{"below":18446744073709551615,"amounts":[1]}}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var r, again Request
		if json.Unmarshal(b, &r) != nil || r.check() != nil {
			return
		}
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &again); err != nil || again.check() != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if h := r.Hash(); len(h) != 64 || h != again.Hash() || r.amounts(0).Total < r.Amount {
			t.Fatalf("%s: %s", text, h)
		}
	})
}
