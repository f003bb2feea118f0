package till

import (
	"slices"

	"github.com/cardwright/emv/terminal/wire"
)

// View is everything that the page draws, at one moment. Texts are codes: the page has the catalogue of its language.
type View struct {
	Now       int64          `json:"now"` // Unix milliseconds, for the age of what was heard
	Till      TillView       `json:"till"`
	Market    Market         `json:"market"`
	Terminals []TerminalView `json:"terminals"`
	Chosen    string         `json:"chosen,omitempty"`
	Sale      SaleView       `json:"sale"`
	Payment   *Payment       `json:"payment,omitempty"`
	Pairing   Pairing        `json:"pairing"`
	Notice    *wire.Error    `json:"notice,omitempty"` // about the cart on the terminal
	Books     uint64         `json:"books"`            // the list of payments is to be fetched anew when it changes
	Open      int            `json:"open"`             // payments whose outcome is not known
	Late      int            `json:"late"`             // payments that the bank refused after the card had approved them
}

// TillView says what the till is.
type TillView struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Version string `json:"version"`
}

// TerminalView is a terminal of the list.
type TerminalView struct {
	ID       string      `json:"id"`
	Name     string      `json:"name"`
	Default  bool        `json:"default"`
	State    string      `json:"state"` // "ready", "busy", "not_ready", "offline"
	Cause    wire.Code   `json:"cause,omitempty"`
	Holder   string      `json:"holder,omitempty"` // another till
	Heard    int64       `json:"heard"`            // Unix milliseconds, 0 for never
	Docked   bool        `json:"docked"`
	CardIn   bool        `json:"card_in"`
	Battery  *int        `json:"battery,omitempty"`
	Country  string      `json:"country"`
	Address  string      `json:"address,omitempty"`
	Paired   int64       `json:"paired"`
	Error    *wire.Error `json:"error,omitempty"` // why there is no session
	ShowsRev uint64      `json:"shows_rev,omitempty"`

	Queued    int   `json:"queued,omitempty"` // payments that wait there for the bank
	QueuedSum int64 `json:"queued_sum,omitempty"`
	OldestAge int64 `json:"oldest_age,omitempty"` // seconds
	QueueFull bool  `json:"queue_full,omitempty"`
}

// SaleView is the order that is being rung up.
type SaleView struct {
	Order    string `json:"order"`
	Rev      uint64 `json:"rev"`
	Items    []Item `json:"items"`
	Percent  int64  `json:"percent"`
	Count    int64  `json:"count"`
	Sums     Sums   `json:"sums"`
	OnScreen bool   `json:"on_screen"` // the terminal shows this revision
}

// View returns what there is to see now.
func (t *Till) View() View {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.state
	m := t.market()
	v := View{
		Now: s.clock.Now().UnixMilli(), Till: TillView{s.settings.PosID, s.settings.Name, s.version.String()}, Market: m,
		Chosen: t.chosen, Pairing: t.pairing, Notice: t.notice, Books: t.books, Open: len(s.book.Open()),
		Sale: SaleView{
			Order: t.sale.Order, Rev: t.sale.Rev, Items: slices.Clone(t.sale.Items), Percent: t.sale.Discount, Sums: t.sale.sums(m.Tax),
		},
		Terminals: []TerminalView{},
	}
	for _, e := range s.book.All() {
		if e.Late != nil {
			v.Late++
		}
	}
	for _, i := range t.sale.Items {
		v.Sale.Count += i.Qty
	}
	if p := t.active; p != nil {
		if !p.Done {
			t.learn(p) // there is one before the terminal says anything: with it the page offers to leave the payment
		}
		c := *p
		v.Payment = &c
	}
	for _, i := range t.register.List() {
		n := TerminalView{
			ID: i.ID, Name: i.Name, Default: i.Default, State: i.State, Cause: i.Status.Cause, Holder: i.Holder,
			Queued: i.Waits.Queued, QueuedSum: i.Waits.QueuedSum, OldestAge: i.Waits.OldestAge, QueueFull: i.Waits.QueueFull,
			Docked: i.Status.Docked, CardIn: i.Status.CardIn, Battery: i.Status.Battery, Error: t.offline[i.ID],
		}
		if !i.Heard.IsZero() {
			n.Heard = i.Heard.UnixMilli()
		}
		if r, ok := s.records.ByID(i.ID); ok {
			n.Country, n.Paired = r.Country, r.Paired.UnixMilli()
			if len(r.Addresses) > 0 {
				n.Address = r.Addresses[0]
			}
		}
		if c := t.shown[i.ID]; c.CartID == t.sale.Order && i.State != "offline" {
			n.ShowsRev = c.Rev
			v.Sale.OnScreen = v.Sale.OnScreen || c.Rev == t.sale.Rev
		}
		v.Terminals = append(v.Terminals, n)
	}
	return v
}
