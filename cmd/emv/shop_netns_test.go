//go:build linux

package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cardwright/emv/terminal/session"
	"github.com/cardwright/emv/terminal/wire"
)

// Till, terminal and bank as separate hosts: real packets between real processes. They need root, iproute2 and nftables
// (terminal/netnstest); each test has a network of its own, and all run at once.

// S2, S32: paired over the radio, the session moves to the cable when that is plugged in, with a payment under way, before
// the radio is gone; then the radio goes, and the payment ends.
func TestHostsPairAndSell(t *testing.T) {
	h := newNetwork(t)
	h.eth.Pull()
	h.start()
	h.pair()
	h.sale("12.50", "order-1")

	p := h.pay("3.00", "order-2")
	h.on(wlanAddress)
	h.eth.Plug()
	h.on(ethAddress)
	h.wlan.Pull()
	h.tap()
	h.ends(p, exitOK)
	h.sale("4.00", "order-3") // a till that starts now
	h.agree(3)
}

// on waits until the till's session is at an address of the terminal's, and only there.
func (h *hosts) on(address string) {
	h.t.Helper()
	h.until("the session at "+address, func() bool {
		at := h.sockets("tcp", established, 4443)
		return len(at) == 1 && at[0] == address
	})
}

// block are the rules against one way of discovery, in both directions.
func block(ports ...int) string {
	var rules strings.Builder
	for _, hook := range []string{"input", "output"} {
		fmt.Fprintf(&rules, "add chain inet shop %s { type filter hook %s priority 0; }\n", hook, hook)
		for _, p := range ports {
			fmt.Fprintf(&rules, "add rule inet shop %s udp dport %d drop\nadd rule inet shop %s udp sport %d drop\n", hook, p, hook, p)
		}
	}
	return "add table inet shop\n" + rules.String()
}

const ssdp, dnssd, beacon = 1900, 5353, 27001

// S23, S73: the terminal gets another address while a till is connected, and is found again by any one way alone, before the
// silence of the old connection would have ended it.
func TestHostsRenumber(t *testing.T) {
	t.Parallel()
	for way, others := range map[string][]int{"ssdp": {dnssd, beacon}, "dns-sd": {ssdp, beacon}, "beacon": {ssdp, dnssd}} {
		t.Run(way, func(t *testing.T) {
			h := newHosts(t)
			h.wlan.Pull()
			h.pair()
			h.term.Firewall(block(others...))
			p := h.pay("12.50", "order-1")
			h.address("eth0", "10.77.0.99", "100")
			begin := time.Now()
			h.on("10.77.0.99")
			took := time.Since(begin)
			t.Logf("found again after %v", took.Round(time.Millisecond))
			if took >= session.Dead {
				t.Errorf("it took %v: as long as for a dead connection", took)
			}
			h.tap()
			h.ends(p, exitOK)
			// And by a till that has been off, to which the terminal could not tell anything.
			h.address("eth0", "10.77.0.98", "100")
			begin = time.Now()
			h.sale("1.00", "order-2")
			t.Logf("a sale of a till that starts, %v", time.Since(begin).Round(time.Millisecond))
			h.agree(2)
		})
	}
}

// S23: without any discovery the last address does. That the ways are shut is shown by the address that is not found.
func TestHostsLastAddress(t *testing.T) {
	h := newHosts(t)
	h.pair()
	h.term.Firewall(block(ssdp, dnssd, beacon))
	p := h.pay("12.50", "order-1")
	h.pos.IP("address", "flush", "dev", "wlan0")
	h.pos.IP("address", "add", "10.77.0.77/24", "dev", "wlan0")
	h.until("a second connection", func() bool { return h.connections() == 2 })
	h.tap()
	h.ends(p, exitOK)
	h.agree(1)
	h.address("eth0", "10.77.0.99", "100")
	h.address("wlan0", "10.77.0.98", "600")
	if said := h.ends(h.till(h.pos, "pay", "1.00", "--wait", "4s"), exitBad); !strings.Contains(said, string(wire.CodeUnreachable)) {
		t.Errorf("nothing tells the till where the terminal is, and it says %s", said)
	}
}

// S12: a till behind a router is refused, and told why.
func TestHostsOtherNetwork(t *testing.T) {
	h := newHosts(t)
	said := h.ends(h.till(h.guest, "pair", h.code()), exitBad)
	if !strings.Contains(said, string(wire.CodeNetwork)) {
		t.Errorf("the till says %s", said)
	}
	h.terminal.find(`(pairing refused code=` + string(wire.CodeNetwork) + `)`)
	// The refusal is the code's end; the next one is for the till that may.
	h.counter("undock", "")
	h.terminal.find(`mode mode=(mobile)`)
	h.counter("dock", "")
	h.pair()
	h.sale("12.50", "order-1")
	h.agree(1)
}

// A yank is what happens to a payment that is under way: the cable alone, with the radio left (S31); the terminal out of its
// dock (S30); no network at all for a while.
var yanks = map[string]struct{ away, back func(*hosts) }{
	"cable": {func(h *hosts) { h.eth.Pull() }, func(*hosts) {}},
	"dock": {
		func(h *hosts) { h.eth.Pull(); h.counter("undock", "") },
		func(h *hosts) { h.eth.Plug(); h.counter("dock", "") },
	},
	"all": {
		func(h *hosts) { h.eth.Pull(); h.wlan.Pull() },
		func(h *hosts) { h.wlan.Plug() },
	},
}

// S30, P8, P25: whatever is pulled whenever, the payment has one outcome, which reaches the till, and the bank charges what
// the till has as approved.
func TestHostsYank(t *testing.T) {
	t.Parallel()
	for name, yank := range yanks {
		t.Run(name+" while a card is asked for", func(t *testing.T) {
			h := newHosts(t)
			h.pair()
			p := h.pay("12.50", "order-1")
			yank.away(h)
			h.tap()
			h.terminal.find(` (result=)`)
			yank.back(h)
			h.outcome(p)
		})
		t.Run(name+" while the bank thinks", func(t *testing.T) {
			h := newHosts(t)
			h.pair()
			h.misbehave("delay=1s@0200")
			p := h.pay("12.50", "order-1")
			h.tap()
			h.until("the request at the bank", func() bool { return strings.Contains(h.terminal.said(), "was read") })
			yank.away(h)
			h.terminal.find(` (result=)`)
			yank.back(h)
			h.outcome(p)
		})
		t.Run(name+" when the bank has answered", func(t *testing.T) {
			h := newHosts(t)
			h.pair()
			p := h.pay("12.50", "order-1")
			h.tap()
			h.bank.find(`(0200 )`)
			yank.away(h)
			h.terminal.find(` (result=)`)
			yank.back(h)
			h.outcome(p)
		})
	}
}

// outcome waits for a payment's end, whatever it is, and has the till take another one.
func (h *hosts) outcome(p *program) {
	h.t.Helper()
	select {
	case <-p.ended:
	case <-time.After(2 * shopGiveUp):
		h.t.Fatalf("the till does not learn how it ended; it said\n%s", p.said())
	}
	h.t.Logf("%s", p.find(`(\w+)  12\.50 GBP`))
	h.agree(1)
	h.sale("1.00", "order-2")
	h.agree(2)
}

// Without its bank a payment ends with a code. What the bank may have taken meanwhile is reversed when it is back.
func TestHostsNoBank(t *testing.T) {
	h := newHosts(t)
	h.pair()
	h.sale("1.00", "order-1")
	h.misbehave("delay=1s@0200")
	p := h.pay("12.50", "order-2")
	h.tap()
	h.until("the request at the bank", func() bool { e, _ := h.ledger(); return len(e) > 1 || strings.Count(h.bank.said(), "0200 ") > 1 })
	h.up.Pull()
	said := h.ends(p, exitBad)
	if !strings.Contains(said, "no_answer") || !strings.Contains(said, "reversal") {
		t.Errorf("the till says %s", said)
	}
	before, charged := h.ledger()
	if charged != 1350 || before[len(before)-1].Reversed {
		t.Errorf("the bank charges %d before it hears of the reversal: %+v", charged, before)
	}
	// Another payment, of which the bank hears nothing at all.
	p = h.pay("2.00", "order-3")
	h.tap()
	h.ends(p, exitBad)
	h.up.Plug()
	h.until("the reversal", func() bool {
		return strings.Contains(h.bank.said(), "\n042") || strings.Contains(h.bank.said(), "\n040")
	})
	rows := h.agree(3)
	after, _ := h.ledger()
	reversed := 0
	for _, e := range after {
		if e.Reversed && e.Amount == 1250 {
			reversed++
		}
	}
	if reversed != 1 {
		t.Errorf("%d reversals: %+v", reversed, after)
	}
	for _, r := range rows {
		if (r.Final.Result == wire.Approved) != (r.Order == "order-1") || r.Final.Reason == "" && r.Order != "order-1" {
			t.Errorf("%s: %+v", r.Order, r.Final)
		}
	}
	h.sale("3.00", "order-4")
	h.agree(4)
}
