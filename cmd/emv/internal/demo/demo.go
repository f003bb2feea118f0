// Package demo takes one payment from start to end in one process: a terminal whose reader and bank are simulated, a till on
// the library terminal/pos, and a customer who does what the terminal's screen asks for.
package demo

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"github.com/cardwright/emv/cmd/emv/internal/counter"
	"github.com/cardwright/emv/cmd/emv/internal/station"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal"
	"github.com/cardwright/emv/terminal/journal"
	"github.com/cardwright/emv/terminal/text"
	"github.com/cardwright/emv/terminal/wire"
	"github.com/cardwright/emv/testvectors/issuer/iso"
)

// The ways to present a card.
const (
	Tap    = "tap"
	Insert = "insert"
	Swipe  = "swipe"
)

// Order says what is shown.
type Order struct {
	Station station.Options // with the setup's profile; ports, state and bank are the demo's own

	Amount  int64    // minor units
	How     string   // Tap, Insert or Swipe
	Card    string   // of the wallet; empty is DefaultCard of How
	Faults  []string // what is wrong with it
	PINs    []string // what the customer enters, as counter.Pad.Know has it
	Decline bool     // the bank does
}

// Money writes an amount as the customer reads it.
func (o *Order) Money(minor int64) string {
	p := o.Station.Setup.Profile
	return text.Amount(minor, p.Currency.Alpha, int(p.Currency.Exponent), "en-"+p.Country.Alpha2)
}

// DefaultCard returns the card that is presented a way.
func DefaultCard(how string) string {
	switch how {
	case Insert:
		return "visa-contact"
	case Swipe:
		return counter.Stripe
	}
	return "visa-credit"
}

// Who does something.
const (
	TheTerminal = "terminal"
	TheTill     = "till"
	TheCustomer = "customer"
	TheBank     = "bank"
)

// Result is how it ended.
type Result struct {
	Final   *wire.Final
	State   wire.State // of the payment, as the journal has it
	Records int        // in the journal, whose chain holds
	Charged int64      // by the bank, in minor units
	Entries int        // in so many payments
	Asked   int        // how many messages the bank had about payments
}

// keyPace is how fast the customer types.
const keyPace = 40 * time.Millisecond

// limit bounds the whole demo: somebody is looking.
const limit = 2 * time.Minute

// Run shows it. watch hears each step, one after the other. The error is for what is no outcome of a payment.
func Run(ctx context.Context, o Order, watch func(who, what string)) (*Result, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if o.Card == "" {
		o.Card = DefaultCard(o.How)
	}
	if err := counter.Check(o.Card, o.Faults); err != nil {
		return nil, err
	}
	card, _ := counter.Find(o.Card)
	dir, err := os.MkdirTemp("", "emv-terminal-")
	if err != nil {
		return nil, &kernel.Error{Code: "input.state", Text: err.Error()}
	}
	defer os.RemoveAll(dir)
	s := &scene{order: o, card: card, watch: watch, codes: make(chan string, 8)}
	r, err := s.play(ctx, dir)
	if err != nil {
		return nil, err
	}
	r.Records, err = records(filepath.Join(dir, "journal"))
	return r, err
}

// records counts what is in the journal, and reports what of it can't be believed.
func records(dir string) (int, error) {
	files, err := journal.Dir(dir)
	if err != nil {
		return 0, err
	}
	var b bytes.Buffer
	err = journal.Export(files, &b)
	return bytes.Count(b.Bytes(), []byte("\n")), err
}

// scene is a demo that runs.
type scene struct {
	order   Order
	card    counter.Card
	watch   func(who, what string)
	codes   chan string
	station *station.Station
	display string // where its page is
	asked   int
	till    *till
}

// play puts everything up, takes the payment, and takes everything down.
func (s *scene) play(ctx context.Context, dir string) (*Result, error) {
	o := s.order.Station
	o.Setup.State = dir
	o.Setup.Host, o.Setup.Readers = nil, nil
	o.Setup.Ports.Session, o.Setup.Ports.Plain = "127.0.0.1:0", "127.0.0.1:0"
	o.Setup.Ports.Pairing, o.Setup.Ports.Presence, o.Setup.Ports.Counter = "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"
	o.Interfaces = func() []terminal.Interface {
		return []terminal.Interface{{Name: "lo", Link: terminal.Loopback, Prefixes: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/8")}}}
	}
	o.ShowCode = func(text string) {
		select {
		case s.codes <- text:
		default:
		}
	}
	o.Bank = s.heardBank
	st, err := station.Open(ctx, o)
	if err != nil {
		return nil, err
	}
	s.station = st
	s.station.Pad.Know(keyPace, s.order.PINs...)
	ctx, cancel := context.WithCancelCause(ctx)
	ready := make(chan terminal.Addresses, 1)
	ended := make(chan error, 1)
	go func() {
		err := st.Run(ctx, func(at terminal.Addresses) { ready <- at })
		cancel(err)
		ended <- err
	}()
	r, err := s.pay(ctx, ready)
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	cancel(nil)
	<-ended
	if e := st.Close(); err == nil {
		err = e
	}
	return r, err
}

// pay is the payment itself.
func (s *scene) pay(ctx context.Context, ready <-chan terminal.Addresses) (*Result, error) {
	select {
	case at := <-ready:
		s.display = at.Display
		s.watch(TheTerminal, "starts, in "+s.order.Station.Setup.Profile.Country.Name+"; reader and bank are simulated")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	var err error
	if s.till, err = newTill(s); err != nil {
		return nil, err
	}
	stop := s.till.start(ctx)
	defer stop()
	if err := s.till.pair(ctx); err != nil {
		return nil, err
	}
	if err := s.till.cart(ctx); err != nil {
		return nil, err
	}
	if s.order.Decline {
		s.station.Bank.Misbehave(iso.Fault{Kind: iso.Decline, MTI: "0", Times: 0})
	}
	person := s.customer(ctx)
	final, err := s.till.pay(ctx)
	if err != nil {
		person.stop()
		return nil, err
	}
	person.seeEnd(ctx)
	r := &Result{Final: final, Asked: s.asked}
	if r.State, err = s.till.settled(ctx, final.RequestID); err != nil {
		return nil, err
	}
	currency := fmt.Sprintf("%03d", s.order.Station.Setup.Profile.Currency.Numeric)
	r.Charged, r.Entries = s.station.Bank.Charged(currency)
	return r, nil
}

// heardBank tells what the bank was asked about payments.
func (s *scene) heardBank(e iso.Event) {
	if e.MTI >= "08" { // network management
		return
	}
	s.asked++
	what := "is asked"
	switch e.MTI[:2] {
	case "04":
		what = "is told to undo it"
	case "01", "02":
		what = "is asked to charge it"
	}
	answer := "declines"
	switch e.Code {
	case "":
		answer = "does not answer"
	case "00":
		answer = "approves"
	}
	s.watch(TheBank, fmt.Sprintf("%s (%s) and %s (%s)", what, e.MTI, answer, e.Code))
}
