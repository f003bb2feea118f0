package pos_test

import (
	"context"
	"io"
	"net"
	"sync"
	"testing"

	"github.com/cardwright/emv/terminal/pos"
	"github.com/cardwright/emv/terminal/wire"
)

// cable is another way to a device: a port whose connections end at the device's.
func cable(t *testing.T, d *device) (address string) {
	t.Helper()
	l := must[net.Listener](t)(net.Listen("tcp", "127.0.0.1:0"))
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", d.address)
			if err != nil {
				_ = near.Close()
				return
			}
			for _, c := range [][2]net.Conn{{near, far}, {far, near}} {
				go func() {
					_, _ = io.Copy(c[0], c[1])
					_ = c[0].Close()
				}()
			}
		}
	}()
	return l.Addr().String()
}

// watched counts what a till tells of its connection, and where it dials.
type watched struct {
	mu              sync.Mutex
	online, offline int
	dialled         map[string]int
}

func watch(c *pos.Config) *watched {
	w := &watched{dialled: map[string]int{}}
	c.Events = func(e pos.Event) {
		w.mu.Lock()
		defer w.mu.Unlock()
		if e.Online {
			w.online++
		}
		if e.Offline != nil {
			w.offline++
		}
	}
	dial := c.Dial
	c.Dial = func(ctx context.Context, a string) (net.Conn, error) {
		w.mu.Lock()
		w.dialled[a]++
		w.mu.Unlock()
		return dial(ctx, a)
	}
	return w
}

func (w *watched) at(online, offline int) func() bool {
	return func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.online == online && w.offline == offline
	}
}

// A terminal that gets a cable tells of the address: the session goes over to it, with what is under way, and the till is
// never offline. What stands behind the address in use is no reason. S32
func TestMoveToBetterAddress(t *testing.T) {
	d := newDevice(t, 1)
	c := config(t)
	w := watch(&c)
	r, _ := start(t, c)
	term := pair(t, r, d)
	until(t, "the session", w.at(1, 0))
	d.set(func() { d.hold = true })
	paid := make(chan error, 1)
	go func() {
		f, err := term.Pay(within(t), sale("o-1", 1250))
		if err == nil && f.Result != wire.Approved {
			t.Errorf("%+v", f)
		}
		paid <- err
	}()
	until(t, "the request", func() bool { d.mu.Lock(); defer d.mu.Unlock(); return len(d.asked) == 1 })

	worse, better := cable(t, d), cable(t, d)
	till, err := d.server.Till("till-7")
	if err != nil {
		t.Fatal(err)
	}
	tell := func(addresses ...string) {
		t.Helper()
		if err := till.Send(wire.TypeAddrUpdate, "", &wire.AddrUpdate{Addresses: addresses}); err != nil {
			t.Fatal(err)
		}
	}
	tell(d.address, worse)
	until(t, "the addresses", func() bool { record, _ := c.Records.ByID(d.id.String()); return len(record.Addresses) == 2 })
	tell(better, d.address, worse)
	d.set(func() { d.hold = false }) // connected sends what is held
	until(t, "the other connection", w.at(2, 0))
	if err := <-paid; err != nil {
		t.Fatal(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.dialled[better] != 1 || w.dialled[worse] != 0 {
		t.Errorf("dialled %v", w.dialled)
	}
}

// A till whose terminal does not answer looks for it at once, and not only when the old connection is dead. PRODUCT 3.1, P8
func TestMoveWhenNothingAnswers(t *testing.T) {
	d := newDevice(t, 1)
	c := config(t)
	var mu sync.Mutex
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
	w := watch(&c)
	r, _ := start(t, c)
	term := pair(t, r, d)
	until(t, "the session", w.at(1, 0))
	close(stop)
	until(t, "another connection", w.at(2, 0))
	if f, err := term.Pay(within(t), sale("o-1", 100)); err != nil || f.Result != wire.Approved {
		t.Errorf("%+v, %v", f, err)
	}
}
