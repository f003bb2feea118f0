package terminal_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/cardwright/emv/terminal/journal/journaltest"
	"github.com/cardwright/emv/terminal/payment"
	"github.com/cardwright/emv/terminal/pos"
	"github.com/cardwright/emv/terminal/wire"
	"github.com/cardwright/emv/testvectors/issuer/iso"
)

// The obligation is that of the payment engine's model, over the whole chain: a customer is charged if and only if exactly
// one approved final for it is in a till's book in the end, and what the host has taken is what the tills have sold. Tills,
// cables, disks, cards and the host misbehave at random, in hours that pass in a moment.

// step is one thing that happens.
type step struct {
	Does   what
	Till   int // 0, 1
	Order  int // of few, so that they meet
	Card   does
	After  int // commands after which a card is gone
	Fault  iso.Fault
	Kept   journaltest.Kept
	At     int // operations of the disk until power goes
	Wait   int // milliseconds that pass afterwards
	Random uint64
}

type what uint8

const (
	pays              what = iota // an order; pressed twice at times
	repeats                       // the button once more
	refunds                       // an approved order, in part
	voids                         //
	cancels                       //
	givesUp                       // the customer
	takesOver                     // the other till, the lease
	terminalCrashes               // now
	terminalCrashesIn             // at the At-th operation of its disk
	tillCrashes                   // with its book kept
	tillsCut                      // nobody reaches the terminal
	tillsHeld                     // what is sent does not arrive
	tillsDropped                  // connections break, and come again
	tillsMended                   //
	hostCut                       //
	hostHeld                      //
	hostDropped                   //
	hostMended                    //
	hostMisbehaves                //
	slows                         // both
	undocks                       // in the middle of whatever there is
	docks                         //
)

// oftenDoes is how often each is drawn.
var oftenDoes = []what{
	pays, pays, pays, pays, pays, pays, repeats, repeats, refunds, refunds, voids, voids, cancels, cancels, givesUp, givesUp, takesOver, terminalCrashes,
	terminalCrashesIn, terminalCrashesIn, terminalCrashesIn, tillCrashes, tillCrashes, tillsCut, tillsHeld, tillsDropped, tillsMended, tillsMended,
	hostCut, hostHeld, hostDropped, hostMended, hostMended, hostMisbehaves, hostMisbehaves, hostMisbehaves, slows, undocks, docks, docks,
}

var faults = []iso.FaultKind{iso.Delay, iso.Lose, iso.Drop, iso.Double, iso.Mangle, iso.Reorder, iso.Decline, iso.MAC, iso.Cut, iso.Stray, iso.Wrong}

func scripts() *rapid.Generator[[]step] {
	one := rapid.Custom(func(t *rapid.T) step {
		s := step{
			Does: rapid.SampledFrom(oftenDoes).Draw(t, "does"), Till: rapid.SampledFrom([]int{0, 0, 0, 1}).Draw(t, "till"),
			Order: rapid.IntRange(0, 3).Draw(t, "order"), Card: does(rapid.IntRange(0, int(doings)-1).Draw(t, "card")),
			After: rapid.IntRange(0, 12).Draw(t, "after"), Kept: journaltest.Kept(rapid.IntRange(0, 2).Draw(t, "kept")),
			At:   rapid.IntRange(1, 24).Draw(t, "at"),
			Wait: rapid.SampledFrom([]int{0, 20, 300, 500, 1000, 3000, 8000, 20_000}).Draw(t, "wait"), Random: rapid.Uint64().Draw(t, "random"),
			Fault: iso.Fault{
				Kind: rapid.SampledFrom(faults).Draw(t, "fault"), MTI: rapid.SampledFrom([]string{"", "02", "02", "04"}).Draw(t, "mti"),
				Times: rapid.IntRange(1, 2).Draw(t, "times"), Delay: time.Duration(rapid.SampledFrom([]int{100, 1900, 2100, 9000}).Draw(t, "delay")) * time.Millisecond,
			},
		}
		if rapid.IntRange(0, 2).Draw(t, "plain") == 0 { // a good part of all goes well, and has the time for it
			s.Card = rapid.SampledFrom([]does{taps, inserts}).Draw(t, "good")
			s.Wait = rapid.SampledFrom([]int{300, 1000, 3000, 8000}).Draw(t, "time")
		}
		return s
	})
	return rapid.SliceOfN(one, 4, 30)
}

// mistake is one that is made on purpose, by what the chain is made of.
type mistake uint8

const (
	none          mistake = iota
	diskForgets           // it is told to keep something, and does not
	diskLater             // it says so before it does: acknowledgement before the journal
	bookForgets           // a till that crashes has lost its book
	newIDEachTime         // a till that is in doubt makes another id, and insists
	mistakes
)

// playChain runs a scenario and returns what is wrong, "" for nothing, and what was reached.
func playChain(t *testing.T, script []step, m mistake) (fault string, reached []string) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, m == diskLater, m == diskForgets)
		for i := range script {
			s := &script[i]
			w.step(t, s, m, i)
			time.Sleep(time.Duration(s.Wait) * time.Millisecond)
			if w.disk.Dead() {
				w.crash(s.Kept, rand.New(rand.NewPCG(s.Random, 1)))
			}
			if w.fault != "" {
				break
			}
		}
		if w.fault == "" {
			w.heal()
		}
		if w.fault == "" {
			w.judge()
		}
		reached = w.results()
		w.end()
		fault = w.fault
	})
	return fault, reached
}

// step does one step. i makes amounts that are like no other.
func (w *world) step(t *testing.T, s *step, m mistake, i int) {
	k := w.tills[s.Till]
	order := fmt.Sprintf("order-%d-%d", s.Till, s.Order)
	amount := int64(100_00 + 1000*s.Till + 100*s.Order)
	switch s.Does {
	case pays, repeats:
		ask := w.sale(order, amount)
		if m == newIDEachTime && k.doubtful(order) {
			k.forgets(t)
			ask.ForceAdditional = true
		}
		k.pay(ask)
		if s.Random%4 == 0 { // pressed twice
			k.pay(ask)
		}
		if s.Does == pays {
			w.visit(s.Card, s.After)
		}
	case refunds:
		if of := k.approved(s.Random); of != nil {
			ask := w.sale(of.OrderRef, int64(i+1))
			ask.Kind, ask.Reference = wire.KindRefund, of.RequestID
			k.pay(ask)
			w.visit(s.Card, s.After)
		}
	case voids:
		if of := k.approved(s.Random); of != nil {
			ask := w.sale(of.OrderRef, 0)
			ask.Kind, ask.Reference = wire.KindVoid, of.RequestID
			k.pay(ask)
		}
	case cancels:
		k.cancel()
	case givesUp:
		w.giveUp()
	case takesOver:
		k.take()
	case terminalCrashes:
		w.crash(s.Kept, rand.New(rand.NewPCG(s.Random, 1)))
	case terminalCrashesIn:
		w.disk.CrashAt(s.At)
	case tillCrashes:
		if m == bookForgets {
			k.forgets(t)
			return
		}
		k.crash(t)
	case tillsCut:
		w.lines[toTills].sever()
	case tillsHeld:
		w.lines[toTills].hold()
	case tillsDropped:
		w.lines[toTills].drop()
	case tillsMended:
		w.lines[toTills].mend()
	case hostCut:
		w.lines[toHost].sever()
	case hostHeld:
		w.lines[toHost].hold()
	case hostDropped:
		w.lines[toHost].drop()
	case hostMended:
		w.lines[toHost].mend()
	case hostMisbehaves:
		w.server.Misbehave(s.Fault)
	case slows:
		w.lines[s.Random%2].slow(time.Duration(s.After+1) * 100 * time.Millisecond)
	case undocks:
		w.dock.Undock()
	case docks:
		w.dock.Dock()
	default:
		t.Fatalf("step %d", s.Does)
	}
}

// doubtful reports whether an order has a payment whose final is not known.
func (k *cashier) doubtful(order string) bool {
	for _, e := range k.config.Book.Open() {
		if e.Request.OrderRef == order {
			return true
		}
	}
	return false
}

// forgets is a crash that takes the book with it.
func (k *cashier) forgets(t testing.TB) {
	k.config.Book = pos.NewBook()
	k.crash(t)
}

// TestChainModel plays random scenarios: 15, CARDWRIGHT_CHAIN of them where it is set. A scenario that fails is one number;
// CARDWRIGHT_CHAIN_FIRST plays from there.
func TestChainModel(t *testing.T) {
	n := 15
	if text := os.Getenv("CARDWRIGHT_CHAIN"); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil || n < 1 {
			t.Fatalf("CARDWRIGHT_CHAIN=%s is no number of scenarios", text)
		}
	}
	first := rand.IntN(1 << 30)
	if text := os.Getenv("CARDWRIGHT_CHAIN_FIRST"); text != "" {
		first = made[int](t)(strconv.Atoi(text))
	}
	seen := map[string]int{}
	for i := range n {
		script := scripts().Example(first + i)
		fault, reached := playChain(t, script, none)
		if fault != "" {
			t.Fatalf("%s\nscenario %d: %+v", fault, first+i, script)
		}
		for _, r := range reached {
			seen[r]++
		}
	}
	t.Logf("%d scenarios reached %v", n, seen)
	for _, want := range []string{
		"sale approved", "sale declined", "sale failed", "sale cancelled", "refund approved", "void approved", "reversed",
		payment.CodeNoAnswer, payment.CodePowerLoss, payment.CodeDeadline,
	} {
		if n >= 300 && seen[want] == 0 {
			t.Errorf("%d scenarios did not reach %q: %v", n, want, seen)
		}
	}
}

// TestChainModelFindsMistakes: each mistake is found by the same scenarios.
func TestChainModelFindsMistakes(t *testing.T) {
	for _, m := range []struct {
		name string
		is   mistake
	}{
		{"the disk forgets", diskForgets},
		{"acknowledged before the journal", diskLater},
		{"the book forgets", bookForgets},
		{"a new id each time", newIDEachTime},
	} {
		t.Run(m.name, func(t *testing.T) {
			const most = 200
			for i := range most {
				if fault, _ := playChain(t, scripts().Example(i), m.is); fault != "" {
					t.Logf("scenario %d: %s", i, fault)
					return
				}
			}
			t.Errorf("%d scenarios did not find it", most)
		})
	}
}
