package acquirer_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/cardwright/emv/crypto/dukpt"
	emv "github.com/cardwright/emv/crypto/issuer"
	"github.com/cardwright/emv/crypto/p2pe"
	"github.com/cardwright/emv/crypto/pin"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/host"
	"github.com/cardwright/emv/terminal/host/acquirer"
	"github.com/cardwright/emv/terminal/payment"
	"github.com/cardwright/emv/testvectors/issuer"
	"github.com/cardwright/emv/testvectors/issuer/iso"
	"github.com/cardwright/emv/tlv"
)

var _ payment.Host = (*acquirer.Host)(nil)

const pan = "4761739001010119"

func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

// record is the data record of a Visa card that wants to go online.
func record(t *testing.T, amount uint64, atc byte) kernel.Objects {
	t.Helper()
	return cryptogram(t, amount, atc, "06010A03A00000", 0x80)
}

// cryptogram is the data record of a Visa card with these Issuer Application Data and this CID.
func cryptogram(t *testing.T, amount uint64, atc byte, iad string, cid byte) kernel.Objects {
	t.Helper()
	tags := []tlv.Tag{0x5F34, 0x82, 0x95, 0x9A, 0x9C, 0x5F2A, 0x9F02, 0x9F03, 0x9F1A, 0x9F10, 0x9F36, 0x9F37, 0x9F27}
	o := map[tlv.Tag][]byte{
		0x5F34: {0x01}, 0x82: {0x20, 0x00}, 0x95: make([]byte, 5), 0x9A: unhex("261123"), 0x9C: {0},
		0x5F2A: unhex("0826"), 0x9F02: unhex(fmt.Sprintf("%012d", amount)), 0x9F03: make([]byte, 6), 0x9F1A: unhex("0826"),
		0x9F10: unhex(iad), 0x9F36: {0, atc}, 0x9F37: unhex("01020304"), 0x9F27: {cid},
	}
	master, err := emv.NewKey(issuer.TestMasterKey())
	if err != nil {
		t.Fatal(err)
	}
	var key emv.Key
	if err := emv.MasterKey(&key, &master, emv.OptionA, pan, 0x01); err != nil {
		t.Fatal(err)
	}
	profile, err := emv.Visa(10)
	if err != nil {
		t.Fatal(err)
	}
	ac, err := profile.Generate(&key, func(t tlv.Tag) []byte { return o[t] })
	if err != nil {
		t.Fatal(err)
	}
	out := tlv.Append(nil, 0x57, unhex(pan+"D49122010000000000000F"))
	for _, t := range tags {
		out = tlv.Append(out, t, o[t])
	}
	return tlv.Append(out, 0x9F26, ac[:])
}

type lab struct {
	t      *testing.T
	server *iso.Server
	host   *acquirer.Host
	keys   *iso.TerminalKeys
	addr   string
	stan   uint32
}

func newLab(t *testing.T) *lab {
	t.Helper()
	server, err := iso.New(iso.Config{})
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
	client, err := host.New(host.Config{
		Endpoint: host.Endpoint{Address: l.Addr().String()}, Keys: keys, Terminal: "T0000001", Merchant: "M00000000000001",
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = client.Close()
		cancel()
		<-done
	})
	return &lab{t, server, acquirer.New(client, acquirer.Config{PIN: true}), keys, l.Addr().String(), 0}
}

func (l *lab) trace() payment.Trace {
	l.stan++
	return payment.Trace{STAN: l.stan, RRN: fmt.Sprintf("%012d", l.stan), Time: time.Date(2026, 11, 23, 9, 0, int(l.stan), 0, time.UTC)}
}

// ask makes a request with a card, and a PIN where there is one.
func (l *lab) ask(kind payment.Kind, amount uint64, code string) *payment.Authorisation {
	l.t.Helper()
	a := &payment.Authorisation{
		Trace: l.trace(), Kind: kind, Amounts: payment.Amounts{Amount: amount - 50, Tip: 50, Total: amount}, Currency: 826,
		Card: payment.Card{Entry: payment.Tap, Brand: "visa", Sequence: "01"},
	}
	a.Chip = record(l.t, amount, byte(l.stan))
	enc := l.transaction()
	a.Sealed = seal(l.t, enc, a.Chip)
	if code != "" {
		var p pin.PIN
		if err := pin.Parse(&p, []byte(code)); err != nil {
			l.t.Fatal(err)
		}
		v, err := enc.PIN(&p, []byte(pan))
		if err != nil {
			l.t.Fatal(err)
		}
		if a.PIN, err = acquirer.SealPIN(v); err != nil {
			l.t.Fatal(err)
		}
	}
	return a
}

// transaction begins a DUKPT transaction.
func (l *lab) transaction() *p2pe.Terminal {
	l.t.Helper()
	var t dukpt.AESTransaction
	enc := new(p2pe.Terminal)
	if err := l.keys.NextAES(&t, ""); err != nil {
		l.t.Fatal(err)
	}
	if err := enc.UseAES(&t, 0, bytes.NewReader(make([]byte, 256))); err != nil {
		l.t.Fatal(err)
	}
	return enc
}

func (l *lab) seal(chip kernel.Objects) payment.Sealed { return seal(l.t, l.transaction(), chip) }

func seal(t *testing.T, enc *p2pe.Terminal, chip kernel.Objects) payment.Sealed {
	t.Helper()
	r, err := enc.Record(chip, p2pe.BIN6)
	if err != nil {
		t.Fatal(err)
	}
	s, err := acquirer.Seal(r.Values)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// sent is what a payment keeps of a request.
func sent(a *payment.Authorisation, r payment.Answer) payment.Sent {
	return payment.Sent{
		Trace: a.Trace, Kind: a.Kind, Total: a.Amounts.Total, Currency: a.Currency, Entry: a.Card.Entry, Sealed: a.Sealed,
		AuthCode: r.AuthCode,
	}
}

func (l *lab) charged(want int64) {
	l.t.Helper()
	if n, _ := l.server.Charged("826"); n != want {
		l.t.Errorf("charged %d, want %d", n, want)
	}
}

func TestSaleAndVoid(t *testing.T) {
	l, ctx := newLab(t), t.Context()
	a := l.ask(payment.Sale, 1250, "1234")
	r, err := l.host.Authorise(ctx, a)
	if err != nil || r.Code != "00" || r.AuthCode == "" || len(r.IssuerAuth) != 10 || r.Amount != 0 || r.RRN != "" {
		t.Fatalf("%+v, %v", r, err)
	}
	l.charged(1250)
	v := &payment.Reversal{Trace: l.trace(), Of: sent(a, r), Reason: payment.OnRequest, Completed: true}
	for range 3 {
		if r, err := l.host.Reverse(ctx, v); err != nil || r.Code != "00" {
			t.Fatalf("%+v, %v", r, err)
		}
		v.Repeat = true
	}
	l.charged(0)
}

func TestPreauthAndCapture(t *testing.T) {
	l, ctx := newLab(t), t.Context()
	a := l.ask(payment.Preauth, 9000, "")
	r, err := l.host.Authorise(ctx, a)
	if err != nil || r.Code != "00" {
		t.Fatalf("%+v, %v", r, err)
	}
	l.charged(0)
	c := &payment.Advice{Trace: l.trace(), Kind: payment.Capture, Total: 7500, Currency: 826, Of: sent(a, r)}
	for range 2 {
		if r, err := l.host.Advise(ctx, c); err != nil || r.Code != "00" {
			t.Fatalf("%+v, %v", r, err)
		}
		c.Repeat = true
	}
	l.charged(7500)
}

func TestAdjust(t *testing.T) {
	l, ctx := newLab(t), t.Context()
	a := l.ask(payment.Sale, 1000, "")
	r, err := l.host.Authorise(ctx, a)
	if err != nil || r.Code != "00" {
		t.Fatalf("%+v, %v", r, err)
	}
	c := &payment.Advice{Trace: l.trace(), Kind: payment.Adjust, Total: 1200, Currency: 826, Of: sent(a, r)}
	if r, err := l.host.Advise(ctx, c); err != nil || r.Code != "00" {
		t.Fatalf("%+v, %v", r, err)
	}
	l.charged(1200)
}

func TestRefunds(t *testing.T) {
	l, ctx := newLab(t), t.Context()
	a := l.ask(payment.Sale, 1000, "")
	r, err := l.host.Authorise(ctx, a)
	if err != nil || r.Code != "00" {
		t.Fatalf("%+v, %v", r, err)
	}
	of := sent(a, r)
	back := &payment.Authorisation{
		Trace: l.trace(), Kind: payment.Refund, Amounts: payment.Amounts{Amount: 400, Total: 400}, Currency: 826, Original: &of,
	}
	if r, err := l.host.Authorise(ctx, back); err != nil || r.Code != "00" {
		t.Fatalf("without its card: %+v, %v", r, err)
	}
	l.charged(600)
	back.Trace, back.Sealed = l.trace(), of.Sealed
	if r, err := l.host.Authorise(ctx, back); err != nil || r.Code != "00" {
		t.Fatalf("with the card data that were kept: %+v, %v", r, err)
	}
	l.charged(200)
	back.Trace, back.Original, back.Sealed = l.trace(), nil, nil
	if r, err := l.host.Authorise(ctx, back); err != nil || r.Code != "14" {
		t.Fatalf("of nothing: %+v, %v", r, err)
	}
}

func TestUnsent(t *testing.T) {
	l := newLab(t)
	a := l.ask(payment.Sale, 100, "")
	a.STAN = 0
	if _, err := l.host.Authorise(t.Context(), a); !errors.Is(err, payment.ErrNotSent) {
		t.Error(err)
	}
	a = l.ask(payment.Sale, 100, "")
	a.Sealed = payment.Sealed{1}
	if _, err := l.host.Authorise(t.Context(), a); !errors.Is(err, payment.ErrNotSent) {
		t.Error(err)
	}
	l.server.Misbehave(iso.Fault{Kind: iso.Drop})
	ctx, cancel := context.WithTimeout(t.Context(), 150*time.Millisecond)
	defer cancel()
	a = l.ask(payment.Sale, 100, "")
	_, err := l.host.Authorise(ctx, a)
	if err == nil || errors.Is(err, payment.ErrNotSent) {
		t.Error(err)
	}
}

// TestEntry is field 22. Fact: ISO 8583:1987 as acquirers use it.
func TestEntry(t *testing.T) {
	for _, x := range []struct {
		card payment.Card
		chip bool
		want string
	}{
		{payment.Card{Entry: payment.Insert}, true, "051"},
		{payment.Card{Entry: payment.Tap}, true, "071"},
		{payment.Card{Entry: payment.Tap}, false, "911"},
		{payment.Card{Entry: payment.Swipe, Brand: "mastercard"}, false, "901"},
		{payment.Card{Entry: payment.Swipe, Brand: "mastercard", Fallback: true}, false, "801"},
		{payment.Card{Entry: payment.Swipe, Brand: "visa", Fallback: true}, false, "901"},
		{payment.Card{Entry: payment.Manual}, false, "011"},
	} {
		l := newLab(t)
		a := l.ask(payment.Sale, 100, "")
		a.Card.Entry, a.Card.Brand, a.Card.Fallback = x.card.Entry, x.card.Brand, x.card.Fallback
		if !x.chip {
			a.Chip = kernel.Objects(tlv.Append(nil, 0x9F02, unhex("000000000100")))
		}
		if r, err := l.host.Authorise(t.Context(), a); err != nil || r.Code != "00" {
			t.Fatalf("%+v, %v", r, err)
		}
		if got := l.server.Ledger()[0].Entry; got != x.want {
			t.Errorf("%+v: %s, want %s", x.card, got, x.want)
		}
	}
}
