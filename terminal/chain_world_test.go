package terminal_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/display"
	"github.com/cardwright/emv/terminal/driver/simulated"
	"github.com/cardwright/emv/terminal/journal"
	"github.com/cardwright/emv/terminal/journal/journaltest"
	"github.com/cardwright/emv/terminal/pos"
	"github.com/cardwright/emv/terminal/wire"
	"github.com/cardwright/emv/testvectors/card"
	"github.com/cardwright/emv/testvectors/issuer/iso"
)

// world is a chain whose cables and disk can fail, with two tills and customers.
type world struct {
	*chain
	ctx    context.Context // of all that tills wait for
	cancel context.CancelFunc
	lines  [2]*cable // to the tills, to the host
	inside *cable    // from the device's own browser to its display
	disk   *journaltest.FS
	behind bool // the disk acknowledges first and writes later
	lossy  bool // the disk ignores that it is to keep something
	tills  []*cashier
	work   sync.WaitGroup

	mu     sync.Mutex
	fault  string
	holder string // of the lease, as the terminal logs it
	cards  map[string]*card.Card
	now    *simulated.Reader // in whose hands; another one after each start
}

const (
	toTills = iota
	toHost
)

func (w *world) wrong(format string, a ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.fault == "" {
		w.fault = fmt.Sprintf(format, a...)
	}
}

// newWorld has a terminal that is on, and two tills that are paired with it. It is for a bubble of time.
func newWorld(t *testing.T, behind, lossy bool) *world {
	t.Helper()
	time.Sleep(time.Until(time.Date(2026, time.November, 2, 9, 0, 0, 0, time.UTC))) // the cards are good then
	w := &world{behind: behind, lossy: lossy, cards: map[string]*card.Card{}, lines: [2]*cable{newCable(), newCable()}, inside: newCable()}
	w.ctx, w.cancel = context.WithCancel(context.Background())
	const host = "127.0.0.1:8583"
	l := made[net.Listener](t)(w.lines[toHost].Listen(w.ctx, "tcp", host))
	w.chain = newChain(t, iso.Config{}, l, func(ctx context.Context) (net.Conn, error) { return w.lines[toHost].Dial(ctx, host) })
	w.config.Ports.Plain = "127.0.0.1:8080"
	w.config.Ports.Listen = func(ctx context.Context, network, address string) (net.Listener, error) {
		if address == w.config.Ports.Plain {
			return w.inside.Listen(ctx, network, address)
		}
		return w.lines[toTills].Listen(ctx, network, address)
	}
	w.config.Ports.ListenPacket = w.lines[toTills].ListenPacket
	w.config.Log = slog.New(heard{w, nil})
	w.config.Times.Watch = 5 * time.Second
	w.disk = journaltest.New()
	w.lose()
	if err := w.up(); err != nil {
		t.Fatal(err)
	}
	w.now = w.hands
	for i := range 2 {
		k := &cashier{world: w, finals: map[string]*wire.Final{}, told: map[string]int{}, cancelled: map[string]bool{}}
		k.chainTill = w.till(fmt.Sprintf("till-%d", i+1), w.lines[toTills].Dial, k.hear)
		w.tills = append(w.tills, k)
		if i > 0 { // the first one comes by itself
			w.askForCode(t)
		}
		k.terminal = w.pair(k.chainTill)
	}
	w.lines[toTills].slow(10 * time.Millisecond) // so that there are moments in between
	w.lines[toHost].slow(300 * time.Millisecond)
	return w
}

// finger opens the display's page, as its own browser does.
func (w *world) finger() (*page, error) {
	client := &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, address string) (net.Conn, error) {
			return w.inside.Dial(ctx, address)
		},
	}}
	r, err := client.Get(w.where.Display)
	if err != nil {
		return nil, err
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	m := tokenIn.FindSubmatch(b)
	if err != nil || m == nil {
		return nil, fmt.Errorf("the page has no token: %w", err)
	}
	p := &page{done: make(chan struct{})}
	p.conn, _, err = websocket.Dial(w.ctx, w.where.Display+"socket?token="+string(m[1]), &websocket.DialOptions{
		HTTPClient: client, HTTPHeader: http.Header{"Origin": {strings.TrimSuffix(w.where.Display, "/display/")}},
	})
	if err != nil {
		return nil, err
	}
	p.conn.SetReadLimit(1 << 20)
	go p.read()
	return p, nil
}

// askForCode wants another till paired.
func (w *world) askForCode(t *testing.T) {
	t.Helper()
	p := made[*page](t)(w.finger())
	defer p.close()
	p.wait(t, display.Standby)
	p.do(t, display.Action{Kind: display.ActOpen})
	p.wait(t, display.Settings)
	p.do(t, display.Action{Kind: display.ActRestore})
	p.wait(t, display.QR)
}

// giveUp is a customer who presses "cancel", whatever is on the display.
func (w *world) giveUp() {
	w.work.Go(func() {
		p, err := w.finger()
		if err != nil {
			return // the terminal is being switched off
		}
		defer p.close()
		w.rest(50 * time.Millisecond)
		s := p.state()
		b, err := json.Marshal(map[string]any{"action": display.Action{Kind: display.ActCancel, Since: s.Since, Request: s.Request}})
		if err == nil {
			_ = p.conn.Write(w.ctx, websocket.MessageText, b)
		}
		w.rest(50 * time.Millisecond)
	})
}

// lose gives the terminal its disk.
func (w *world) lose() {
	if w.lossy {
		w.disk.IgnoreSync()
	}
	w.config.FS = w.disk
	if w.behind {
		w.config.FS = &writeBehind{FS: w.disk}
	}
}

// end stops everything.
func (w *world) end() {
	w.cancel()
	for _, l := range w.lines {
		l.mend()
	}
	w.work.Wait()
	for _, k := range w.tills {
		k.off()
	}
	_ = w.down()
}

// crash lets the terminal lose its power, and switches it on again.
func (w *world) crash(kept journaltest.Kept, random *rand.Rand) {
	w.disk.Crash()
	for _, l := range w.lines {
		l.drop()
	}
	_ = w.down() // it can't write any more: what it says now is of no account
	w.disk = w.disk.After(kept, random)
	w.lose()
	if err := w.up(); err != nil {
		w.wrong("start: %v", err)
		return
	}
	w.mu.Lock()
	w.now = w.hands
	w.holder = ""
	w.mu.Unlock()
}

// heard is the terminal's log: what it says of leases and acceptances is held against each other.
type heard struct {
	world *world
	with  []slog.Attr
}

func (heard) Enabled(context.Context, slog.Level) bool { return true }

func (h heard) Handle(_ context.Context, r slog.Record) error {
	at := map[string]string{}
	r.Attrs(func(a slog.Attr) bool { at[a.Key] = a.Value.String(); return true })
	w := h.world
	switch {
	case r.Message == "lease":
		w.mu.Lock()
		w.holder = at["till"]
		w.mu.Unlock()
	case r.Message == "payment" && at["state"] == "ACCEPTED":
		w.mu.Lock()
		holder := w.holder
		w.mu.Unlock()
		if holder != at["till"] {
			w.wrong("a payment of %s was accepted while %q held the terminal", at["till"], holder)
		}
	}
	return nil
}

func (h heard) WithAttrs(a []slog.Attr) slog.Handler { h.with = append(h.with, a...); return h }
func (h heard) WithGroup(string) slog.Handler        { return h }

// writeBehind is a disk that says it has kept something, and does so a little later.
type writeBehind struct {
	journal.FS
}

func (f *writeBehind) Open(name string) (journal.File, error) {
	file, err := f.FS.Open(name)
	return &lazy{File: file}, err
}

func (f *writeBehind) Create(name string) (journal.File, error) {
	file, err := f.FS.Create(name)
	return &lazy{File: file}, err
}

type lazy struct {
	journal.File
	due int
}

func (l *lazy) Sync() error {
	l.due++
	return nil
}

func (l *lazy) WriteAt(b []byte, at int64) (int, error) {
	if l.due >= 3 {
		l.due = 0
		if err := l.File.Sync(); err != nil {
			return 0, err
		}
	}
	return l.File.WriteAt(b, at)
}

// cashier is at a till. It asks, asks again, and cancels; what it was told it remembers.
type cashier struct {
	*chainTill
	world    *world
	terminal *pos.Terminal

	mu        sync.Mutex
	finals    map[string]*wire.Final // by request id
	told      map[string]int         // how often the till's app was told of them
	cancelled map[string]bool        // requests of which a cancellation was promised
}

func (k *cashier) hear(e pos.Event) {
	if e.Final != nil {
		k.learn(e.Final)
		k.mu.Lock()
		defer k.mu.Unlock()
		k.told[e.Final.RequestID]++
	}
}

// learn takes down a final: there is one for ever.
func (k *cashier) learn(f *wire.Final) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if known := k.finals[f.RequestID]; known != nil && (known.Result != f.Result || known.Total != f.Total) {
		k.world.wrong("two finals of one request: %+v and %+v", known, f)
	}
	k.finals[f.RequestID] = f
}

// pay asks for a payment, as a press of the button does, and does not wait.
func (k *cashier) pay(r wire.PaymentRequest) {
	t := k.terminal
	k.world.work.Go(func() {
		ctx, cancel := context.WithTimeout(k.world.ctx, 10*time.Minute)
		defer cancel()
		if f, err := t.Pay(ctx, r); err == nil {
			k.learn(f)
		}
	})
}

// cancel wants to end what is open.
func (k *cashier) cancel() {
	for _, e := range k.config.Book.Open() {
		t, id := k.terminal, e.Request.RequestID
		k.world.work.Go(func() {
			ctx, cancel := context.WithTimeout(k.world.ctx, time.Minute)
			defer cancel()
			r, err := t.Cancel(ctx, id, "cashier")
			if err == nil && r.Result == "cancelled" {
				k.mu.Lock()
				k.cancelled[id] = true
				k.mu.Unlock()
			}
		})
	}
}

// take takes the terminal over.
func (k *cashier) take() {
	t := k.terminal
	k.world.work.Go(func() {
		ctx, cancel := context.WithTimeout(k.world.ctx, time.Minute)
		defer cancel()
		_, _ = t.TakeLease(ctx, true)
	})
}

// crash ends the till's app and starts it again. What it does not find in its book it has forgotten.
func (k *cashier) crash(t testing.TB) {
	k.off()
	k.on(t)
	var err error
	if k.terminal, err = k.Terminal(""); err != nil {
		k.world.wrong("the till has forgotten its terminal: %v", err)
	}
}

// approved returns an approved sale that nothing was done about yet, nil for none.
func (k *cashier) approved(random uint64) *wire.Final {
	free := map[string]*wire.Final{}
	var orders []string
	for _, e := range k.config.Book.All() {
		switch f := e.Final; {
		case e.Request.Kind == wire.KindSale && f != nil && f.Result == wire.Approved:
			free[f.OrderRef] = f
			orders = append(orders, f.OrderRef)
		case e.Request.Kind != wire.KindSale && (f == nil || f.Result == wire.Approved):
			delete(free, e.Request.OrderRef)
		}
	}
	if len(orders) == 0 {
		return nil
	}
	return free[orders[random%uint64(len(orders))]]
}

// does is what a customer does when asked for a card.
type does uint8

const (
	taps does = iota
	inserts
	swipes
	tapsAndLeaves   // after some commands
	insertsAndPulls //
	insertsARefusal // a card that declines
	comesLate       //
	stays           // away
	doings
)

// visit is a customer of the next half minute.
func (w *world) visit(what does, n int) {
	if what == stays {
		return
	}
	w.work.Go(func() {
		if what == comesLate {
			w.rest(3 * time.Second)
		}
		for range 120 {
			w.mu.Lock()
			r := w.now
			w.mu.Unlock()
			if s := w.terminal.Display(); s.Screen == display.Present {
				w.present(r, what, n)
				w.rest(2 * time.Second)
				r.Leave()
				r.Remove()
				return
			}
			if !w.rest(250 * time.Millisecond) {
				return
			}
		}
	})
}

// rest waits unless everything ends.
func (w *world) rest(d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-w.ctx.Done():
		return false
	}
}

func (w *world) present(r *simulated.Reader, what does, n int) {
	switch what {
	case inserts:
		_ = r.Insert(contacts{w.of("visa-contact")}, nil) // a slot that is taken stays as it is
	case insertsAndPulls:
		_ = r.Insert(&torn{contacts{w.of("visa-contact")}, n, r.Remove}, nil)
	case insertsARefusal:
		_ = r.Insert(contacts{w.of("contact-declines")}, nil)
	case swipes:
		r.Swipe("", stripe, "")
	case tapsAndLeaves:
		r.Tap(&gone{w.of("visa-credit"), n, r.Leave}, nil)
	default:
		r.Tap(w.of("visa-credit"), nil)
	}
}

// of is the customer's card of a profile: the same one each time.
func (w *world) of(profile string) *card.Card {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cards[profile] == nil {
		w.cards[profile] = cardOf(w, profile)
	}
	return w.cards[profile]
}

// gone is a card that leaves after so many commands.
type gone struct {
	kernel.Card
	left  int
	leave func()
}

func (g *gone) Transmit(ctx context.Context, dst, command []byte) ([]byte, error) {
	if g.left--; g.left < 0 {
		g.leave()
		return dst, kernel.ErrRemoved
	}
	return g.Card.Transmit(ctx, dst, command)
}

// torn is one with contacts.
type torn struct {
	contacts
	left  int
	leave func()
}

func (g *torn) Transmit(ctx context.Context, dst, command []byte) ([]byte, error) {
	if g.left--; g.left < 0 {
		g.leave()
		return dst, kernel.ErrRemoved
	}
	return g.contacts.Transmit(ctx, dst, command)
}

// heal lets everything work again, asks for what is not known, and takes one more payment: the chain is not stuck, and its
// answer tells the terminal that the host is back.
func (w *world) heal() {
	w.server.Behave()
	for _, l := range w.lines {
		l.slow(0)
		l.mend()
	}
	w.dock.Dock()
	w.disk.CrashAt(1 << 30)
	if w.disk.Dead() {
		w.crash(journaltest.Synced, nil)
	}
	w.rest(4 * time.Minute) // what customers and tills have begun comes to its end
	for _, k := range w.tills {
		for _, e := range k.config.Book.Open() {
			ctx, cancel := context.WithTimeout(w.ctx, 20*time.Minute)
			f, err := k.terminal.Resume(ctx, e.Request.RequestID)
			cancel()
			var refused *wire.Error
			switch {
			case err == nil:
				k.learn(f)
			case errors.As(err, &refused): // and it is not in the book any more
			default:
				w.wrong("%s %s of %s has no outcome: %v", e.Request.Kind, e.Request.RequestID, k.config.PosID, err)
			}
		}
	}
	k := w.tills[0]
	ctx, cancel := context.WithTimeout(w.ctx, 5*time.Minute)
	defer cancel()
	if _, err := k.terminal.TakeLease(ctx, true); err != nil {
		w.wrong("the lease can't be taken when all is well: %v", err)
		return
	}
	w.visit(taps, 0)
	f, err := k.terminal.Pay(ctx, w.sale("order-last", 1))
	if err != nil || f.Result != wire.Approved {
		w.wrong("when all is well a payment ends with %+v, %v", f, err)
		return
	}
	k.learn(f)
	w.rest(2 * time.Minute)
	// What counts is what lasts: once more without power.
	w.crash(journaltest.Synced, nil)
	w.rest(16 * time.Minute)
}

// judge compares the tills' books with the host's ledger.
func (w *world) judge() {
	type charge struct {
		amount int64
		credit bool
	}
	sold, taken := map[charge]int{}, map[charge]int{}
	var booked int64
	for _, k := range w.tills {
		voided := map[string]bool{}
		for _, e := range k.config.Book.All() {
			if e.Final != nil && e.Final.Result == wire.Approved && e.Request.Kind == wire.KindVoid {
				voided[e.Request.Reference] = true
			}
		}
		for _, e := range k.config.Book.All() {
			f := e.Final
			if f == nil {
				w.wrong("%s is still open in the book of %s", e.Request.RequestID, k.config.PosID)
				continue
			}
			k.learn(f)
			if n := k.told[f.RequestID]; n != 1 {
				w.wrong("the app of %s was told %d times of %+v", k.config.PosID, n, f)
			}
			if k.cancelled[f.RequestID] && f.Result != wire.Cancelled {
				w.wrong("a cancellation was promised, and the final is %+v", f)
			}
			switch {
			case f.Result != wire.Approved || e.Request.Kind == wire.KindVoid || voided[f.RequestID]:
			case e.Request.Kind == wire.KindRefund:
				sold[charge{f.Total, true}]++
				booked -= f.Total
			default:
				sold[charge{f.Total, false}]++
				booked += f.Total
			}
		}
	}
	for _, e := range w.server.Ledger() {
		if e.Captured && !e.Reversed {
			taken[charge{int64(e.Amount), e.Credit}]++
		}
	}
	if charged, _ := w.server.Charged("840"); charged != booked {
		w.wrong("the host has charged %d, the tills have sold %d: %v against %v", charged, booked, taken, sold)
	}
	for c, n := range taken {
		if sold[c] != n {
			w.wrong("the host has charged %+v %d times, the tills know of %d", c, n, sold[c])
		}
	}
	for c, n := range sold {
		if taken[c] != n {
			w.wrong("the tills have %+v %d times, the host %d times", c, n, taken[c])
		}
		if n > 1 {
			w.wrong("%+v was sold %d times", c, n)
		}
	}
}

// results are what the scenario has reached, for the test that it reaches something.
func (w *world) results() (list []string) {
	for _, k := range w.tills {
		for _, f := range k.finals {
			list = append(list, string(f.Kind)+" "+string(f.Result), f.Reason)
		}
	}
	for _, e := range w.server.Ledger() {
		if e.Reversed {
			list = append(list, "reversed")
		}
		if e.Times > 1 {
			list = append(list, "repeated")
		}
		if e.Late {
			list = append(list, "late")
		}
	}
	return list
}
