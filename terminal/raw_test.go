package terminal_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"strconv"
	"testing"
	"time"

	"github.com/cardwright/emv/terminal/display"
	"github.com/cardwright/emv/terminal/pairing"
	"github.com/cardwright/emv/terminal/pos"
	"github.com/cardwright/emv/terminal/session"
	"github.com/cardwright/emv/terminal/wire"
)

// raw is a till that was written by somebody else: it says what it likes.
type raw struct {
	*testing.T
	stream *session.Stream
	frames chan wire.Frame
	n      int
}

// raw connects with the pair record of a till, whose own app is stopped.
func (s *shop) raw(k *till) *raw {
	s.Helper()
	k.stop()
	record, ok := k.config.Records.ByID(s.terminal.ID())
	if !ok {
		s.Fatal("not paired")
	}
	r := &raw{T: s.T, stream: must[*session.Stream](s.T)(session.NewStream(rand.Reader)), frames: make(chan wire.Frame, 1024)}
	c := &session.ConnectConfig{
		Cert: k.config.Cert, Record: record, Stream: r.stream, Clock: pairing.SystemClock{}, Dial: k.config.Dial,
		Hello: wire.Hello{
			AppVersion: k.config.Version, Platform: "linux", PosID: k.config.PosID, Name: k.config.Name, Merchant: record.Merchant,
			Location: record.Location, Country: record.Country, Networks: []string{"127.0.0.0/8"}, Epoch: 1,
		},
	}
	l, _, err := session.Connect(within(s.T), c, record.Addresses[0])
	if err != nil {
		s.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = l.Run(ctx, func(f wire.Frame) { r.frames <- f })
	}()
	s.Cleanup(func() {
		cancel()
		<-done
	})
	return r
}

// ask sends a body as it is and returns the answer.
func (r *raw) ask(kind wire.Type, body any) wire.Frame {
	r.Helper()
	r.n++
	id := "q" + strconv.Itoa(r.n)
	b, ok := body.(json.RawMessage)
	if !ok {
		b = must[[]byte](r.T)(json.Marshal(body))
	}
	if err := r.stream.Add(kind, id, b); err != nil {
		r.Fatal(err)
	}
	late := time.After(30 * time.Second)
	for {
		select {
		case f := <-r.frames:
			if f.ID == id {
				return f
			}
		case <-late:
			r.Fatalf("no answer to %s", kind)
		}
	}
}

// refused asks and wants a refusal.
func (r *raw) refused(kind wire.Type, body any, want wire.Code) *wire.Error {
	r.Helper()
	f := r.ask(kind, body)
	var e wire.Error
	if f.Type != wire.TypeError || wire.Decode(f.Body, &e) != nil || e.Code != want {
		r.Fatalf("%s: %s, want %s", f.Type, f.Body, want)
	}
	return &e
}

// TestSameRequest answers a request that comes again as it did before, and refuses another one under the same id.
func TestSameRequest(t *testing.T) {
	s, k := counter(t, "US", nil)
	r := s.raw(k)
	var lease wire.Lease
	if f := r.ask(wire.TypeLeaseAsk, wire.LeaseAsk{}); wire.Decode(f.Body, &lease) != nil {
		t.Fatalf("%s %s", f.Type, f.Body)
	}
	pay := s.sale("order-1", 1250)
	pay.RequestID, pay.LeaseEpoch = must[string](t)(pos.NewRequestID(time.Now(), rand.Reader)), lease.Epoch
	pay.TipPolicy = wire.TipPolicy{Mode: "fixed", Fixed: 100}
	for i := range 3 {
		if i == 1 { // the order of a list says nothing
			pay.Entry = []wire.Entry{wire.EntrySwipe, wire.EntryInsert, wire.EntryTap}
		}
		var a wire.PaymentAccepted
		if f := r.ask(wire.TypePay, pay); f.Type != wire.TypePayAccepted || wire.Decode(f.Body, &a) != nil || a.RequestID != pay.RequestID {
			t.Fatalf("%s %s", f.Type, f.Body)
		}
	}
	other := pay
	other.Amount++
	r.refused(wire.TypePay, other, wire.CodeReused)
	other = pay
	other.TipPolicy.Fixed++
	r.refused(wire.TypePay, other, wire.CodeReused)

	next := pay
	next.RequestID, next.OrderRef = must[string](t)(pos.NewRequestID(time.Now(), rand.Reader)), "order-2"
	if e := r.refused(wire.TypePay, next, wire.CodeBusy); e.RequestID != pay.RequestID || e.Holder != "Till till-1" {
		t.Errorf("%+v", e)
	}
	next.LeaseEpoch--
	r.refused(wire.TypePay, next, wire.CodeFenced)
	r.refused(wire.TypePayStatus, wire.PaymentStatus{RequestID: next.RequestID}, wire.CodeNotFound)
	s.screen(display.Confirm)
	var c wire.CancelResult
	if f := r.ask(wire.TypePayCancel, wire.PaymentCancel{RequestID: pay.RequestID, Reason: "cashier", LeaseEpoch: lease.Epoch}); wire.Decode(f.Body, &c) != nil || c.Result != "cancelled" {
		t.Fatalf("%s %s", f.Type, f.Body)
	}
	var st wire.PaymentState
	if f := r.ask(wire.TypePayStatus, wire.PaymentStatus{RequestID: pay.RequestID}); wire.Decode(f.Body, &st) != nil || st.Final == nil || st.Final.Result != wire.Cancelled {
		t.Fatalf("%s %s", f.Type, f.Body)
	}
	s.screen(display.Message)
}

// TestHostileTill refuses what makes no sense, and goes on.
func TestHostileTill(t *testing.T) {
	s, k := counter(t, "US", nil)
	r := s.raw(k)
	var lease wire.Lease
	if f := r.ask(wire.TypeLeaseAsk, wire.LeaseAsk{}); wire.Decode(f.Body, &lease) != nil {
		t.Fatalf("%s %s", f.Type, f.Body)
	}
	for _, kind := range []wire.Type{wire.TypePay, wire.TypePayCancel, wire.TypePayStatus, wire.TypeCartSet, wire.TypeCartPatch} {
		for _, body := range []string{`{}`, `[]`, `"x"`, `{"request_id":"../../etc/passwd","lines":[{}]}`} {
			r.refused(kind, json.RawMessage(body), wire.CodeBadMessage)
		}
	}
	r.refused(wire.TypeFinal, json.RawMessage(`{}`), wire.CodeUnknownType)
	c := cart(1, 850)
	c.Total++
	r.refused(wire.TypeCartSet, c, wire.CodeCartSum)
	if st := s.screen(display.Cart); !st.Cart.Faulty {
		t.Errorf("%+v", st)
	}
	pay := s.sale("order-1", 850)
	pay.RequestID, pay.LeaseEpoch = must[string](t)(pos.NewRequestID(time.Now(), rand.Reader)), lease.Epoch
	pay.CartHash = make([]byte, 32)
	r.refused(wire.TypePay, pay, wire.CodeCartMismatch)
	pay.CartHash, pay.Within = nil, 3_600_000
	r.refused(wire.TypePay, pay, "E_INVALID")
	pay.Within = 0
	pay.Offline = wire.Offline{Mode: "allow", Max: 100}
	pay.Reference = pay.RequestID[:25] + "0"
	if pay.Reference == pay.RequestID {
		pay.Reference = pay.RequestID[:25] + "1"
	}
	r.refused(wire.TypePay, pay, "E_INVALID")
	if n := len(s.server.Ledger()); n != 0 {
		t.Errorf("the host was asked %d times", n)
	}
}
