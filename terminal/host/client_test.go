package host_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cardwright/emv/terminal/host"
	"github.com/cardwright/emv/testvectors/issuer"
	"github.com/cardwright/emv/testvectors/issuer/iso"
)

// soon is how long a test waits for an answer that never comes; long, for one that does.
const (
	soon = 150 * time.Millisecond
	long = 20 * time.Second
)

func code(err error) host.Code {
	var e *host.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func sent(err error) bool {
	var e *host.Error
	return errors.As(err, &e) && e.Sent
}

func TestFinancial(t *testing.T) {
	b := newLab(t, iso.Config{}, host.Config{})
	a, err := b.client.Financial(within(t, long), b.sale(1250))
	if err != nil {
		t.Fatal(err)
	}
	if !a.Approved() || a.Code != "00" || a.Approval == "" || a.Amount != 1250 || len(a.IssuerAuth()) != 10 || a.ARC != [2]byte{'0', '0'} {
		t.Errorf("%+v", a)
	}
	e := b.server.Ledger()
	if len(e) != 1 || !e[0].Captured || !e[0].Online || e[0].Amount != 1250 || e[0].Card != "************0119" {
		t.Errorf("%+v", e)
	}
}

func TestAuthoriseAndCapture(t *testing.T) {
	b := newLab(t, iso.Config{}, host.Config{})
	r := b.sale(5000)
	if a, err := b.client.Authorise(within(t, long), r); err != nil || !a.Approved() {
		t.Fatal(a, err)
	}
	if n, _ := b.server.Charged("826"); n != 0 {
		t.Errorf("an authorisation charged %d", n)
	}
	c := b.reversal(r, "0100")
	c.Amount = 4200
	for _, repeat := range []bool{false, true, true} {
		if a, err := b.client.Advice(within(t, long), c, repeat); err != nil || a.Code != "00" || a.MTI != "0230" {
			t.Fatal(a, err)
		}
	}
	if n, entries := b.server.Charged("826"); n != 4200 || entries != 1 {
		t.Errorf("charged %d in %d", n, entries)
	}
}

func TestPIN(t *testing.T) {
	b := newLab(t, iso.Config{}, host.Config{})
	for i, x := range []struct {
		pin    string
		code   string
		action host.Action
	}{
		{"1234", "00", host.Approve},
		{"4321", "55", host.WrongPIN},
		{"9999", "55", host.WrongPIN},
		{"1234", "00", host.Approve},
		{"4321", "55", host.WrongPIN},
		{"4321", "55", host.WrongPIN},
		{"4321", "75", host.Decline},
		{"1234", "75", host.Decline},
	} {
		r := b.sale(100)
		b.card(r, objects(100, uint16(b.stan)), x.pin)
		a, err := b.client.Financial(within(t, long), r)
		if err != nil || a.Code != x.code || a.Action != x.action {
			t.Errorf("%d: %+v, %v", i, a, err)
		}
	}
}

func TestDeclined(t *testing.T) {
	for _, x := range []struct {
		about  string
		config iso.Config
		change func(*host.Request)
		code   string
		action host.Action
		arc    string
	}{
		{"over the limit", iso.Config{Issuer: issuer.Config{Limit: 99}}, nil, "51", host.Decline, "51"},
		{"hot card", iso.Config{Issuer: issuer.Config{HotList: []string{pan}}}, nil, "43", host.PickUp, "05"},
		{"no card", iso.Config{}, func(r *host.Request) { r.Values = nil }, "14", host.Decline, "05"},
		{"another amount than the card signed", iso.Config{}, func(r *host.Request) { r.Amount++ }, "13", host.Decline, "05"},
		{"a wrong cryptogram", iso.Config{}, func(r *host.Request) { r.Chip[3] ^= 1 }, "05", host.Decline, "05"},
		{"a value that was changed", iso.Config{}, func(r *host.Request) { r.Values[0].Ciphertext[0] ^= 1 }, "14", host.Decline, "05"},
		{"asks for a PIN", iso.Config{Faults: []iso.Fault{{Kind: iso.Decline, Code: "70", Times: 1}}}, nil, "70", host.AskPIN, "70"},
		{"asks for the card", iso.Config{Faults: []iso.Fault{{Kind: iso.Decline, Code: "1A", Times: 1}}}, nil, "1A", host.Insert, "1A"},
		{"a code of no list", iso.Config{Faults: []iso.Fault{{Kind: iso.Decline, Code: "Q9", Times: 1}}}, nil, "Q9", host.Decline, "05"},
		{"a code for zero amounts", iso.Config{Faults: []iso.Fault{{Kind: iso.Decline, Code: "85", Times: 1}}}, nil, "85", host.Decline, "05"},
	} {
		t.Run(x.about, func(t *testing.T) {
			b := newLab(t, x.config, host.Config{})
			r := b.sale(100)
			if x.change != nil {
				x.change(r)
			}
			a, err := b.client.Financial(within(t, long), r)
			if err != nil || a.Code != x.code || a.Action != x.action || string(a.ARC[:]) != x.arc || a.Approved() {
				t.Fatalf("%+v, %v", a, err)
			}
			if n, _ := b.server.Charged("826"); n != 0 {
				t.Errorf("charged %d", n)
			}
		})
	}
}

// TestMisbehaviour has each fault hit one sale. What follows is what the payment flow does: where nobody knows what the host
// did, it reverses. In the end the card is charged if and only if the client has an approval.
func TestMisbehaviour(t *testing.T) {
	for _, x := range []struct {
		fault   string
		code    host.Code // "" is an answer
		event   host.Kind // that must come besides
		handled string    // response code of the reversal
	}{
		{"delay=20ms", "", "", ""},
		{"double", "", host.Stale, ""},
		{"stray", "", host.Stale, ""},
		{"drop", host.CodeNoAnswer, host.NoAnswer, "00"},
		{"lose", host.CodeNoAnswer, host.NoAnswer, "25"},
		{"mangle", host.CodeNoAnswer, host.Mangled, "00"},
		{"mac", host.CodeNoAnswer, host.WrongMAC, "00"},
		{"wrong", host.CodeNoAnswer, host.Mismatched, "00"},
		{"reorder", host.CodeNoAnswer, host.NoAnswer, "00"}, // what follows goes another way: reordered answers of one connection are TestStanInUse
		{"cut", host.CodeLost, host.Closed, "00"},
		{"delay=400ms", host.CodeNoAnswer, host.Stale, "00"},
	} {
		t.Run(x.fault, func(t *testing.T) {
			b := newLab(t, iso.Config{}, host.Config{Timeout: long})
			f, err := iso.ParseFault(x.fault + "@0200")
			if err != nil {
				t.Fatal(err)
			}
			b.server.Misbehave(f)
			r := b.sale(1000)
			wait := long
			if x.code == host.CodeNoAnswer {
				wait = soon
			}
			a, err := b.client.Financial(within(t, wait), r)
			if code(err) != x.code || (err == nil) != (a != nil && a.Approved()) {
				t.Fatalf("%+v, %v", a, err)
			}
			charged := int64(1000)
			if err != nil {
				charged = 0
				if !sent(err) {
					t.Error("the error says that nothing was sent")
				}
				a, err := b.client.Insist(within(t, long), host.OpReverse, b.reversal(r, "0200"), false)
				if err != nil || a.Code != x.handled {
					t.Fatalf("reversal: %+v, %v", a, err)
				}
			}
			if x.event != "" {
				b.wait(x.event)
			}
			if n, _ := b.server.Charged("826"); n != charged {
				t.Errorf("charged %d, and the till knows of %d", n, charged)
			}
			// The connection, or a new one, is good for the next sale.
			if a, err := b.client.Financial(within(t, long), b.sale(77)); err != nil || !a.Approved() {
				t.Errorf("the next sale: %+v, %v", a, err)
			}
		})
	}
}

func TestReversalIsRepeated(t *testing.T) {
	for _, faults := range []string{"drop@042*3", "lose@042*3", "mac@042*2", "cut@042*2", "mangle@0420\ndrop@0421", "decline=91@0420\ndecline=96@0421"} {
		t.Run(faults, func(t *testing.T) {
			b := newLab(t, iso.Config{}, host.Config{Timeout: soon, Pause: func(int) time.Duration { return time.Millisecond }})
			r := b.sale(1000)
			if a, err := b.calm.Financial(within(t, long), r); err != nil || !a.Approved() {
				t.Fatal(a, err)
			}
			b.server.Misbehave(must(iso.ParseFaults(faults))...)
			a, err := b.client.Insist(within(t, long), host.OpReverse, b.reversal(r, "0200"), false)
			if err != nil || a.Code != "00" || a.MTI != "0430" {
				t.Fatalf("%+v, %v", a, err)
			}
			if n, _ := b.server.Charged("826"); n != 0 {
				t.Errorf("charged %d", n)
			}
			for _, e := range b.heard() {
				if e.Kind == host.Repeated && e.MTI != "0421" {
					t.Errorf("repeated as %s", e.MTI)
				}
			}
		})
	}
}

// TestLateAcknowledgement has every answer come later than the client waits: an answer to an earlier try counts.
func TestLateAcknowledgement(t *testing.T) {
	b := newLab(t, iso.Config{}, host.Config{Timeout: soon, Pause: func(int) time.Duration { return soon }})
	r := b.sale(1000)
	if _, err := b.calm.Financial(within(t, long), r); err != nil {
		t.Fatal(err)
	}
	b.server.Misbehave(iso.Fault{Kind: iso.Delay, MTI: "042", Delay: soon * 3 / 2})
	a, err := b.client.Insist(within(t, long), host.OpReverse, b.reversal(r, "0200"), false)
	if err != nil || a.Code != "00" {
		t.Fatalf("%+v, %v", a, err)
	}
}

// deadEnd counts connections. Those up to the last dead one take what is sent, and nothing comes of it: their route is gone.
type deadEnd struct {
	address string
	dead    int32
	dials   atomic.Int32
	last    net.Conn
}

func (d *deadEnd) dial(ctx context.Context) (net.Conn, error) {
	if d.dials.Add(1) <= d.dead {
		near, far := net.Pipe()
		go func() {
			for b := make([]byte, 1024); ; {
				if _, err := far.Read(b); err != nil {
					return
				}
			}
		}()
		return near, nil
	}
	c, err := (&net.Dialer{}).DialContext(ctx, "tcp", d.address)
	d.last = c
	return c, err
}

// TestSilence has a connection die with its route, which nobody tells: after a request without an answer the reversal and
// the next payment take another one.
func TestSilence(t *testing.T) {
	d := &deadEnd{dead: 1}
	b := newLab(t, iso.Config{}, host.Config{Dial: d.dial, Timeout: long})
	d.address = b.addr
	r := b.sale(1000)
	if _, err := b.client.Financial(within(t, soon), r); code(err) != host.CodeNoAnswer {
		t.Fatal(err)
	}
	if a, err := b.client.Reverse(within(t, long), b.reversal(r, "0200"), false); err != nil || a.Action != host.NotFound {
		t.Fatalf("%+v, %v", a, err)
	}
	if a, err := b.client.Financial(within(t, long), b.sale(500)); err != nil || !a.Approved() {
		t.Fatalf("%+v, %v", a, err)
	}
	if n := d.dials.Load(); n != 2 {
		t.Errorf("%d connections", n)
	}
	done := make(chan error, 1)
	go func() { done <- b.client.Close() }()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(long):
		t.Fatal("Close waits for the old connection")
	}
}

// TestUsable has the terminal know that its own address is gone: not even one request is lost.
func TestUsable(t *testing.T) {
	d := &deadEnd{}
	var gone atomic.Value
	gone.Store("")
	b := newLab(t, iso.Config{}, host.Config{
		Dial: d.dial, Timeout: long, Usable: func(local net.Addr) bool { return local.String() != gone.Load() },
	})
	d.address = b.addr
	for n := int32(1); n <= 3; n++ {
		if a, err := b.client.Financial(within(t, long), b.sale(500)); err != nil || !a.Approved() {
			t.Fatalf("%+v, %v", a, err)
		}
		if want := min(n, 2); d.dials.Load() != want {
			t.Errorf("%d connections after %d payments, want %d", d.dials.Load(), n, want)
		}
		if n == 1 {
			gone.Store(d.last.LocalAddr().String())
		}
	}
}

// TestReversalOvertakes has a request arrive after its reversal: it is refused.
func TestReversalOvertakes(t *testing.T) {
	b := newLab(t, iso.Config{}, host.Config{Timeout: long})
	r := b.sale(1000)
	if a, err := b.client.Reverse(within(t, long), b.reversal(r, "0200"), false); err != nil || a.Action != host.NotFound {
		t.Fatalf("%+v, %v", a, err)
	}
	if a, err := b.client.Financial(within(t, long), r); err != nil || a.Approved() {
		t.Fatalf("%+v, %v", a, err)
	}
	if n, _ := b.server.Charged("826"); n != 0 {
		t.Errorf("charged %d", n)
	}
}

// TestSecondRequest sends one request twice: the host decides once.
func TestSecondRequest(t *testing.T) {
	b := newLab(t, iso.Config{}, host.Config{})
	r := b.sale(1000)
	first, err := b.client.Financial(within(t, long), r)
	if err != nil {
		t.Fatal(err)
	}
	second, err := b.client.Financial(within(t, long), r)
	if err != nil || second.Approval != first.Approval || second.Code != "00" {
		t.Errorf("%+v, %v", second, err)
	}
	if n, entries := b.server.Charged("826"); n != 1000 || entries != 1 {
		t.Errorf("charged %d in %d", n, entries)
	}
	r.Amount = 2000
	if a, err := b.client.Financial(within(t, long), r); err != nil || a.Code != "94" {
		t.Errorf("another amount: %+v, %v", a, err)
	}
}

func TestConcurrent(t *testing.T) {
	b := newLab(t, iso.Config{}, host.Config{Timeout: long})
	b.server.Misbehave(must(iso.ParseFaults("delay=30ms@0200*7\ndouble@0200*9"))...)
	var all sync.WaitGroup
	const n = 24
	requests := make([]*host.Request, n)
	for i := range requests {
		requests[i] = b.sale(uint64(100 + i))
	}
	for _, r := range requests {
		all.Go(func() {
			a, err := b.client.Financial(within(t, long), r)
			if err != nil || !a.Approved() || a.Amount != r.Amount || a.RRN != r.RRN {
				t.Errorf("%d: %+v, %v", r.STAN, a, err)
			}
		})
	}
	all.Wait()
	connections := 0
	for _, e := range b.heard() {
		if e.Kind == host.Connected {
			connections++
		}
	}
	if connections != 1 {
		t.Errorf("%d connections", connections)
	}
}

func TestNothingSent(t *testing.T) {
	b := newLab(t, iso.Config{}, host.Config{})
	check := func(about string, err error, want host.Code) {
		t.Helper()
		if code(err) != want || sent(err) {
			t.Errorf("%s: %v", about, err)
		}
	}
	r := b.sale(1)
	r.STAN = 0
	_, err := b.client.Financial(within(t, long), r)
	check("no STAN", err, host.CodeField)

	ended, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = b.client.Financial(ended, b.sale(1))
	check("ctx ended", err, host.CodeContext)

	l := must(net.Listen("tcp", "127.0.0.1:0"))
	nobody := l.Addr().String()
	_ = l.Close()
	c := must(host.New(host.Config{Endpoint: host.Endpoint{Address: nobody}, Keys: b.keys, Terminal: "T0000001", Merchant: "M"}))
	_, err = c.Financial(within(t, long), b.sale(1))
	check("nobody listens", err, host.CodeConnect)

	_, err = b.client.Reverse(within(t, long), b.sale(1), false)
	check("a reversal of nothing", err, host.CodeMissing)
	_, err = b.client.Insist(within(t, long), host.OpFinancial, b.sale(1), false)
	check("a sale is not repeated", err, host.CodeMTI)

	if err := b.client.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = b.client.Financial(within(t, long), b.sale(1))
	check("closed", err, host.CodeClosed)
	if len(b.server.Ledger()) != 0 {
		t.Error("the host has seen something")
	}
}

// TestStanInUse has two requests with one number under way.
func TestStanInUse(t *testing.T) {
	b := newLab(t, iso.Config{}, host.Config{Timeout: long})
	b.server.Misbehave(iso.Fault{Kind: iso.Reorder, MTI: "0200", Times: 1})
	r := b.sale(10)
	first := make(chan error)
	go func() {
		_, err := b.client.Financial(within(t, long), r)
		first <- err
	}()
	b.wait(host.Sent)
	if _, err := b.client.Financial(within(t, long), r); code(err) != host.CodeInUse || sent(err) {
		t.Errorf("%v", err)
	}
	// The next answer lets the one go that is held back.
	if err := b.client.Echo(within(t, long), b.trace()); err != nil {
		t.Fatal(err)
	}
	if err := <-first; err != nil {
		t.Error(err)
	}
}

// TestCloseUnderWay closes with a request under way.
func TestCloseUnderWay(t *testing.T) {
	b := newLab(t, iso.Config{}, host.Config{Timeout: long})
	b.server.Misbehave(iso.Fault{Kind: iso.Drop})
	end := make(chan error)
	go func() {
		_, err := b.client.Financial(within(t, long), b.sale(10))
		end <- err
	}()
	b.wait(host.Sent)
	_ = b.client.Close()
	if err := <-end; code(err) != host.CodeLost || !sent(err) {
		t.Errorf("%v", err)
	}
}

// TestReconnect has the host go away between two requests.
func TestReconnect(t *testing.T) {
	b := newLab(t, iso.Config{}, host.Config{Timeout: long})
	b.server.Misbehave(iso.Fault{Kind: iso.Cut, MTI: "0800", Times: 1})
	if err := b.client.Echo(within(t, long), b.trace()); code(err) != host.CodeLost {
		t.Fatal(err)
	}
	b.wait(host.Closed)
	for range 3 {
		if a, err := b.client.Financial(within(t, long), b.sale(10)); err != nil || !a.Approved() {
			t.Fatal(a, err)
		}
	}
}

// TestNothingIsShown searches everything that the client and the host tell for the card number that was paid with.
func TestNothingIsShown(t *testing.T) {
	b := newLab(t, iso.Config{}, host.Config{Timeout: soon})
	b.server.Misbehave(must(iso.ParseFaults("mangle@0200\nmac@0200\nwrong@0200"))...)
	var told []any
	for range 4 {
		r := b.sale(1000)
		a, err := b.client.Financial(within(t, long), r)
		told = append(told, a, err)
		if a != nil {
			told = append(told, a.Message)
		}
		m, err := b.client.Dialect().Message(host.OpFinancial, false, nil, r)
		told = append(told, m, err)
	}
	for _, e := range b.heard() {
		told = append(told, e)
	}
	text := fmt.Sprintf("%v %+v %v", told, told, b.server.Ledger())
	if strings.Contains(text, pan) || strings.Contains(text, pan[:12]) {
		t.Error("the card number is shown")
	}
	if !strings.Contains(text, "0119") {
		t.Error("nothing was searched: the last four digits should be in the ledger")
	}
}

// TestHostComesBack has a reversal wait for a host that is not there at first: it is sent as the first one then, not as a
// repeat.
func TestHostComesBack(t *testing.T) {
	var down atomic.Int32
	down.Store(3)
	var b *lab
	b = newLab(t, iso.Config{}, host.Config{
		Timeout: long, Pause: func(int) time.Duration { return time.Millisecond },
		Dial: func(ctx context.Context) (net.Conn, error) {
			if down.Add(-1) >= 0 {
				return nil, errors.New("no route to host")
			}
			return (&host.Endpoint{Address: b.addr}).Dial(ctx)
		},
	})
	a, err := b.client.Insist(within(t, long), host.OpReverse, b.reversal(b.sale(1000), "0200"), false)
	if err != nil || a.Code != "25" {
		t.Fatalf("%+v, %v", a, err)
	}
	if e := b.wait(host.Sent); e.MTI != "0420" {
		t.Errorf("sent as %s", e.MTI)
	}
	down.Store(1 << 20)
	_ = b.client.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.client.Insist(ctx, host.OpReverse, b.reversal(b.sale(1000), "0200"), false); err == nil {
		t.Error("a closed client has an answer")
	}
}

// TestChargedIffKnown pays many times, eight at a time, with faults thrown in by chance. Where nobody knows what the host did
// the sale is reversed until that is acknowledged. In the end the host has charged what the till knows of, and no more.
func TestChargedIffKnown(t *testing.T) {
	const sales = 64
	for seed := range uint64(3) {
		b := newLab(t, iso.Config{}, host.Config{Timeout: 40 * time.Millisecond, Pause: func(int) time.Duration { return time.Millisecond }})
		random := rand.New(rand.NewPCG(seed, 42)) //nolint:gosec // the same faults each time
		kinds := []string{"drop", "lose", "double", "mangle", "mac", "cut", "stray", "wrong", "reorder", "delay=20ms", "delay=60ms", "decline=05"}
		for range sales {
			kind := kinds[random.IntN(len(kinds))]
			at := []string{"0200", "042", "0"}[random.IntN(3)]
			if strings.HasPrefix(kind, "decline") {
				at = "0200" // a reversal that is declined is one that the host refuses for good
			}
			b.server.Misbehave(must(iso.ParseFault(kind + "@" + at)))
		}
		requests, reversals := make([]*host.Request, sales), make([]*host.Request, sales)
		for i := range requests {
			requests[i] = b.sale(uint64(1 + i))
			reversals[i] = b.reversal(requests[i], "0200")
		}
		var known atomic.Int64
		var all sync.WaitGroup
		turns := make(chan struct{}, 8)
		for i, r := range requests {
			turns <- struct{}{}
			all.Go(func() {
				defer func() { <-turns }()
				a, err := b.client.Financial(within(t, long), r)
				switch {
				case err == nil && a.Approved():
					known.Add(int64(r.Amount))
				case err != nil && sent(err):
					if _, err := b.client.Insist(within(t, long), host.OpReverse, reversals[i], false); err != nil {
						t.Errorf("seed %d: reversal of %d: %v", seed, r.STAN, err)
					}
				}
			})
		}
		all.Wait()
		if n, _ := b.server.Charged("826"); n != known.Load() {
			t.Errorf("seed %d: charged %d, known %d", seed, n, known.Load())
		}
		if known.Load() == 0 || known.Load() == sales*(sales+1)/2 {
			t.Errorf("seed %d: no fault, or nothing but faults: %d", seed, known.Load())
		}
	}
}
