package host_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/cardwright/emv/crypto/dukpt"
	emv "github.com/cardwright/emv/crypto/issuer"
	"github.com/cardwright/emv/crypto/p2pe"
	"github.com/cardwright/emv/crypto/pin"
	"github.com/cardwright/emv/terminal/host"
	"github.com/cardwright/emv/testvectors/issuer"
	"github.com/cardwright/emv/testvectors/issuer/iso"
	"github.com/cardwright/emv/tlv"
)

// pan is planted: no event, error or message may show it.
const pan = "4761739001010119"

func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

// must takes the value of a pair whose error is nil.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// order is the order of the objects that the cryptogram is signed with.
var order = []tlv.Tag{
	0x9F26, 0x9F27, 0x9F10, 0x9F37, 0x9F36, 0x95, 0x9A, 0x9C, 0x9F02, 0x5F2A, 0x82, 0x9F1A, 0x9F03, 0x5F34,
}

// objects returns the data objects of a Visa card (CVN 10) that wants to go online, with the card number in 57.
func objects(amount uint64, atc uint16) []byte {
	o := map[tlv.Tag][]byte{
		0x5F34: {0x01}, 0x82: {0x20, 0x00}, 0x95: make([]byte, 5), 0x9A: unhex("261123"), 0x9C: {0},
		0x5F2A: unhex("0826"), 0x9F02: unhex(fmt.Sprintf("%012d", amount)), 0x9F03: make([]byte, 6), 0x9F1A: unhex("0826"),
		0x9F10: unhex("06010A03A00000"), 0x9F36: {byte(atc >> 8), byte(atc)}, 0x9F37: unhex("01020304"), 0x9F27: {0x80},
	}
	master := must(emv.NewKey(issuer.TestMasterKey()))
	var key emv.Key
	if err := emv.MasterKey(&key, &master, emv.OptionA, pan, 0x01); err != nil {
		panic(err)
	}
	profile := must(emv.Visa(10))
	ac := must(profile.Generate(&key, func(t tlv.Tag) []byte { return o[t] }))
	o[0x9F26] = ac[:]
	out := tlv.Append(nil, 0x57, unhex(pan+"D49122010000000000000F"))
	for _, t := range order {
		out = tlv.Append(out, t, o[t])
	}
	return out
}

// lab is a client and a server with a socket between them.
type lab struct {
	t      testing.TB
	server *iso.Server
	client *host.Client
	calm   *host.Client // waits as long as it takes
	keys   *iso.TerminalKeys
	addr   string
	stan   uint32

	mu     sync.Mutex
	events []host.Event
	seen   chan struct{} // one for each event
}

// now is the time of every request.
var now = time.Date(2026, 11, 23, 10, 20, 30, 0, time.FixedZone("CET", 3600))

func newLab(t testing.TB, s iso.Config, c host.Config) *lab {
	t.Helper()
	server, err := iso.New(s)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(ctx, l)
	}()
	keys, err := iso.NewTerminalKeys(iso.TestInitialKeyID(1))
	if err != nil {
		t.Fatal(err)
	}
	b := &lab{t: t, server: server, keys: keys, addr: l.Addr().String(), seen: make(chan struct{}, 1<<16)}
	c.Endpoint.Address, c.Keys = b.addr, keys
	c.Terminal, c.Merchant = "T0000001", "M00000000000001"
	c.Events = b.event
	if b.client, err = host.New(c); err != nil {
		t.Fatal(err)
	}
	c.Timeout, c.Dial, c.Events = long, nil, nil
	if b.calm, err = host.New(c); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = b.client.Close()
		_ = b.calm.Close()
		cancel()
		<-done
	})
	return b
}

func (b *lab) event(e host.Event) {
	b.mu.Lock()
	b.events = append(b.events, e)
	b.mu.Unlock()
	b.seen <- struct{}{}
}

// heard are the events until now: the client's reader may still tell of one when an answer is there.
func (b *lab) heard() []host.Event {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.events)
}

// wait returns when there was an event of a kind.
func (b *lab) wait(kind host.Kind) host.Event {
	b.t.Helper()
	for range 1000 {
		for _, e := range b.heard() {
			if e.Kind == kind {
				return e
			}
		}
		select {
		case <-b.seen:
		case <-time.After(10 * time.Second):
			b.t.Fatalf("no event %s: %v", kind, b.heard())
		}
	}
	b.t.Fatalf("no event %s", kind)
	return host.Event{}
}

func (b *lab) trace() host.Trace {
	b.stan++
	return host.Trace{STAN: b.stan, RRN: fmt.Sprintf("%012d", b.stan), Time: now}
}

// sale makes a request with a chip.
func (b *lab) sale(amount uint64) *host.Request {
	r := &host.Request{Trace: b.trace(), Amount: amount, Currency: 826, Entry: "071"}
	data := objects(amount, uint16(b.stan))
	b.card(r, data, "")
	return r
}

// card enciphers what a card has given, and a PIN.
func (b *lab) card(r *host.Request, data []byte, code string) {
	b.t.Helper()
	var t dukpt.AESTransaction
	var enc p2pe.Terminal
	defer t.Wipe()
	defer enc.Wipe()
	if err := b.keys.NextAES(&t, ""); err != nil {
		b.t.Fatal(err)
	}
	if err := enc.UseAES(&t, 0, bytes.NewReader(make([]byte, 256))); err != nil {
		b.t.Fatal(err)
	}
	record, err := enc.Record(data, p2pe.BIN6)
	if err != nil {
		b.t.Fatal(err)
	}
	r.Values = record.Values
	if r.Chip, err = b.client.Dialect().Chip(record.Objects); err != nil {
		b.t.Fatal(err)
	}
	if code != "" {
		var p pin.PIN
		if err := pin.Parse(&p, []byte(code)); err != nil {
			b.t.Fatal(err)
		}
		if r.PIN, err = enc.PIN(&p, []byte(pan)); err != nil {
			b.t.Fatal(err)
		}
	}
}

// reversal makes the reversal of a request.
func (b *lab) reversal(r *host.Request, of host.MTI) *host.Request {
	return &host.Request{
		Trace: b.trace(), Amount: r.Amount, Currency: r.Currency,
		Original: &host.Original{MTI: of, Trace: r.Trace},
	}
}

func within(t testing.TB, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}
