package amex_test

import (
	"bytes"
	"context"
	"slices"
	"testing"
	"time"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/amex"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/action"
	"github.com/cardwright/emv/testvectors/kerneltest"
	"pgregory.net/rapid"
)

func TestFaults(t *testing.T) {
	const good = "9F1A020840 9F3303E0F8C8 9F350122 "
	limits := func(v uint64) contactless.Limits { return contactless.Limits{Transaction: new(v)} }
	for _, c := range []struct {
		name    string
		data    string
		limit   *uint64
		options any
		codes   []string
	}{
		{"none", good, nil, nil, nil},
		{"no options", good, nil, (*amex.Options)(nil), nil},
		{"nothing", "", nil, nil, []string{"config.object_missing", "config.object_missing", "config.object_missing"}},
		{"Expresspay 1.0", good + "9F6D0100", nil, nil, []string{"config.object_value"}},
		{"Expresspay 2.0", good + "9F6D0180", nil, nil, []string{"config.object_value"}},
		{"mag-stripe only", good + "9F6D0140", nil, nil, nil},
		{"no mode", good + "9F6D0140 9F6E0498E00003", nil, nil, []string{"config.no_mode"}},
		{"another's options", good, nil, "none", []string{"config.options"}},
		{"short code", good, nil, &amex.Options{TAC: action.Codes{Online: []byte{1}}}, []string{"config.object_length"}},
		{"time", good, nil, &amex.Options{SeePhone: -1}, []string{"config.time"}},
		{"delayed, 9F6E silent", good + "9F6E04D8E00003", nil, &amex.Options{Delayed: true}, []string{"config.delayed"}},
		{"delayed, no 9F6E", good, nil, &amex.Options{Delayed: true}, []string{"config.delayed"}},
		{"delayed", good + "9F6E04D8E00043", nil, &amex.Options{Delayed: true}, nil},
		{"limit of a set", good, nil, &amex.Options{Limits: &amex.LimitSets{Default: limits(1e12)}}, []string{"config.limit"}},
		{"set above the combination", good, new(uint64(10)), &amex.Options{Limits: &amex.LimitSets{Default: limits(11)}}, []string{"config.limit"}},
		{"open set", good, new(uint64(10)), &amex.Options{Limits: &amex.LimitSets{Default: limits(9), Sets: [16]*contactless.Limits{3: {}}}}, []string{"config.limit"}},
		{"sets within", good, new(uint64(10)), &amex.Options{Limits: &amex.LimitSets{Default: limits(10)}}, nil},
	} {
		codes := kerneltest.ConfigFaults(t, amex.Kernel, contactless.Combination{
			AID: unhex(t, "A00000002501"), Kernel: kernel.Amex, Data: unhex(t, c.data), Options: c.options,
			Limits: contactless.Limits{Transaction: c.limit},
		})
		if !slices.Equal(codes, c.codes) {
			t.Errorf("%s: %v, want %v", c.name, codes, c.codes)
		}
	}
}

// TestSeePhone: the field stays off as long as the option says.
func TestSeePhone(t *testing.T) {
	for want, options := range map[time.Duration]*amex.Options{
		amex.DefaultSeePhone:    {TAC: codes()},
		2500 * time.Millisecond: {TAC: codes(), SeePhone: 2500 * time.Millisecond},
	} {
		out, err := shop(t, options, nil).Transact(context.Background(), kerneltest.NewCard(t, "amex-phone-locked"), kernel.Transaction{Amount: 20000, Currency: 840})
		if err != nil || out.FieldOff != want || out.UI.Hold != want || out.UI.Message != kernel.MsgSeePhone {
			t.Errorf("%v, %v: %v, %v", out.FieldOff, out.UI, out.Why, err)
		}
	}
}

// TestLine: the line is looked at anew with each transaction.
func TestLine(t *testing.T) {
	line := new(amex.Line)
	terminal := shop(t, &amex.Options{TAC: codes(), Line: line}, nil)
	for _, down := range []bool{false, true, false} {
		line.Down = down
		want := kernel.OnlineRequest
		if down {
			want = kernel.Declined
		}
		if out, _ := kerneltest.Transact(t, terminal, kerneltest.NewCard(t, "amex-plain"), small); out.Kind != want {
			t.Errorf("line down %v: %v because of %v", down, out.Kind, out.Why)
		}
	}
}

// chosen gives chosen bytes after the entry point's number.
type chosen struct {
	from []byte
	n    int
}

func (c *chosen) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 0
		if c.n++; c.n > 4 && len(c.from) > 0 {
			b[i], c.from = c.from[0], c.from[1:]
		}
	}
	return len(b), nil
}

// TestUnpredictableNumber: whatever the date, the range and the bytes that are drawn, the number is a month that lies at
// most the range before the effective date, counted by another calendar.
func TestUnpredictableNumber(t *testing.T) {
	card := kerneltest.NewCard(t, "amex-magstripe") // effective since January 2020
	rapid.Check(t, func(r *rapid.T) {
		span := rapid.Byte().Draw(r, "range")
		drawn := rapid.SliceOfN(rapid.Byte(), 1, 8).Draw(r, "drawn")
		terminal, err := contactless.New(contactless.Config{
			Terminal: unhex(t, "9F1A020840 9F3303E0F8C8 9F350122"),
			Combinations: []contactless.Combination{{
				AID: unhex(t, "A00000002501"), Kernel: kernel.Amex, Options: &amex.Options{TAC: codes(), UNRange: &span},
			}},
		}, kernel.Env{Clock: kerneltest.Today, Rand: &chosen{from: drawn}}, amex.Kernel)
		if err != nil {
			r.Fatal(err)
		}
		if _, err := terminal.Transact(context.Background(), card, small); err != nil {
			r.Fatal(err)
		}
		un := terminal.Data().Get(0x9F37)
		if len(un) != 4 || !bytes.HasPrefix(un, []byte{0, 0}) {
			r.Fatalf("%X", un)
		}
		effective := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
		for back := range int(span) + 1 {
			if m := effective.AddDate(0, -back, 0); m.Format("0601") == string(hexOf(un[2:])) {
				return
			}
		}
		r.Fatalf("%X is not within %d months", un, span)
	})
}

func hexOf(b []byte) []byte {
	var out []byte
	for _, c := range b {
		out = append(out, '0'+c>>4, '0'+c&0x0F)
	}
	return out
}

// TestUnpredictableNumberIsEven: each month of the range comes as often as the others over all bytes that are not drawn again.
func TestUnpredictableNumberIsEven(t *testing.T) {
	counts := map[string]int{}
	for b := range 256 - 256%61 {
		terminal, err := contactless.New(contactless.Config{
			Terminal:     unhex(t, "9F1A020840 9F3303E0F800 9F350122"),
			Combinations: []contactless.Combination{{AID: unhex(t, "A00000002501"), Kernel: kernel.Amex}},
		}, kernel.Env{Clock: kerneltest.Today, Rand: &chosen{from: []byte{byte(b)}}}, amex.Kernel)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := terminal.Transact(context.Background(), kerneltest.NewCard(t, "amex-magstripe"), small); err != nil {
			t.Fatal(err)
		}
		counts[string(hexOf(terminal.Data().Get(0x9F37)))]++
	}
	if len(counts) != amex.DefaultUNRange+1 {
		t.Errorf("%d months", len(counts))
	}
	for month, n := range counts {
		if n != 4 {
			t.Errorf("%s came %d times", month, n)
		}
	}
}
