package terminal_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cardwright/emv/terminal"
	"github.com/cardwright/emv/terminal/display"
	"github.com/cardwright/emv/terminal/driver"
	"github.com/cardwright/emv/terminal/payment"
	"github.com/cardwright/emv/terminal/wire"
	"github.com/cardwright/emv/testvectors/issuer/iso"
)

// counter is a shop with one till that is ready.
func counter(t *testing.T, country string, change func(*shop)) (*shop, *till) {
	t.Helper()
	s := open(t, country, change)
	k := s.till("till-1")
	s.pair(k)
	s.ready()
	return s, k
}

// TestDeclined is what the host does not want.
func TestDeclined(t *testing.T) {
	s, k := counter(t, "US", nil)
	s.server.Misbehave(iso.Fault{Kind: iso.Decline, MTI: "0200", Times: 1, Code: "51"})
	paid := s.pay(k.terminal(s), s.sale("order-1", 1250))
	s.screen(display.Present)
	s.hands.Tap(s.card("visa-credit"), nil)
	f := s.wants(paid, wire.Declined, payment.CodeHostDeclined)
	if f.HostCode != "51" || f.Total != 0 || f.Receipt == nil || f.Receipt.AuthCode != "" {
		t.Errorf("%+v %+v", f, f.Receipt)
	}
	s.screen(display.Declined)
	s.charged(0)
}

// TestSilence is a host that answers nobody: the payment fails, is reversed, and nobody is charged.
func TestSilence(t *testing.T) {
	s, k := counter(t, "US", func(s *shop) { s.config.Times.HostReply = 300 * time.Millisecond })
	s.server.Misbehave(iso.Fault{Kind: iso.Drop, MTI: "0200", Times: 1})
	paid := s.pay(k.terminal(s), s.sale("order-1", 1250))
	s.screen(display.Present)
	s.hands.Tap(s.card("visa-credit"), nil)
	if f := s.wants(paid, wire.Failed, payment.CodeNoAnswer); !f.Reversing {
		t.Errorf("%+v", f)
	}
	if st := s.screen(display.Error); !strings.Contains(st.Code, "E_NO_ANSWER") {
		t.Errorf("%+v", st)
	}
	until(t, "the reversal", func() bool {
		for _, e := range s.server.Ledger() {
			if e.Reversed {
				return true
			}
		}
		return false
	})
	s.charged(0)
}

// TestCancelled ends a payment before a card came: by the till, and by the customer.
func TestCancelled(t *testing.T) {
	s, k := counter(t, "US", nil)
	term := k.terminal(s)
	paid := s.pay(term, s.sale("order-1", 1250))
	id := s.screen(display.Present).Request
	r := must[*wire.CancelResult](t)(term.Cancel(within(t), id, "cashier"))
	if r.Result != "cancelled" {
		t.Errorf("%+v", r)
	}
	s.wants(paid, wire.Cancelled, payment.CodeCancelled)
	s.screen(display.Message)
	if s.hands.Swipe("", ";"+swiped+"=49121011234567890?", "") {
		t.Error("a card was taken after the cancellation")
	}

	paid = s.pay(term, s.sale("order-2", 1250))
	until(t, "the prompt", func() bool { st := s.page.state(); return st.Screen == display.Present && st.Request != id })
	s.page.do(t, display.Action{Kind: display.ActCancel})
	s.wants(paid, wire.Cancelled, payment.CodeByCustomer)
	s.charged(0)
	if len(s.server.Ledger()) != 0 {
		t.Error("the host was asked")
	}
}

// TestTip asks for a tip, has the customer agree to the total, and charges that.
func TestTip(t *testing.T) {
	s, k := counter(t, "US", func(s *shop) {
		s.config.Payment.Surcharge = true
		s.config.Surcharge = payment.SurchargePolicy{BasisPoints: 100}
	})
	term, visa := k.terminal(s), s.card("visa-credit")
	ask := s.sale("order-1", 2000)
	ask.TipPolicy.Mode = "ask"
	paid := s.pay(term, ask)
	st := s.screen(display.Tip)
	if len(st.Choices) != 4 || st.Choices[1].Detail != "$4.00" || st.Keypad == nil { // 15, 20, 25 %, none; profile US
		t.Errorf("%+v", st.Choices)
	}
	s.page.do(t, display.Action{Kind: display.ActTip, Choice: 1})
	if st = s.screen(display.Confirm); st.Amount != "$24.00" {
		t.Errorf("%+v", st)
	}
	s.page.do(t, display.Action{Kind: display.ActConfirm})
	s.screen(display.Present)
	s.hands.Tap(visa, nil)
	if f := s.wants(paid, wire.Approved, ""); f.Tip != 400 || f.Total != 2400 || f.Amount != 2000 {
		t.Errorf("%+v", f)
	}
	s.hands.Leave()

	fixed := s.sale("order-2", 2000) // a tip that the till has, and the terminal's surcharge of 1 %
	fixed.TipPolicy = wire.TipPolicy{Mode: "fixed", Fixed: 123}
	fixed.SurchargePolicy.Mode = "profile"
	paid = s.pay(term, fixed)
	if st = s.screen(display.Confirm); st.Amount != "$21.43" || len(st.Rows) != 3 {
		t.Errorf("%+v", st)
	}
	s.page.do(t, display.Action{Kind: display.ActConfirm})
	s.screen(display.Present)
	s.hands.Tap(visa, nil)
	if f := s.wants(paid, wire.Approved, ""); f.Tip != 123 || f.Surcharge != 20 || f.Total != 2143 {
		t.Errorf("%+v", f)
	}
	s.charged(2400 + 2143)

	paid = s.pay(term, func() wire.PaymentRequest { r := s.sale("order-3", 2000); r.TipPolicy.Mode = "ask"; return r }())
	s.screen(display.Tip)
	s.page.do(t, display.Action{Kind: display.ActCancel})
	s.wants(paid, wire.Cancelled, payment.CodeByCustomer)
}

// about asks for something about an earlier payment.
func (s *shop) about(kind wire.Kind, of *wire.Final, order string, amount int64) wire.PaymentRequest {
	r := s.sale(order, amount)
	r.Kind, r.Reference = kind, of.RequestID
	return r
}

// TestKinds goes through refund, void, pre-authorisation and capture; till and host agree on each sum.
func TestKinds(t *testing.T) {
	s, k := counter(t, "US", func(s *shop) {
		s.config.Payment.UnreferencedRoles, s.config.Payment.UnreferencedMax = []string{"manager"}, 5000
	})
	term, visa := k.terminal(s), s.card("visa-credit")
	take := func(r wire.PaymentRequest) *wire.Final {
		t.Helper()
		paid := s.pay(term, r)
		until(t, "the prompt", func() bool { return s.page.state().Screen == display.Present })
		s.hands.Tap(visa, nil)
		f := s.wants(paid, wire.Approved, "")
		s.hands.Leave()
		until(t, "the outcome on the display", func() bool { return s.page.state().Screen != display.Present })
		return f
	}
	first := take(s.sale("order-1", 3000))
	s.charged(3000)
	take(s.about(wire.KindRefund, first, "refund-1", 1000))
	s.charged(2000)
	second := take(s.sale("order-2", 700))
	s.charged(2700)
	void := s.wants(s.pay(term, s.about(wire.KindVoid, second, "void-1", 0)), wire.Approved, "")
	if void.Total != 700 {
		t.Errorf("%+v", void)
	}
	s.charged(2000)
	pre := s.sale("order-3", 900)
	pre.Kind = wire.KindPreauth
	held := take(pre)
	s.charged(2000)
	s.wants(s.pay(term, s.about(wire.KindCapture, held, "capture-1", 800)), wire.Approved, "")
	s.charged(2800)
	free := s.sale("refund-2", 500)
	free.Kind = wire.KindRefund
	_, err := term.Pay(within(t), free)
	wantCode(t, err, wire.CodeNotPermitted)
	free.Role = "manager"
	take(free)
	s.charged(2300)
	_, err = term.Pay(within(t), s.about(wire.KindRefund, first, "refund-3", 2001))
	wantCode(t, err, payment.CodeRemaining)
	_, err = term.Pay(within(t), s.sale("order-1", 3000))
	wantCode(t, err, wire.CodeOrderHasOutcome)
}

// TestRefundWithoutCard goes to the card that paid; Interac wants to see it.
func TestRefundWithoutCard(t *testing.T) {
	for _, c := range []struct{ country, card string }{{"US", "visa-credit"}, {"CA", "interac-debit"}} {
		t.Run(c.country, func(t *testing.T) {
			s, k := counter(t, c.country, nil)
			term, held := k.terminal(s), s.card(c.card)
			paid := s.pay(term, s.sale("order-1", 3000))
			s.screen(display.Present)
			s.hands.Tap(held, nil)
			f := s.wants(paid, wire.Approved, "")
			s.hands.Leave()
			r := s.about(wire.KindRefund, f, "refund-1", 1000)
			r.Entry = nil
			if c.country == "US" {
				s.wants(s.pay(term, r), wire.Approved, "")
				s.charged(2000)
				return
			}
			_, err := term.Pay(within(t), r)
			wantCode(t, err, wire.CodeCardRequired)
			r.Entry = []wire.Entry{wire.EntryTap}
			paid = s.pay(term, r)
			until(t, "the prompt", func() bool { return s.page.state().Screen == display.Present })
			s.hands.Tap(s.card("visa-credit"), nil)
			s.wants(paid, wire.Declined, payment.CodeCardMismatch)
			s.hands.Leave()
			s.charged(3000)
		})
	}
}

// TestPIN shows how far the PIN is, and the card that was left.
func TestPIN(t *testing.T) {
	s, k := counter(t, "GB", func(s *shop) { s.config.Times.Result = 50 * time.Millisecond })
	paid := s.pay(k.terminal(s), s.sale("order-1", 12500))
	s.screen(display.Present)
	if err := s.hands.Insert(contacts{s.card("mastercard-contact")}, nil); err != nil {
		t.Fatal(err)
	}
	if f := s.wants(paid, wire.Approved, ""); f.Receipt.CVM != "pin" || f.Receipt.Scheme != "mastercard" {
		t.Errorf("%+v", f.Receipt)
	}
	if got := strings.Count(k.progress(), " pin\n"); got != 1 {
		t.Errorf("the till heard of the PIN %d times:\n%s", got, k.progress())
	}
	until(t, "the terminal wants the card to be taken", func() bool {
		st := s.page.state()
		return st.Screen == display.Message && strings.Contains(strings.ToLower(st.Title), "remove")
	})
	if st := s.terminal.Status(); !st.CardIn || st.State != "ready" {
		t.Errorf("%+v", st)
	}
	s.hands.Remove()
	s.screen(display.Standby)
	if st := s.terminal.Status(); st.CardIn {
		t.Errorf("%+v", st)
	}
}

// TestTwoTills has one command at a time, and says which.
func TestTwoTills(t *testing.T) {
	s, one := counter(t, "US", nil)
	first := one.terminal(s)
	s.page.do(t, display.Action{Kind: display.ActOpen})
	s.screen(display.Settings)
	s.page.do(t, display.Action{Kind: display.ActRestore})
	two := s.till("till-2")
	second := s.pair(two)

	paid := s.pay(first, s.sale("order-1", 1250))
	s.screen(display.Present)
	_, err := second.Pay(within(t), s.sale("order-2", 99))
	wantCode(t, err, wire.CodeLeased)
	_, err = second.TakeLease(within(t), true)
	wantCode(t, err, wire.CodeBusy)
	s.hands.Tap(s.card("visa-credit"), nil)
	s.wants(paid, wire.Approved, "")
	lease := must[wire.Lease](t)(second.TakeLease(within(t), true))
	if lease.Owner != "till-2" {
		t.Errorf("%+v", lease)
	}
	until(t, "the first till hears of it", func() bool { return one.List()[0].Holder != "" })
	_, err = first.Pay(within(t), s.sale("order-3", 1))
	wantCode(t, err, wire.CodeLeased)
	if len(two.finals()) != 0 {
		t.Error("a final of the other till")
	}

	s.again() // the epoch goes on
	second = two.terminal(s)
	after := must[wire.Lease](t)(second.TakeLease(within(t), false))
	if after.Epoch <= lease.Epoch {
		t.Errorf("epoch %d after %d", after.Epoch, lease.Epoch)
	}
}

// TestUnacked switches terminal and till off between the approval and the moment in which the till knows: the terminal says
// so, and tells the till when both are there again.
func TestUnacked(t *testing.T) {
	s, k := counter(t, "US", func(s *shop) { s.config.Times.Unclaimed = 200 * time.Millisecond })
	ctx := within(t)
	term := k.terminal(s)
	done := make(chan outcome, 1)
	go func() {
		f, err := term.Pay(ctx, s.sale("order-1", 1250))
		done <- outcome{f, err}
	}()
	s.screen(display.Present)
	k.stop() // the till is gone; its book knows that it has asked
	until(t, "the till is gone", func() bool { return s.page.state().Link != nil || s.log.seen("till gone") })
	s.hands.Tap(s.card("visa-credit"), nil)
	s.screen(display.Approved)
	s.again()
	open := k.config.Book.Open()
	if len(open) != 1 {
		t.Fatalf("%+v", open)
	}
	if st := s.screen(display.Approved); !strings.Contains(st.Notice, "Register offline") {
		t.Errorf("%+v", st)
	}
	k.on(s)
	f := must[*wire.Final](t)(k.terminal(s).Resume(within(t), open[0].Request.RequestID))
	if f.Result != wire.Approved || f.Total != 1250 || f.Receipt == nil {
		t.Errorf("%+v", f)
	}
	s.screen(display.Standby)
	s.charged(1250)
}

// TestHostAtStart takes no payment until the host has answered once; afterwards a silent host is each payment's own matter.
func TestHostAtStart(t *testing.T) {
	answer := make(chan error, 1)
	var now error
	s := open(t, "US", func(s *shop) {
		s.config.Echo = func(context.Context) error {
			select {
			case now = <-answer:
			default:
			}
			return now
		}
		answer <- &terminal.Error{Code: "host.connect"}
	})
	k := s.till("till-1")
	term := s.pair(k)
	if st := s.terminal.Status(); st.State != "not_ready" || st.Cause != "E_PROVIDER" {
		t.Errorf("%+v", st)
	}
	_, err := term.Pay(within(t), s.sale("order-1", 1250))
	wantCode(t, err, wire.CodeNotReady)
	answer <- nil
	s.ready()
	until(t, "the till hears of it", func() bool { return k.List()[0].State == "ready" })
	paid := s.pay(term, s.sale("order-1", 1250))
	s.screen(display.Present)
	s.hands.Tap(s.card("visa-credit"), nil)
	s.wants(paid, wire.Approved, "")
}

// slot is a reader in whose slot the test puts a card.
type slot struct {
	driver.Reader
	in atomic.Bool
}

func (r *slot) Status(ctx context.Context) (driver.Status, error) {
	s, err := r.Reader.Status(ctx)
	if r.in.Load() {
		s.Present |= driver.Contact
	}
	return s, err
}

// TestStatusComesBack puts a card in just before the end of a payment and takes it out just after, before the terminal looks
// at its parts again. What tills were told with the outcome is not true any more then, though the terminal saw nothing else
// the last time that it looked. P10, P16
func TestStatusComesBack(t *testing.T) {
	r := &slot{}
	var looks atomic.Int32
	s, k := counter(t, "US", func(s *shop) {
		r.Reader = s.hands
		s.config.Readers, s.config.Times.Watch = []driver.Reader{r}, 2*time.Second
		s.config.Interfaces = func() []terminal.Interface {
			looks.Add(1)
			return loopback()
		}
	})
	term := k.terminal(s)
	must[wire.Lease](t)(term.TakeLease(within(t), false))
	seen := looks.Load()
	until(t, "the terminal looks", func() bool { return looks.Load() > seen })
	time.Sleep(s.config.Times.Watch / 4) // that look is over, and the next one far
	paid := s.pay(term, s.sale("order-1", 1250))
	id := s.screen(display.Present).Request
	r.in.Store(true)
	must[*wire.CancelResult](t)(term.Cancel(within(t), id, "cashier"))
	s.wants(paid, wire.Cancelled, payment.CodeCancelled)
	until(t, "the till hears of the card", func() bool { return k.List()[0].Status.CardIn })
	r.in.Store(false)
	until(t, "the till hears that it is gone", func() bool { return !k.List()[0].Status.CardIn })
}
