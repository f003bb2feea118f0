package acquirer_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/cardwright/emv/terminal/payment"
	"github.com/cardwright/emv/testvectors/issuer/iso"
)

// stored makes a sale that a card approved: by itself, or where it was unable to go online. The Issuer Application Data are
// those of the issuer's own tests: their CVR says which cryptogram it is.
func (l *lab) stored(amount uint64, atc byte, arc string) *payment.Advice {
	l.t.Helper()
	iad, second := "06010A03900000", byte(0x40) // a TC when it was first asked
	if arc == "Y3" {
		iad = "06010A03600000" // an ARQC first, then a TC
	}
	chip := cryptogram(l.t, amount, atc, iad, second)
	return &payment.Advice{
		Trace: l.trace(), Kind: payment.Sale, Total: amount, Currency: 826,
		Amounts: payment.Amounts{Amount: amount - 50, Tip: 50, Total: amount},
		Card:    payment.Card{Entry: payment.Insert, Brand: "visa", Sequence: "01"},
		Chip:    chip, Sealed: l.seal(chip), ARC: arc,
	}
}

// ask sends it until there is an answer, and returns the code.
func (l *lab) advise(a *payment.Advice) string {
	l.t.Helper()
	for range 5 {
		ctx, cancel := context.WithTimeout(l.t.Context(), 300*time.Millisecond)
		r, err := l.host.Advise(ctx, a)
		cancel()
		if err == nil {
			return r.Code
		}
		a.Repeat = true
	}
	l.t.Fatal("no answer")
	return ""
}

// TestForward sends what cards approved to a host that verifies each TC, and has it once whatever is lost on the way.
func TestForward(t *testing.T) {
	l := newLab(t)
	for n, arc := range []string{"Y1", "Y3"} {
		if code := l.advise(l.stored(uint64(1000*(n+1)), byte(10+n), arc)); code != "00" {
			t.Errorf("%s: %s, %+v", arc, code, l.server.Ledger()[n])
		}
	}
	l.charged(3000)
	if e := l.server.Ledger()[0]; e.MTI != "0220" || e.Entry != "051" || e.Card == "" || e.Online {
		t.Errorf("%+v", e)
	}
	// The answers are lost: the host knows it again.
	a := l.stored(500, 20, "Y1")
	l.server.Misbehave(iso.Fault{Kind: iso.Drop, MTI: "022", Times: 2})
	if code := l.advise(a); code != "00" {
		t.Error(code)
	}
	l.charged(3500)
	if e := l.server.Ledger()[2]; e.Times != 3 {
		t.Errorf("it came %d times", e.Times)
	}
	// The same cryptogram under another trace is no second payment.
	again := *a
	again.Trace, again.Repeat = l.trace(), false
	if code := l.advise(&again); code != "05" {
		t.Error(code)
	}
	l.charged(3500)
}

// TestForwardRefused: what the host does not take, and what the terminal can't send.
func TestForwardRefused(t *testing.T) {
	l := newLab(t)
	a := l.stored(1000, 1, "Y1")
	a.Total = 1001 // another amount than the card signed
	if code := l.advise(a); code != "13" {
		t.Error(code)
	}
	a = l.stored(1000, 2, "Y1")
	a.Chip = cryptogram(t, 1000, 2, "06010A03A00000", 0x80) // an ARQC is none
	if code := l.advise(a); code != "05" {
		t.Error(code)
	}
	a = l.stored(1000, 3, "Y1")
	a.Sealed = nil
	if code := l.advise(a); code != "14" {
		t.Error(code)
	}
	a = l.stored(1000, 4, "Y1")
	a.Chip[len(a.Chip)-1] ^= 1
	if code := l.advise(a); code != "05" {
		t.Error(code)
	}
	l.charged(0)
	a = l.stored(1000, 5, "Y1")
	a.Sealed = payment.Sealed{1}
	if _, err := l.host.Advise(t.Context(), a); !errors.Is(err, payment.ErrNotSent) {
		t.Error(err)
	}
}

// TestAboutForwarded: a payment that was an advice is named as one by what comes after it.
func TestAboutForwarded(t *testing.T) {
	l, ctx := newLab(t), t.Context()
	a := l.stored(1000, 1, "Y1")
	if code := l.advise(a); code != "00" {
		t.Fatal(code)
	}
	of := payment.Sent{
		Trace: a.Trace, Kind: payment.Sale, Total: 1000, Currency: 826, Entry: payment.Insert, Sealed: a.Sealed, Offline: true,
	}
	adjust := &payment.Advice{Trace: l.trace(), Kind: payment.Adjust, Total: 1200, Currency: 826, Of: of}
	if r, err := l.host.Advise(ctx, adjust); err != nil || r.Code != "00" {
		t.Fatalf("%+v, %v", r, err)
	}
	l.charged(1200)
	back := &payment.Authorisation{
		Trace: l.trace(), Kind: payment.Refund, Amounts: payment.Amounts{Amount: 200, Total: 200}, Currency: 826, Original: &of,
	}
	if r, err := l.host.Authorise(ctx, back); err != nil || r.Code != "00" {
		t.Fatalf("%+v, %v", r, err)
	}
	l.charged(1000)
	v := &payment.Reversal{Trace: l.trace(), Of: of, Reason: payment.OnRequest}
	if r, err := l.host.Reverse(ctx, v); err != nil || r.Code != "00" {
		t.Fatalf("%+v, %v", r, err)
	}
	l.charged(-200)
	// A reversal that comes first keeps the payment from being taken.
	late := l.stored(700, 2, "Y1")
	of.Trace = late.Trace
	if r, err := l.host.Reverse(ctx, &payment.Reversal{Trace: l.trace(), Of: of}); err != nil || r.Code != "25" {
		t.Fatalf("%+v, %v", r, err)
	}
	if code := l.advise(late); code != "94" {
		t.Error(code)
	}
	l.charged(-200)
}
