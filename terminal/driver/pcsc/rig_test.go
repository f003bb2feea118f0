//go:build pcsc && linux

package pcsc

import (
	"context"
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/cardwright/emv/kernel/cardtest"
	"github.com/cardwright/emv/terminal/driver"
	"github.com/cardwright/emv/terminal/driver/drivertest"
	"github.com/cardwright/emv/terminal/driver/pcsc/pcscdtest"
	"github.com/cardwright/emv/testvectors/serve"
)

// The readers of the tests, in the order in which they are configured.
const (
	contactReader     = "EMV Contact 00 00"
	contactlessReader = "EMV Contactless 00 00"
)

func start(t testing.TB) *pcscdtest.Daemon {
	t.Helper()
	return pcscdtest.Start(t, "EMV Contact", "EMV Contactless")
}

// answering is a card whose answers a test decides.
type answering cardtest.Answer

func (a answering) Transmit(_ context.Context, dst, command []byte) ([]byte, error) {
	fence()
	defer fence()
	answer, err := a(command)
	return append(dst, answer...), err
}

func (answering) Reset() {}

// fence tells the race detector what it can't see: that a command which went through pcscd was sent before it came out.
func fence() {
	fences.Lock()
	defer fences.Unlock()
}

var fences sync.Mutex

// fenced is a reader whose exchanges are fenced.
type fenced struct{ driver.Reader }

func (f fenced) Open(ctx context.Context, kind driver.Kind) (driver.Session, error) {
	s, err := f.Reader.Open(ctx, kind)
	switch s := s.(type) {
	case *slotSession:
		return fencedSlot{s}, err
	case *fieldSession:
		return fencedField{s}, err
	}
	return s, err
}

type (
	fencedSlot  struct{ *slotSession }
	fencedField struct{ *fieldSession }
)

func (s fencedSlot) Transmit(ctx context.Context, dst, command []byte) ([]byte, error) {
	fence()
	defer fence()
	return s.slotSession.Transmit(ctx, dst, command)
}

func (s fencedField) Transmit(ctx context.Context, dst, command []byte) ([]byte, error) {
	fence()
	defer fence()
	return s.fieldSession.Transmit(ctx, dst, command)
}

// inserted is a card in a virtual slot.
type inserted struct {
	conn net.Conn
	done chan error // of serve.Run
	once sync.Once
}

// insert puts a card into a slot.
func insert(address string, c serve.Card, atr []byte) (*inserted, error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	i := &inserted{conn: conn, done: make(chan error, 1)}
	go func() {
		_, err := serve.Run(context.Background(), conn, c, serve.Options{ATR: atr})
		i.done <- err
	}()
	return i, nil
}

// pull takes it out.
func (i *inserted) pull() {
	i.once.Do(func() { _ = i.conn.Close() })
}

// openReader opens a reader that is there in a moment.
func openReader(name string) (driver.Reader, error) {
	var err error
	for end := time.Now().Add(pcscdtest.Patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		var r driver.Reader
		if r, err = New(Options{Answer: 1500 * time.Millisecond}).Open(context.Background(), name); err == nil {
			return r, nil
		}
	}
	return nil, err
}

// look is longer than pcscd takes to look at a slot again, 400 ms. A card that is exchanged for another one between two
// looks is no event to it, and no test of ours: nobody's hands are that fast.
const look = 600 * time.Millisecond

// openEmpty is openReader once the service has seen that the card of the test before is gone.
func openEmpty(name string) (driver.Reader, error) {
	for end := time.Now().Add(pcscdtest.Patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		r, err := openReader(name)
		if err != nil {
			return nil, err
		}
		if s, err := r.Status(context.Background()); err != nil || s.Present == 0 {
			return r, err
		}
		_ = r.Close()
	}
	return nil, errors.New("the card of the test before is still there")
}

// stand makes a stand of drivertest of one reader.
func stand(d *pcscdtest.Daemon, name, address string, kind driver.Kind) drivertest.Setup {
	var last *drivertest.Stand // all stands are the same reader: a new one takes it from the one before
	used := false              // there was a card since the last stand
	return func() (*drivertest.Stand, error) {
		if last != nil {
			_ = last.Reader.Close()
			last.Done()
			last = nil
		}
		if used {
			time.Sleep(look)
			used = false
		}
		r, err := openEmpty(name)
		if err != nil {
			return nil, err
		}
		var mu sync.Mutex
		var in []*inserted
		put := func(atr []byte) func(cardtest.Answer) error {
			return func(a cardtest.Answer) error {
				i, err := insert(address, answering(a), atr)
				if err != nil {
					return err
				}
				mu.Lock()
				defer mu.Unlock()
				in, used = append(in, i), true
				return nil
			}
		}
		out := func() {
			mu.Lock()
			defer mu.Unlock()
			for _, i := range in {
				i.pull()
			}
			in = nil
		}
		restart := func() {
			out()
			if err := d.Run(); err != nil {
				panic(err)
			}
		}
		s := &drivertest.Stand{
			Reader: fenced{r}, OneAtAll: true, Done: out,
			Unplug: d.Kill, Plug: restart,
		}
		if kind == driver.Contact {
			s.Insert, s.Remove = put(serve.ATRT1(nil)), out
		} else {
			s.Tap, s.Leave = put(serve.ATRContactless(nil)), out
		}
		last = s
		return s, nil
	}
}

func TestDriver(t *testing.T) {
	for _, c := range []struct {
		at   int
		kind driver.Kind
	}{{0, driver.Contact}, {1, driver.Contactless}} {
		t.Run(c.kind.String(), func(t *testing.T) {
			d := start(t)
			setup := stand(d, d.Readers[c.at].Name, d.Readers[c.at].Address, c.kind)
			drivertest.Run(t, func() (*drivertest.Stand, error) {
				s, err := setup()
				if err == nil {
					return s, nil
				}
				if e := d.Run(); e != nil { // a check before has stopped it
					return nil, errors.Join(err, e)
				}
				return setup()
			})
		})
	}
}
