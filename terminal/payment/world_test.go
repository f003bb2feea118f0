package payment

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/journal"
	"github.com/cardwright/emv/terminal/journal/journaltest"
	"github.com/cardwright/emv/tlv"
)

// This file is the world around an engine: a host with a ledger, a card, a till with a memory, and a disk that loses power.
// Each payment has its own amount, so the ledger tells whose money it was.

// hostDoes is how the host treats one request.
type hostDoes uint8

const (
	hostApproves hostDoes = iota
	hostDeclines
	hostUnreached   // no byte leaves
	hostLosesAsk    // the request never arrives
	hostLosesAnswer // it is booked, the answer never arrives
	hostMangles     // it is booked, the answer is nonsense
	hostApprovesLess
	hostSlow    // it approves after a while
	hostRefuses // for good, what others would take
	hostDoings
)

// booking is a line of the host's ledger.
type booking struct {
	kind     Kind
	total    uint64
	stan     uint32
	reversed bool
	captured uint64
}

// simHost is the acquirer. It knows requests by STAN and RRN, and books a repeat once.
type simHost struct {
	mu       sync.Mutex
	book     map[string]*booking
	order    []*booking
	does     []hostDoes // of the next authorisations; then it approves
	sideDoes []hostDoes // of the next reversals and advices
	power    func() bool
	calls    int
	down     bool           // nobody reaches it
	flying   map[string]int // advices under way, by trace
	overlaps int            // how often one came while it was under way
	told     map[string]int // how often each advice came
	arcs     []string       // of sales that cards approved
	of       Sent           // what the last advice or reversal was about
	hangs    time.Duration  // before it turns out that nobody reaches it
}

// hang makes the connection to a host that is down take its time to fail.
func (h *simHost) hang(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.hangs = d
}

// goes takes the host away, or brings it back.
func (h *simHost) goes(down bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.down = down
}

// doubled returns the amounts that were taken more than once.
func (h *simHost) doubled() (list []uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	seen := map[uint64]int{}
	for _, b := range h.order {
		if !b.reversed && b.kind != Preauth {
			if seen[b.total]++; seen[b.total] == 2 {
				list = append(list, b.total)
			}
		}
	}
	return list
}

// line returns a line of the ledger, -1 for the last one.
func (h *simHost) line(i int) booking {
	h.mu.Lock()
	defer h.mu.Unlock()
	if i < 0 {
		i += len(h.order)
	}
	return *h.order[i]
}

func (h *simHost) booked() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.order) > 0
}

// asked returns how many authorisations there were.
func (h *simHost) asked() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.calls
}

// will is how the host treats the next authorisations.
func (h *simHost) will(does ...hostDoes) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.does = slices.Clone(does)
}

// willAside is how it treats the next reversals and advices.
func (h *simHost) willAside(does ...hostDoes) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sideDoes = slices.Clone(does)
}

func traceKey(t Trace) string { return fmt.Sprintf("%06d%s", t.STAN, t.RRN) }

func take(list *[]hostDoes) hostDoes {
	if len(*list) == 0 {
		return hostApproves
	}
	d := (*list)[0]
	*list = (*list)[1:]
	return d
}

var errNetwork = errors.New("test: the network failed")

func (h *simHost) Authorise(ctx context.Context, a *Authorisation) (Answer, error) {
	if !h.power() { // the message never left
		<-ctx.Done()
		return Answer{}, ctx.Err()
	}
	h.mu.Lock()
	h.calls++
	does := take(&h.does)
	if h.down {
		does = hostUnreached
	}
	if does == hostUnreached || does == hostLosesAsk || does == hostDeclines || does == hostRefuses {
		h.mu.Unlock()
		switch does {
		case hostUnreached:
			return Answer{}, fmt.Errorf("dial: %w", ErrNotSent)
		case hostDeclines, hostRefuses:
			return Answer{Code: "51", Text: "NO FUNDS"}, nil
		default:
			<-ctx.Done()
			return Answer{}, ctx.Err()
		}
	}
	b := h.book[traceKey(a.Trace)]
	if b == nil {
		b = &booking{kind: a.Kind, total: a.Amounts.Total, stan: a.STAN}
		h.book[traceKey(a.Trace)] = b
		h.order = append(h.order, b)
	}
	h.mu.Unlock()
	switch does {
	case hostLosesAnswer:
		<-ctx.Done()
		return Answer{}, ctx.Err()
	case hostMangles:
		return Answer{Code: "0"}, nil
	case hostApprovesLess:
		return Answer{Code: "10", Amount: a.Amounts.Total - 1, AuthCode: "A1"}, nil
	case hostSlow:
		if !sleep(ctx, 20*time.Second) {
			return Answer{}, ctx.Err()
		}
	default:
	}
	return Answer{Code: "00", AuthCode: "A1B2C3", IssuerAuth: bytes.Repeat([]byte{1}, 8)}, nil
}

func (h *simHost) side(ctx context.Context, known func() bool, do func() Answer) (Answer, error) {
	if !h.power() {
		<-ctx.Done()
		return Answer{}, ctx.Err()
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	does := take(&h.sideDoes)
	if h.down {
		d := h.hangs
		h.mu.Unlock()
		sleep(ctx, d)
		h.mu.Lock()
		return Answer{}, fmt.Errorf("dial: %w", ErrNotSent)
	}
	switch does {
	case hostUnreached, hostLosesAsk:
		return Answer{}, errNetwork
	case hostRefuses:
		if known() { // what it has done it says again
			return do(), nil
		}
		return Answer{Code: "05"}, nil
	case hostSlow:
		h.mu.Unlock()
		awake := sleep(ctx, 20*time.Second)
		h.mu.Lock()
		if !awake {
			return Answer{}, ctx.Err()
		}
		return do(), nil
	case hostLosesAnswer, hostMangles:
		do()
		return Answer{}, errNetwork
	case hostDeclines:
		return Answer{Code: "96"}, nil
	default:
		return do(), nil
	}
}

func (h *simHost) Reverse(ctx context.Context, r *Reversal) (Answer, error) {
	known := func() bool { b := h.book[traceKey(r.Of.Trace)]; return b != nil && b.reversed }
	return h.side(ctx, known, func() Answer {
		b := h.book[traceKey(r.Of.Trace)]
		if b == nil {
			return Answer{Code: "25"}
		}
		b.reversed = true
		return Answer{Code: "00"}
	})
}

func (h *simHost) Advise(ctx context.Context, a *Advice) (Answer, error) {
	name := traceKey(a.Trace)
	h.mu.Lock()
	if h.of = a.Of; a.Kind == Sale {
		h.arcs = append(h.arcs, a.ARC)
	}
	if h.flying == nil {
		h.flying, h.told = map[string]int{}, map[string]int{}
	}
	h.told[name]++
	if h.flying[name]++; h.flying[name] > 1 {
		h.overlaps++
	}
	h.mu.Unlock()
	defer func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.flying[name]--
	}()
	known := func() bool {
		b := h.book[traceKey(a.Of.Trace)]
		return a.Kind == Sale && h.book[name] != nil || b != nil && (b.captured == a.Total || b.total == a.Total)
	}
	return h.side(ctx, known, func() Answer {
		if a.Kind == Sale {
			if h.book[name] == nil {
				b := &booking{kind: Sale, total: a.Total, stan: a.STAN}
				h.book[name] = b
				h.order = append(h.order, b)
			}
			return Answer{Code: "00", AuthCode: "F1F2F3"}
		}
		b := h.book[traceKey(a.Of.Trace)]
		if b == nil || b.reversed {
			return Answer{Code: "25"}
		}
		if a.Kind == Capture {
			b.captured = a.Total
		} else {
			b.total = a.Total
		}
		return Answer{Code: "00"}
	})
}

// charged returns what the host has taken, by the payments' own amounts: sales and refunds that stand, and captures.
func (h *simHost) charged() map[uint64]Kind {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := map[uint64]Kind{}
	for _, b := range h.order {
		if !b.reversed && b.kind != Preauth {
			out[b.total] = b.kind
		}
		if b.captured != 0 && !b.reversed {
			out[b.captured] = Capture
		}
	}
	return out
}

func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// cardDoes is what the customer's card does.
type cardDoes uint8

const (
	cardInserted cardDoes = iota
	cardTapped
	cardNever         // nobody presents one
	cardRefuses       // by itself, before it goes online
	cardOffline       // approves by itself
	cardRemoved       // after the host has approved
	cardDislikes      // the second GENERATE AC gives an AAC
	cardSoft          // the host's first no is for want of a PIN: it asks again
	cardBreaks        // the reader fails at once
	cardBreaksAfter   // the reader fails after the host has answered
	cardCustomerStops // the customer presses the red key
	cardHangs         // the reader never comes back after the host has answered
	cardStandsIn      // goes online, and approves where there is no host
	cardPretends      // the same, but what it calls an approval is an ARQC
	cardDoings
)

// simReader presents the next card of a list; then inserted ones.
type simReader struct {
	mu    sync.Mutex
	cards []cardDoes
	card  Card
	chip  []byte
	pin   []byte
	last  Order
	said  []kernel.OnlineAnswer
}

// order returns the last one that the reader was given.
func (r *simReader) order() Order {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.last
}

// presents is what the next cards do.
func (r *simReader) presents(cards ...cardDoes) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cards = cards
}

var errDriver = errors.New("test: the driver failed")

func (r *simReader) Take(ctx context.Context, o Order, d Desk) (Taken, error) {
	r.mu.Lock()
	does := cardInserted
	if len(r.cards) > 0 {
		does, r.cards = r.cards[0], r.cards[1:]
	}
	c := r.card
	r.last = o
	r.mu.Unlock()
	if c.Entry == 0 {
		c.Entry = Insert
		if does == cardTapped {
			c.Entry = Tap
		}
	}
	switch does {
	case cardNever:
		<-ctx.Done()
		return Taken{}, ctx.Err()
	case cardBreaks:
		return Taken{}, errDriver
	case cardCustomerStops:
		return Taken{}, ErrCustomerCancelled
	default:
	}
	if !sleep(ctx, time.Second) {
		return Taken{}, ctx.Err()
	}
	if err := d.CardIn(ctx, Card{Entry: c.Entry}); err != nil {
		return Taken{}, err
	}
	if !sleep(ctx, time.Second) {
		return Taken{}, ctx.Err()
	}
	if c.Brand == "" {
		c.Brand = "visa"
	}
	switch does {
	case cardRefuses:
		return Taken{Kind: kernel.DeclinedOffline, Card: c, Why: kernel.Reason{Code: "action.aac"}}, nil
	case cardOffline:
		return Taken{Kind: kernel.ApprovedOffline, Card: c, Chip: clearingRecord(kernel.TC), Sealed: Sealed("sealed")}, nil
	default:
	}
	asks := 1
	if does == cardSoft {
		asks = 2
	}
	var answer kernel.OnlineAnswer
	for range asks {
		online := Online{Card: c, Chip: r.chip, Sealed: Sealed("sealed")}
		if r.pin != nil {
			online.PIN = &PINBlock{Block: r.pin}
		}
		var err error
		if answer, err = d.Authorise(ctx, online); err != nil {
			return Taken{}, err
		}
		r.mu.Lock()
		r.said = append(r.said, answer)
		r.mu.Unlock()
		if answer.Approved() {
			break
		}
	}
	if does == cardBreaksAfter {
		return Taken{}, errDriver
	}
	if does == cardHangs {
		<-ctx.Done()
		return Taken{}, ctx.Err()
	}
	if !sleep(ctx, time.Second) {
		return Taken{}, ctx.Err()
	}
	t := Taken{Kind: kernel.DeclinedOnline, Card: c}
	switch {
	case answer.Unable && does == cardStandsIn:
		t.Kind, t.Chip = kernel.ApprovedOffline, clearingRecord(kernel.TC)
	case answer.Unable && does == cardPretends:
		t.Kind, t.Chip = kernel.ApprovedOffline, clearingRecord(kernel.ARQC)
	case answer.Approved() && does == cardRemoved:
		t = Taken{Kind: kernel.Terminated, Card: c, Reversal: true, Why: kernel.Reason{Code: "card.removed"}}
	case answer.Approved() && does == cardDislikes:
		t.Reversal = true
	case answer.Approved() && c.Entry == Tap:
		t.Kind = kernel.OnlineRequest
	case answer.Approved():
		t.Kind = kernel.ApprovedOnline
	}
	return t, nil
}

// plantedPAN is in every clearing record; the reader has it enciphered, too.
const plantedPAN = "4761739001010119"

// clearingRecord is what a kernel hands over with a cryptogram: card number and track among it.
func clearingRecord(c kernel.Cryptogram) kernel.Objects {
	pan, _ := hex.DecodeString(plantedPAN)
	track, _ := hex.DecodeString(plantedPAN + "D49122010000000000000F")
	var o []byte
	for _, x := range []struct {
		tag   tlv.Tag
		value []byte
	}{
		{0x57, track},
		{0x5A, pan},
		{0x5F24, []byte{0x49, 0x12, 0x31}},
		{0x9F26, []byte{1, 2, 3, 4, 5, 6, 7, 8}},
		{0x9F27, []byte{byte(c)}},
		{0x9F36, []byte{0, 7}},
		{0x95, make([]byte, 5)},
		{0x5F20, []byte("DOE/JANE")},
	} {
		o = tlv.Append(o, x.tag, x.value)
	}
	return o
}

func findTag(objects []byte, tag uint32) ([]byte, bool) { return tlv.Find(objects, tlv.Tag(tag)) }

// simScreen shows nothing and remembers it.
type simScreen struct {
	mu    sync.Mutex
	cart  *Cart
	tip   uint64
	tipIn func(context.Context, TipQuestion) (uint64, error)
	shown []Showing
}

func (s *simScreen) Cart() (Cart, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cart == nil {
		return Cart{}, false
	}
	return *s.cart, true
}

func (s *simScreen) Show(x Showing) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shown = append(s.shown, x)
}

func (s *simScreen) AskTip(ctx context.Context, q TipQuestion) (uint64, error) {
	if s.tipIn != nil {
		return s.tipIn(ctx, q)
	}
	return s.tip, nil
}

func (s *simScreen) saw(a About) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range s.shown {
		if x.About == a {
			return true
		}
	}
	return false
}

// simLease is who may command.
type simLease struct {
	mu    sync.Mutex
	pos   string
	epoch uint64
	lax   bool // a mutant: everybody may
}

func (l *simLease) Holds(pos string, epoch uint64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lax || l.pos == pos && l.epoch == epoch
}

func (l *simLease) till() Till {
	l.mu.Lock()
	defer l.mu.Unlock()
	return Till{l.pos, l.epoch}
}

// world is all of it.
type world struct {
	fs     *journaltest.FS
	host   *simHost
	reader *simReader
	screen *simScreen
	lease  *simLease
	config Config
	engine *Engine
	ids    int
	drains int // how many send what is stored: 1 but for a mutant

	mu     sync.Mutex
	events []Event
}

func newWorld() *world {
	w := &world{
		fs:     journaltest.New(),
		host:   &simHost{book: map[string]*booking{}},
		reader: &simReader{}, screen: &simScreen{}, lease: &simLease{pos: "till-1", epoch: 1},
	}
	w.host.power = func() bool { return !w.fs.Dead() }
	w.config = Config{
		Host: w.host, Reader: w.reader, Screen: w.screen, Lease: w.lease, Journal: journal.Options{SegmentSize: 4096},
		Notify: func(e Event) {
			w.mu.Lock()
			defer w.mu.Unlock()
			if !w.fs.Dead() {
				w.events = append(w.events, e)
			}
		},
		Policy: Policy{UnreferencedRoles: []string{"manager"}, UnreferencedMax: 5000, Adjust: true, Surcharge: true},
	}
	return w
}

// start opens the engine on the disk as it is.
func (w *world) start() error {
	w.config.FS = w.fs
	var err error
	if w.engine, err = Open(w.config); err != nil {
		return err
	}
	for n := 1; n < w.drains; n++ {
		w.engine.work.Go(w.engine.chains)
	}
	return nil
}

// newIDOnDrain is the terminal that makes a new trace each time that it sends a stored payment again.
func (w *world) newIDOnDrain() { w.config.Host = &newIDs{simHost: w.host} }

type newIDs struct {
	*simHost
	n atomic.Uint32
}

func (h *newIDs) Advise(ctx context.Context, a *Advice) (Answer, error) {
	if again := *a; a.Kind == Sale && a.Repeat {
		again.STAN = 900_000 + h.n.Add(1)
		a = &again
	}
	return h.simHost.Advise(ctx, a)
}

// crash loses power, or finds that it was lost, and starts again.
func (w *world) crash(kept journaltest.Kept, random *rand.Rand) error {
	for {
		w.fs.Crash()
		if w.engine != nil {
			_ = w.engine.Close()
		}
		w.fs = w.fs.After(kept, random)
		switch err := w.start(); {
		case err == nil:
			return nil
		case !w.fs.Dead():
			return err
		}
		w.engine = nil
	}
}

// id returns the next request id: of now, as tills make them.
func (w *world) id() string {
	w.ids++
	return ulid(time.Now(), w.ids)
}

func ulid(at time.Time, n int) string {
	b := make([]byte, 26)
	ms := at.UnixMilli()
	for i := 9; i >= 0; i-- {
		b[i] = crockford[ms&31]
		ms >>= 5
	}
	for i := 25; i >= 10; i-- {
		b[i] = crockford[n&31]
		n >>= 5
	}
	return string(b)
}

// sale returns a request for an amount.
func (w *world) sale(order string, amount uint64) Request {
	return Request{RequestID: w.id(), OrderRef: order, Kind: Sale, Amount: amount, Currency: 840}
}

// finals returns how often the engine told each Final.
func (w *world) finals() map[string]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := map[string]int{}
	for _, e := range w.events {
		if e.Final != nil {
			n[e.RequestID]++
		}
	}
	return n
}

// states returns the states that were told of a request.
func (w *world) states(id string) (list []State) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range w.events {
		if e.RequestID == id {
			list = append(list, e.State)
		}
	}
	return list
}
