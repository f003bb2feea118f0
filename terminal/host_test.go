package terminal_test

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/cardwright/emv/terminal/display"
	"github.com/cardwright/emv/terminal/host"
	"github.com/cardwright/emv/terminal/host/acquirer"
	"github.com/cardwright/emv/terminal/wire"
	"github.com/cardwright/emv/testvectors/issuer/iso"
)

// TestHostComesUp starts a terminal whose host is off: it is not ready, and refuses payments for that reason. Then the host
// comes up, and a payment is taken. S6
func TestHostComesUp(t *testing.T) {
	l := must[net.Listener](t)(net.Listen("tcp", "127.0.0.1:0"))
	at := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	keys := must[*iso.TerminalKeys](t)(iso.NewTerminalKeys(iso.TestInitialKeyID(2)))
	client := must[*host.Client](t)(host.New(host.Config{
		Endpoint: host.Endpoint{Address: at}, Keys: keys, Terminal: "T0000002", Merchant: "M00000000000001",
	}))
	t.Cleanup(func() { _ = client.Close() })
	stan := uint32(910000)
	s := open(t, "US", func(s *shop) {
		s.config.Keys, s.config.Host = drawn{keys}, acquirer.New(client, acquirer.Config{PIN: true})
		s.config.Echo = func(ctx context.Context) error {
			stan++
			return client.Echo(ctx, host.Trace{STAN: stan, Time: time.Now()})
		}
	})
	k := s.till("till-1")
	term := s.pair(k)
	until(t, "the host is missed", func() bool { return s.log.seen(`"there":false`) })
	if st := s.terminal.Status(); st.State != "not_ready" || st.Cause != "E_PROVIDER" {
		t.Errorf("%+v", st)
	}
	_, err := term.Pay(within(t), s.sale("order-1", 1250))
	wantCode(t, err, wire.CodeNotReady)

	l = must[net.Listener](t)(net.Listen("tcp", at))
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = s.server.Serve(ctx, l)
	}()
	t.Cleanup(func() {
		cancel()
		<-served
	})
	s.ready()
	until(t, "the till hears of it", func() bool { return k.List()[0].State == "ready" })
	paid := s.pay(term, s.sale("order-1", 1250))
	s.screen(display.Present)
	s.hands.Tap(s.card("visa-credit"), nil)
	s.wants(paid, wire.Approved, "")
	s.charged(1250)
}
