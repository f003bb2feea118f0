package pairing_test

import (
	"context"
	"crypto/tls"
	"testing"

	"github.com/cardwright/emv/terminal/pairing"
)

// TestOneHostOfMany: a stranger that holds all the connections to the pairing port that it gets keeps no till out.
func TestOneHostOfMany(t *testing.T) {
	r := newRig(t, false)
	s := r.run()
	code := s.code()
	r.comeFrom("192.0.2.7")
	held := 0
	for range 40 {
		raw, err := dial(context.Background(), r.at())
		if err != nil {
			t.Fatal(err)
		}
		defer raw.Close()
		conn := tls.Client(raw, &tls.Config{
			InsecureSkipVerify: true, Certificates: []tls.Certificate{r.till.Cert}, NextProtos: []string{"cardwright-pair1"},
		})
		if conn.Handshake() == nil {
			held++
		}
	}
	if held == 0 {
		t.Fatal("nobody got in")
	}
	r.comeFrom("127.0.0.1")
	if _, err := pairing.Join(context.Background(), &r.till, code); err != nil {
		t.Error(err)
	}
}
