package kerneltest

import (
	"testing"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/replay"
	"github.com/cardwright/emv/tlv/dict"
)

// MaxCommands is what a transaction may cost: PPSE, SELECT, GET PROCESSING OPTIONS, every record of an AFL and a few more,
// for the first attempt and each restart; one SELECT for each candidate.
const MaxCommands = (contactless.DefaultRestarts + 1) * (3 + 255 + 8 + 64)

// Hostile feeds a terminal arbitrary answers: they end in an Outcome after a bounded number of commands, and what is
// approved passes approved, which is the kernel's own condition beside a TC with a verified signature; nil is none. The
// taps of the cards are the seeds.
func (b Bench) Hostile(f *testing.F, approved func(testing.TB, *contactless.Terminal), profiles ...string) {
	for _, p := range profiles {
		tape := b.Tape(f, p)
		f.Add(replay.HostileScript(tape.Answers...))
		n := len(tape.Answers)
		f.Add(replay.HostileScript(append(tape.Answers[:n-1:n-1], tape.Answers[n/2], tape.Answers[n/2])...))
		f.Add(append(replay.HostileScript(tape.Answers[:n-1]...), 0xFF, 0xF0))
	}
	f.Add([]byte{0xFF, 0xF0, 0xFF, 0xF1, 0xFF, 0xF4})
	f.Add([]byte{})
	terminal := b.Terminal(f, nil)
	f.Fuzz(func(t *testing.T, script []byte) {
		c := &replay.Hostile{Script: script}
		out := b.transact(t, terminal, c)
		check(t, terminal, &out, c.Sent, approved)
	})
}

// Altered changes single bytes of a card's tap: three bytes a change, which answer, where, and what is flipped. It holds
// what Hostile holds.
func (b Bench) Altered(f *testing.F, approved func(testing.TB, *contactless.Terminal), profile string) {
	f.Add([]byte{2, 5, 0x80})
	f.Add([]byte{3, 100, 0x80, 8, 60, 0x40})
	f.Add([]byte{})
	intact, terminal := b.Tape(f, profile), b.Terminal(f, nil)
	f.Fuzz(func(t *testing.T, changes []byte) {
		c := copyOf(intact)
		for ; len(changes) >= 3; changes = changes[3:] {
			answer := c.Answers[int(changes[0])%len(c.Answers)]
			answer[int(changes[1])%len(answer)] ^= changes[2]
		}
		out := b.transact(t, terminal, c)
		check(t, terminal, &out, c.Sent, approved)
	})
}

// check holds what any outcome of any card must be.
func check(t testing.TB, terminal *contactless.Terminal, out *kernel.Outcome, sent int, approved func(testing.TB, *contactless.Terminal)) {
	t.Helper()
	if !out.Kind.Final() || out.Why.Code == "" {
		t.Fatalf("%v because of %q", out.Kind, out.Why)
	}
	if sent > MaxCommands {
		t.Fatalf("%d commands", sent)
	}
	if out.Kind != kernel.Approved {
		return
	}
	d := terminal.Data()
	if cid := d.Get(0x9F27); len(cid) != 1 || kernel.CryptogramOf(cid[0]) != kernel.TC {
		t.Fatalf("approved on CID %X", cid)
	}
	if d.From(0x9F4C) != dict.Kernel && d.From(0x9F45) != dict.Kernel {
		t.Fatal("approved without a verified signature")
	}
	if approved != nil {
		approved(t, terminal)
	}
}
