package session_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cardwright/emv/terminal/pairing"
	"github.com/cardwright/emv/terminal/session"
	"github.com/cardwright/emv/terminal/wire"
)

func TestWelcome(t *testing.T) {
	r := newRig(t, nil)
	c := r.connect()
	w := c.welcome
	if w.Protocol != (wire.Protocol{Major: 1, Minor: 5}) || w.TerminalID != r.config.Terminal.String() || w.Config != 3 || w.Lease.Epoch != 7 || w.Lease.Owner != "" || w.Status.State != "ready" || len(w.Addresses) != 1 {
		t.Errorf("%+v", w)
	}
	if f := r.ask(c, wire.TypeStatusAsk, "q1", &wire.StatusAsk{}); f.Type != wire.TypeStatus {
		t.Errorf("%s %s", f.Type, f.Body)
	}
	if e := errorOf(t, r.ask(c, "dance", "q2", &wire.StatusAsk{})); e.Code != wire.CodeUnknownType {
		t.Error(e)
	}
	till := <-r.connected
	if at, ok := till.Heard(); !ok || time.Since(at) > session.Dead {
		t.Errorf("heard %v, %v", at, ok)
	}
}

// Each condition of a session flipped alone. S9 to S12, S41.
func TestRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*rig)
		want   wire.Code
	}{
		"unpaired key":      {func(r *rig) { r.till.Cert = cert(r.t, pairing.Till, "till-7") }, wire.CodeUnpaired},
		"another name":      {func(r *rig) { r.till.Hello.PosID = "till-8" }, wire.CodeUnpaired},
		"another terminal":  {func(r *rig) { r.till.Record.Pin[0]++ }, wire.CodeForged},
		"renamed terminal":  {func(r *rig) { r.till.Record.ID = "ffff" }, wire.CodeForged},
		"protocol":          {func(r *rig) { r.config.Policy.Protocol.Min.Minor, r.config.Policy.Protocol.Max.Minor = 6, 9 }, wire.CodeProtocol},
		"app":               {func(r *rig) { r.till.Hello.AppVersion = wire.Version{Major: 8, Minor: 15, Patch: 9} }, wire.CodeAppTooOld},
		"platform":          {func(r *rig) { r.config.Policy.Platforms = []string{"android"} }, wire.CodePlatform},
		"merchant":          {func(r *rig) { r.till.Hello.Merchant = "ajax" }, wire.CodeMerchant},
		"location":          {func(r *rig) { r.till.Hello.Location = "store-2" }, wire.CodeLocation},
		"country":           {func(r *rig) { r.till.Hello.Country = "IE" }, wire.CodeCountry},
		"store's country":   {func(r *rig) { r.config.Policy.StoreCountry = "IE" }, wire.CodeCountry},
		"network":           {func(r *rig) { r.config.Policy.SameNetwork = func(netip.Addr, []string) bool { return false } }, wire.CodeNetwork},
		"number above 2^53": {func(r *rig) { r.till.Hello.Epoch = 1 << 60 }, wire.CodeBadMessage},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, c.change)
			_, _, err := session.Connect(context.Background(), &r.till, r.address)
			wantCode(t, err, c.want)
			if len(r.connected) != 0 && name != "renamed terminal" { // that one is refused by the till
				t.Error("the till counts as connected")
			}
		})
	}
}

// The session port tells nobody anything without a paired key, and speaks nothing but sessions.
func TestStrangers(t *testing.T) {
	r := newRig(t, nil)
	if c, err := net.Dial("tcp", r.address); err == nil {
		_, _ = c.Write([]byte("GET /session HTTP/1.1\r\nHost: x\r\n\r\n"))
		b, _ := io.ReadAll(io.LimitReader(c, 4096))
		if strings.Contains(string(b), "Counter") || strings.Contains(string(b), "101") {
			t.Errorf("plain text gets %q", b)
		}
		_ = c.Close()
	}
}

// The lease: nobody, one, taken over, kept while a payment is under way; and the fence of its epoch. P13.
func TestLease(t *testing.T) {
	r := newRig(t, nil)
	c := r.connect()
	if e := errorOf(t, r.ask(c, wire.TypePay, "p0", payment(7))); e.Code != wire.CodeNoLease {
		t.Error(e)
	}
	var l wire.Lease
	if err := wire.Decode(r.ask(c, wire.TypeLeaseAsk, "l1", &wire.LeaseAsk{}).Body, &l); err != nil || l.Owner != "till-7" || l.Epoch != 8 {
		t.Fatalf("%v, %v", l, err)
	}
	if holder := r.lease.Holder("till-8"); holder != "Till 7" || r.lease.Holder("till-7") != "" {
		t.Errorf("holder %q", holder)
	}
	if e := errorOf(t, r.ask(c, wire.TypePay, "p1", payment(7))); e.Code != wire.CodeFenced {
		t.Error(e)
	}
	if err := r.till.Stream.Add(wire.TypePay, "p2", must[[]byte](t)(encode(payment(8)))); err != nil {
		t.Fatal(err)
	}
	if f := <-r.frames; f.ID != "p2" {
		t.Errorf("%+v", f)
	}
	// Another till asks.
	_, err := r.lease.Ask("till-8", "Till 8", false)
	wantCode(t, err, wire.CodeLeased)
	r.mu.Lock()
	r.busy = ulid
	r.mu.Unlock()
	_, err = r.lease.Ask("till-8", "Till 8", true)
	wantCode(t, err, wire.CodeBusy)
	r.mu.Lock()
	r.busy = ""
	r.mu.Unlock()
	if l, err := r.lease.Ask("till-8", "Till 8", true); err != nil || l.Epoch != 9 || l.Owner != "till-8" {
		t.Fatalf("%v, %v", l, err)
	}
	// What the first still sends is late.
	if e := errorOf(t, r.ask(c, wire.TypePay, "p3", payment(8))); e.Code != wire.CodeFenced || e.Holder != "Till 8" {
		t.Error(e)
	}
	if e := errorOf(t, r.ask(c, wire.TypePayCancel, "p4", &wire.PaymentCancel{RequestID: ulid, Reason: "cashier", LeaseEpoch: 9})); e.Code != wire.CodeNoLease {
		t.Error(e)
	}
	if e := errorOf(t, r.ask(c, wire.TypeCartSet, "p5", &wire.CartSet{CartID: "c", Rev: 1, Currency: "GBP", Locale: "en"})); e.Code != wire.CodeNoLease {
		t.Error(e)
	}
	wantCode(t, r.lease.Give("till-7", 8), wire.CodeFenced)
	if err := r.lease.Give("till-8", 9); err != nil || r.lease.Now().Epoch != 10 || r.lease.Now().Owner != "" {
		t.Errorf("%v, %v", r.lease.Now(), err)
	}
	// An epoch that can't be stored does not count.
	broken := session.NewLease(1, func(uint64) error { return io.ErrShortWrite }, func() string { return "" }, nil)
	_, err = broken.Ask("till-7", "", false)
	wantCode(t, err, wire.CodeInternal)
	if broken.Now().Owner != "" || broken.Now().Epoch != 1 {
		t.Error(broken.Now())
	}
}

// A newer connection takes the place of the older one: the session stays, nothing is lost, and the older one's number is
// refused afterwards. S32, P8.
func TestMove(t *testing.T) {
	r := newRig(t, nil)
	old := r.connect()
	till := <-r.connected
	r.till.Hello.Epoch = 2
	moved := r.connect()
	if err := <-old.err; err == nil {
		t.Error("the old connection ended without a reason")
	}
	if f := moved.next(t); f.Type != wire.TypeSessionMove || string(f.Body) != `{"epoch":2}` {
		t.Errorf("%s %s", f.Type, f.Body)
	}
	if moved.welcome.Session != old.welcome.Session {
		t.Error("another session")
	}
	if err := till.Send(wire.TypeAddrUpdate, "", &wire.AddrUpdate{Addresses: []string{"10.0.0.1:4443"}}); err != nil {
		t.Fatal(err)
	}
	if f := moved.next(t); f.Type != wire.TypeAddrUpdate {
		t.Errorf("%s", f.Type)
	}
	for _, epoch := range []uint64{1, 2} {
		r.till.Hello.Epoch = epoch
		_, _, err := session.Connect(context.Background(), &r.till, r.address)
		wantCode(t, err, wire.CodeStale)
	}
	// A till that starts anew has forgotten its numbers.
	r.till.Stream = must[*session.Stream](t)(session.NewStream(rand.Reader))
	r.till.Hello.Epoch = 1
	r.connect()
}

// cutter passes a connection on and cuts it after some bytes.
type cutter struct {
	net.Conn
	mu   sync.Mutex
	left int
}

func (c *cutter) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.left -= len(b); c.left < 0 {
		_ = c.Close()
		return 0, io.ErrClosedPipe
	}
	return c.Conn.Write(b)
}

// 300 frames each way over connections that break in the midst: each arrives once, in order. P12, S51.
func TestBrokenConnections(t *testing.T) {
	r := newRig(t, nil)
	const frames = 300
	cut := 6000
	r.till.Dial = func(ctx context.Context, a string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, "tcp", a)
		if err != nil {
			return nil, err
		}
		cut += 777
		return &cutter{Conn: c, left: cut}, nil
	}
	till := must[*session.Till](t)(r.server.Till("till-7"))
	for i := range frames {
		if err := till.Send(wire.TypeStatus, fmt.Sprintf("t%d", i), &wire.Status{State: "ready"}); err != nil {
			t.Fatal(err)
		}
		if err := r.till.Stream.Add(wire.TypePayStatus, fmt.Sprintf("p%d", i), must[[]byte](t)(encode(&wire.PaymentStatus{RequestID: ulid}))); err != nil {
			t.Fatal(err)
		}
	}
	got := make(chan string, 2*frames)
	connections := 0
	for len(got) < frames || len(r.frames) < frames {
		connections++
		r.till.Hello.Epoch = uint64(connections)
		l, _, err := session.Connect(context.Background(), &r.till, r.address)
		if err != nil {
			continue
		}
		run, cancel := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() {
			ended <- l.Run(run, func(f wire.Frame) {
				if f.Type == wire.TypeStatus {
					got <- f.ID
				}
			})
		}()
		for alive := true; alive; {
			select {
			case <-ended:
				alive = false
			case <-time.After(time.Millisecond):
				if len(got) >= frames && len(r.frames) >= frames {
					cancel()
				}
			}
		}
		cancel()
		if connections > 1000 {
			t.Fatalf("%d and %d of %d after %d connections", len(got), len(r.frames), frames, connections)
		}
	}
	if connections < 5 {
		t.Errorf("only %d connections: nothing was broken", connections)
	}
	for i := range frames {
		if id := <-got; id != fmt.Sprintf("t%d", i) {
			t.Fatalf("frame %d is %s", i, id)
		}
		if f := <-r.frames; f.ID != fmt.Sprintf("p%d", i) {
			t.Fatalf("frame %d of the till is %s", i, f.ID)
		}
	}
}

// The same without sockets: whatever is lost with a connection, both ends agree.
func TestStream(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, _ := session.NewStream(rand.Reader)
		b, _ := session.NewStream(rand.Reader)
		var flying []wire.Frame // under way from a to b
		var got []uint64
		sent := uint64(0)
		if _, err := b.Resume(a.Name(), "", 0); err != nil {
			t.Fatal(err)
		}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			switch rapid.IntRange(0, 3).Draw(t, "step") {
			case 0:
				if a.Add(wire.TypePay, "", nil) == nil {
					sent++
					flying = append(flying, wire.Frame{Seq: sent})
				}
			case 1:
				if len(flying) > 0 {
					if fresh, err := b.Accept(flying[0].Seq); err != nil {
						t.Fatal(err)
					} else if fresh {
						got = append(got, flying[0].Seq)
					}
					flying = flying[1:]
				}
			case 2:
				_, last := b.Seen()
				if err := a.Acked(last); err != nil {
					t.Fatal(err)
				}
			default: // the connection breaks: what was under way is lost, the rest comes again
				peer, last := b.Seen()
				if _, err := b.Resume(a.Name(), b.Name(), 0); err != nil {
					t.Fatal(err)
				}
				after, err := a.Resume(b.Name(), peer, last)
				if err != nil {
					t.Fatal(err)
				}
				flying = nil
				for s := max(after, sent-uint64(a.Waiting())) + 1; s <= sent; s++ {
					flying = append(flying, wire.Frame{Seq: s})
				}
			}
		}
		for _, f := range flying {
			if fresh, err := b.Accept(f.Seq); err != nil {
				t.Fatal(err)
			} else if fresh {
				got = append(got, f.Seq)
			}
		}
		for i, s := range got {
			if s != uint64(i+1) {
				t.Fatalf("got %v", got)
			}
		}
	})
}

func TestStreamRefuses(t *testing.T) {
	s := must[*session.Stream](t)(session.NewStream(rand.Reader))
	wantCode(t, s.Acked(1), wire.CodeBadMessage)
	_, err := s.Resume("x", s.Name(), 1)
	wantCode(t, err, wire.CodeBadMessage)
	if fresh, err := s.Accept(5); !fresh || err != nil {
		t.Errorf("the first of a stream: %v, %v", fresh, err)
	}
	if fresh, err := s.Accept(5); fresh || err != nil {
		t.Errorf("again: %v, %v", fresh, err)
	}
	_, err = s.Accept(7)
	wantCode(t, err, wire.CodeBadMessage)
	for range session.MaxQueue {
		if err := s.Add(wire.TypePay, "", nil); err != nil {
			t.Fatal(err)
		}
	}
	wantCode(t, s.Add(wire.TypePay, "", nil), wire.CodeOverflow)
	big := must[*session.Stream](t)(session.NewStream(rand.Reader))
	wantCode(t, big.Add(wire.TypePay, "", make([]byte, session.MaxBody+1)), wire.CodeTooLarge)
	for range session.MaxQueueBytes / session.MaxBody {
		if err := big.Add(wire.TypePay, "", make([]byte, session.MaxBody)); err != nil {
			t.Fatal(err)
		}
	}
	wantCode(t, big.Add(wire.TypePay, "", make([]byte, session.MaxBody)), wire.CodeOverflow)
}

// clock stands still until it is moved.
type clock struct {
	mu    sync.Mutex
	now   time.Time
	waits map[chan time.Time]time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) After(d time.Duration) <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	w := make(chan time.Time, 1)
	c.waits[w] = c.now.Add(d)
	return w
}

// add moves the clock once n are waiting for it.
func (c *clock) add(d time.Duration, n int) {
	for {
		c.mu.Lock()
		if len(c.waits) >= n {
			break
		}
		c.mu.Unlock()
		time.Sleep(time.Millisecond)
	}
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	for w, at := range c.waits {
		if !at.After(c.now) {
			w <- c.now
			delete(c.waits, w)
		}
	}
}

// A till that stands still is dead after fifteen seconds, and lives on in its session. S71, P10.
func TestDead(t *testing.T) {
	k := &clock{now: time.Now(), waits: map[chan time.Time]time.Time{}}
	r := newRig(t, func(r *rig) { r.config.Clock = k })
	l, w, err := session.Connect(context.Background(), &r.till, r.address) // greets, and then nothing: Run is not called
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	till := <-r.connected
	k.add(session.Beat, 1)
	k.add(session.Beat, 1)
	if _, ok := till.Heard(); !ok || len(r.gone) != 0 {
		t.Error("dead after ten seconds")
	}
	k.add(session.Beat, 1)
	<-r.gone
	if _, ok := till.Heard(); ok {
		t.Error("alive after fifteen")
	}
	r.till.Hello.Epoch = 2
	if again := r.connect(); again.welcome.Session != w.Session {
		t.Error("another session")
	}
}

// What is too large or is no frame ends the connection, and only that.
func TestHostileFrames(t *testing.T) {
	r := newRig(t, nil)
	c := r.connect()
	if e := errorOf(t, r.ask(c, wire.TypePay, "a", &wire.StatusAsk{})); e.Code != wire.CodeBadMessage {
		t.Error(e)
	}
	if e := errorOf(t, r.ask(c, wire.TypeLeaseGive, "b", &wire.LeaseGive{Epoch: 99})); e.Code != wire.CodeFenced {
		t.Error(e)
	}
	till := <-r.connected
	if err := till.Send(wire.TypeError, "", &wire.Error{Code: "not a code"}); err == nil {
		t.Error("what is outside the schema is sent")
	}
}

func TestForget(t *testing.T) {
	r := newRig(t, nil)
	c := r.connect()
	<-r.connected
	if err := r.server.Forget("till-7"); err != nil {
		t.Fatal(err)
	}
	if err := <-c.err; err == nil {
		t.Error("no reason")
	}
	r.till.Hello.Epoch = 2
	_, _, err := session.Connect(context.Background(), &r.till, r.address)
	wantCode(t, err, wire.CodeUnpaired)
	_, err = r.server.Till("till-7")
	wantCode(t, err, wire.CodeUnpaired)
}

// A till that is unpaired between its handshake and its hello is not let in: it had ten seconds for that.
func TestForgetBeforeHello(t *testing.T) {
	r := newRig(t, func(r *rig) {
		r.config.Policy.SameNetwork = func(netip.Addr, []string) bool { // the record was read, the hello is being looked at
			if err := r.server.Forget("till-7"); err != nil {
				t.Error(err)
			}
			return true
		}
	})
	_, _, err := session.Connect(context.Background(), &r.till, r.address)
	wantCode(t, err, wire.CodeUnpaired)
	if len(r.connected) != 0 || len(r.server.Tills()) != 0 {
		t.Error("it has a session")
	}
}

// S21: GET only, and nothing that names the device.
func TestPlain(t *testing.T) {
	h := session.Plain(wire.This, func() string { return "standby" })
	get := func(method, path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(method, path, nil))
		return w
	}
	var p session.Public
	w := get("GET", "/hello")
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || p.State != "standby" || p.Protocol != wire.This {
		t.Errorf("%s, %v", w.Body, err)
	}
	if w := get("GET", "/upnp.xml"); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `<root xmlns="urn:schemas-upnp-org:device-1-0">`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	for method, path := range map[string]string{"POST": "/hello", "PUT": "/upnp.xml", "DELETE": "/hello", "GET": "/"} {
		if w := get(method, path); w.Code != http.StatusMethodNotAllowed && w.Code != http.StatusNotFound {
			t.Errorf("%s %s: %d", method, path, w.Code)
		}
	}
}

// The beacon answers its own tills, under another name each hour, and nobody else. S23.
func TestPresence(t *testing.T) {
	k := &clock{now: time.Date(2026, 11, 23, 9, 59, 59, 0, time.UTC), waits: map[chan time.Time]time.Time{}}
	resume := wire.Key(strings.Repeat("k", 32))
	records := pairing.NewRecords()
	for i, key := range []wire.Key{wire.Key(strings.Repeat("o", 32)), resume} {
		if err := records.Put(pairing.Record{ID: fmt.Sprint(i), Pin: pairing.Pin{byte(i)}, ResumeKey: key}); err != nil {
			t.Fatal(err)
		}
	}
	conn := must[net.PacketConn](t)(net.ListenPacket("udp", "127.0.0.1:0"))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- session.ServePresence(ctx, conn, records, 4443, k) }()
	to := []netip.AddrPort{conn.LocalAddr().(*net.UDPAddr).AddrPort()}
	find := func(key wire.Key, at time.Time, random io.Reader) (netip.AddrPort, error) {
		mine := must[net.PacketConn](t)(net.ListenPacket("udp", "127.0.0.1:0"))
		defer mine.Close()
		// Another till's terminal answers nothing: a probe of the right key behind it shows that it was looked at.
		ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
		defer cancel()
		return session.Find(ctx, mine, to, &pairing.Record{ResumeKey: key}, at, random)
	}
	for _, skew := range []time.Duration{0, time.Second, -time.Hour, time.Hour} {
		a, err := find(resume, k.now.Add(skew), rand.Reader)
		if err != nil || a.String() != "127.0.0.1:4443" {
			t.Errorf("%v: %v, %v", skew, a, err)
		}
	}
	_, err := find(wire.Key(strings.Repeat("x", 32)), k.now, rand.Reader)
	wantCode(t, err, wire.CodeUnreachable)
	_, err = find(resume, k.now.Add(3*time.Hour), rand.Reader)
	wantCode(t, err, wire.CodeUnreachable)
	if session.PresenceID(resume, k.now) == session.PresenceID(resume, k.now.Add(time.Second)) {
		t.Error("the name stays over the hour")
	}
	cancel()
	<-done
}
