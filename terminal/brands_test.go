package terminal_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/cardwright/emv/terminal/display"
	"github.com/cardwright/emv/terminal/payment"
	"github.com/cardwright/emv/terminal/profile"
	"github.com/cardwright/emv/terminal/wire"
)

// present holds a card to the terminal as its name says: those with contacts are inserted.
func (s *shop) present(name string) {
	s.Helper()
	c := s.card(name)
	if !strings.Contains(name, "contact") {
		s.hands.Tap(c, nil)
	} else if err := s.hands.Insert(contacts{c}, nil); err != nil {
		s.Fatal(err)
	}
}

// next is when the customer has gone with the card, and the display is free.
func (s *shop) next() {
	s.Helper()
	s.hands.Leave()
	s.hands.Remove()
	until(s.T, "the outcome is off the display", func() bool { return s.page.state().Screen == display.Standby })
}

// paysBy is one payment with a card.
func (s *shop) paysBy(k *till, order, card string, amount int64) *wire.Final {
	s.Helper()
	paid := s.pay(k.terminal(s), s.sale(order, amount))
	until(s.T, "the prompt", func() bool { return s.page.state().Screen == display.Present })
	s.present(card)
	return s.wants(paid, wire.Approved, "")
}

// TestBrands pays with a card of every brand that a country takes, by tap and by chip, from the till to the host; the host
// has charged each once. S81
func TestBrands(t *testing.T) {
	everywhere := []struct{ card, scheme, aid string }{
		{"visa-credit", "visa", "A000000003"},
		{"visa-contact", "visa", "A000000003"},
		{"mastercard-credit", "mastercard", "A000000004"},
		{"mastercard-contact", "mastercard", "A000000004"},
		{"amex-credit", "amex", "A000000025"},
		{"amex-contact", "amex", "A000000025"},
		{"discover-credit", "discover", "A000000152"},
		{"discover-contact", "discover", "A000000152"},
		{"diners-credit", "discover", "A000000152"},
	}
	for _, country := range profile.Countries() {
		t.Run(country, func(t *testing.T) {
			s, k := counter(t, country, short)
			cards := everywhere
			if country == "CA" {
				cards = append(slices.Clone(cards), []struct{ card, scheme, aid string }{
					{"interac-debit", "interac", "A000000277"}, {"interac-contact", "interac", "A000000277"},
				}...)
			}
			sum := int64(0)
			for i, c := range cards {
				amount := 1000 + int64(i)
				f := s.paysBy(k, "order-"+c.card, c.card, amount)
				want := wire.EntryTap
				if strings.Contains(c.card, "contact") {
					want = wire.EntryInsert
				}
				if r := f.Receipt; r.Scheme != c.scheme || !strings.HasPrefix(r.AID, c.aid) || r.Entry != want || f.Total != amount {
					t.Errorf("%s: %+v", c.card, r)
				}
				sum += amount
				s.next()
			}
			s.charged(sum)
		})
	}
}

// TestBrandNotTaken refuses the brand of another country, by tap and by chip, and does not ask its host. S81
func TestBrandNotTaken(t *testing.T) {
	for _, c := range []struct{ country, card string }{
		{"US", "interac-debit"}, {"GB", "interac-contact"}, {"IE", "jcb-credit"}, {"IE", "jcb-contact"},
	} {
		t.Run(c.country+" "+c.card, func(t *testing.T) {
			s, k := counter(t, c.country, nil)
			term := k.terminal(s)
			paid := s.pay(term, s.sale("order-1", 1000))
			id := s.screen(display.Present).Request
			s.present(c.card)
			until(t, "the card is not taken", func() bool { return len(paid) == 1 || s.page.state().Notice != "" })
			if len(paid) == 0 { // another one is asked for
				if _, err := term.Cancel(within(t), id, "cashier"); err != nil {
					t.Fatal(err)
				}
				s.wants(paid, wire.Cancelled, payment.CodeCancelled)
			} else {
				s.wants(paid, wire.Failed, payment.CodeNotCompleted)
				if st := s.screen(display.Error); !strings.Contains(st.Code, "E_CARD") {
					t.Errorf("the customer reads %q, %q", st.Title, st.Code)
				}
			}
			if n := len(s.server.Ledger()); n != 0 {
				t.Errorf("the host was asked %d times", n)
			}
		})
	}
}

// TestMarks names on the standby screen what the country takes, and nothing else: Interac in Canada only. S61
func TestMarks(t *testing.T) {
	for _, country := range profile.Countries() {
		t.Run(country, func(t *testing.T) {
			s, _ := counter(t, country, nil)
			st := s.screen(display.Standby)
			if st.Brands == nil {
				t.Fatal("no brand is named")
			}
			names := st.Brands.Names
			for _, want := range []string{"Visa", "Mastercard", "American Express", "Discover", "Diners Club"} {
				if !slices.Contains(names, want) {
					t.Errorf("%s is not among %v", want, names)
				}
			}
			if slices.Contains(names, "Interac") != (country == "CA") || slices.Contains(names, "eftpos") != (country == "AU") {
				t.Errorf("named are %v", names)
			}
		})
	}
}

// TestMarksChosen names what the store has chosen, and with an empty choice none. S61, S62
func TestMarksChosen(t *testing.T) {
	for _, chosen := range [][]string{{"Interac"}, {}} {
		t.Run(strings.Join(chosen, " "), func(t *testing.T) {
			s, _ := counter(t, "CA", func(s *shop) { s.config.Appearance.Brands = chosen })
			var got []string
			if st := s.screen(display.Standby); st.Brands != nil {
				got = st.Brands.Names
			}
			if !slices.Equal(got, chosen) {
				t.Errorf("%v, want %v", got, chosen)
			}
		})
	}
}

// TestWallets pays with phones above the limit where a card would be asked for a PIN: the phone has verified its owner. S82
func TestWallets(t *testing.T) {
	s, k := counter(t, "US", short)
	sum := int64(0)
	for i, c := range []struct{ card, scheme string }{
		{"visa-applepay", "visa"},
		{"visa-googlepay", "visa"},
		{"mastercard-applepay", "mastercard"},
		{"mastercard-googlepay", "mastercard"},
		{"amex-phone", "amex"},
		{"discover-phone", "discover"},
	} {
		amount := 25_000 + int64(i)
		f := s.paysBy(k, "order-"+c.card, c.card, amount)
		if r := f.Receipt; r.CVM != "device" || r.Scheme != c.scheme || r.Entry != wire.EntryTap {
			t.Errorf("%s: verified by %s, %+v", c.card, r.CVM, r)
		}
		sum += amount
		s.next()
	}
	s.charged(sum)
}

// TestInteracRefund gives back to the Interac card that paid, which has to be there. S81, P27
func TestInteracRefund(t *testing.T) {
	s, k := counter(t, "CA", short)
	term := k.terminal(s)
	held := s.card("interac-debit")
	paid := s.pay(term, s.sale("order-1", 3000))
	s.screen(display.Present)
	s.hands.Tap(held, nil)
	f := s.wants(paid, wire.Approved, "")
	s.next()
	r := s.about(wire.KindRefund, f, "refund-1", 1000)
	r.Entry = nil
	_, err := term.Pay(within(t), r)
	wantCode(t, err, wire.CodeCardRequired)
	r.Entry = []wire.Entry{wire.EntryTap, wire.EntryInsert}
	paid = s.pay(term, r)
	until(t, "the prompt", func() bool { return s.page.state().Screen == display.Present })
	s.hands.Tap(held, nil)
	if f := s.wants(paid, wire.Approved, ""); f.Receipt.Scheme != "interac" || f.Total != 1000 {
		t.Errorf("%+v %+v", f, f.Receipt)
	}
	s.charged(2000)
}

// short keeps outcomes on the display no longer than a test has to see them.
func short(s *shop) { s.config.Times.Result = 1 }
