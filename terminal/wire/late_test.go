package wire_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/cardwright/emv/terminal/wire"
)

func TestLateCheck(t *testing.T) {
	good := func() *wire.PaymentLate {
		return &wire.PaymentLate{RequestID: ulid, OrderRef: "1042", HostCode: "51", Total: 1250, Currency: "USD"}
	}
	for name, change := range map[string]func(*wire.PaymentLate){
		"id":        func(l *wire.PaymentLate) { l.RequestID = "1" },
		"order":     func(l *wire.PaymentLate) { l.OrderRef = "a b" },
		"host code": func(l *wire.PaymentLate) { l.HostCode = strings.Repeat("5", 65) },
		"total":     func(l *wire.PaymentLate) { l.Total = -1 },
		"13 digits": func(l *wire.PaymentLate) { l.Total = 1_000_000_000_000 },
		"currency":  func(l *wire.PaymentLate) { l.Currency = "840" },
	} {
		l := good()
		change(l)
		if codeOf(t, l.Check()) != wire.CodeBadMessage {
			t.Errorf("%s is accepted", name)
		}
	}
	b, err := json.Marshal(good())
	var back wire.PaymentLate
	if err != nil || wire.Decode(b, &back) != nil || back != *good() {
		t.Errorf("%s, %v", b, err)
	}
	if codeOf(t, (&wire.PaymentNoted{RequestID: "x"}).Check()) != wire.CodeBadMessage {
		t.Error("pay_noted of nothing is accepted")
	}
}

// What a till is told of what the host learns later.
func TestSendingCheck(t *testing.T) {
	for state, good := range map[wire.State]bool{
		"": true, wire.StateStored: true, wire.StateSent: true, wire.StateDone: true, wire.StateDeclined: true, "SAF_LOST": false,
	} {
		s := &wire.PaymentState{RequestID: ulid, State: wire.StateAcked, Sending: state, HostCode: "51"}
		if (s.Check() == nil) != good {
			t.Errorf("%q: %v", state, s.Check())
		}
	}
	for _, h := range []wire.Heartbeat{{Queued: -1}, {QueuedSum: -1}, {OldestAge: -1}, {Unanswered: -1}} {
		if codeOf(t, h.Check()) != wire.CodeBadMessage {
			t.Errorf("%+v is accepted", h)
		}
	}
}
