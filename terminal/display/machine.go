package display

import (
	"fmt"
	"time"

	"github.com/cardwright/emv/terminal/text"
)

// Machine is the state machine of screens. It has no clock and does no work of its own; one goroutine at a time uses it.
// The zero value shows the welcome screen in English, as after every start: nothing prompts before the till asks (P4).
type Machine struct {
	revision uint64 // of what is shown; grows by one with every change
	since    uint64 // the revision at which this screen came up
	answered uint64 // the question of a payment that the customer has answered, by its since

	now     Event  // what the screen is about; nil on the base
	shows   uint64 // counts what was put on a screen
	screen  Screen // "" is the base
	open    bool   // the settings panel lies over the screen
	payment string // request id of the payment on the screen
	spoken  string // language of the customer who pays

	link  Link
	look  Appearance
	facts Facts
	cart  carts
}

// Screen returns what is shown.
func (m *Machine) Screen() Screen {
	if m.open {
		return Settings
	}
	return m.under()
}

// under returns the screen without the panel.
func (m *Machine) under() Screen {
	switch {
	case m.screen != base:
		return m.screen
	case m.link.State == Connected && m.cart.visible():
		return Cart
	case m.link.State == Connected || m.link.State == Lost:
		return Standby
	}
	return Welcome
}

// Payment returns the request id of the payment on the screen, "" for none.
func (m *Machine) Payment() string { return m.payment }

// Revision returns that of what is shown.
func (m *Machine) Revision() uint64 { return m.revision }

// Step takes an event. A refusal is a *Refusal and leaves everything as it was.
func (m *Machine) Step(e Event) error {
	before := m.Screen()
	t, ok := find(e.kind(), before)
	if before == Settings && !ok {
		t, ok = find(e.kind(), m.under()) // the panel gives way
	}
	if !ok {
		return m.refuse("E_STATE", fmt.Sprintf("%s leads nowhere from here", e.kind()))
	}
	if p, is := e.(payments); is {
		if err := m.belongs(p.request(), e.kind()); err != nil {
			return err
		}
	}
	if err := plausible(e); err != nil {
		return m.refuse("E_REQUEST", err.Error())
	}
	m.remember(e)
	switch {
	case e.kind() == kindOpen:
		m.open = true
	case e.kind() == kindClose:
		m.open = false
	case !t.stay:
		m.show(e, t.to)
	}
	m.revision++
	if m.Screen() != before || m.begins(e, t) {
		m.since = m.revision
	}
	return nil
}

// begins reports whether an event puts another question on the same screen: an answer to the one before is stale then.
// A PIN that grows and a payment that goes on are the same question.
func (m *Machine) begins(e Event, t transition) bool {
	switch e.(type) {
	case AskTip, AskConfirm, Choose, Note, Paired, Failed:
		return !t.stay
	}
	return false
}

// belongs checks that an event of a payment is of the one that is on the screen.
func (m *Machine) belongs(request string, k kind) error {
	switch {
	case m.payment == request:
		return nil
	case m.under().Paying():
		return m.refuse("E_BUSY", "another payment is on the screen")
	case k == kindChoose || k == kindPIN:
		return m.refuse("E_STATE", "no payment has begun")
	}
	return nil
}

// remember keeps what outlives the screen.
func (m *Machine) remember(e Event) {
	switch e := e.(type) {
	case Link:
		m.link = e
		if e.State != Connected {
			m.cart.hide()
		}
	case CartCleared:
		m.cart.hide()
		if e.Owner {
			m.cart.seen, m.cart.last = nil, ""
		}
	case Appearance:
		m.look = e
	case Facts:
		m.facts = e
	case Speak:
		m.spoken = text.Pick(e.Wanted, m.look.Language)
	}
}

// show puts an event on a screen.
func (m *Machine) show(e Event, to Screen) {
	m.open = false
	was := m.screen.Paying()
	if to == Cart { // the base shows it, if there is one
		to = base
		if m.keeps(e) {
			return
		}
	}
	m.screen, m.now = to, e
	m.shows++
	if p, ok := e.(payments); ok && to.Paying() {
		m.payment = p.request()
	}
	if !to.Paying() {
		m.payment = ""
		if to == base || to == QR {
			m.spoken = ""
		}
		if was {
			m.cart.release()
		}
	} else {
		m.cart.freeze()
	}
	if to == base {
		m.now = nil
	}
}

// keeps reports whether a change of the cart leaves the screen as it is: a result stays until its time is over or another
// cart comes, and a message that asks for something stays until it is answered. A further revision of the cart that was
// paid is no other cart, whether it comes before the outcome or after it.
func (m *Machine) keeps(e Event) bool {
	if m.screen == base {
		return false
	}
	_, cleared := e.(CartCleared)
	return cleared || !m.cart.fresh
}

func (m *Machine) refuse(code, what string) *Refusal {
	return &Refusal{Code: code, Screen: m.Screen(), What: what}
}

// Hold returns for how long the present screen stays, 0 for until further notice.
func (m *Machine) Hold() time.Duration {
	switch e := m.now.(type) {
	case Pair:
		return e.Valid
	case Paired:
		return e.Hold
	case Accepted:
		return e.Hold
	case Refused:
		return e.Hold
	case Cancelled:
		return e.Hold
	case Note:
		return e.Hold
	case Failed:
		return e.Hold
	}
	return 0
}

// expire ends what was shown for a time, below the panel too if it is open.
func (m *Machine) expire() error {
	if !m.open {
		return m.Step(Expire{})
	}
	if _, ok := find(kindExpire, m.screen); ok {
		m.screen, m.now, m.spoken = base, nil, ""
		m.revision++
	}
	return nil
}

// plausible refuses what no screen can show. What it lets pass is bounded, so that a state is.
func plausible(e Event) error {
	switch e := e.(type) {
	case Pair:
		if len(e.Text) == 0 || len(e.Text) > maxQR {
			return fmt.Errorf("a pairing code of %d bytes", len(e.Text))
		}
	case AskTip:
		if len(e.Options) > 6 || e.Most < 0 {
			return fmt.Errorf("%d tips", len(e.Options))
		}
	case Prompt:
		if len(e.Methods) == 0 {
			return fmt.Errorf("no method is armed")
		}
		for _, method := range e.Methods {
			if method != Tap && method != Insert && method != Swipe && method != Manual {
				return fmt.Errorf("no such method")
			}
		}
	case Choose:
		if len(e.Labels) == 0 || len(e.Labels) > 32 {
			return fmt.Errorf("%d applications", len(e.Labels))
		}
	case PINProgress:
		if e.Entered < 0 || e.Entered > 12 { // ISO 9564-1, 8.1
			return fmt.Errorf("a PIN of %d digits", e.Entered)
		}
	case Appearance:
		if len(e.Brands) > 32 {
			return fmt.Errorf("%d brands", len(e.Brands))
		}
	case Facts:
		if len(e.Connection)+len(e.Network)+len(e.Device) > 64 {
			return fmt.Errorf("too many facts")
		}
	}
	return nil
}
