package terminal_test

import (
	"strings"
	"testing"

	"github.com/cardwright/emv/terminal/display"
	"github.com/cardwright/emv/terminal/wire"
)

// TestSale pairs by the code on the display and pays by tap, insert and swipe; the host has charged what the till knows of.
func TestSale(t *testing.T) {
	s := open(t, "US", func(s *shop) { s.config.PostPayment = map[string]string{"": "See you soon"} })
	k := s.till("till-1")
	counter := s.pair(k)
	s.ready()
	for i, c := range []struct {
		card, entry, brand string
		present            func(name string)
	}{
		{"visa-credit", "tap", "visa", func(n string) { s.hands.Tap(s.card(n), nil) }},
		{"visa-contact", "insert", "visa", func(n string) {
			if err := s.hands.Insert(contacts{s.card(n)}, nil); err != nil {
				t.Fatal(err)
			}
		}},
		{"", "swipe", "visa", func(string) {
			until(t, "somebody waits for a swipe", func() bool { return s.hands.Swipe("", ";"+swiped+"=49121011234567890?", "") })
		}},
	} {
		c := c
		s.hands.Remove()
		s.hands.Leave()
		paid := s.pay(counter, s.sale("order-"+c.entry, 1250+int64(i)))
		st := s.screen(display.Present)
		if len(st.Entry) != 3 || st.Amount == "" {
			t.Errorf("%+v", st)
		}
		c.present(c.card)
		f := s.wants(paid, wire.Approved, "")
		r := f.Receipt
		if r == nil || string(r.Entry) != c.entry || r.Scheme != c.brand || r.AuthCode == "" || r.STAN == "" || r.RRN == "" || !strings.HasPrefix(r.MaskedPAN, "****") || len(r.Token) != 64 {
			t.Errorf("%s: %+v", c.entry, r)
		}
		if c.entry == "insert" && (len(r.TVR) != 10 || r.AID == "" || r.Cryptogram == "" || r.TSI == "") {
			t.Errorf("%+v", r)
		}
		if f.Total != 1250+int64(i) || f.OrderRef != "order-"+c.entry {
			t.Errorf("%+v", f)
		}
		if st := s.screen(display.Approved); st.Text != "See you soon" {
			t.Errorf("%q", st.Text)
		}
	}
	s.charged(1250 + 1251 + 1252)
	if p := k.progress(); !strings.Contains(p, "PROMPTING present_card") || !strings.Contains(p, "AUTH_SENT") {
		t.Errorf("%s", p)
	}
}
