package payment

import (
	"testing"
	"testing/synctest"

	"github.com/cardwright/emv/terminal/journal/journaltest"
)

// everything is a day in a shop: each kind of payment, each way in which one can end.
func everything() []move {
	return []move{
		{Does: tillPays, Wait: 5000},
		{Does: tillPays, Order: 1, Host: hostLosesAnswer, Side: []hostDoes{hostLosesAnswer}, Wait: 120_000},
		{Does: tillPays, Order: 1, Card: cardTapped, Wait: 5000},
		{Does: tillAmends, Kind: Refund, Order: 1, Wait: 1000},
		{Does: tillAmends, Kind: Adjust, Wait: 1000},
		{Does: tillAmends, Kind: Void, Side: []hostDoes{hostUnreached}, Wait: 30_000},
		{Does: tillPays, Order: 2, Kind: Preauth, Card: cardSoft, Host: hostDeclines, Wait: 5000},
		{Does: tillAmends, Kind: Capture, Order: 2, Side: []hostDoes{hostLosesAnswer}, Wait: 30_000},
		{Does: tillPays, Order: 3, Card: cardRemoved, Wait: 5000},
		{Does: tillPays, Order: 3, Card: cardNever, Wait: 500},
		{Does: tillCancels, Wait: 500},
		{Does: tillPays, Order: 3, Host: hostSlow, Wait: 3000},
		{Does: tillCancels, Flag: true, Wait: 30_000},
		{Does: hostGoes},
		{Does: tillPays, Order: 4, Card: cardOffline, Flag: true, Wait: 5000},
		{Does: tillPays, Order: 5, Card: cardStandsIn, Flag: true, Wait: 5000},
		{Does: hostReturns, Side: []hostDoes{hostLosesAnswer, hostRefuses}, Wait: 500},
		{Does: forces, Side: []hostDoes{hostLosesAnswer, hostRefuses}, Wait: 60_000},
		{Does: hostGoes},
		{Does: tillPays, Order: 7, Card: cardOffline, Flag: true, Wait: 3000},
		{Does: tillAmends, Kind: Void, Order: 7, Wait: 1000},
		{Does: hostReturns, Wait: 30_000},
	}
}

// operations returns how many operations of the disk a scenario takes that nothing interrupts.
func operations(t *testing.T, script []move) (n int) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		p := &player{world: w, amount: 1000}
		w.config.Policy.Forward = forwarding()
		if err := w.start(); err != nil {
			t.Fatal(err)
		}
		for i := range script {
			p.move(&script[i])
			sleepMilliseconds(script[i].Wait)
			synctest.Wait()
			p.listen()
		}
		n = w.fs.Ops()
		_ = w.engine.Close()
	})
	return n
}

// crashes loses power at each operation of a scenario in turn, and returns what is wrong the first time.
func crashes(t *testing.T, m mutant) string {
	n := operations(t, everything())
	if n < 150 {
		t.Fatalf("the scenario has %d operations only", n)
	}
	for at := 1; at <= n; at += stride {
		for seed := range uint64(3) {
			kept := journaltest.Kept(seed)
			script := append([]move{{Does: powerGoesIn, At: at}}, everything()...)
			for i := range script {
				script[i].Kept, script[i].Random = kept, seed*1000+uint64(i)
			}
			if fault := play(t, script, m); fault != "" {
				t.Logf("power lost at operation %d of %d, kept %d, seed %d", at, n, kept, seed)
				return fault
			}
		}
	}
	return ""
}

// TestCrashEverywhere loses power at every write and at every sync of a day.
func TestCrashEverywhere(t *testing.T) {
	if fault := crashes(t, sane); fault != "" {
		t.Error(fault)
	}
}

// TestCrashFindsMutants: the same test finds the engine that does not sync, and the one that acts before it writes.
func TestCrashFindsMutants(t *testing.T) {
	for _, m := range []mutant{noSync, lateJournal} {
		if fault := crashes(t, m); fault == "" {
			t.Errorf("mutant %d was not found", m)
		}
	}
}
