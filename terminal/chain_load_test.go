package terminal_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cardwright/emv/terminal/pos"
	"github.com/cardwright/emv/terminal/wire"
	"github.com/cardwright/emv/testvectors/issuer/iso"
)

// acceptMost is how long a terminal may take to accept a request: PRODUCT 3.3, P29.
const acceptMost = 200 * time.Millisecond

// busy is a counter with one customer after the other: each taps the same card.
type busy struct {
	*chain
	counter *pos.Terminal
	off     func()

	accepted chan time.Time // of the request under way
	prompt   chan struct{}
}

// newBusy has journal, pair records and book on the machine's disk, and every connection on its loopback.
func newBusy(t testing.TB) *busy {
	t.Helper()
	b := &busy{chain: lasting(t, iso.Config{}), accepted: make(chan time.Time, 1), prompt: make(chan struct{}, 1)}
	b.config.Log = slog.New(slog.DiscardHandler) // a log in memory would be in the figures
	if err := b.up(); err != nil {
		t.Fatal(err)
	}
	k := b.till("till-1", dialTCP, b.hear)
	k.off()
	k.config.Book = made[*pos.Book](t)(pos.OpenBook(t.TempDir() + "/book.json"))
	k.on(t)
	b.counter = b.pair(k)
	b.off = func() {
		k.off()
		if err := b.down(); err != nil {
			t.Error(err)
		}
	}
	return b
}

func (b *busy) hear(e pos.Event) {
	if e.Progress == nil {
		return
	}
	if e.Progress.State == wire.StateAccepted {
		select {
		case b.accepted <- time.Now():
		default:
		}
	}
	if e.Progress.Prompt == "present_card" {
		select {
		case b.prompt <- struct{}{}:
		default:
		}
	}
}

// took is how long one payment was.
type took struct{ accept, whole time.Duration }

// pay is one payment of one unit: the customer is there when the terminal asks, and gone with the result.
func (b *busy) pay(n int, tap func()) took {
	b.Helper()
	for len(b.accepted) > 0 {
		<-b.accepted
	}
	for len(b.prompt) > 0 {
		<-b.prompt
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	done := make(chan error, 1)
	began := time.Now()
	go func() {
		f, err := b.counter.Pay(ctx, b.sale("order-"+strconv.Itoa(n), 100))
		if err == nil && f.Result != wire.Approved {
			err = fmt.Errorf("%s because of %s", f.Result, f.Reason)
		}
		done <- err
	}()
	var t took
	select {
	case at := <-b.accepted:
		t.accept = at.Sub(began)
	case err := <-done:
		b.Fatal("not accepted: ", err)
	}
	<-b.prompt
	tap()
	if err := <-done; err != nil {
		b.Fatal(err)
	}
	t.whole = time.Since(began)
	b.hands.Leave()
	return t
}

// run pays n times and sorts what it took.
func (b *busy) run(n int) (accept, whole []time.Duration) {
	b.Helper()
	visa := cardOf(b, "visa-credit")
	for i := range n {
		t := b.pay(i, func() { b.hands.Tap(visa, nil) })
		accept, whole = append(accept, t.accept), append(whole, t.whole)
	}
	slices.Sort(accept)
	slices.Sort(whole)
	return accept, whole
}

// part returns what so many of a hundred do not exceed.
func part(sorted []time.Duration, percent int) time.Duration {
	return sorted[min(len(sorted)-1, len(sorted)*percent/100)]
}

// residence returns the heap after a collection, and the resident set where the system tells; in bytes.
func residence() (heap, rss int64) {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return int64(m.HeapAlloc), 0
	}
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == "VmRSS:" {
			n, _ := strconv.ParseInt(f[1], 10, 64)
			return int64(m.HeapAlloc), n << 10
		}
	}
	return int64(m.HeapAlloc), 0
}

// BenchmarkChain is a sale by a tap, from Pay to its final at the till: TLS, the journal's and the book's fsyncs, the card's
// cryptogram, the host's messages over TCP and the issuer's checks are in it; the customer takes no time.
func BenchmarkChain(b *testing.B) {
	c := newBusy(b)
	defer c.off()
	visa := cardOf(b, "visa-credit")
	c.pay(-1, func() { c.hands.Tap(visa, nil) }) // connections are made
	heap, rss := residence()
	var accept, whole []time.Duration
	n := 0
	for b.Loop() {
		t := c.pay(n, func() { c.hands.Tap(visa, nil) })
		accept, whole = append(accept, t.accept), append(whole, t.whole)
		n++
	}
	heapNow, rssNow := residence()
	slices.Sort(accept)
	slices.Sort(whole)
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "payments/s")
	b.ReportMetric(float64(part(whole, 50).Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(part(whole, 99).Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(part(accept, 99).Microseconds())/1000, "accept-p99-ms")
	b.ReportMetric(float64(heapNow-heap)/float64(n), "heap-B/payment")
	b.ReportMetric(float64(rssNow-rss)/float64(n), "rss-B/payment")
}

// TestLoad pays CARDWRIGHT_LOAD times, 3 where it is not set, and prints what it took. A number from 100 on is a
// measurement, and holds the acceptance to its limit; the few of every test run only show that the chain runs.
func TestLoad(t *testing.T) {
	n := 3
	text := os.Getenv("CARDWRIGHT_LOAD")
	if text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil || n < 1 {
			t.Fatalf("CARDWRIGHT_LOAD=%s is no number of payments", text)
		}
	}
	c := newBusy(t)
	defer c.off()
	heap, rss := residence()
	began := time.Now()
	accept, whole := c.run(n)
	all := time.Since(began)
	heapNow, rssNow := residence()
	if amount, entries := c.server.Charged("840"); amount != int64(n)*100 || entries != n {
		t.Errorf("the host has charged %d by %d entries for %d payments of 100", amount, entries, n)
	}
	if text == "" {
		return
	}
	t.Logf("\n| payments | payments/s | p50 | p99 | slowest | accept p50 | accept p99 | heap growth | RSS growth |\n"+
		"| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n"+
		"| %d | %.1f | %.1f ms | %.1f ms | %.1f ms | %.2f ms | %.2f ms | %d KiB | %d KiB |",
		n, float64(n)/all.Seconds(), ms(part(whole, 50)), ms(part(whole, 99)), ms(whole[n-1]), ms(part(accept, 50)), ms(part(accept, 99)),
		(heapNow-heap)>>10, (rssNow-rss)>>10)
	if p99 := part(accept, 99); n >= 100 && p99 >= acceptMost {
		t.Errorf("accepting took %v at the 99th of a hundred, and may take %v", p99, acceptMost)
	}
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
