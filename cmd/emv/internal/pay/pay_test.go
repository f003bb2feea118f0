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
	"github.com/cardwright/emv/terminal/profile"
	"github.com/cardwright/emv/testvectors/card"
	"github.com/cardwright/emv/tlv"
)

func order(t testing.TB, name string) *Order {
	t.Helper()
	p, err := profile.Builtin("US")
	if err != nil {
		t.Fatal(err)
	}
	return in(t, p, name)
}

// in is an order at a terminal of a country.
func in(t testing.TB, p *profile.Profile, name string) *Order {
	t.Helper()
	currency, err := iso.ParseCurrency(p.Currency.Alpha)
	if err != nil {
		t.Fatal(err)
	}
	return &Order{
		Card: name, Amount: 1250, Currency: currency, Profile: p, ARC: [2]byte{'0', '0'}, Seed: new(uint64(1)),
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
		"offline": func(o *Order) { o.FloorLimit = new(uint64(5000)) },
		"refused": func(o *Order) { o.ARC = [2]byte{'5', '1'} },
		"unable":  func(o *Order) { o.Unable = true },
		"swiped":  func(o *Order) { o.Use = []profile.Interface{profile.Stripe, profile.Insert} },
		"both":    func(o *Order) { o.Use = []profile.Interface{profile.Tap, profile.Insert, profile.Stripe} },
	}
	// The number's middle, as the card sends it and as digits.
	const pan = "4761739999990176"
	for _, p := range card.Profiles() {
		for name, change := range circumstances {
			t.Run(p.Name+"/"+name, func(t *testing.T) {
				said := make([]string, 1, 2)
				if name == "plain" {
					said = said[:2]
				}
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
					if r.Approved && name == "unable" && (r.Clearing == nil || !r.Clearing.Valid) {
						t.Error("approved without issuer and without a TC")
					}
					said[i] = all
				}
				if said[0] != said[len(said)-1] {
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

// TestPINIsNowhere: what the customer enters is in no account of the payment, as digits or as the PIN block that goes to the
// card (Book 3, 6.5.12).
func TestPINIsNowhere(t *testing.T) {
	for _, name := range []string{"contact-pin-plain", "contact-pin-enciphered", "mastercard-contact"} {
		for _, pin := range []string{"97531", "864209"} {
			o := order(t, name)
			o.PINs = []string{pin}
			r, all, err := account(t, o)
			if err != nil || len(r.PINs) == 0 {
				t.Fatalf("%s: %v, %d prompts", name, err, len(r.PINs))
			}
			if strings.Contains(all, pin) {
				t.Errorf("%s: the PIN is in the account:\n%s", name, all)
			}
		}
	}
}

// TestPINs: an offline PIN that is right, one that is wrong first, and none (Book 3, 10.5.1).
func TestPINs(t *testing.T) {
	for _, c := range []struct {
		pins    []string
		prompts int
		cvm     string
	}{
		{nil, 1, "offline-pin"},
		{[]string{"9999", "1234"}, 2, "offline-pin"},
		{[]string{"9999"}, 3, "signature"}, // the list goes on to a signature when the tries are used up
		{[]string{"cancel"}, 1, "na"},
		{[]string{"timeout"}, 1, "na"},
	} {
		o := order(t, "contact-pin-plain")
		o.PINs = c.pins
		r, all, err := account(t, o)
		if err != nil || len(r.PINs) != c.prompts || r.Receipt.CVM != c.cvm || r.Approved == (c.cvm == "na") {
			t.Errorf("%v: %v, %d prompts, %s\n%s", c.pins, err, len(r.PINs), r.Receipt.CVM, all)
		}
	}
}

// TestCountries pays by tap, chip and stripe in each country.
func TestCountries(t *testing.T) {
	for _, name := range profile.Countries() {
		p, err := profile.Builtin(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, card := range []string{"visa-credit", "mastercard-credit", "visa-contact", "mastercard-contact"} {
			if r, all, err := account(t, in(t, p, card)); err != nil || !r.Approved || !r.Online.Valid {
				t.Errorf("%s, %s: %v\n%s", name, card, err, all)
			}
		}
		// A chip that is dead: whether the stripe may take its place is the country's rule. The card is of the USA.
		o := in(t, p, "contact-mute")
		o.Use = []profile.Interface{profile.Insert, profile.Stripe}
		r, all, err := account(t, o)
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]bool{"AU": true, "CA": true, "US": true}[name]
		if r.Approved != want || want && r.Receipt.Entry != "fallback swipe" || r.Taps < 3 {
			t.Errorf("%s: approved %v, %s, %d attempts\n%s", name, r.Approved, r.Receipt.Entry, r.Taps, all)
		}
	}
}

// TestRefusedBrands: a brand that is not accepted is refused with a stable code, and its stripe is no way around.
func TestRefusedBrands(t *testing.T) {
	for _, c := range []struct{ country, card, code string }{
		{"US", "interac-contact", profile.CodeBrand},
		{"AU", "interac-contact", profile.CodeBrand},
		{"IE", "jcb-contact", profile.CodeBrand},
		{"IE", "unionpay-contact", profile.CodeBrand},
		{"CA", "interac-contact", ""},
		{"GB", "jcb-contact", ""},
	} {
		p, err := profile.Builtin(c.country)
		if err != nil {
			t.Fatal(err)
		}
		o := in(t, p, c.card)
		o.Use = []profile.Interface{profile.Insert, profile.Stripe}
		r, all, err := account(t, o)
		if err != nil || r.Approved != (c.code == "") || c.code != "" && (r.Reason.Code != c.code || r.Trouble == "") {
			t.Errorf("%s, %s: %v\n%s", c.country, c.card, err, all)
		}
	}
}

// TestStripeIsNoWayOut: a chip that has declined, or that the customer cancelled, is not followed by a swipe.
func TestStripeIsNoWayOut(t *testing.T) {
	for name, change := range map[string]func(*Order){
		"contact-declines":     func(*Order) {},
		"contact-blocked-card": func(*Order) {},
		"contact-pin-plain":    func(o *Order) { o.PINs = []string{"cancel"} },
	} {
		o := order(t, name)
		o.Use = []profile.Interface{profile.Stripe, profile.Insert}
		change(o)
		if r, all, err := account(t, o); err != nil || r.Approved || r.Online != nil {
			t.Errorf("%s: %v\n%s", name, err, all)
		}
	}
}

// TestCardIsTakenOut: at any command the payment ends without approval, and an approval of the issuer is reversed
// (Book 4, 6.1 and 12.2.4).
func TestCardIsTakenOut(t *testing.T) {
	reversed := 0
	for n := 1; ; n++ {
		o := order(t, "visa-contact")
		o.Faults = []string{fmt.Sprintf("removed@%d..", n)}
		r, all, err := account(t, o)
		if err != nil {
			t.Fatal(err)
		}
		if len(r.IdleFault) > 0 { // there is no such command any more
			break
		}
		if r.Approved || r.Reversal != (r.Online != nil && r.Online.Approved) {
			t.Errorf("command %d: approved %v, reversal %v\n%s", n, r.Approved, r.Reversal, all)
		}
		if r.Reversal {
			reversed++
		}
	}
	if reversed < 2 { // EXTERNAL AUTHENTICATE and the second GENERATE AC at least
		t.Errorf("%d approvals were reversed", reversed)
	}
}

func TestPINsAreChecked(t *testing.T) {
	for s, good := range map[string]bool{
		"1234": true, "123456789012": true, "bypass": true, "broken": true, "123": false, "1234567890123": false, "12a4": false, "": false,
	} {
		if err := CheckPIN(s); (err == nil) != good || err != nil && (kernel.CodeOf(err) != "input.pin" || s != "" && strings.Contains(err.Error(), s)) {
			t.Errorf("%q: %v", s, err)
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
