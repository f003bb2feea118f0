package payment

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/journal"
	"github.com/cardwright/emv/tlv"
)

func tagOf(t uint32) tlv.Tag { return tlv.Tag(t) }

// instant is a card and a host that take no time.
type instant struct{ Host }

func (instant) Take(ctx context.Context, _ Order, d Desk) (Taken, error) {
	c := Card{Entry: Insert, Number: "************1234", Token: tokenOf(1)}
	if err := d.CardIn(ctx, c); err != nil {
		return Taken{}, err
	}
	if _, err := d.Authorise(ctx, Online{Card: c}); err != nil {
		return Taken{}, err
	}
	return Taken{Kind: kernel.ApprovedOnline, Card: c}, nil
}

func (instant) Authorise(context.Context, *Authorisation) (Answer, error) {
	return Answer{Code: "00", AuthCode: "123456"}, nil
}

// BenchmarkPayment is a sale on the machine's disk, from Accept to Ack: nine records, each synced. accept-ns is Accept alone,
// of which the protocol allows 200 ms.
func BenchmarkPayment(b *testing.B) {
	fs, err := journal.Dir(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	done := make(chan string, 1)
	e, err := Open(Config{
		FS: fs, Host: instant{}, Reader: instant{}, Screen: &simScreen{}, Lease: &simLease{lax: true},
		Notify: func(ev Event) {
			if ev.State == Finished {
				done <- ev.RequestID
			}
		},
	})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = e.Close() }()
	var took []time.Duration
	n := 0
	for b.Loop() {
		n++
		r := Request{RequestID: ulid(time.Now(), n), OrderRef: fmt.Sprint(n), Kind: Sale, Amount: 100, Currency: 840}
		before := time.Now()
		if _, err := e.Accept(Till{POS: "till-1"}, r); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(before))
		if err := e.Ack(Till{POS: "till-1"}, <-done); err != nil {
			b.Fatal(err)
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2]), "accept-p50-ns")
	b.ReportMetric(float64(took[len(took)*99/100]), "accept-p99-ns")
}

// BenchmarkStart opens the journal of 13 months of a busy terminal, compacted: 100,000 payments.
func BenchmarkStart(b *testing.B) {
	fs, err := journal.Dir(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	config := Config{FS: fs, Host: instant{}, Reader: instant{}, Screen: &simScreen{}, Lease: &simLease{lax: true}}
	e, err := Open(config)
	if err != nil {
		b.Fatal(err)
	}
	e.mu.Lock()
	now := e.now()
	for n := range 100_000 {
		r := Request{RequestID: ulid(now, n), OrderRef: fmt.Sprint(n), Kind: Sale, Amount: 100, Currency: 840}
		p := &payment{
			summary: summary{
				POS: "till-1", ID: r.RequestID, Order: r.OrderRef, Hash: r.Hash(), Kind: Sale, Currency: 840, State: Acked, Total: 100,
				Result: Approved, Ended: now,
			},
			details: &details{
				Request: r, Accepted: now, Amounts: r.amounts(0), Card: Card{Entry: Insert, Number: "************1234", Token: tokenOf(n)},
				Sent: &Sent{Trace: Trace{STAN: 1, RRN: "123456789012", Time: now}, Kind: Sale, Total: 100}, GAC2: &gac2{Agreed: true},
			},
		}
		p.Final = e.final(p, Approved, CodeApproved)
		e.book.add(p)
	}
	e.config.CompactAt = 0
	before := time.Now()
	if err := e.compact(); err != nil {
		b.Fatal(err)
	}
	compacted := time.Since(before)
	e.mu.Unlock()
	_ = e.Close()
	for b.Loop() {
		e, err := Open(config)
		if err != nil || len(e.book.all) != 100_000 {
			b.Fatal(err)
		}
		_ = e.Close()
	}
	b.ReportMetric(float64(compacted.Milliseconds()), "compaction-ms")
}
