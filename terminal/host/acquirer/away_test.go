package acquirer_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cardwright/emv/contact"
	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/crypto/dukpt"
	"github.com/cardwright/emv/crypto/p2pe"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/action"
	"github.com/cardwright/emv/terminal/host"
	"github.com/cardwright/emv/terminal/host/acquirer"
	"github.com/cardwright/emv/terminal/journal/journaltest"
	"github.com/cardwright/emv/terminal/payment"
	"github.com/cardwright/emv/testvectors/card"
	"github.com/cardwright/emv/testvectors/issuer/iso"
)

// slot is a payment.Reader over the contact kernel, with a simulated card in it.
type slot struct {
	terminal *contact.Terminal
	keys     *iso.TerminalKeys
	card     kernel.Card
	desk     payment.Desk
}

// newSlot makes one whose Terminal Action Code for going online is online.
func newSlot(t *testing.T, keys *iso.TerminalKeys, online string) *slot {
	t.Helper()
	set, err := capk.Test()
	if err != nil {
		t.Fatal(err)
	}
	s := &slot{keys: keys}
	s.terminal, err = contact.New(contact.Config{
		Terminal: unhex("9F1A0208409F3303E0F8C89F3501229F40056000F0A001"),
		Applications: []contact.Application{{
			AID: unhex("A000000003"), Partial: true, Data: unhex("9F1B04000013889F09020096"),
			Codes: action.Codes{Denial: unhex("0010000000"), Online: unhex(online), Default: unhex("FC4000A800")},
		}},
	}, kernel.Env{Clock: kernel.SystemClock{}, Rand: rand.Reader, CAPKs: set}, contact.Parties{Host: s})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *slot) describe() payment.Card {
	c := payment.CardOf(s.terminal.Data(), s.terminal.Selected(), payment.Insert)
	c.Brand = "visa"
	return c
}

func (s *slot) seal(record kernel.Objects) (payment.Sealed, error) {
	var t dukpt.AESTransaction
	var enc p2pe.Terminal
	defer enc.Wipe()
	if err := s.keys.NextAES(&t, ""); err != nil {
		return nil, err
	}
	if err := enc.UseAES(&t, 0, rand.Reader); err != nil {
		return nil, err
	}
	r, err := enc.Record(record, p2pe.BIN6)
	if err != nil {
		return nil, err
	}
	return acquirer.Seal(r.Values)
}

func (s *slot) Take(ctx context.Context, o payment.Order, d payment.Desk) (payment.Taken, error) {
	defer s.terminal.Wipe()
	s.desk = d
	if err := d.CardIn(ctx, payment.Card{Entry: payment.Insert}); err != nil {
		return payment.Taken{}, err
	}
	out, err := s.terminal.Transact(ctx, s.card, kernel.Transaction{
		Amount: o.Amounts.Total, Currency: o.Currency, Type: o.Type(), Online: !o.Offline,
	})
	if err != nil {
		return payment.Taken{}, err
	}
	taken := payment.Taken{
		Kind: out.Kind, Why: out.Why, Card: s.describe(), Reversal: s.terminal.After().Reversal, Chip: bytes.Clone(out.Record),
	}
	if out.Kind == kernel.ApprovedOffline {
		taken.Sealed, err = s.seal(taken.Chip)
	}
	return taken, err
}

// Authorise is contact.Host.
func (s *slot) Authorise(ctx context.Context, record kernel.Objects) (kernel.OnlineAnswer, error) {
	sealed, err := s.seal(record)
	if err != nil {
		return kernel.OnlineAnswer{}, err
	}
	return s.desk.Authorise(ctx, payment.Online{Card: s.describe(), Chip: record, Sealed: sealed})
}

// quiet is a screen that nobody looks at, and a lease that every till holds.
type quiet struct{}

func (quiet) Cart() (payment.Cart, bool)                                          { return payment.Cart{}, false }
func (quiet) Show(payment.Showing)                                                {}
func (quiet) AskTip(context.Context, payment.TipQuestion) (tip uint64, err error) { return 0, nil }
func (quiet) Holds(string, uint64) bool                                           { return true }

// TestHostAway is a shop whose line is down: a simulated card approves by itself; and where a new card has to go online (TVR
// byte 2, bit 4), it does when it is told that this can't be. When the line is back the issuer verifies both TCs, and charges each once; in the terminal's files there was no
// card number.
func TestHostAway(t *testing.T) {
	l := newLab(t)
	keys, err := iso.NewTerminalKeys(iso.TestInitialKeyID(2))
	if err != nil {
		t.Fatal(err)
	}
	var up atomic.Bool
	client, err := host.New(host.Config{
		Dial: func(ctx context.Context) (net.Conn, error) {
			if !up.Load() {
				return nil, errors.New("no line")
			}
			return new(net.Dialer).DialContext(ctx, "tcp", l.addr)
		},
		Keys: keys, Terminal: "T0000002", Merchant: "M00000000000001",
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	reader, fs := &slots{}, journaltest.New()
	events := make(chan payment.Event, 1000)
	e, err := payment.Open(payment.Config{
		FS: fs, Host: acquirer.New(client, acquirer.Config{}), Reader: reader, Screen: quiet{}, Lease: quiet{},
		Notify: func(e payment.Event) { events <- e },
		Policy: payment.Policy{Forward: payment.ForwardPolicy{
			Currency: 840, Max: 10_000, Sum: 20_000, Count: 5, Age: 24 * time.Hour,
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = e.Close() }()
	// until waits for events, one for each of states.
	until := func(states ...payment.State) (last payment.Event) {
		t.Helper()
		for _, want := range states {
			for last = (payment.Event{}); last.State != want; {
				select {
				case last = <-events:
				case <-time.After(20 * time.Second):
					t.Fatalf("%s never came", want)
				}
			}
		}
		return last
	}
	simulated, err := card.New(card.Config{Profile: "contact-offline"})
	if err != nil {
		t.Fatal(err)
	}
	for n, c := range []struct {
		amount      uint64
		online, arc string
	}{{1000, "FC4004F800", "Y1"}, {2000, "FC4804F800", "Y3"}} {
		reader.slot = newSlot(t, keys, c.online)
		reader.card = simulated
		if _, err := simulated.Power(false); err != nil {
			t.Fatal(err)
		}
		id := fmt.Sprintf("%s%016d", ulidNow(), n)
		if _, err := e.Accept(payment.Till{POS: "till"}, payment.Request{
			RequestID: id, OrderRef: fmt.Sprint("order-", n), Kind: payment.Sale, Amount: c.amount, Currency: 840,
			Offline: payment.OfflinePolicy{Allow: true},
		}); err != nil {
			t.Fatal(err)
		}
		f := until(payment.Finished).Final
		if f.Code != payment.CodeApprovedAlone || !f.Receipt.Offline || f.Receipt.Card.ARC != c.arc {
			t.Fatalf("%+v %+v", f, f.Receipt)
		}
		if err := e.Ack(payment.Till{POS: "till"}, id); err != nil {
			t.Fatal(err)
		}
	}
	if q := e.Queue(); q.Count != 2 || q.Sum != 3000 || q.Currency != 840 {
		t.Errorf("%+v", q)
	}
	names, _ := fs.List()
	for _, n := range names {
		if text := string(fs.Bytes(n)); strings.Contains(text, "\x47\x61\x73\x90") || strings.Contains(text, "476173900") {
			t.Error("the journal has the card number")
		}
	}
	up.Store(true)
	e.Forward()
	until(payment.SAFDone, payment.SAFDone)
	if amount, entries := l.server.Charged("840"); amount != 3000 || entries != 2 {
		t.Errorf("charged %d by %d: %+v", amount, entries, l.server.Ledger())
	}
	if q := e.Queue(); q != (payment.Queue{}) {
		t.Errorf("%+v", q)
	}
}

// slots is the slot that is in use.
type slots struct{ *slot }

// ulidNow is the time of a ULID: ten characters.
func ulidNow() string {
	const digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	b := make([]byte, 10)
	for i, ms := 9, time.Now().UnixMilli(); i >= 0; i, ms = i-1, ms>>5 {
		b[i] = digits[ms&31]
	}
	return string(b)
}
