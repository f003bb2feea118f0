package pos_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"fmt"
	"log"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/cardwright/emv/terminal/canonical"
	"github.com/cardwright/emv/terminal/pairing"
	"github.com/cardwright/emv/terminal/pos"
	"github.com/cardwright/emv/terminal/wire"
)

// sell is a till in forty lines: docs/till.md explains it line by line.
func sell(ctx context.Context, key crypto.Signer, scanned string) error {
	records, err := pairing.OpenRecords("terminals.json") // whom the till is paired with
	if err != nil {
		return err
	}
	book, err := pos.OpenBook("book.json") // what it asked for, and how that ended
	if err != nil {
		return err
	}
	me := pairing.Identity{Merchant: "standalone", Location: "standalone", Kind: pairing.Till, ID: "till-1"}
	cert, err := pairing.SelfSigned(key, me, rand.Reader, time.Now())
	if err != nil {
		return err
	}
	till, err := pos.New(pos.Config{
		PosID: "till-1", Name: "Till 1", Cert: cert, Version: wire.Version{Major: 8, Minor: 16}, Platform: "linux",
		Networks: func() []string { return []string{"192.168.1.0/24"} }, Records: records, Book: book,
		Dial: func(ctx context.Context, address string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "tcp", address)
		},
		Clock: pairing.SystemClock{}, Rand: rand.Reader, Events: func(e pos.Event) { log.Printf("%+v", e) },
	})
	if err != nil {
		return err
	}
	go till.Run(ctx) // keeps a session with every terminal, until ctx ends
	for _, e := range book.Open() {
		if t, err := till.Terminal(e.Terminal); err == nil {
			go t.Resume(ctx, e.Request.RequestID) // what was under way when the till was last closed
		}
	}
	if scanned != "" {
		if _, err := till.Pair(ctx, scanned); err != nil { // once; the first terminal becomes the default
			return fmt.Errorf("%s: %w", pos.Advise("linux", err), err)
		}
	}
	t, err := till.Terminal("")
	if err != nil {
		return err
	}
	cart := &wire.CartSet{
		CartID: "1042", Rev: 1, Currency: "EUR", Exponent: 2, Locale: "en-IE", Subtotal: 760, Total: 760,
		Lines: []wire.CartLine{{ID: "1", Name: "Flat white", Qty: "2", Unit: 380, Amount: 760}},
	}
	if err := t.SendCart(cart); err != nil { // at every change: it never waits
		return err
	}
	hash, err := canonical.Hash(cart) // the customer pays for what the screen shows
	if err != nil {
		return err
	}
	final, err := t.Pay(ctx, wire.PaymentRequest{
		OrderRef: "1042", Kind: wire.KindSale, Amount: cart.Total, Currency: cart.Currency, CartHash: hash[:],
		TipPolicy: wire.TipPolicy{Mode: "ask"}, SurchargePolicy: wire.SurchargePolicy{Mode: "none"},
		Offline: wire.Offline{Mode: "forbid"}, Entry: []wire.Entry{wire.EntryTap, wire.EntryInsert, wire.EntrySwipe},
		Within: 120_000,
	})
	if err != nil {
		return err // refused: no card was charged; or ctx ended: Resume at the next start
	}
	fmt.Println(final.Result, final.Total)
	return nil
}

// A till is paired once, shows its cart, and is paid.
func Example() {
	var key crypto.Signer // pairing.DeviceKey makes one in a key store
	if err := sell(context.Background(), key, os.Getenv("SCANNED")); err != nil {
		log.Print(err)
	}
}

// The guide shows this code, as it stands.
func TestGuide(t *testing.T) {
	guide := string(must[[]byte](t)(os.ReadFile("../../docs/till.md")))
	source := string(must[[]byte](t)(os.ReadFile("example_test.go")))
	_, code, ok := strings.Cut(source, "\nfunc sell(")
	code, _, end := strings.Cut(code, "\n}\n")
	if !ok || !end {
		t.Fatal("the example is gone")
	}
	if !strings.Contains(guide, "func sell("+code+"\n}\n") {
		t.Error("docs/till.md has other code than the example")
	}
}
