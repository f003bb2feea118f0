package terminal_test

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cardwright/emv/terminal"
	"github.com/cardwright/emv/terminal/display"
	"github.com/cardwright/emv/terminal/host"
	"github.com/cardwright/emv/terminal/host/acquirer"
	"github.com/cardwright/emv/terminal/payment"
	"github.com/cardwright/emv/terminal/pos"
	"github.com/cardwright/emv/terminal/profile"
	"github.com/cardwright/emv/terminal/wire"
	"github.com/cardwright/emv/testvectors/issuer/iso"
)

// line is the way to the host, which can be cut.
type line struct {
	payment.Host
	client *host.Client
	stan   uint32

	mu      sync.Mutex
	conns   []net.Conn
	cut     bool
	advised atomic.Int32 // answers to stored payments
	echoes  atomic.Int32 // that were answered
}

func (l *line) set(cut bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = cut
	for _, c := range l.conns {
		_ = c.Close()
	}
	l.conns = nil
}

func (l *line) Advise(ctx context.Context, a *payment.Advice) (payment.Answer, error) {
	answer, err := l.Host.Advise(ctx, a)
	if err == nil {
		l.advised.Add(1)
	}
	return answer, err
}

// stores has a shop's terminal store payments, with a line that can be cut.
func stores(l *line, more func(*shop)) func(*shop) {
	return func(s *shop) {
		server := must[net.Listener](s.T)(net.Listen("tcp", "127.0.0.1:0"))
		ctx, cancel := context.WithCancel(context.Background())
		served := make(chan struct{})
		go func() {
			defer close(served)
			_ = s.server.Serve(ctx, server)
		}()
		keys := must[*iso.TerminalKeys](s.T)(iso.NewTerminalKeys(iso.TestInitialKeyID(2)))
		l.client = must[*host.Client](s.T)(host.New(host.Config{
			Keys: keys, Terminal: "T0000001", Merchant: "M00000000000001",
			Dial: func(ctx context.Context) (net.Conn, error) {
				l.mu.Lock()
				defer l.mu.Unlock()
				if l.cut {
					return nil, errors.New("the line is cut")
				}
				c, err := (&net.Dialer{}).DialContext(ctx, "tcp", server.Addr().String())
				if err == nil {
					l.conns = append(l.conns, c)
				}
				return c, err
			},
		}))
		s.Cleanup(func() {
			_ = l.client.Close()
			cancel()
			<-served
		})
		l.Host = acquirer.New(l.client, acquirer.Config{PIN: true})
		s.config.Host, s.config.Keys = l, drawn{keys}
		l.stan = 800000
		s.config.Echo = func(ctx context.Context) error {
			l.stan++
			err := l.client.Echo(ctx, host.Trace{STAN: l.stan, Time: s.config.Env.Clock.Now()})
			if err == nil {
				l.echoes.Add(1)
			}
			return err
		}
		s.config.Payment.Forward = terminal.Forward(s.config.Profile)
		if more != nil {
			more(s)
		}
	}
}

// offline is a sale that the till lets the card approve.
func (s *shop) offline(order string, amount, most int64) wire.PaymentRequest {
	r := s.sale(order, amount)
	r.Offline = wire.Offline{Mode: "allow", Max: most}
	return r
}

// prompts returns what waits until the next payment asks for its card: the page may still show the prompt of the last one.
func (s *shop) prompts() func() {
	last := ""
	return func() {
		s.Helper()
		until(s.T, "the prompt", func() bool {
			st := s.page.state()
			if st.Screen != display.Present || st.Request == last {
				return false
			}
			last = st.Request
			return true
		})
	}
}

// insert puts a card in until there is an outcome. One that came before the slot was armed has to be taken out, and put in again.
func (s *shop) insert(paid <-chan outcome, c contacts) {
	s.Helper()
	again := func() {
		if err := s.hands.Insert(c, nil); err != nil {
			s.Fatal(err)
		}
	}
	again()
	until(s.T, "an outcome", func() bool {
		if len(paid) == 0 && s.page.state().Screen == display.Remove {
			s.hands.Remove()
			until(s.T, "another screen", func() bool { return len(paid) > 0 || s.page.state().Screen != display.Remove })
			if len(paid) == 0 {
				again()
			}
		}
		return len(paid) > 0
	})
}

// waits waits for what a till hears of the terminal's queue.
func (s *shop) waits(k *till, count int, sum int64) wire.Heartbeat {
	s.Helper()
	var w wire.Heartbeat
	until(s.T, "the figures of the queue", func() bool {
		w = k.List()[0].Waits
		return w.Queued == count && w.QueuedSum == sum
	})
	return w
}

// TestForward: the host is away, cards approve what the till has allowed, and say so on both screens; the host is back, has
// each payment once, and charges what the till knows of. P1, P5, P6
func TestForward(t *testing.T) {
	l := &line{}
	s, k := counter(t, "US", stores(l, nil))
	term := k.terminal(s)
	inserted, tapped := s.card("contact-offline"), s.card("visa-offline")

	prompt := s.prompts()

	paid := s.pay(term, s.offline("order-0", 1000, 5000)) // the host is there: it is asked, whatever is allowed
	prompt()
	s.hands.Tap(tapped, nil)
	if f := s.wants(paid, wire.Approved, ""); f.Offline || f.Receipt.AuthCode == "" {
		t.Errorf("%+v", f)
	}
	s.hands.Leave()
	s.charged(1000)

	l.set(true)
	paid = s.pay(term, s.offline("order-1", 1250, 5000)) // nobody knows yet: the chip stands in
	prompt()
	s.insert(paid, contacts{inserted})
	f := s.wants(paid, wire.Approved, payment.CodeApprovedAlone)
	if !f.Offline || f.Total != 1250 || f.Receipt == nil || f.Receipt.AuthCode != "" || f.Receipt.STAN == "" || f.Receipt.Cryptogram == "" {
		t.Errorf("%+v %+v", f, f.Receipt)
	}
	if st := s.screen(display.Approved); !strings.Contains(st.Notice, "Approved offline") {
		t.Errorf("%+v", st)
	}
	s.hands.Remove()

	paid = s.pay(term, s.offline("order-2", 700, 5000)) // now it is known: a tap may do it
	prompt()
	s.hands.Tap(tapped, nil)
	if f := s.wants(paid, wire.Approved, payment.CodeApprovedAlone); !f.Offline || f.Receipt.Entry != wire.EntryTap {
		t.Errorf("%+v", f)
	}
	s.hands.Leave()

	paid = s.pay(term, s.offline("order-3", 800, 799)) // more than the till allows
	prompt()
	s.hands.Tap(tapped, nil)
	s.wants(paid, wire.Failed, payment.CodeUnreachable)
	s.hands.Leave()

	paid = s.pay(term, s.sale("order-4", 800)) // the till does not allow it
	prompt()
	s.hands.Tap(tapped, nil)
	s.wants(paid, wire.Failed, payment.CodeUnreachable)
	s.hands.Leave()

	if w := s.waits(k, 2, 1950); w.QueueFull || w.Unanswered != 0 {
		t.Errorf("%+v", w)
	}
	s.charged(1000)
	s.again() // what is stored is in the journal
	term = k.terminal(s)
	s.charged(1000)
	l.set(false)
	s.waits(k, 0, 0)
	s.charged(1000 + 1950)
	if n := len(s.server.Ledger()); n != 3 {
		t.Errorf("%d entries: %+v", n, s.server.Ledger())
	}
	for _, e := range s.server.Ledger() {
		if e.Times != 1 || e.Reversed {
			t.Errorf("%+v", e)
		}
	}
	st := must[*wire.PaymentState](t)(term.Status(within(t), f.RequestID))
	if st.Sending != wire.StateDone || st.HostCode != "" || st.Final == nil || !st.Final.Offline {
		t.Errorf("%+v", st)
	}
}

// TestLateDecline: the host refuses later what the card had approved. The till is away, and so is the terminal for a while;
// the till hears of it once, keeps it, and the terminal tells it no more. P5
func TestLateDecline(t *testing.T) {
	l := &line{}
	s, k := counter(t, "US", stores(l, nil))
	k.stop()
	path := filepath.Join(t.TempDir(), "book.json")
	k.config.Book = must[*pos.Book](t)(pos.OpenBook(path))
	k.on(s)
	term, prompt := k.terminal(s), s.prompts()
	l.set(true)
	s.server.Misbehave(iso.Fault{Kind: iso.Decline, MTI: "022", Times: 1, Code: "51"})
	paid := s.pay(term, s.offline("order-1", 1250, 0))
	prompt()
	s.insert(paid, contacts{s.card("contact-offline")})
	f := s.wants(paid, wire.Approved, payment.CodeApprovedAlone)
	s.hands.Remove()
	s.waits(k, 1, 1250) // the terminal has had the acknowledgement of the final
	k.stop()
	before := must[[]byte](t)(os.ReadFile(path))

	l.set(false)
	until(t, "the host has answered", func() bool { return l.advised.Load() == 1 })
	s.again()
	k.config.Book = must[*pos.Book](t)(pos.OpenBook(path))
	k.on(s)
	late := func() int { k.mu.Lock(); defer k.mu.Unlock(); return len(k.late) }
	until(t, "the till hears of it", func() bool { return late() == 1 })
	if n := k.late[0]; n.RequestID != f.RequestID || n.OrderRef != "order-1" || n.HostCode != "51" || n.Total != 1250 || n.Currency != "USD" {
		t.Errorf("%+v", n)
	}
	st := must[*wire.PaymentState](t)(k.terminal(s).Status(within(t), f.RequestID)) // behind pay_noted
	if st.Sending != wire.StateDeclined || st.HostCode != "51" || st.Final.Result != wire.Approved {
		t.Errorf("%+v", st)
	}
	s.charged(0)

	k.stop()
	s.again() // both restart: the till has it in its book
	k.config.Book = must[*pos.Book](t)(pos.OpenBook(path))
	if e, ok := k.config.Book.Find(f.RequestID); !ok || e.Late == nil || e.Paid() {
		t.Errorf("%+v", e)
	}
	if err := os.WriteFile(path, before, 0o600); err != nil { // and a till that has forgotten would hear it if it were told
		t.Fatal(err)
	}
	k.config.Book = must[*pos.Book](t)(pos.OpenBook(path))
	k.on(s)
	term = k.terminal(s)
	must[*wire.PaymentState](t)(term.Status(within(t), f.RequestID))
	if late() != 1 {
		t.Error("told again, after it was noted")
	}
	_, err := term.Pay(within(t), s.sale("order-1", 1250)) // this book says that it is paid
	wantCode(t, err, wire.CodeOrderHasOutcome)
}

// TestForwardAtStart: a terminal that starts without its host takes what a card may approve, and nothing else. P7
func TestForwardAtStart(t *testing.T) {
	l := &line{cut: true}
	s := open(t, "US", stores(l, nil))
	k := s.till("till-1")
	term := s.pair(k)
	_, err := term.Pay(within(t), s.sale("order-1", 1250))
	wantCode(t, err, wire.CodeNotReady)
	paid := s.pay(term, s.offline("order-1", 1250, 0))
	s.screen(display.Present)
	s.hands.Tap(s.card("visa-offline"), nil)
	s.wants(paid, wire.Approved, payment.CodeApprovedAlone)
	l.set(false)
	s.waits(k, 0, 0)
	until(t, "the host has it", func() bool { return l.advised.Load() == 1 })
	s.charged(1250)
}

// TestForwardByHand: without an echo nobody tells the terminal that its host is back; its panel says what waits, and sends it.
func TestForwardByHand(t *testing.T) {
	l := &line{}
	s, k := counter(t, "US", stores(l, func(s *shop) { s.config.Echo = nil }))
	term := k.terminal(s)
	l.set(true)
	paid := s.pay(term, s.offline("order-1", 1250, 0))
	s.screen(display.Present)
	s.insert(paid, contacts{s.card("contact-offline")})
	s.wants(paid, wire.Approved, payment.CodeApprovedAlone)
	s.hands.Remove()
	until(t, "the outcome is gone", func() bool { return s.page.state().Screen == display.Standby })
	s.page.do(t, display.Action{Kind: display.ActOpen})
	var value string
	until(t, "the panel says what waits", func() bool {
		p := s.page.state().Panel
		if p == nil || p.Forward == "" {
			return false
		}
		for _, r := range p.Groups[0].Rows {
			if r.Label == "Waiting for the bank" {
				value = r.Value
			}
		}
		return value != ""
	})
	if !strings.HasPrefix(value, "1 · $12.50 · ") {
		t.Errorf("%q", value)
	}
	l.set(false)
	s.page.do(t, display.Action{Kind: display.ActForward})
	until(t, "the button was pressed", func() bool { return s.log.seen("sent at once") })
	until(t, "nothing waits", func() bool { p := s.page.state().Panel; return p != nil && p.Forward == "" })
	s.charged(1250)
	if n := l.advised.Load(); n != 1 {
		t.Errorf("sent %d times", n)
	}
}

// TestForwardNot: without the terminal's word a till may not ask for it; and a country has it as its profile says.
func TestForwardNot(t *testing.T) {
	l := &line{}
	s, k := counter(t, "US", stores(l, func(s *shop) { s.config.Payment.Forward = payment.ForwardPolicy{} }))
	_, err := k.terminal(s).Pay(within(t), s.offline("order-1", 1250, 0))
	wantCode(t, err, payment.CodeOffline)
	for country, pin := range map[string]bool{"AU": false, "CA": false, "GB": true, "IE": true, "US": false} {
		f := terminal.Forward(must[*profile.Profile](t)(profile.Builtin(country)))
		if f.PIN != pin || (len(f.Entries) == 1 && f.Entries[0] == payment.Insert) != pin || f.Max == 0 || f.Sum < f.Max || f.Count == 0 || f.Age == 0 {
			t.Errorf("%s: %+v", country, f)
		}
		if !strings.Contains(strings.Join(f.Brands, " "), "interac") {
			t.Errorf("%s: %v", country, f.Brands)
		}
	}
}

// TestForwardIreland: a tap is not stored there, and a chip with its PIN is.
func TestForwardIreland(t *testing.T) {
	l := &line{}
	s, k := counter(t, "IE", stores(l, nil))
	term, prompt := k.terminal(s), s.prompts()
	l.set(true)
	for _, order := range []string{"order-1", "order-2"} { // the first finds out that the host is away
		paid := s.pay(term, s.offline(order, 1250, 0))
		prompt()
		s.hands.Tap(s.card("visa-offline"), nil)
		s.wants(paid, wire.Failed, payment.CodeUnreachable)
		s.hands.Leave()
	}
	for name, want := range map[string]string{"contact-scripts": payment.CodeApprovedAlone, "contact-offline": payment.CodeOfflineRefused} {
		paid := s.pay(term, s.offline("order-"+name, 1250, 0))
		prompt()
		s.insert(paid, contacts{s.card(name)})
		result := wire.Failed
		if want == payment.CodeApprovedAlone {
			result = wire.Approved
		}
		s.wants(paid, result, want)
		s.hands.Remove()
	}
	s.waits(k, 1, 1250)
}
