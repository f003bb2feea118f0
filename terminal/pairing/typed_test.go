package pairing_test

import (
	"bytes"
	"context"
	"crypto/ecdh"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cardwright/emv/crypto/spake2plus"
	"github.com/cardwright/emv/terminal/pairing"
	"github.com/cardwright/emv/terminal/wire"
)

// joinCode types a code at the rig's till.
func (r *rig) joinCode(code string) (*pairing.Paired, error) {
	return pairing.JoinCode(context.Background(), &r.till, r.at(), code)
}

// wrong returns eight digits that are not those.
func wrong(code string) string {
	if code[8] == '0' {
		return code[:8] + "1"
	}
	return code[:8] + "0"
}

func TestTyped(t *testing.T) {
	for _, managed := range []bool{false, true} {
		for name, as := range map[string]func(string) string{
			"as shown": func(s string) string { return s }, "plain": func(s string) string { return strings.ReplaceAll(s, " ", "") },
			"hyphen": func(s string) string { return " " + strings.ReplaceAll(s, " ", "-") + "\n" },
		} {
			t.Run(fmt.Sprintf("managed=%v, %s", managed, name), func(t *testing.T) {
				r := newRig(t, managed)
				s := r.run()
				code := s.typed()
				if !regexp.MustCompile(`^[0-9]{4} [0-9]{4}$`).MatchString(code) {
					t.Fatalf("the screen shows %q", code)
				}
				mine, err := r.joinCode(as(code))
				if err != nil {
					t.Fatal(err)
				}
				<-s.done
				if s.err != nil {
					t.Fatal(s.err)
				}
				if mine.Confirmation != s.paired.Confirmation || mine.Confirmation.Words[0] == "" {
					t.Errorf("the screens differ: %v and %v", mine.Confirmation, s.paired.Confirmation)
				}
				theirs, ok := r.config.Records.ByID("till-7")
				if !ok || theirs.Pin != pairing.PinOf(r.till.Cert.Leaf.RawSubjectPublicKeyInfo) {
					t.Error("the terminal has not the till's key")
				}
				ours, ok := r.till.Records.ByID(r.tid.String())
				if !ok || ours.Pin != pairing.PinOf(r.config.Cert.Leaf.RawSubjectPublicKeyInfo) || !ours.Default || len(ours.Addresses) != 1 {
					t.Error("the till has not the terminal's key, or not as default")
				}
				if len(ours.ResumeKey) != 32 || !bytes.Equal(ours.ResumeKey, theirs.ResumeKey) {
					t.Error("the resume keys differ")
				}
			})
		}
	}
}

// The second implementation of the till's side pairs too.
func TestTypedOther(t *testing.T) {
	r := newRig(t, false)
	s := r.run()
	y := r.typist(s.typed()).agree()
	a := y.finish(y.hello(nil))
	if a.OK == nil {
		t.Fatal(a.Error)
	}
	if want := hmacOf(y.code.Secret[:], []byte("T"), y.e, y.hello(nil).MACP); !bytes.Equal(a.OK.MACT, want) {
		t.Error("mac_t differs")
	}
}

func TestTypedAdopt(t *testing.T) {
	r := newRig(t, false)
	r.till.Merchant, r.till.Location, r.till.Country = "", "", ""
	s := r.run()
	p, err := r.joinCode(s.typed())
	if err != nil {
		t.Fatal(err)
	}
	if p.Record.Merchant != "acme" || p.Record.Location != "store-1" || p.Record.Country != "GB" {
		t.Errorf("adopted %s %s %s", p.Record.Merchant, p.Record.Location, p.Record.Country)
	}
}

// After the exchange come the same checks as for a scanned code, and the same refusals.
func TestTypedRefusals(t *testing.T) {
	for _, test := range flips() {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, test.managed)
			if test.set != nil {
				test.set(t, r)
			}
			s := r.run()
			y := r.typist(s.typed()).agree()
			test.check(t, r, y.finish(y.hello(test.change(r))))
		})
	}
}

// Three wrong codes erase the right one. A new one is drawn, and whoever typed the wrong ones waits a minute for it.
func TestTypedWrong(t *testing.T) {
	r := newRig(t, false)
	s := r.run()
	code := s.typed()
	for range 3 {
		_, err := r.joinCode(wrong(code))
		wantCode(t, err, wire.CodeWrongCode)
		if digits := strings.ReplaceAll(code, " ", "")[:7]; strings.Contains(err.Error(), digits) {
			t.Errorf("the error tells the code: %v", err)
		}
	}
	next := s.typed()
	if next == code || next == "" {
		t.Fatalf("the screen shows %q after %q", next, code)
	}
	for _, c := range r.codesRefused() {
		if c != wire.CodeWrongCode {
			t.Errorf("the screen hears of %v", c)
		}
	}
	_, err := r.joinCode(next)
	wantCode(t, err, wire.CodeWaitCode)
	r.clock.add(pairing.Redraw)
	if again := s.typed(); again != next {
		t.Fatalf("the code on the screen changes within its time: %q, %q", next, again)
	}
	_, err = r.joinCode(code)
	wantCode(t, err, wire.CodeWrongCode)
	if _, err := r.joinCode(next); err != nil {
		t.Fatal(err)
	}
	if n := len(r.config.Records.All()); n != 1 {
		t.Errorf("%d records", n)
	}
}

// What a person types that is no code never leaves the till.
func TestTypedNoCode(t *testing.T) {
	r := newRig(t, false)
	r.till.Dial = func(context.Context, string) (net.Conn, error) {
		t.Error("dialled")
		return nil, io.EOF
	}
	for _, code := range []string{"", "1234567", "123456789", "1234 567a", "１２３４５６７８", "12345678; DROP", "+1234567"} {
		_, err := pairing.JoinCode(context.Background(), &r.till, "192.0.2.1", code)
		wantCode(t, err, wire.CodeWrongCode)
	}
	for _, address := range []string{"", ":", ":27000", "host:", "host:0", "host:65536", "host:x", "http://host", "a b", "[::1", "1:2:3"} {
		_, err := pairing.JoinCode(context.Background(), &r.till, address, "1234 5678")
		wantCode(t, err, wire.CodeFormat)
	}
	r.till.Rand = nil
	if _, err := pairing.JoinCode(context.Background(), &r.till, "192.0.2.1", "12345678"); err == nil {
		t.Error("no randomness, no error")
	}
}

func TestTypedAddress(t *testing.T) {
	for address, want := range map[string]string{
		"192.0.2.1": "192.0.2.1:27000", " 192.0.2.1:1234 ": "192.0.2.1:1234", "2001:db8::1": "[2001:db8::1]:27000",
		"[2001:db8::1]": "[2001:db8::1]:27000", "[2001:db8::1]:99": "[2001:db8::1]:99", "fe80::1%eth0": "[fe80::1%eth0]:27000",
		"counter-1.local": "counter-1.local:27000", "counter-1.local:99": "counter-1.local:99",
	} {
		r := newRig(t, false)
		got := ""
		r.till.Dial = func(_ context.Context, a string) (net.Conn, error) { got = a; return nil, io.EOF }
		_, err := pairing.JoinCode(context.Background(), &r.till, address, "12345678")
		wantCode(t, err, wire.CodeUnreachable)
		if got != want {
			t.Errorf("%s: dialled %s", address, got)
		}
	}
}

func TestTypedCancelled(t *testing.T) {
	r := newRig(t, false)
	ctx, cancel := context.WithCancel(context.Background())
	l := must[net.Listener](t)(net.Listen("tcp", "127.0.0.1:0"))
	defer l.Close()
	go func() {
		if conn, err := l.Accept(); err == nil {
			cancel() // the terminal is silent, and the cashier gives up
			_, _ = io.Copy(io.Discard, conn)
			_ = conn.Close()
		}
	}()
	if _, err := pairing.JoinCode(ctx, &r.till, l.Addr().String(), "12345678"); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// A code serves once, even if a later check refuses the till; a new one is drawn at once.
func TestTypedOnce(t *testing.T) {
	r := newRig(t, false)
	s := r.run()
	code := s.typed()
	one, two := r.typist(code).agree(), r.typist(code).agree()
	refusedWith(t, one.finish(one.hello(func(h *wire.PairHello) { h.AppVersion.Major = 1 })), wire.CodeAppTooOld)
	refusedWith(t, two.finish(two.hello(nil)), wire.CodeUsed) // it was under way
	next := s.typed()
	if next == code {
		t.Fatal("a used code stays on the screen")
	}
	_, err := r.joinCode(code)
	wantCode(t, err, wire.CodeWrongCode)
	if _, err := r.joinCode(next); err != nil {
		t.Error(err)
	}
}

// Of a till that scans and one that types, one is taken.
func TestTypedRace(t *testing.T) {
	r := newRig(t, false)
	s := r.run()
	c := s.next()
	y := r.typist(c.Typed).agree()
	l := connect(t, c.Text, r.till.Cert)
	if a := l.send(l.hello(nil)); a.OK == nil {
		t.Fatal(a.Error)
	}
	refusedWith(t, y.finish(y.hello(nil)), wire.CodeUsed)
}

// The code is good for five minutes, over all scanned ones of that time; then there is another one.
func TestTypedExpiry(t *testing.T) {
	r := newRig(t, false)
	s := r.run()
	first := s.next()
	if !first.TypedExpires.Equal(start().Add(pairing.Life)) {
		t.Errorf("good until %v", first.TypedExpires)
	}
	for range 4 {
		r.clock.add(pairing.Redraw)
		c := s.next()
		if c.Typed != first.Typed || c.TypedExpires != first.TypedExpires || c.Text == first.Text {
			t.Fatalf("after a redraw: %q, %v", c.Typed, c.TypedExpires)
		}
	}
	r.clock.add(pairing.Redraw - time.Second)
	late := r.typist(first.Typed).agree()
	r.clock.add(time.Second)
	next := s.typed()
	if next == first.Typed {
		t.Fatal("a code is shown past its time")
	}
	refusedWith(t, late.finish(late.hello(nil)), wire.CodeExpired)
	_, err := r.joinCode(first.Typed)
	wantCode(t, err, wire.CodeWrongCode)
	if _, err := r.joinCode(next); err != nil {
		t.Error(err)
	}
}

// A redraw out of turn, since a scanned code was used, does not make the screen late for the end of the typed one.
func TestTypedExpiryOutOfTurn(t *testing.T) {
	r := newRig(t, false)
	s := r.run()
	first := s.next()
	r.clock.add(30 * time.Second)
	l := connect(t, first.Text, r.till.Cert)
	refusedWith(t, l.send(l.hello(func(h *wire.PairHello) { h.Platform = "web"; h.AppVersion.Major = 1 })), wire.CodeAppTooOld)
	if c := s.next(); c.Typed != first.Typed {
		t.Fatal("the typed code went with the scanned one")
	}
	for range 4 { // to 4:30
		r.clock.add(pairing.Redraw)
		if c := s.next(); c.Typed != first.Typed {
			t.Fatal("changed too early")
		}
	}
	r.clock.add(30 * time.Second)
	if c := s.next(); c.Typed == first.Typed {
		t.Error("shown past its time")
	}
}

// The try is counted before the terminal says a thing: who asks three times and goes away has had three tries.
func TestTypedCounted(t *testing.T) {
	r := newRig(t, false)
	s := r.run()
	code := s.typed()
	for range 3 {
		y := r.typist(wrong(code))
		if a := y.start(y.prover.Share()); a.Share == nil {
			t.Fatal(a.Error)
		}
		_ = y.conn.Close()
	}
	if next := s.typed(); next == code {
		t.Error("three guesses, and the code is still there")
	}
	for _, c := range r.codesRefused() {
		if c != wire.CodeWrongCode {
			t.Errorf("the screen hears of %v", c)
		}
	}
}

// Three at once are all there are, and the right one of them is taken.
func TestTypedAtOnce(t *testing.T) {
	r := newRig(t, false)
	s := r.run()
	code := s.typed()
	r.comeFrom("192.0.2.66")
	for range 2 {
		y := r.typist(wrong(code))
		if a := y.start(y.prover.Share()); a.Share == nil {
			t.Fatal(a.Error)
		}
	}
	r.comeFrom("192.0.2.1")
	right := r.typist(code).agree()
	late := r.typist(code)
	refusedShare(t, late.start(late.prover.Share()), wire.CodeSpoiled)
	if a := right.finish(right.hello(nil)); a.OK == nil {
		t.Error(a.Error)
	}
}

// A stranger can use up the tries of a code, but not of the one that follows. All addresses of an IPv6 network are his.
func TestTypedStranger(t *testing.T) {
	for _, test := range []struct{ stranger, neighbour string }{
		{"192.0.2.66", "192.0.2.67"}, {"2001:db8:1::%d", "2001:db8:2::1"}, {"fe80::1", "fe80::2"}, {"::ffff:192.0.2.66", "192.0.2.67"},
	} {
		from := func(n int) string { return strings.ReplaceAll(test.stranger, "%d", strconv.Itoa(n)) }
		r := newRig(t, false)
		s := r.run()
		code := s.typed()
		for n := range 3 {
			r.comeFrom(from(n + 1))
			_, err := r.joinCode(wrong(code))
			wantCode(t, err, wire.CodeWrongCode)
		}
		next := s.typed()
		for n := range 5 {
			r.comeFrom(from(n + 4))
			_, err := r.joinCode(wrong(next))
			wantCode(t, err, wire.CodeWaitCode)
		}
		r.comeFrom(test.neighbour)
		if _, err := r.joinCode(next); err != nil {
			t.Errorf("%s: %v", test.neighbour, err)
		}
	}
}

// When the screen goes, so does the code: the next Run of the Desk has another one.
func TestTypedEnds(t *testing.T) {
	r := newRig(t, false)
	d := must[*pairing.Desk](t)(pairing.NewDesk(r.config))
	seen := map[string]bool{}
	for range 3 {
		ctx, cancel := context.WithCancel(context.Background())
		_, err := d.Run(ctx, func(c pairing.Shown) {
			if seen[c.Typed] {
				t.Error("a code of the Run before")
			}
			seen[c.Typed] = true
			cancel()
		})
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
}

// The key in the message must be that of TLS, even where the proof is about the right one.
func TestTypedOtherKey(t *testing.T) {
	r := newRig(t, false)
	s := r.run()
	y := r.typist(s.typed()).agree()
	h := y.hello(nil)
	h.PosSPKI = r.config.Cert.Leaf.RawSubjectPublicKeyInfo
	refusedWith(t, y.finish(h), wire.CodeForged)
}

// Many strangers make the terminal wait longer and longer for the next code. Codes to scan go on.
func TestTypedStrangers(t *testing.T) {
	r := newRig(t, false)
	s := r.run()
	shown := s.next()
	n := 0
	spoil := func(c pairing.Shown) pairing.Shown {
		t.Helper()
		for range 3 {
			n++
			r.comeFrom(fmt.Sprintf("2001:db8:0:%x::1", n)) // each a network of its own
			_, err := r.joinCode(wrong(c.Typed))
			wantCode(t, err, wire.CodeWrongCode)
		}
		return s.next()
	}
	shown = spoil(shown)
	if shown.Typed == "" {
		t.Fatal("no code after the first spoiled one")
	}
	for _, minutes := range []int{1, 2, 4} {
		shown = spoil(shown)
		for range minutes {
			if shown.Typed != "" || shown.Text == "" {
				t.Fatalf("within %d minutes the screen shows %q", minutes, shown.Typed)
			}
			r.comeFrom("192.0.2.1")
			_, err := r.joinCode("12345678")
			wantCode(t, err, wire.CodeWaitCode)
			r.clock.add(pairing.Redraw)
			shown = s.next()
		}
		if shown.Typed == "" {
			t.Fatalf("no code after %d minutes", minutes)
		}
	}
	// A till that scans is not touched by all that.
	r.comeFrom("192.0.2.1")
	if _, err := pairing.Join(context.Background(), &r.till, shown.Text); err != nil {
		t.Error(err)
	}
}

// What was recorded is of no use: not on another connection while the code lives, and not later.
func TestTypedReplay(t *testing.T) {
	r := newRig(t, false)
	s := r.run()
	code := s.typed()
	first := r.typist(code).agree()
	share, confirmP, h := first.prover.Share(), first.confirmP, first.hello(nil)
	again := r.typist(code)
	if a := again.start(share); a.Share == nil {
		t.Fatal(a.Error)
	}
	again.confirmP = confirmP
	refusedWith(t, again.finish(h), wire.CodeWrongCode)
	if a := first.finish(h); a.OK == nil {
		t.Fatalf("the rightful one: %v", a.Error)
	}
	<-s.done
	s = r.run()
	s.typed()
	later := r.typist(code)
	if a := later.start(share); a.Share == nil {
		t.Fatal(a.Error)
	}
	later.confirmP = confirmP
	refusedWith(t, later.finish(h), wire.CodeWrongCode)
}

// A middleman with certificates of its own, who passes on every message, is noticed by the till before the till says who
// it is.
func TestTypedMiddleman(t *testing.T) {
	r := newRig(t, false)
	s := r.run()
	code := s.typed()
	evil := newRig(t, false)
	l := must[net.Listener](t)(net.Listen("tcp", "127.0.0.1:0"))
	defer l.Close()
	leaked := make(chan []byte, 1)
	go func() {
		defer close(leaked)
		raw, err := l.Accept()
		if err != nil {
			return
		}
		defer raw.Close()
		till := tls.Server(raw, playing(evil.config.Cert))
		terminal, err := tls.Dial("tcp", r.at(), &tls.Config{InsecureSkipVerify: true, Certificates: []tls.Certificate{evil.till.Cert}, NextProtos: []string{wire.PairALPN}})
		if err != nil {
			return
		}
		defer terminal.Close()
		go func() { _, _ = io.Copy(till, terminal) }()
		b, err := readFramed(till)
		if err != nil {
			return
		}
		_, _ = terminal.Write(append([]byte{0, 0, byte(len(b) >> 8), byte(len(b))}, b...))
		b, _ = io.ReadAll(till)
		leaked <- b
	}()
	_, err := pairing.JoinCode(context.Background(), &r.till, l.Addr().String(), code)
	wantCode(t, err, wire.CodeWrongCode)
	if b := <-leaked; len(b) != 0 {
		t.Errorf("the middleman heard %q", b)
	}
	if len(r.config.Records.All())+len(r.till.Records.All()) != 0 {
		t.Error("paired with a middleman between")
	}
}

// Whoever plays the terminal without the code gets a share and one guess, and hears nothing of the till.
func TestTypedImpostor(t *testing.T) {
	good := make([]byte, 65)
	good[0] = 4
	p := elliptic.P256().Params()
	p.Gx.FillBytes(good[1:33])
	p.Gy.FillBytes(good[33:])
	off := bytes.Clone(good)
	off[64] ^= 1
	tid := strings.Repeat("a5", 16)
	zero := strings.Repeat("A", 43)
	share := func(id string, share []byte) string {
		b, _ := wire.Bytes(share).MarshalJSON()
		return fmt.Sprintf(`{"share":{"terminal_id":%q,"share_v":%s,"confirm_v":%q}}`, id, b, zero)
	}
	for name, test := range map[string]struct {
		answer string
		want   wire.Code
	}{
		"a share of another code": {share(tid, good), wire.CodeWrongCode},
		"off the curve":           {share(tid, off), wire.CodeWrongCode},
		"zeros":                   {share(tid, make([]byte, 65)), wire.CodeWrongCode},
		"the identity":            {share(tid, []byte{0}), wire.CodeBadMessage},
		"no id":                   {share("counter-1", good), wire.CodeBadMessage},
		"paired at once":          {fmt.Sprintf(`{"ok":{"mac_t":%q}}`, zero), wire.CodeBadMessage},
		"nothing":                 {`{}`, wire.CodeBadMessage},
		"a refusal":               {`{"error":{"code":"E_CODE_WAIT"}}`, wire.CodeWaitCode},
		"silence":                 {"", wire.CodeInterrupted},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, false)
			l := must[net.Listener](t)(net.Listen("tcp", "127.0.0.1:0"))
			defer l.Close()
			heard := make(chan []byte, 1)
			go func() {
				defer close(heard)
				raw, err := l.Accept()
				if err != nil {
					return
				}
				conn := tls.Server(raw, playing(r.config.Cert))
				defer conn.Close()
				if _, err := readFramed(conn); err != nil || test.answer == "" {
					return
				}
				_, _ = conn.Write(append([]byte{0, 0, byte(len(test.answer) >> 8), byte(len(test.answer))}, test.answer...))
				b, _ := io.ReadAll(conn)
				heard <- b
			}()
			_, err := pairing.JoinCode(context.Background(), &r.till, l.Addr().String(), "12345678")
			wantCode(t, err, test.want)
			if b := <-heard; len(b) != 0 {
				t.Errorf("the impostor heard %q", b)
			}
		})
	}
}

// An impostor that knows the code, but is of another merchant or place, is refused by the till all the same.
func TestTypedForeignTerminal(t *testing.T) {
	for name, test := range map[string]struct {
		set  func(r *rig)
		want wire.Code
	}{
		"self-signed":  {func(r *rig) { r.config.Cert, r.config.Policy.Roots = newRig(r.t, false).config.Cert, nil }, wire.CodeChain},
		"another till": {func(r *rig) { r.config.Cert = r.till.Cert }, wire.CodeChain},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, true)
			test.set(r)
			s := r.run()
			_, err := r.joinCode(s.typed())
			wantCode(t, err, test.want)
			if len(r.codesRefused()) > 1 || len(r.config.Records.All()) != 0 {
				t.Error("the till spoke to it")
			}
		})
	}
}

// Shares that no honest till sends: each is a try, and each gets the answer that a wrong code gets.
func TestTypedHostileShares(t *testing.T) {
	off := make([]byte, 65)
	off[0] = 4
	off[64] = 1
	big := bytes.Repeat([]byte{0xFF}, 65)
	big[0] = 4
	for name, share := range map[string][]byte{"zeros": make([]byte, 65), "off the curve": off, "not reduced": big} {
		r := newRig(t, false)
		s := r.run()
		code := s.typed()
		for range 3 {
			y := r.typist(code)
			a := y.start(share)
			refusedShare(t, a, wire.CodeWrongCode)
		}
		if s.typed() == code {
			t.Errorf("%s: not counted", name)
		}
	}
	// Who guesses w0 right would be known by a share that gives no secret: its refusal is that of every other one. Of
	// the two points with its x the other one is a share like any.
	r := newRig(t, false)
	s := r.run()
	code := s.typed()
	answered := 0
	for _, share := range blinded(t, r, code) {
		if a := r.typist(code).start(share); a.Share != nil {
			answered++
		} else {
			refusedShare(t, a, wire.CodeWrongCode)
		}
	}
	if answered != 1 {
		t.Errorf("%d of two shares answered", answered)
	}
	// What is no message is no try.
	for range 5 {
		refusedShare(t, r.typist(code).start(off[:64]), wire.CodeBadMessage)
	}
	if _, err := r.joinCode(code); err != nil {
		t.Error(err)
	}
}

// blinded are w0·M of a code, of which the terminal's half of the secret would be known, and its opposite.
func blinded(t *testing.T, r *rig, code string) (shares [2][]byte) {
	t.Helper()
	terminal := sha256.Sum256(r.config.Cert.Leaf.RawSubjectPublicKeyInfo)
	s, err := spake2plus.Derive([]byte(strings.ReplaceAll(code, " ", "")), nil, terminal[:], []byte("cardwright pair code v1"), spake2plus.Cost{Passes: 1, KiB: 8192})
	if err != nil {
		t.Fatal(err)
	}
	record := must[spake2plus.Record](t)(s.Record())
	w0, _ := record.Bytes()
	m := uncompressed(t, 2, "\x88\x6e\x2f\x97\xac\xe4\x6e\x55\xba\x9d\xd7\x24\x25\x79\xf2\x99\x3b\x64\xe1\x6e\xf3\xdc\xab\x95\xaf\xd4\x97\x33\x3d\x8f\xa1\x2f")
	x := must[[]byte](t)(must[*ecdh.PrivateKey](t)(ecdh.P256().NewPrivateKey(w0)).ECDH(must[*ecdh.PublicKey](t)(ecdh.P256().NewPublicKey(m))))
	return [2][]byte{uncompressed(t, 2, string(x)), uncompressed(t, 3, string(x))}
}

func uncompressed(t *testing.T, form byte, x string) []byte {
	t.Helper()
	px, py := elliptic.UnmarshalCompressed(elliptic.P256(), append([]byte{form}, x...))
	if px == nil {
		t.Fatal("not a point")
	}
	b := make([]byte, 65)
	b[0] = 4
	px.FillBytes(b[1:33])
	py.FillBytes(b[33:])
	return b
}

// A policy that wants codes scanned shows none to type, and takes none.
func TestScanOnly(t *testing.T) {
	r := newRig(t, false)
	r.config.ScanOnly = true
	s := r.run()
	if code := s.typed(); code != "" {
		t.Errorf("the screen shows %q", code)
	}
	_, err := r.joinCode("12345678")
	wantCode(t, err, wire.CodeWaitCode)
}

// Codes are drawn of all eight digits.
func TestTypedDrawn(t *testing.T) {
	seen := map[string]bool{}
	r := newRig(t, false)
	r.config.Rand = io.MultiReader(
		bytes.NewReader(bytes.Repeat([]byte{1}, 16)),    // of the scanned code
		bytes.NewReader([]byte{0xFA, 0x56, 0xEA, 0x00}), // 4 200 000 000, the first number that is not fair
		bytes.NewReader([]byte{0xFA, 0x56, 0xE9, 0xFF}), // 4 199 999 999
		rand.Reader)
	s := r.run()
	if code := s.typed(); code != "9999 9999" {
		t.Errorf("drew %q", code)
	}
	for range 5 {
		r.clock.add(pairing.Life)
		code := s.typed()
		if seen[code] {
			t.Errorf("%s twice", code)
		}
		seen[code] = true
	}
}
