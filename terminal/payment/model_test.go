package payment

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/journal"
	"github.com/cardwright/emv/terminal/journal/journaltest"
)

// The obligation: a customer is charged if and only if exactly one approved Final for it reaches the till in the end, and
// what the host has taken is what the till has sold. Tills, hosts, cards and disks misbehave at random; the same scenario
// runs against engines that are wrong on purpose (mutants), and must find them out.

// move is one thing that happens.
type move struct {
	Does   action
	Card   cardDoes
	Host   hostDoes
	Side   []hostDoes
	Wait   int // milliseconds that pass afterwards
	Order  int // which order, of few, so that they meet
	Kept   journaltest.Kept
	At     int // operations until power goes
	Kind   Kind
	Flag   bool
	Random uint64
}

type action uint8

const (
	tillPays    action = iota // an order; a request that is in doubt is sent again
	tillRepeats               // the last request, once more
	tillCancels               // the last request; Flag: and wants an approval reversed
	tillAmends                // refund, void, adjust or capture of an approved order
	tillLeaves                // it loses its connection, and with it its events
	tillReturns               //
	leaseMoves                // to another epoch; what the old one still sends is stale
	staleSends                // a request of the old epoch arrives
	hostGoes                  // nobody reaches the host
	hostReturns               //
	forces                    // somebody presses the key that sends what waits
	powerGoes                 // now
	powerGoesIn               // at the At-th operation of the disk
	timePasses
)

// often is how often each is drawn.
var often = []action{
	tillPays, tillPays, tillPays, tillPays, tillRepeats, tillCancels, tillAmends, tillAmends, tillAmends, tillLeaves, tillReturns,
	tillReturns, leaseMoves, staleSends, powerGoes, powerGoesIn, powerGoesIn, timePasses,
	hostGoes, hostGoes, hostReturns, forces,
}

func moves() *rapid.Generator[[]move] {
	doing := rapid.Custom(func(t *rapid.T) move {
		m := move{
			Does: rapid.SampledFrom(often).Draw(t, "does"), Card: cardDoes(rapid.IntRange(0, int(cardDoings)-1).Draw(t, "card")),
			Host:   hostDoes(rapid.IntRange(0, int(hostDoings)-1).Draw(t, "host")),
			Wait:   rapid.SampledFrom([]int{0, 500, 1500, 2500, 3500, 5000, 30_000, 120_000}).Draw(t, "wait"),
			Order:  rapid.IntRange(0, 2).Draw(t, "order"),
			Kept:   journaltest.Kept(rapid.IntRange(0, 2).Draw(t, "kept")),
			At:     rapid.IntRange(1, 24).Draw(t, "at"),
			Kind:   rapid.SampledFrom([]Kind{Sale, Preauth, Refund, Void, Adjust, Capture}).Draw(t, "kind"),
			Flag:   rapid.Bool().Draw(t, "flag"),
			Random: rapid.Uint64().Draw(t, "random"),
		}
		for range rapid.SampledFrom([]int{0, 0, 1, 2, 6}).Draw(t, "sides") {
			m.Side = append(m.Side, hostDoes(rapid.IntRange(0, int(hostDoings)-1).Draw(t, "side")))
		}
		switch rapid.IntRange(0, 5).Draw(t, "plain") { // a good part of all goes well
		case 0, 1:
			m.Card, m.Host = cardInserted, hostApproves
		case 2:
			m.Card, m.Flag = rapid.SampledFrom([]cardDoes{cardOffline, cardStandsIn}).Draw(t, "alone"), true
		}
		return m
	})
	return rapid.SliceOfN(doing, 1, 30)
}

// mutant is a mistake that is made on purpose.
type mutant uint8

const (
	sane         mutant = iota
	noSync              // the disk is not told to keep anything
	lateJournal         // effects come before their records
	noFencing           // any till may command
	newIDOnRetry        // the till makes another id when it is in doubt
	newIDOnDrain        // the terminal gives a stored payment another trace when it sends it again
	twoDrains           // two at a time send what is stored
	mutants
)

// order is what the till wants to sell once, and its memory of it: it is stored before anything is sent.
type order struct {
	ref      string
	requests []Request
	finals   map[string]*Final // by request id
	refused  map[string]bool   // stored ones that the till knows the host to have refused
}

// forwarding is what the model's terminal may store.
func forwarding() ForwardPolicy {
	return ForwardPolicy{Currency: 840, Max: 1_000_000, Sum: 400_000, Count: 2, Age: 12 * time.Hour}
}

// player plays a scenario.
type player struct {
	*world
	mutant mutant
	orders [8]*order
	last   *Request
	away   bool // the till has no connection
	read   int  // how many events it has seen
	amount uint64
	small  uint64
	fault  string
	stale  []Request
}

func (p *player) wrong(format string, a ...any) {
	if p.fault == "" {
		p.fault = fmt.Sprintf(format, a...)
	}
}

// play runs a scenario in a bubble of time and returns what is wrong, "" for nothing.
func play(t *testing.T, script []move, m mutant) string {
	fault, _ := watch(t, script, m)
	return fault
}

// watch is play with the outcomes that the till has seen.
func watch(t *testing.T, script []move, m mutant) (fault string, seen []*Final) {
	synctest.Test(t, func(*testing.T) {
		w := newWorld()
		p := &player{world: w, mutant: m, amount: 1000}
		w.config.CompactAt, w.config.Grace = 3000, 4*time.Second
		w.config.Policy.Forward = forwarding()
		switch m {
		case noSync:
			w.fs.IgnoreSync()
		case noFencing:
			w.lease.lax = true
		case lateJournal:
			w.config.open = func(fs journal.FS, o journal.Options, replay func(journal.Record) error) (log, error) {
				j, err := journal.Open(fs, o, replay)
				if err != nil {
					return nil, err
				}
				return &lateLog{Journal: j}, nil
			}
		case newIDOnDrain:
			w.newIDOnDrain()
		case twoDrains:
			w.drains = 2
		default:
		}
		if err := w.start(); err != nil {
			fault = err.Error()
			return
		}
		for i := range script {
			p.move(&script[i])
			sleepMilliseconds(script[i].Wait)
			synctest.Wait()
			p.alive(&script[i])
			p.listen()
		}
		p.heal()
		p.judge()
		_ = w.engine.Close()
		fault = p.fault
		for _, o := range p.orders {
			if o != nil {
				seen = slices.AppendSeq(seen, maps.Values(o.finals))
				for range o.refused {
					seen = append(seen, &Final{Code: "refused later"})
				}
			}
		}
	})
	return fault, seen
}

func sleepMilliseconds(n int) { time.Sleep(time.Duration(n) * time.Millisecond) }

// lateLog is the mutant that acts first and writes later: each record reaches the disk with the next one.
type lateLog struct {
	*journal.Journal
	kind    journal.Kind
	payload []byte
}

func (l *lateLog) Append(kind journal.Kind, payload []byte) (at journal.At, err error) {
	if l.payload != nil {
		at, err = l.Journal.Append(l.kind, l.payload)
	}
	l.kind, l.payload = kind, slices.Clone(payload)
	return at, err
}

// Compact of this mutant does nothing: a record that was held back would be lost without any crash.
func (*lateLog) Compact(func(func(journal.Kind, []byte) (journal.At, error)) error) error { return nil }

// alive starts the terminal again where power has gone.
func (p *player) alive(m *move) {
	if p.fs.Dead() {
		if err := p.crash(m.Kept, rand.New(rand.NewPCG(m.Random, 1))); err != nil {
			p.wrong("start: %v", err)
		}
		if err := p.engine.Err(); err != nil {
			p.wrong("after a start: %v", err)
		}
	}
}

// listen is the till's part when it has a connection: it takes note of what it is told, and says so.
func (p *player) listen() {
	if p.away {
		return
	}
	p.mu.Lock()
	events := slices.Clone(p.events[p.read:])
	p.read = len(p.events)
	p.mu.Unlock()
	for _, e := range slices.Concat(events, p.engine.Unacked("till-1"), p.engine.Refused("till-1")) {
		switch {
		case e.Final != nil:
			p.learn(e.RequestID, e.Final)
			_ = p.engine.Ack(p.lease.till(), e.RequestID)
		case e.State == SAFDeclined:
			for _, o := range p.orders {
				if o != nil && o.finals[e.RequestID] != nil && o.finals[e.RequestID].Code == CodeApprovedAlone {
					o.refused[e.RequestID] = true
					_ = p.engine.Note(p.lease.till(), e.RequestID)
				}
			}
		}
	}
}

// learn takes down a Final. A second one that differs is a lie.
func (p *player) learn(id string, f *Final) {
	for _, o := range p.orders {
		if o == nil || !slices.ContainsFunc(o.requests, func(r Request) bool { return r.RequestID == id }) {
			continue
		}
		if known := o.finals[id]; known != nil && (known.Result != f.Result || known.Code != f.Code || known.Amounts != f.Amounts) {
			p.wrong("two outcomes of one request: %+v and %+v", known, f)
		}
		o.finals[id] = f
	}
}

// doubtful returns the request of an order of which the till knows no outcome.
func (o *order) doubtful() *Request {
	for i := range o.requests {
		if o.finals[o.requests[i].RequestID] == nil {
			return &o.requests[i]
		}
	}
	return nil
}

func (p *player) order(m *move) *order {
	if p.orders[m.Order] == nil {
		p.orders[m.Order] = &order{ref: fmt.Sprintf("order-%d", m.Order), finals: map[string]*Final{}, refused: map[string]bool{}}
	}
	return p.orders[m.Order]
}

// move makes one move.
func (p *player) move(m *move) {
	till := p.lease.till()
	p.reader.presents(m.Card)
	p.host.will(m.Host)
	p.host.willAside(m.Side...)
	switch o := p.order(m); m.Does {
	case tillPays:
		p.pays(o, till, m)
	case tillRepeats:
		if p.last != nil {
			_, err := p.engine.Accept(till, *p.last)
			if kernel.CodeOf(err) == CodeReused {
				p.wrong("a repeat was taken for another request")
			}
		}
	case tillCancels:
		if p.last == nil {
			return
		}
		c, err := p.engine.Cancel(till, p.last.RequestID, m.Flag)
		if err == nil && c.Cancelled != (c.Final != nil && c.Final.Result == Cancelled) {
			p.wrong("a cancellation that says %+v", c)
		}
		if err == nil && c.Cancelled {
			p.learn(p.last.RequestID, c.Final)
		}
	case tillAmends:
		p.amends(o, till, m)
	case tillLeaves:
		p.away = true
	case tillReturns:
		p.away = false
	case leaseMoves:
		p.lease.mu.Lock()
		p.lease.epoch++
		p.lease.mu.Unlock()
	case staleSends:
		r := p.sale("stale", p.next())
		p.stale = append(p.stale, r)
		if _, err := p.engine.Accept(Till{till.POS, till.Epoch - 1}, r); err == nil {
			p.wrong("a till without the lease takes money")
		}
	case hostGoes:
		p.host.goes(true)
	case hostReturns:
		p.host.goes(false)
	case forces:
		p.engine.Forward()
	case powerGoes:
		p.fs.Crash()
	case powerGoesIn:
		p.fs.CrashAt(m.At)
	case timePasses:
		time.Sleep(time.Minute)
	default:
	}
}

// unique is a small number, another one each time: what differs from a payment's amount by it differs from all others.
func (p *player) unique() uint64 { p.small++; return p.small }

func (p *player) next() uint64 { p.amount += 7; return p.amount * 100 }

// pays sells an order as a till should: the id is stored before it is sent, a doubtful request is sent again, a new one is
// made only when all others are known to have failed.
func (p *player) pays(o *order, till Till, m *move) {
	r := o.doubtful()
	if r != nil && p.mutant == newIDOnRetry && r.Kind.charges() {
		o.requests = slices.DeleteFunc(o.requests, func(x Request) bool { return x.RequestID == r.RequestID })
		r = nil
	}
	if r == nil {
		for id, f := range o.finals {
			if f.Result == Approved && !o.refused[id] {
				p.amends(o, till, m)
				return
			}
		}
		kind := Sale
		if m.Kind == Preauth || m.Kind == Capture {
			kind = Preauth
		}
		o.requests = append(o.requests, Request{
			RequestID: p.id(), OrderRef: o.ref, Kind: kind, Amount: p.next(), Currency: 840, ForceAdditional: p.mutant == newIDOnRetry,
			Offline: OfflinePolicy{Allow: kind == Sale && m.Flag},
		})
		if m.Order == 2 && m.Random%3 == 0 && m.Flag && kind == Sale {
			o.requests[len(o.requests)-1].Offline.Max = 1
		}
		r = &o.requests[len(o.requests)-1]
	}
	p.last = new(*r)
	_, _ = p.engine.Accept(till, *r)
}

// amends asks for something about the sale of an order that was approved.
func (p *player) amends(o *order, till Till, m *move) {
	if r := o.doubtful(); r != nil {
		_, _ = p.engine.Accept(till, *r)
		return
	}
	for _, of := range slices.Clone(o.requests) {
		if f := o.finals[of.RequestID]; !of.Kind.charges() || f == nil || f.Result != Approved || o.refused[of.RequestID] {
			continue
		}
		kind := m.Kind
		switch {
		case of.Kind == Preauth && kind != Void:
			kind = Capture
		case of.Kind == Sale && (kind == Capture || kind.charges()):
			kind = Refund
		}
		r := Request{
			RequestID: p.id(), OrderRef: o.ref, Kind: kind, Amount: of.Amount - p.unique(), Currency: 840,
			Original: Original{RequestID: of.RequestID},
		}
		switch kind {
		case Void:
			r.Amount = 0
		case Adjust:
			r.Amount = of.Amount + p.unique()
		default:
		}
		o.requests = append(o.requests, r)
		p.last = new(r)
		if _, err := p.engine.Accept(till, r); err != nil && p.engine.Err() == nil {
			// Refused: this id was not taken, and the till knows it.
			o.requests, p.last = o.requests[:len(o.requests)-1], nil
		}
		return
	}
}

// heal lets everything work again, and the till ask for what it does not know.
func (p *player) heal() {
	p.away = false
	p.host.goes(false)
	p.host.will()
	p.host.willAside()
	p.reader.presents()
	p.alive(&move{Kept: journaltest.Synced})
	time.Sleep(2 * time.Hour)
	synctest.Wait()
	p.alive(&move{Kept: journaltest.Synced})
	// One more loss of power: what counts is what lasts.
	p.fs.CrashAt(1 << 30)
	p.fs.Crash()
	p.alive(&move{Kept: journaltest.Synced})
	time.Sleep(2 * time.Hour)
	synctest.Wait()
	p.listen()
	for _, o := range p.orders {
		if o == nil {
			continue
		}
		for _, r := range o.requests {
			s, err := p.engine.Status(p.lease.till(), r.RequestID)
			switch {
			case kernel.CodeOf(err) == CodeNotFound:
				if o.finals[r.RequestID] != nil {
					p.wrong("the terminal has forgotten a request whose outcome it told")
				}
			case err != nil:
				p.wrong("status: %v", err)
			case s.Final == nil:
				p.wrong("%s of %d has no outcome: %s %s", s.Kind, r.Amount, s.State, s.Sending)
			default:
				p.learn(r.RequestID, s.Final)
				if late := s.Offline && s.Sending == SAFDeclined; late != o.refused[r.RequestID] {
					p.wrong("the host refused a stored payment: %t; the till was told: %t", late, !late)
				}
			}
		}
	}
	if left := p.engine.Pending(); left != nil {
		p.wrong("never sent to the host: %+v", left)
	}
	if q := p.engine.Queue(); q != (Queue{}) {
		p.wrong("the queue says %+v when all is sent", q)
	}
}

// judge compares what the till knows with what the host has taken.
func (p *player) judge() {
	sold := map[uint64]Kind{}
	for _, o := range p.orders {
		if o == nil {
			continue
		}
		charges := 0
		for _, r := range o.requests {
			f := o.finals[r.RequestID]
			if f == nil || f.Result != Approved || o.refused[r.RequestID] {
				continue
			}
			switch r.Kind {
			case Sale:
				charges++
				sold[f.Amounts.Total] = Sale
			case Preauth:
				charges++
			case Refund:
				sold[f.Amounts.Total] = Refund
			case Capture:
				sold[f.Amounts.Total] = Capture
			default:
			}
		}
		if charges > 1 {
			p.wrong("%s was charged %d times", o.ref, charges)
		}
		// Voids and adjustments change what was sold.
		for _, r := range o.requests {
			f := o.finals[r.RequestID]
			if f == nil || f.Result != Approved || r.Kind != Void && r.Kind != Adjust {
				continue
			}
			of := o.finals[r.Original.RequestID]
			delete(sold, of.Amounts.Total)
			if r.Kind == Adjust {
				sold[f.Amounts.Total] = Sale
			}
		}
		for _, r := range o.requests { // a void after an adjustment
			if f := o.finals[r.RequestID]; f != nil && f.Result == Approved && r.Kind == Void {
				for _, a := range o.requests {
					if g := o.finals[a.RequestID]; g != nil && g.Result == Approved && a.Kind == Adjust && a.Original == r.Original {
						delete(sold, g.Amounts.Total)
					}
				}
			}
		}
		// The last of several adjustments counts.
		var adjusted []uint64
		for _, r := range o.requests {
			if f := o.finals[r.RequestID]; f != nil && f.Result == Approved && r.Kind == Adjust {
				adjusted = append(adjusted, f.Amounts.Total)
			}
		}
		for i := range len(adjusted) - 1 {
			delete(sold, adjusted[i])
		}
	}
	for id, n := range p.finals() {
		if n > 1 {
			p.wrong("%s has %d outcomes", id, n)
		}
	}
	if list := p.host.doubled(); list != nil {
		p.wrong("the host has taken %v twice", list)
	}
	if p.host.overlaps > 0 {
		p.wrong("a stored payment was sent while it was being sent")
	}
	if taken := p.host.charged(); !maps.Equal(taken, sold) {
		p.wrong("the host has taken %v, the till has sold %v", taken, sold)
	}
}

// TestModel plays random scenarios.
func TestModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		if fault := play(t, moves().Draw(rt, "moves"), sane); fault != "" {
			rt.Fatal(fault)
		}
	})
}

// TestModelIsNotIdle: the scenarios reach what they are for.
func TestModelIsNotIdle(t *testing.T) {
	seen := map[string]int{}
	for seed := range 1500 {
		fault, finals := watch(t, moves().Example(seed), sane)
		if fault != "" {
			t.Fatalf("scenario %d: %s", seed, fault)
		}
		for _, f := range finals {
			seen[f.Kind.String()+" "+f.Result.String()]++
			seen[f.Code]++
		}
	}
	for _, want := range []string{
		"sale approved", "preauth approved", "refund approved", "void approved", "capture approved", "adjust approved",
		CodeReversed, CodeReversalWaits, CodePowerLoss, CodeNoAnswer, CodeCancelled, CodeReversedAsked, CodeCardRemoved, CodePartial,
		CodeCardDeclined, CodeDeadline, CodeUnreachable, CodeHostDeclined, CodeApprovedAlone, CodeOfflineRefused, CodeOfflineLimit,
		"refused later",
	} {
		if seen[want] < 3 {
			t.Errorf("%q was reached %d times: %v", want, seen[want], seen)
		}
	}
}

// TestModelFindsMutants: each mistake is found by the same scenarios.
func TestModelFindsMutants(t *testing.T) {
	names := map[mutant]string{
		noSync: "no sync", lateJournal: "effect before journal", noFencing: "no fencing", newIDOnRetry: "new id on retry",
		newIDOnDrain: "new id on drain", twoDrains: "two drains",
	}
	for m := noSync; m < mutants; m++ {
		t.Run(names[m], func(t *testing.T) {
			const most = 3000
			for seed := range most {
				if fault := play(t, moves().Example(seed), m); fault != "" {
					t.Logf("scenario %d: %s", seed, fault)
					return
				}
			}
			t.Errorf("%d scenarios did not find it", most)
		})
	}
}
