//go:build yardstick

package yardstick_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/crypto/cert"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/yardstick"
	"github.com/cardwright/emv/tlv"
	"github.com/cardwright/emv/tlv/dict"
)

// rounds is how often each side has its turn, and slice about how long a turn is. Turns are short, so that both sides of
// a ratio meet the same state of the machine.
const (
	rounds = 101
	slice  = 2 * time.Millisecond
)

// A side of a comparison does something n times over and says how long that took.
type side func(n int) time.Duration

// row is a line of a table: ours by theirs. Where theirs is nil, the time stands for itself, and its budget is in
// microseconds. Rows of a table without thresholds have no budget.
type row struct {
	what         string
	ours, theirs side
	budget       float64
	allocs       float64 // of one of ours
}

func TestYardstick(t *testing.T) {
	table(t, "| what\t ours\t yardstick\t ratio\t quartiles\t budget\t allocations\t", []row{
		walk(t), store(t), chain(t), chainFloor(t), tap(t, "visa-offline"), tap(t, "visa-online"),
		tap(t, "msc-offline"),
		inserted(t, "contact with DDA to the first GENERATE AC", readInsertion(t), 0.9),
		inserted(t, "contact with DDA, issuer authentication, script", readInsertion(t).online(), 1.1),
	})
}

// table measures the rows and prints them. Those with a budget have it in a column before the last.
func table(t *testing.T, head string, rows []row) {
	t.Helper()
	fmt.Printf("%s; %d rounds, median of the ratios (with quartiles)\n\n", yardstick.Version(), rounds)
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 1, ' ', tabwriter.Debug)
	fmt.Fprintln(w, head)
	fmt.Fprintln(w, "| ---\t"+strings.Repeat(" ---\t", strings.Count(head, "\t")-1))
	for _, r := range rows {
		fmt.Fprintln(w, measure(r))
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
}

func measure(r row) string {
	perTurn := func(s side) int { return max(1, int(slice/max(1, s(64)/64))) }
	n := perTurn(r.ours)
	var ours, theirs, ratios []float64
	if r.theirs == nil {
		for range rounds {
			ours = append(ours, micros(r.ours(n), n))
		}
		return fmt.Sprintf("| %s\t %.3g µs\t\t\t %.3g - %.3g µs\t%s %.3g\t", r.what,
			quantile(ours, 2), quantile(ours, 1), quantile(ours, 3), r.column(" %.3g µs\t"), r.allocs)
	}
	m := perTurn(r.theirs)
	for i := range rounds {
		var a, b float64
		if i%2 == 0 {
			a, b = micros(r.ours(n), n), micros(r.theirs(m), m)
		} else {
			b = micros(r.theirs(m), m)
			a = micros(r.ours(n), n)
		}
		ours, theirs, ratios = append(ours, a), append(theirs, b), append(ratios, a/b)
	}
	return fmt.Sprintf("| %s\t %.3g µs\t %.3g µs\t %.2f\t %.2f - %.2f\t%s %.3g\t", r.what, quantile(ours, 2), quantile(theirs, 2),
		quantile(ratios, 2), quantile(ratios, 1), quantile(ratios, 3), r.column(" %.2f\t"), r.allocs)
}

// column returns the column of the budget, nothing for a row without one.
func (r row) column(format string) string {
	if r.budget == 0 {
		return ""
	}
	return fmt.Sprintf(format, r.budget)
}

func micros(d time.Duration, n int) float64 { return float64(d.Nanoseconds()) / float64(n) / 1000 }

func quantile(all []float64, quarter int) float64 {
	slices.Sort(all)
	return all[len(all)*quarter/4]
}

// timed makes a side of a function.
func timed(f func()) side {
	return func(n int) time.Duration {
		start := time.Now()
		for range n {
			f()
		}
		return time.Since(start)
	}
}

// record is the value of the first record of the recorded Mastercard test card with a cardholder name: 205 bytes, 19 data
// objects. BenchmarkWalk of package tlv has the same.
var record = unhex("57125413339000001513D20122010000000000005A0854133390000015135F24032012315F25030601015F280202505F3401018C" +
	"279F02069F03069F1A0295055F2A029A039C019F37049F35019F45029F4C089F34039F21039F7C148D12910A8A0295059F37049F4C089F02069F" +
	"03068E0A00000000000000001F039F0702FF009F080200029F0D05F8406420009F0E0500108800009F0F05F86064F8009F420209789F51039F37" +
	"049F5B0CDF6008DF6108DF6201DF63A09F4A01825F200E43415244484F4C4445522F4D5220")

// walkOnce looks at what walk.c looks at: tag, length, and the first byte of the value.
func walkOnce(record []byte) (seen uint64) {
	// Not in the loop's head: a variable declared there is copied on each turn, which nearly doubles the time.
	c := tlv.Read(record)
	for c.Next() {
		seen += uint64(c.Tag()) + uint64(c.Len())
		if v := c.Value(); len(v) > 0 {
			seen += uint64(v[0])
		}
	}
	return seen
}

var sink uint64

func walk(t *testing.T) row {
	if _, theirs := yardstick.Walk(record, 1); theirs != walkOnce(record) {
		t.Fatalf("the walks saw different things: %d, %d", walkOnce(record), theirs)
	}
	return row{
		what: "TLV walk of a 205-byte record : C iterator, -O2", budget: 1.25,
		ours:   timed(func() { sink += walkOnce(record) }),
		theirs: func(n int) time.Duration { d, seen := yardstick.Walk(record, n); sink += seen; return d },
		allocs: testing.AllocsPerRun(100, func() { sink += walkOnce(record) }),
	}
}

// perTap is how many records a tap's share of wiping the store is spread over: real cards have four to eight.
const perTap = 6

// store stores the record again and again, with a new phase for each so that nothing counts as repeated, and wipes the
// store after perTap of them.
func store(t *testing.T) row {
	d := kernel.NewData()
	n := -1
	f := func() {
		if n++; n%perTap == 0 {
			d.Reset(dict.C2)
		}
		d.Mark()
		if r, err := d.Receive(dict.Card, record); err != nil || r.Repeated|r.Refused|r.Length != 0 {
			t.Fatal(r, err)
		}
	}
	return row{
		what: "parse + store of the record, a sixth of a wipe : walk", budget: 2,
		ours: timed(f), theirs: timed(func() { sink += walkOnce(record) }), allocs: testing.AllocsPerRun(100, f),
	}
}

// fresh is the yardstick of a chain: its recoveries by OpenSSL. What both sides recover is compared first.
func fresh(t *testing.T, all []yardstick.Recovery) side {
	t.Helper()
	r := yardstick.NewRecoveries(all)
	t.Cleanup(r.Free)
	if _, err := r.Run(1); err != nil {
		t.Fatal(err)
	}
	var v cert.Verifier
	for i, one := range all {
		block, err := v.Recover(cert.PublicKey{Modulus: one.Modulus, Exponent: []byte{3}}, one.Signature)
		if err != nil || !bytes.Equal(block, r.Result(i)) {
			t.Fatalf("recovery %d: the two sides differ (%v)", i, err)
		}
	}
	return func(n int) time.Duration {
		d, err := r.Run(n)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
}

// chain is offline data authentication from the CA key to the signature, hashes and all checks included.
func chain(t *testing.T) row {
	c := newChain(t)
	var v cert.Verifier
	f := func() {
		if err := c.verify(&v); err != nil {
			t.Fatal(err)
		}
	}
	return row{
		what: "DDA chain 1984, 1408, 1152 : 3 fresh BN_mod_exp_mont", budget: 0.40,
		ours: timed(f), theirs: fresh(t, c.recoveries), allocs: testing.AllocsPerRun(100, f),
	}
}

// chainFloor is the chain's RSA alone.
func chainFloor(t *testing.T) row {
	c := newChain(t)
	var v cert.Verifier
	f := func() {
		for _, r := range c.recoveries {
			if _, err := v.Recover(cert.PublicKey{Modulus: r.Modulus, Exponent: []byte{3}}, r.Signature); err != nil {
				t.Fatal(err)
			}
		}
	}
	return row{
		what: "... its RSA alone : the same", budget: 0.40,
		ours: timed(f), theirs: fresh(t, c.recoveries), allocs: testing.AllocsPerRun(100, f),
	}
}

// tap is a recorded transaction from the first SELECT to the outcome.
func tap(t *testing.T, id string) row {
	r := readTap(t, id)
	terminal, card := r.terminal(t), r.tape()
	f := func() { r.transact(t, terminal, card) }
	f()
	row := row{what: "recorded tap " + id, ours: timed(f), budget: 6, allocs: testing.AllocsPerRun(100, f)}
	if recoveries := r.recoveries(t); recoveries != nil {
		row.what += " : 3 fresh BN_mod_exp_mont"
		if row.theirs, row.budget = fresh(t, recoveries), 0.9; id == "msc-offline" {
			row.budget = 1.0
		}
	}
	return row
}

func (r *recordedTap) transact(t *testing.T, terminal *contactless.Terminal, card kernel.Card) {
	out, err := terminal.Transact(context.Background(), card, r.transaction)
	if err != nil || out.Kind != r.want {
		t.Fatal(out.Kind, out.Why, err)
	}
}
