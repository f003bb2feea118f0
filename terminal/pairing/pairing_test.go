package pairing_test

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cardwright/emv/terminal/pairing"
	"github.com/cardwright/emv/terminal/wire"
)

func TestPair(t *testing.T) {
	for _, managed := range []bool{false, true} {
		t.Run(fmt.Sprintf("managed=%v", managed), func(t *testing.T) {
			r := newRig(t, managed)
			s := r.run()
			mine, err := pairing.Join(context.Background(), &r.till, s.code())
			if err != nil {
				t.Fatal(err)
			}
			<-s.done
			if s.err != nil {
				t.Fatal(s.err)
			}
			if mine.Confirmation != s.paired.Confirmation {
				t.Errorf("the screens differ: %v and %v", mine.Confirmation, s.paired.Confirmation)
			}
			if c := mine.Confirmation; c.Words[0] == "" || c.Words[1] == "" || len(c.Digits) != 4 {
				t.Errorf("confirmation %v", c)
			}
			theirs, ok := r.config.Records.ByID("till-7")
			if !ok || theirs.Pin != pairing.PinOf(r.till.Cert.Leaf.RawSubjectPublicKeyInfo) {
				t.Error("the terminal has not the till's key")
			}
			ours, ok := r.till.Records.ByID(r.tid.String())
			if !ok || ours.Pin != pairing.PinOf(r.config.Cert.Leaf.RawSubjectPublicKeyInfo) || !ours.Default {
				t.Error("the till has not the terminal's key, or not as default")
			}
			if string(ours.ResumeKey) != string(theirs.ResumeKey) || len(ours.ResumeKey) != 32 {
				t.Error("the resume keys differ")
			}
			if len(ours.Addresses) != 1 || ours.Addresses[0] != "127.0.0.1:4443" {
				t.Errorf("addresses %v", ours.Addresses)
			}
		})
	}
}

// A stand-alone till that was never paired has no location: it takes over the terminal's.
func TestAdopt(t *testing.T) {
	r := newRig(t, false)
	r.till.Merchant, r.till.Location, r.till.Country = "", "", ""
	s := r.run()
	p, err := pairing.Join(context.Background(), &r.till, s.code())
	if err != nil {
		t.Fatal(err)
	}
	if p.Record.Merchant != "acme" || p.Record.Location != "store-1" || p.Record.Country != "GB" {
		t.Errorf("adopted %s %s %s", p.Record.Merchant, p.Record.Location, p.Record.Country)
	}
}

// flipped is a rig of which one thing is wrong.
type flipped struct {
	name    string
	managed bool
	set     func(*testing.T, *rig)
	hello   func(*wire.PairHello)
	want    wire.Code
}

// flips are all checks of PRODUCT 3.1, step 3, in their order.
func flips() []flipped {
	other := func(merchant, location, id string, kind pairing.Kind, at time.Time) func(*testing.T, *rig) {
		return func(t *testing.T, r *rig) {
			a := r.authority(r.root, merchant, location)
			i := pairing.Identity{Merchant: merchant, Location: location, Kind: kind, ID: id}
			r.till.Cert = must[tls.Certificate](t)(a.Device(key(t), i, rand.Reader, at))
		}
	}
	return []flipped{
		{"another proof", false, nil, func(h *wire.PairHello) { h.MACP = make(wire.Bytes, 32) }, wire.CodeForged},
		{"another code's id", false, nil, func(h *wire.PairHello) { h.CodeID = make(wire.Bytes, 8) }, wire.CodeForged},
		{"another key than TLS has", false, nil, func(h *wire.PairHello) { h.PosSPKI = append(wire.Bytes(nil), h.PosSPKI[1:]...) }, wire.CodeForged},
		{"protocol too old", false, nil, func(h *wire.PairHello) { h.Protocol.Min.Minor, h.Protocol.Max.Minor = 1, 2 }, wire.CodeProtocol},
		{"protocol too new", false, nil, func(h *wire.PairHello) { h.Protocol.Min.Major, h.Protocol.Max.Major = 2, 2 }, wire.CodeProtocol},
		{"app 8.15.9", false, nil, func(h *wire.PairHello) { h.AppVersion = wire.Version{Major: 8, Minor: 15, Patch: 9} }, wire.CodeAppTooOld},
		{"app 8.16.0-beta", false, nil, func(h *wire.PairHello) { h.AppVersion.Pre = "beta" }, wire.CodeAppTooOld},
		{"platform", false, func(_ *testing.T, r *rig) { r.config.Policy.Platforms = []string{"ios"} }, func(h *wire.PairHello) { h.Platform = "web" }, wire.CodePlatform},
		{"self-signed under a root", true, func(t *testing.T, r *rig) { r.till.Cert = newRig(t, false).till.Cert }, nil, wire.CodeChain},
		{"another root", true, func(t *testing.T, r *rig) { r.till.Cert = newRig(t, true).till.Cert }, nil, wire.CodeChain},
		{"a terminal's certificate", true, other("acme", "store-1", "till-7", pairing.Terminal, start()), nil, wire.CodeChain},
		{"another device's certificate", true, other("acme", "store-1", "till-8", pairing.Till, start()), nil, wire.CodeChain},
		{"expired certificate", true, other("acme", "store-1", "till-7", pairing.Till, start().Add(-91*24*time.Hour)), nil, wire.CodeCertExpired},
		{"merchant in the certificate", true, other("ajax", "store-1", "till-7", pairing.Till, start()), nil, wire.CodeMerchant},
		{"merchant in the message", true, nil, func(h *wire.PairHello) { h.Merchant = "ajax" }, wire.CodeMerchant},
		{"merchant, stand-alone", false, nil, func(h *wire.PairHello) { h.Merchant = "ajax" }, wire.CodeMerchant},
		{"location in the certificate", true, other("acme", "store-2", "till-7", pairing.Till, start()), nil, wire.CodeLocation},
		{"location in the message", true, nil, func(h *wire.PairHello) { h.Location = "store-2" }, wire.CodeLocation},
		{"location, stand-alone", false, nil, func(h *wire.PairHello) { h.Location = "store-2" }, wire.CodeLocation},
		{"store of another country", false, func(_ *testing.T, r *rig) { r.config.Policy.StoreCountry = "IE" }, nil, wire.CodeCountry},
		{"till of another country", false, nil, func(h *wire.PairHello) { h.Country = "IE" }, wire.CodeCountry},
		{"network", false, func(_ *testing.T, r *rig) {
			r.config.Policy.SameNetwork = func(netip.Addr, []string) bool { return false }
		}, nil, wire.CodeNetwork},
		{"leased", false, func(_ *testing.T, r *rig) { r.config.Leased = func(string) string { return "Till 1" } }, nil, wire.CodeLeased},
		{"not the schema", false, nil, func(h *wire.PairHello) { h.PosID = "till 7" }, wire.CodeBadMessage},
	}
}

// Every check is flipped alone, and nothing else.
func TestRefusals(t *testing.T) {
	for _, test := range flips() {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, test.managed)
			if test.set != nil {
				test.set(t, r)
			}
			s := r.run()
			l := connect(t, s.code(), r.till.Cert)
			test.check(t, r, l.send(l.hello(test.change(r))))
		})
	}
}

// change makes the hello of a flip.
func (f *flipped) change(r *rig) func(*wire.PairHello) {
	return func(h *wire.PairHello) {
		for _, der := range r.till.Cert.Certificate[1:] {
			h.Chain = append(h.Chain, der)
		}
		if f.hello != nil {
			f.hello(h)
		}
	}
}

// check holds an answer to what a flip wants.
func (f *flipped) check(t *testing.T, r *rig, a wire.PairAnswer) {
	t.Helper()
	refusedWith(t, a, f.want)
	if got := r.codesRefused(); len(got) != 1 || got[0] != f.want {
		t.Errorf("the screen hears of %v", got)
	}
	if a.Error.Code == wire.CodeAppTooOld && a.Error.Least != "8.16.0" {
		t.Errorf("least version %q", a.Error.Least)
	}
	if a.Error.Code == wire.CodeLeased && a.Error.Holder != "Till 1" {
		t.Errorf("holder %q", a.Error.Holder)
	}
	if len(r.config.Records.All()) != 0 {
		t.Error("a refused till has a record")
	}
}

// S9: versions are numbers.
func TestVersions(t *testing.T) {
	for version, want := range map[string]bool{
		"8.15.9": false, "8.16.0": true, "8.16": true, "9.0": true, "10.2": true, "8.9.99": false, "7": false,
		"8.16.0-rc.1": false, "8.16.1-rc.1": true, "8.16.0+4711": true,
	} {
		v := must[wire.Version](t)(wire.ParseVersion(version))
		if (v.Compare(pairing.DefaultMinApp) >= 0) != want {
			t.Errorf("%s: want %v", version, want)
		}
	}
	for _, bad := range []string{"", "8..1", "a", "8.016", "8.1.1.1", "-1", "8.16-", "99999999999", "8 .1"} {
		if v, err := wire.ParseVersion(bad); err == nil {
			t.Errorf("%q is read as %v", bad, v)
		}
	}
}

// The first proof that holds spends the code, even if a later check refuses the till; a new one is drawn at once.
func TestSpent(t *testing.T) {
	r := newRig(t, false)
	s := r.run()
	text := s.code()
	old := connect(t, text, r.till.Cert)
	refusedWith(t, old.send(old.hello(func(h *wire.PairHello) { h.AppVersion.Major = 1 })), wire.CodeAppTooOld)
	again := connect(t, text, r.till.Cert)
	refusedWith(t, again.send(again.hello(nil)), wire.CodeUsed)
	if _, err := pairing.Join(context.Background(), &r.till, s.code()); err != nil {
		t.Errorf("the new code: %v", err)
	}
}

// The third proof that does not hold erases the code. Strangers, who can't name it, do not count.
func TestSpoiled(t *testing.T) {
	r := newRig(t, false)
	s := r.run()
	text := s.code()
	for range 5 {
		l := connect(t, text, r.till.Cert)
		refusedWith(t, l.send(l.hello(func(h *wire.PairHello) { h.CodeID = []byte("stranger") })), wire.CodeForged)
	}
	for range 3 {
		l := connect(t, text, r.till.Cert)
		refusedWith(t, l.send(l.hello(func(h *wire.PairHello) { h.MACP = make(wire.Bytes, 32) })), wire.CodeForged)
	}
	l := connect(t, text, r.till.Cert)
	refusedWith(t, l.send(l.hello(nil)), wire.CodeSpoiled)
	if next := s.code(); next == text {
		t.Error("the erased code stays on the screen")
	}
}

// S38: five minutes, and a new code each minute while the older ones stay good.
func TestExpiry(t *testing.T) {
	r := newRig(t, false)
	s := r.run()
	texts := []string{s.code()}
	for range 4 {
		r.clock.add(pairing.Redraw)
		texts = append(texts, s.code())
	}
	seen := map[string]bool{}
	for _, text := range texts {
		if seen[text] {
			t.Fatal("a code was drawn twice")
		}
		seen[text] = true
	}
	r.clock.add(pairing.Redraw - time.Second) // the first is 4:59 old
	first := connect(t, texts[0], r.till.Cert)
	refusedWith(t, first.send(first.hello(func(h *wire.PairHello) { h.Platform = "?" })), wire.CodeBadMessage)
	r.clock.add(time.Second)
	late := connect(t, texts[0], r.till.Cert)
	refusedWith(t, late.send(late.hello(nil)), wire.CodeExpired)
	if _, err := pairing.Join(context.Background(), &r.till, texts[1]); err != nil {
		t.Errorf("a code of four minutes: %v", err)
	}
}

// A till that dials a code whose port is closed is told that the code is over.
func TestExpiredOffline(t *testing.T) {
	r := newRig(t, false)
	s := r.run()
	text := s.code()
	s.stop()
	_, err := pairing.Join(context.Background(), &r.till, text)
	wantCode(t, err, wire.CodeUnreachable)
	r.clock.add(pairing.Life)
	_, err = pairing.Join(context.Background(), &r.till, text)
	wantCode(t, err, wire.CodeExpired)
}

// A hello that was recorded is of no use: neither again, nor on another connection while the code lives.
func TestReplay(t *testing.T) {
	r := newRig(t, false)
	s := r.run()
	text := s.code()
	first := connect(t, text, r.till.Cert)
	recorded := first.hello(nil)
	second := connect(t, text, r.till.Cert)
	refusedWith(t, second.send(recorded), wire.CodeForged) // another connection, another exporter
	if a := first.send(recorded); a.OK == nil {
		t.Fatalf("the rightful one: %v", a.Error)
	}
	<-s.done
	again := r.run()
	l := connect(t, again.code(), r.till.Cert)
	refusedWith(t, l.send(recorded), wire.CodeForged) // of another Run
}

// Two tills scan one code: one wins, the other hears that it was used.
func TestRace(t *testing.T) {
	for range 20 {
		r := newRig(t, false)
		s := r.run()
		text := s.code()
		var wg sync.WaitGroup
		errs := make([]error, 2)
		var tills [2]*till
		var hellos [2]*wire.PairHello
		for i := range tills {
			c := r.till
			c.PosID = fmt.Sprintf("till-%d", i)
			c.Cert = must[tls.Certificate](t)(pairing.SelfSigned(key(t), pairing.Identity{Merchant: "acme", Location: "store-1", Kind: pairing.Till, ID: c.PosID}, rand.Reader, start()))
			// Both are connected before either speaks.
			tills[i] = connect(t, text, c.Cert)
			hellos[i] = tills[i].hello(func(h *wire.PairHello) { h.PosID = c.PosID })
		}
		for i, l := range tills {
			wg.Go(func() {
				if a := l.send(hellos[i]); a.Error != nil {
					errs[i] = a.Error
				}
			})
		}
		wg.Wait()
		<-s.done
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Fatalf("not one winner: %v, %v", errs[0], errs[1])
		}
		wantCode(t, errors.Join(errs...), wire.CodeUsed)
		if n := len(r.config.Records.All()); n != 1 {
			t.Fatalf("%d records", n)
		}
	}
}

// Two tills have scanned two codes of one terminal, both good: still one is taken.
func TestRaceOfCodes(t *testing.T) {
	r := newRig(t, false)
	s := r.run()
	one := s.code()
	r.clock.add(pairing.Redraw)
	two := s.code()
	a, b := connect(t, one, r.till.Cert), connect(t, two, r.till.Cert)
	ha, hb := a.hello(nil), b.hello(nil)
	if x := a.send(ha); x.OK == nil {
		t.Fatal(x.Error)
	}
	refusedWith(t, b.send(hb), wire.CodeUsed)
}

// The port is open exactly while a code is shown. S21.
func TestPortClosed(t *testing.T) {
	r := newRig(t, false)
	s := r.run()
	s.code()
	conn, err := net.Dial("tcp", r.address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	s.stop()
	if !errors.Is(s.err, context.Canceled) {
		t.Errorf("Run says %v", s.err)
	}
	if c, err := net.Dial("tcp", r.address); err == nil {
		_ = c.Close()
		t.Error("the port is open without a code")
	}
	if _, err := conn.Read(make([]byte, 1)); err == nil || errors.Is(err, io.ErrNoProgress) {
		t.Errorf("the open connection: %v", err)
	}
}

// A middleman with a key of its own learns nothing: the till does not speak to it.
func TestMiddleman(t *testing.T) {
	r := newRig(t, false)
	s := r.run()
	text := s.code()
	evil := newRig(t, false).config.Cert
	l := must[net.Listener](t)(net.Listen("tcp", "127.0.0.1:0"))
	defer l.Close()
	heard := make(chan int, 1)
	go func() {
		raw, err := l.Accept()
		if err != nil {
			heard <- -1
			return
		}
		defer raw.Close()
		conn := tls.Server(raw, &tls.Config{Certificates: []tls.Certificate{evil}, ClientAuth: tls.RequireAnyClientCert, NextProtos: []string{wire.PairALPN}})
		n, _ := conn.Read(make([]byte, 1))
		heard <- n
	}()
	r.till.Dial = func(ctx context.Context, _ string) (net.Conn, error) { return dial(ctx, l.Addr().String()) }
	_, err := pairing.Join(context.Background(), &r.till, text)
	wantCode(t, err, wire.CodeForged)
	if n := <-heard; n != 0 {
		t.Errorf("the middleman heard %d bytes", n)
	}
}

// Even a till that forgets to look at the pin is of no use to a middleman who relays its hello word for word.
func TestRelay(t *testing.T) {
	r := newRig(t, false)
	s := r.run()
	text := s.code()
	// The middleman ends the till's TLS connection: the till's exporter is that of the connection to the middleman.
	careless := connect(t, text, r.till.Cert)
	h := careless.hello(nil)
	middle := connect(t, text, newRig(t, false).till.Cert)
	refusedWith(t, middle.send(h), wire.CodeForged)
	// With the proof's own parts swapped in for the middleman's key it needs the secret.
	mine := *h
	mine.PosSPKI = middle.cert.Leaf.RawSubjectPublicKeyInfo
	middle = connect(t, text, middle.cert)
	refusedWith(t, middle.send(&mine), wire.CodeForged)
}

// A terminal that does not know the secret can't pair a till, whatever its key.
func TestTerminalProof(t *testing.T) {
	r := newRig(t, false)
	l := must[net.Listener](t)(net.Listen("tcp", "127.0.0.1:0"))
	defer l.Close()
	code := &pairing.Code{
		MinMinor: 3, MaxMinor: 5, Terminal: r.tid, Pin: pairing.PinOf(r.config.Cert.Leaf.RawSubjectPublicKeyInfo),
		Secret: pairing.Secret{1}, Place: pairing.PlaceOf("acme", "store-1"), Expires: uint32(start().Add(time.Minute).Unix()),
		Port: l.Addr().(*net.TCPAddr).AddrPort().Port(), Addresses: []netip.Addr{netip.MustParseAddr("127.0.0.1")},
	}
	go func() {
		raw, err := l.Accept()
		if err != nil {
			return
		}
		conn := tls.Server(raw, &tls.Config{Certificates: []tls.Certificate{r.config.Cert}, ClientAuth: tls.RequireAnyClientCert, NextProtos: []string{wire.PairALPN}})
		defer conn.Close()
		head := make([]byte, 4)
		if _, err := io.ReadFull(conn, head); err != nil {
			return
		}
		n := int(head[2])<<8 | int(head[3])
		if _, err := io.ReadFull(conn, make([]byte, n)); err != nil {
			return
		}
		zero := strings.Repeat("A", 43) // 32 bytes of zeros
		body := fmt.Sprintf(`{"ok":{"mac_t":%q,"protocol":{"major":1,"minor":5},"terminal_id":%q,"name":"","merchant":"acme","location":"store-1","country":"GB","caps":{},"config_version":0,"addresses":[],"resume_key":%q}}`, zero, r.tid, zero)
		_, _ = conn.Write(append([]byte{0, 0, byte(len(body) >> 8), byte(len(body))}, body...))
	}()
	_, err := pairing.Join(context.Background(), &r.till, must[string](t)(code.Text()))
	wantCode(t, err, wire.CodeForged)
	if len(r.till.Records.All()) != 0 {
		t.Error("the till has a record of an impostor")
	}
}

// The till sees what it can before it dials. S67.
func TestSeenBeforeDialling(t *testing.T) {
	r := newRig(t, false)
	s := r.run()
	text := s.code()
	never := func(context.Context, string) (net.Conn, error) {
		t.Error("dialled")
		return nil, io.EOF
	}
	for name, test := range map[string]struct {
		change func(*pairing.JoinConfig)
		want   wire.Code
	}{
		"location": {func(c *pairing.JoinConfig) { c.Location = "store-2" }, wire.CodeLocation},
		"merchant": {func(c *pairing.JoinConfig) { c.Merchant = "ajax" }, wire.CodeLocation},
		"version":  {func(c *pairing.JoinConfig) { c.Version = wire.Version{Major: 8, Minor: 15, Patch: 9} }, wire.CodeAppTooOld},
		"protocol": {func(c *pairing.JoinConfig) { c.Protocol.Min.Minor, c.Protocol.Max.Minor = 6, 7 }, wire.CodeProtocol},
	} {
		c := r.till
		c.Dial = never
		test.change(&c)
		_, err := pairing.Join(context.Background(), &c, text)
		var e *wire.Error
		if !errors.As(err, &e) || e.Code != test.want {
			t.Errorf("%s: got %v, want %s", name, err, test.want)
		}
	}
}

// One dead address and one live one: the till takes the live one. PRODUCT 3.1, step 1.
func TestSecondAddress(t *testing.T) {
	r := newRig(t, false)
	r.config.Addresses = func() []netip.Addr {
		return []netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("127.0.0.1")}
	}
	s := r.run()
	r.till.Clock = quick{r.clock}
	r.till.Dial = func(ctx context.Context, a string) (net.Conn, error) {
		if strings.HasPrefix(a, "192.0.2.1:") {
			<-ctx.Done() // nobody is there: silence
			return nil, ctx.Err()
		}
		return dial(ctx, a)
	}
	if _, err := pairing.Join(context.Background(), &r.till, s.code()); err != nil {
		t.Fatal(err)
	}
}

// quick is a clock on which waits are over at once.
type quick struct{ *clock }

func (q quick) After(time.Duration) <-chan time.Time {
	c := make(chan time.Time, 1)
	c <- q.Now()
	return c
}

// Too long, half, or nothing: the port answers or hangs up, and goes on.
func TestHostileTill(t *testing.T) {
	r := newRig(t, false)
	s := r.run()
	text := s.code()
	l := connect(t, text, r.till.Cert)
	refusedWith(t, l.sendRaw([]byte{0xFF, 0xFF, 0xFF, 0xFF}), wire.CodeTooLarge)
	l = connect(t, text, r.till.Cert)
	refusedWith(t, l.sendRaw([]byte{0, 0, 0, 2, '{', '{'}), wire.CodeBadMessage)
	l = connect(t, text, r.till.Cert)
	_, _ = l.conn.Write([]byte{0, 0, 0, 9, '{'})
	_ = l.conn.Close()
	plain := must[net.Conn](t)(net.Dial("tcp", r.address))
	_, _ = plain.Write([]byte("GET / HTTP/1.1\r\n\r\n"))
	_, _ = io.ReadAll(plain)
	_ = plain.Close()
	if _, err := pairing.Join(context.Background(), &r.till, text); err != nil {
		t.Fatal(err)
	}
}

// TLS below 1.3 and tills without a certificate get nothing.
func TestTLS(t *testing.T) {
	r := newRig(t, false)
	s := r.run()
	s.code()
	for name, c := range map[string]*tls.Config{
		"TLS 1.2":        {MaxVersion: tls.VersionTLS12, Certificates: []tls.Certificate{r.till.Cert}},
		"no certificate": {},
		"other protocol": {Certificates: []tls.Certificate{r.till.Cert}, NextProtos: []string{"h2"}},
	} {
		c.InsecureSkipVerify = true
		conn, err := tls.Dial("tcp", r.address, c)
		if err == nil {
			_, err = conn.Read(make([]byte, 1))
			_ = conn.Close()
		}
		if err == nil || errors.Is(err, io.EOF) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
