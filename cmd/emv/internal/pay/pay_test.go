package pay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/cardwright/emv/cmd/emv/internal/decode"
	"github.com/cardwright/emv/cmd/emv/internal/iso"
	"github.com/cardwright/emv/cmd/emv/internal/style"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/card"
	"github.com/cardwright/emv/tlv"
)

func order(t testing.TB, profile string) *Order {
	t.Helper()
	country, err := iso.ParseCountry("US")
	if err != nil {
		t.Fatal(err)
	}
	currency, _ := iso.CurrencyOf(country.Currency)
	return &Order{
		Card: profile, Amount: 1250, Currency: currency, Country: country, ARC: [2]byte{'0', '0'}, Seed: new(uint64(1)),
	}
}

// account runs an order and returns all that it says: trace, report and error.
func account(t testing.TB, o *Order) (*Report, string, error) {
	t.Helper()
	var b strings.Builder
	r, err := Run(t.Context(), o, Watch{
		Message:  func(m Message) { fmt.Fprintln(&b, m) },
		Decision: func(r Reason) { fmt.Fprintln(&b, r) },
		Exchange: func(sent, got decode.Part, x Exchanged) {
			for _, p := range []decode.Part{sent, got} {
				if err := p.Write(&b, style.Style{}, ""); err != nil {
					t.Fatal(err)
				}
			}
			fmt.Fprintln(&b, x.Err)
		},
	})
	out, bad := json.Marshal(r)
	if bad != nil {
		t.Fatal(bad)
	}
	return r, b.String() + string(out) + fmt.Sprint(err), err
}

// TestEveryCard pays with every profile under several circumstances: there is a result with a reason, the same twice, and
// the card's number is nowhere in what is said.
func TestEveryCard(t *testing.T) {
	circumstances := map[string]func(*Order){
		"plain":   func(*Order) {},
		"large":   func(o *Order) { o.Amount = 25_000 },
		"offline": func(o *Order) { o.FloorLimit = 5000 },
		"refused": func(o *Order) { o.ARC = [2]byte{'5', '1'} },
		"unable":  func(o *Order) { o.Unable = true },
	}
	// The number's middle, as the card sends it and as digits.
	const pan = "4761739999990176"
	for _, p := range card.Profiles() {
		for name, change := range circumstances {
			t.Run(p.Name+"/"+name, func(t *testing.T) {
				said := [2]string{}
				for i := range said {
					o := order(t, p.Name)
					o.Set = map[tlv.Tag][]byte{0x5A: unhex(pan), 0x57: unhex(pan + "D49122010000000000F" + "F")[:18]}
					change(o)
					r, all, err := account(t, o)
					if err != nil {
						t.Fatal(err)
					}
					if r.Outcome == kernel.NoOutcome.String() || r.Reason.Code == "" {
						t.Errorf("%s because of %s", r.Outcome, r.Reason)
					}
					if r.Approved && name == "unable" && r.Clearing == nil {
						t.Error("approved without issuer and without a TC")
					}
					said[i] = all
				}
				if said[0] != said[1] {
					t.Error("the same seed gave two accounts")
				}
				if strings.Contains(said[0], "99999999") || strings.Contains(said[0], pan[4:12]) {
					t.Errorf("the card number is in the account:\n%s", said[0])
				}
			})
		}
	}
}

// TestIssuerSeesTampering: a byte changed on its way is the issuer's to find.
func TestIssuerSeesTampering(t *testing.T) {
	for _, fault := range []string{"flip=9F26", "flip=9F36:1", "wrong-cryptogram"} {
		o := order(t, "visa-credit")
		o.Faults = []string{fault}
		r, all, err := account(t, o)
		if err != nil || r.Approved || r.Online == nil || r.Online.Valid {
			t.Errorf("%s: %v\n%s", fault, err, all)
		}
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if r, err := Run(ctx, order(t, "visa-credit"), Watch{}); !errors.Is(err, context.Canceled) || r.Approved {
		t.Errorf("%v, %v", r.Outcome, err)
	}
	ctx, cancel = context.WithCancel(t.Context())
	defer cancel()
	watch := Watch{Exchange: func(decode.Part, decode.Part, Exchanged) { cancel() }}
	if r, err := Run(ctx, order(t, "visa-credit"), watch); !errors.Is(err, context.Canceled) || r.Approved {
		t.Errorf("%v, %v", r.Outcome, err)
	}
}

func TestConfigurationsAreGood(t *testing.T) {
	for _, name := range []string{"AU", "CA", "GB", "IE", "US", "JP", "KW", "SE"} {
		o := order(t, "visa-credit")
		var err error
		if o.Country, err = iso.ParseCountry(name); err != nil {
			t.Fatal(err)
		}
		o.Currency, _ = iso.CurrencyOf(o.Country.Currency)
		if r, all, err := account(t, o); err != nil || !r.Approved {
			t.Errorf("%s: %v\n%s", name, err, all)
		}
	}
}

func TestReceiptNumber(t *testing.T) {
	for _, x := range []struct {
		tag   tlv.Tag
		value string
		want  string
	}{
		{0x5A, "4761739001010176", "************0176"},
		{0x5A, "47617390010101760F", "*************1760"},
		{0x57, "4761739001010176D4912201", "************0176"},
		{0x5A, "123F", "***"},
		{0x9F02, "000000000000", ""},
	} {
		d := kernel.NewData()
		d.Reset(0)
		if err := d.Set(x.tag, unhex(x.value)); err != nil {
			t.Fatal(err)
		}
		if got := receiptPAN(d); got != x.want {
			t.Errorf("%s %s: %q, want %q", x.tag, x.value, got, x.want)
		}
	}
}
