package pos_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cardwright/emv/terminal/canonical"
	"github.com/cardwright/emv/terminal/pairing"
	"github.com/cardwright/emv/terminal/pos"
	"github.com/cardwright/emv/terminal/session"
	"github.com/cardwright/emv/terminal/wire"
)

// A thousand carts at once are few on the wire, and the last one is shown. P32.
func TestCartsCoalesce(t *testing.T) {
	d := newDevice(t, 1)
	c := config(t)
	slow := make(chan time.Time)
	c.Clock = gated{slow}
	r, _ := start(t, c)
	term := pair(t, r, d)
	until(t, "the session", func() bool { return r.List()[0].State == "ready" })
	for rev := range uint64(1000) {
		if err := term.SendCart(&wire.CartSet{CartID: "c", Rev: rev + 1, Currency: "GBP", Exponent: 2, Locale: "en"}); err != nil {
			t.Fatal(err)
		}
	}
	until(t, "a cart", func() bool { d.mu.Lock(); defer d.mu.Unlock(); return len(d.carts) > 0 })
	// The pause is not over: no second cart, however many were sent.
	n := func() int { d.mu.Lock(); defer d.mu.Unlock(); return len(d.carts) }
	if n() != 1 {
		t.Errorf("%d carts without a pause", n())
	}
	select { // the pause ends; nothing waits if the first was the newest
	case slow <- time.Now():
	case <-time.After(time.Second):
	}
	until(t, "the newest cart", func() bool {
		d.mu.Lock()
		defer d.mu.Unlock()
		return d.carts[len(d.carts)-1].Rev == 1000
	})
	if n() > 2 {
		t.Errorf("%d carts", n())
	}
	wantCode(t, term.SendCart(&wire.CartSet{CartID: "c", Rev: 1, Currency: "GBP", Total: 1, Locale: "en"}), wire.CodeCartSum)
}

// gated is a clock whose short pauses end when the test says.
type gated struct{ c chan time.Time }

func (gated) Now() time.Time { return time.Now() }

func (g gated) After(d time.Duration) <-chan time.Time {
	if d == 100*time.Millisecond {
		return g.c
	}
	return time.After(d)
}

// The connection is cut a thousand times; the till is back each time, without a code. S71, P12.
func TestThousandReconnects(t *testing.T) {
	d := newDevice(t, 1)
	c := config(t)
	online := make(chan struct{}, 4096)
	c.Events = func(e pos.Event) {
		if e.Online {
			online <- struct{}{}
		}
	}
	r, _ := start(t, c)
	term := pair(t, r, d)
	<-online
	for range 1000 {
		d.conns.cut()
		<-online
	}
	if f, err := term.Pay(within(t), sale("o-1", 100)); err != nil || f.Result != wire.Approved {
		t.Errorf("%+v, %v", f, err)
	}
}

// A terminal that is started again refuses at first: its address is tried again while the till looks for others, and so is one
// at which it was found. P12, P33
func TestTerminalStartsAgain(t *testing.T) {
	for name, moved := range map[string]bool{"where it was": false, "elsewhere": true} {
		t.Run(name, func(t *testing.T) {
			d := newDevice(t, 1)
			c := config(t)
			var mu sync.Mutex
			down, refused := false, 0
			const other = "192.0.2.7:4443" // where it is found
			dial := c.Dial
			c.Dial = func(ctx context.Context, a string) (net.Conn, error) {
				mu.Lock()
				gone := down
				if down = down && (refused < 2 || moved && a != other); gone {
					refused++
				}
				mu.Unlock()
				if gone {
					return nil, errors.New("connection refused")
				}
				if a == other {
					a = d.address
				}
				return dial(ctx, a)
			}
			c.Discover = func(ctx context.Context, _ *pairing.Record, found func(string)) {
				for ctx.Err() == nil {
					if moved {
						found(other)
					}
					time.Sleep(time.Millisecond)
				}
				if errors.Is(ctx.Err(), context.DeadlineExceeded) {
					t.Error("the till did not get there in one attempt")
				}
			}
			r, _ := start(t, c)
			pair(t, r, d)
			until(t, "the session", func() bool { return r.List()[0].State == "ready" })
			mu.Lock()
			down = true
			mu.Unlock()
			d.conns.cut()
			until(t, "the terminal is away", func() bool { mu.Lock(); defer mu.Unlock(); return refused > 0 })
			until(t, "the session", func() bool { return r.List()[0].State == "ready" })
		})
	}
}

// In the background nothing is dialled; back in the foreground it is at once. S71.
func TestBackground(t *testing.T) {
	d := newDevice(t, 1)
	c := config(t)
	var mu sync.Mutex
	dials := 0
	dial := c.Dial
	c.Dial = func(ctx context.Context, a string) (net.Conn, error) {
		mu.Lock()
		dials++
		mu.Unlock()
		return dial(ctx, a)
	}
	count := func() int { mu.Lock(); defer mu.Unlock(); return dials }
	r, _ := start(t, c)
	pair(t, r, d)
	until(t, "the session", func() bool { return r.List()[0].State == "ready" })
	r.Foreground(false)
	before := count()
	d.conns.cut()
	until(t, "the end", func() bool { return r.List()[0].State == "offline" })
	// A register with another terminal paired meanwhile shows that time has passed: its dials count, the first's do not.
	r.Foreground(true)
	until(t, "the session", func() bool { return r.List()[0].State == "ready" })
	if n := count() - before; n != 1 {
		t.Errorf("%d dials", n)
	}
}

// S46, S91: the default is used unasked; without one that is ready the cashier chooses; results stay apart.
func TestSeveralTerminals(t *testing.T) {
	r, _ := start(t, config(t))
	devices := []*device{newDevice(t, 1), newDevice(t, 2), newDevice(t, 3)}
	for _, d := range devices {
		pair(t, r, d)
	}
	ready := func(n int) func() bool {
		return func() bool {
			k := 0
			for _, i := range r.List() {
				if i.State == "ready" {
					k++
				}
			}
			return k == n
		}
	}
	until(t, "three sessions", ready(3))
	if chosen, err := r.Choose(); err != nil || chosen.ID() != devices[0].id.String() {
		t.Fatalf("%v, %v", chosen, err)
	}
	if err := r.SetDefault(devices[1].id.String()); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, i := range r.List() {
		names = append(names, i.Name)
	}
	if got := strings.Join(names, ", "); got != "Counter 2, Counter 1, Counter 3" {
		t.Error(got)
	}
	for i, d := range devices {
		term := must[*pos.Terminal](t)(r.Terminal(d.id.String()))
		if f, err := term.Pay(within(t), sale(fmt.Sprintf("o-%d", i), 100)); err != nil || len(d.finals) != 1 || d.finals[f.RequestID] == nil {
			t.Errorf("%+v, %v", f, err)
		}
	}
	_ = devices[1].conns.Close()
	devices[1].conns.cut()
	until(t, "one less", ready(2))
	_, err := r.Choose()
	wantCode(t, err, wire.CodeChoose)
	_, err = r.Terminal("none")
	wantCode(t, err, wire.CodeNoReader)
}

// Another till holds the terminal: its name is told, and it can be taken over. P13.
func TestHeldTerminal(t *testing.T) {
	d := newDevice(t, 1)
	r, _ := start(t, config(t))
	term := pair(t, r, d)
	if _, err := d.lease.Ask("till-1", "Till 1", false); err != nil {
		t.Fatal(err)
	}
	_, err := term.Pay(within(t), sale("o-1", 100))
	wantCode(t, err, wire.CodeLeased)
	if _, err := term.TakeLease(within(t), true); err != nil {
		t.Fatal(err)
	}
	if f, err := term.Pay(within(t), sale("o-1", 100)); err != nil || f.Result != wire.Approved {
		t.Errorf("%+v, %v", f, err)
	}
}

// The terminal has another address now: the beacon finds it. S23, S73.
func TestBeacon(t *testing.T) {
	d := newDevice(t, 1)
	c := config(t)
	beacon := must[net.PacketConn](t)(net.ListenPacket("udp", "127.0.0.1:0"))
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		_ = session.ServePresence(ctx, beacon, d.records, netip.MustParseAddrPort(d.address).Port(), pairing.SystemClock{})
	}()
	c.Discover = pos.Beacon(func() (net.PacketConn, error) { return net.ListenPacket("udp", "127.0.0.1:0") },
		func() []netip.AddrPort { return []netip.AddrPort{beacon.LocalAddr().(*net.UDPAddr).AddrPort()} }, pairing.SystemClock{}, rand.Reader)
	r, stop := start(t, c)
	pair(t, r, d)
	stop()
	if err := c.Records.SetAddresses(d.id.String(), []string{"127.0.0.1:1"}); err != nil {
		t.Fatal(err)
	}
	r, _ = start(t, c)
	until(t, "the session", func() bool { return r.List()[0].State == "ready" })
	if record, _ := c.Records.ByID(d.id.String()); record.Addresses[0] != d.address {
		t.Errorf("addresses %v", record.Addresses)
	}
}

// jumping is a hasty clock that the test moves on.
type jumping struct {
	hasty
	mu    *sync.Mutex
	ahead *time.Duration
}

func (j jumping) Now() time.Time {
	j.mu.Lock()
	defer j.mu.Unlock()
	return time.Now().Add(*j.ahead)
}

// frozen is a connection whose other end has stopped: nothing comes, nothing fails.
type frozen struct {
	net.Conn
	stop chan struct{} // closed: frozen from now on
	gone chan struct{} // closed with the connection
	once sync.Once
}

func (f *frozen) Read(b []byte) (int, error) {
	n, err := f.Conn.Read(b)
	select {
	case <-f.stop:
		<-f.gone
		return 0, net.ErrClosed
	default:
		return n, err
	}
}

func (f *frozen) Close() error {
	f.once.Do(func() { close(f.gone) })
	return f.Conn.Close()
}

// A terminal that stands still without a word is offline after fifteen seconds, and the till comes back on a new
// connection. S71, P10.
func TestFrozenTerminal(t *testing.T) {
	d := newDevice(t, 1)
	c := config(t)
	var mu sync.Mutex
	var ahead time.Duration
	c.Clock = jumping{mu: &mu, ahead: &ahead}
	stop := make(chan struct{})
	dial, sessions := c.Dial, 0
	c.Dial = func(ctx context.Context, a string) (net.Conn, error) {
		conn, err := dial(ctx, a)
		mu.Lock()
		defer mu.Unlock()
		if err == nil && a == d.address {
			if sessions++; sessions == 1 {
				return &frozen{Conn: conn, stop: stop, gone: make(chan struct{})}, nil
			}
		}
		return conn, err
	}
	online, offline := make(chan struct{}, 16), make(chan struct{}, 16)
	c.Events = func(e pos.Event) {
		switch {
		case e.Online:
			online <- struct{}{}
		case e.Offline != nil:
			offline <- struct{}{}
		}
	}
	r, _ := start(t, c)
	term := pair(t, r, d)
	<-online
	close(stop)
	until(t, "silence", func() bool { // frames that were under way may still count: the clock goes on until none does
		mu.Lock()
		ahead += session.Dead
		mu.Unlock()
		return r.List()[0].State == "offline"
	})
	<-offline
	<-online
	if f, err := term.Pay(within(t), sale("o-1", 100)); err != nil || f.Result != wire.Approved {
		t.Errorf("%+v, %v", f, err)
	}
}

// A terminal that is forgotten is disconnected and stays away; one whose outcome is open is not forgotten.
func TestForget(t *testing.T) {
	d := newDevice(t, 1)
	c := config(t)
	r, stop := start(t, c)
	term := pair(t, r, d)
	until(t, "the session", func() bool { return r.List()[0].State == "ready" })
	if i := r.List()[0]; !i.Status.Docked {
		t.Errorf("%+v", i)
	}
	d.set(func() { d.hold = true })
	ctx, cancel := context.WithCancel(context.Background())
	paid := make(chan error, 1)
	go func() {
		_, err := term.Pay(ctx, sale("o-1", 1250))
		paid <- err
	}()
	until(t, "the request", func() bool { d.mu.Lock(); defer d.mu.Unlock(); return len(d.asked) == 1 })
	wantCode(t, r.Forget(d.id.String()), wire.CodeOrderOpen)
	if _, err := term.Cancel(within(t), c.Book.Open()[0].Request.RequestID, "cashier"); err != nil {
		t.Fatal(err)
	}
	if err := <-paid; err != nil {
		t.Fatal(err)
	}
	cancel()
	if list := c.Book.All(); len(list) != 1 || list[0].Final == nil || list[0].Final.Result != wire.Cancelled {
		t.Errorf("%+v", list)
	}
	if err := r.Forget(d.id.String()); err != nil {
		t.Fatal(err)
	}
	if len(r.List()) != 0 || len(c.Records.All()) != 0 {
		t.Errorf("%+v", r.List())
	}
	_, err := r.Terminal(d.id.String())
	wantCode(t, err, wire.CodeNoReader)
	d.set(func() { d.hold = false })
	if err := r.Forget("nobody"); err != nil {
		t.Error(err)
	}
	pair(t, r, d) // and is found again by a new code
	until(t, "the session", func() bool { return r.List()[0].State == "ready" })
	stop()
}

// A cart that was paid for is not shown again by the next connection; one that was not is.
func TestPaidCartStaysAway(t *testing.T) {
	d := newDevice(t, 1)
	r, _ := start(t, config(t))
	term := pair(t, r, d)
	shown := func() int { d.mu.Lock(); defer d.mu.Unlock(); return len(d.carts) }
	again := func() {
		t.Helper()
		d.conns.cut()
		until(t, "a new session", func() bool {
			d.conns.mu.Lock()
			defer d.conns.mu.Unlock()
			return len(d.conns.list) > 0 && r.List()[0].State == "ready"
		})
	}
	c := &wire.CartSet{CartID: "o-1", Rev: 1, Currency: "GBP", Exponent: 2, Lines: []wire.CartLine{}, Locale: "en-GB"}
	if err := term.SendCart(c); err != nil {
		t.Fatal(err)
	}
	until(t, "the cart", func() bool { return shown() == 1 })
	again()
	until(t, "the cart again", func() bool { return shown() == 2 })
	hash := must[[32]byte](t)(canonical.Hash(c))
	q := sale("o-1", 1250)
	q.CartHash = hash[:]
	if f, err := term.Pay(within(t), q); err != nil || f.Result != wire.Approved {
		t.Fatalf("%+v, %v", f, err)
	}
	again()
	if f, err := term.Pay(within(t), sale("o-2", 100)); err != nil || f.Result != wire.Approved { // carts go before
		t.Fatalf("%+v, %v", f, err)
	}
	if n := shown(); n != 2 {
		t.Errorf("%d carts", n)
	}
}

// A cart that no frame can carry is refused at once: it would end each connection that it is sent over.
func TestCartTooLarge(t *testing.T) {
	d := newDevice(t, 1)
	c := config(t)
	var ends atomic.Int32
	c.Events = func(e pos.Event) {
		if e.Offline != nil {
			ends.Add(1)
		}
	}
	r, _ := start(t, c)
	term := pair(t, r, d)
	until(t, "the session", func() bool { return r.List()[0].State == "ready" })
	cart := &wire.CartSet{CartID: "c", Rev: 1, Currency: "CNY", Exponent: 2, Locale: "zh-CN"}
	for i := range wire.MaxLines {
		cart.Lines = append(cart.Lines, wire.CartLine{ID: fmt.Sprintf("l%d", i), Name: strings.Repeat("茶", 80), Qty: "1"})
	}
	if err := cart.Check(); err != nil {
		t.Fatal(err)
	}
	err := term.SendCart(cart)
	if err == nil {
		until(t, "the connection ends, and ends again", func() bool { return ends.Load() > 1 })
	}
	wantCode(t, err, wire.CodeTooLarge)
	cart.Lines = cart.Lines[:500]
	if err := term.SendCart(cart); err != nil {
		t.Fatal(err)
	}
	until(t, "the cart", func() bool { d.mu.Lock(); defer d.mu.Unlock(); return len(d.carts) == 1 })
}
