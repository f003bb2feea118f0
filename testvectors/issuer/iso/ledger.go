package iso

import (
	"strings"
	"time"
)

// Entry is what the host knows of a request. It carries no card number but a masked one.
type Entry struct {
	MTI      string `json:"mti"`
	Terminal string `json:"terminal"`
	Merchant string `json:"merchant"`
	STAN     string `json:"stan"`
	RRN      string `json:"rrn"`
	Sent     string `json:"sent"` // field 7
	Amount   uint64 `json:"amount"`
	Currency string `json:"currency"`
	Entry    string `json:"entry,omitempty"`  // field 22
	Credit   bool   `json:"credit,omitempty"` // a refund
	Card     string `json:"card,omitempty"`   // masked
	Code     string `json:"code"`
	Approval string `json:"approval,omitempty"`
	Why      string `json:"why,omitempty"`      // what the issuer said of it
	Captured bool   `json:"captured,omitempty"` // approved, and charged: a 0100 is only when its capture has come
	Reversed bool   `json:"reversed,omitempty"`
	Times    int    `json:"times"`            // how often it came
	Late     bool   `json:"late,omitempty"`   // its reversal had come before it
	Online   bool   `json:"online,omitempty"` // a cryptogram was verified

	At time.Time `json:"at"`

	period, reversedIn int
}

// Approved reports whether the host has said yes.
func (e *Entry) Approved() bool { return e.Code == "00" || e.Code == "10" }

// charged reports whether money has moved.
func (e *Entry) charged() bool { return e.Captured && e.Approved() && !e.Reversed }

// identity is by what a request is known again.
type identity struct{ class, terminal, merchant, stan, rrn, sent string }

// identityOf takes a message's. The class is the message type without the repeat.
func identityOf(m *message) identity {
	f := m.fields
	return identity{m.mti[:3], f[41], f[42], f[11], f[37], f[7]}
}

// reference is by what field 90 names an original.
type reference struct{ class, terminal, merchant, stan, sent string }

func (i identity) reference() reference {
	return reference{i.class, i.terminal, i.merchant, i.stan, i.sent}
}

// original reads field 90: message type, STAN, time, acquirer and forwarder.
func original(m *message) (reference, bool) {
	v := m.fields[90]
	if len(v) != 42 {
		return reference{}, false
	}
	return reference{v[:3], m.fields[41], m.fields[42], v[4:10], v[10:20]}, true
}

// Totals are sums of a period, in minor units: fields 74 to 77 and 86 to 89.
type Totals struct {
	Debits, DebitAmount                 uint64
	ReversedDebits, ReversedDebitAmount uint64
	Credits, CreditAmount               uint64
	ReversedCredits, ReversedCredit     uint64
}

// Ledger returns all entries in the order in which they came.
func (s *Server) Ledger() []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Entry, len(s.entries))
	for i, e := range s.entries {
		out[i] = *e
	}
	return out
}

// Charged returns what cardholders were charged in a currency, less refunds, and by how many entries that are not reversed.
func (s *Server) Charged(currency string) (amount int64, entries int) {
	for _, e := range s.Ledger() {
		if e.Currency != currency || !e.charged() {
			continue
		}
		entries++
		if e.Credit {
			amount -= int64(e.Amount)
		} else {
			amount += int64(e.Amount)
		}
	}
	return amount, entries
}

// Totals returns the sums of the period that is under way, of one terminal and currency.
func (s *Server) Totals(terminal, currency string) Totals {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.totals(terminal, currency)
}

func (s *Server) totals(terminal, currency string) Totals {
	var t Totals
	for _, e := range s.entries {
		if e.Terminal != terminal || e.Currency != currency || !e.Approved() || !e.Captured {
			continue
		}
		if e.period == s.period {
			if e.Credit {
				t.Credits, t.CreditAmount = t.Credits+1, t.CreditAmount+e.Amount
			} else {
				t.Debits, t.DebitAmount = t.Debits+1, t.DebitAmount+e.Amount
			}
		}
		if e.Reversed && e.reversedIn == s.period {
			if e.Credit {
				t.ReversedCredits, t.ReversedCredit = t.ReversedCredits+1, t.ReversedCredit+e.Amount
			} else {
				t.ReversedDebits, t.ReversedDebitAmount = t.ReversedDebits+1, t.ReversedDebitAmount+e.Amount
			}
		}
	}
	return t
}

// masked hides all but the last four digits.
func masked(pan string) string {
	if len(pan) < 8 {
		return strings.Repeat("*", len(pan))
	}
	return strings.Repeat("*", len(pan)-4) + pan[len(pan)-4:]
}
