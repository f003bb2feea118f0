package kerneltest

import (
	"context"
	"testing"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/replay"
	"github.com/cardwright/emv/tlv/dict"
)

// MaxCommands is what a transaction may cost: PPSE, SELECT, GET PROCESSING OPTIONS, every record of an AFL and a few more,
// for the first attempt and each restart; one SELECT for each candidate.
const MaxCommands = (contactless.DefaultRestarts + 1) * (3 + 255 + 8 + 64)

// Hostile feeds a terminal arbitrary answers: they end in an Outcome after a bounded number of commands and of taps, and
// what is approved passes Bench.Approved. A second tap brings the issuer's approval, with data for the card, where the first one
// went online for it. The taps of the cards are among the seeds.
func (b Bench) Hostile(f *testing.F, profiles []string, seeds ...[]byte) {
	for _, p := range profiles {
		tape := b.Tape(f, p)
		n := len(tape.Answers)
		f.Add(replay.HostileScript(tape.Answers...))
		f.Add(replay.HostileScript(append(tape.Answers[:n-1:n-1], tape.Answers[n/2], tape.Answers[n/2])...))
		f.Add(append(replay.HostileScript(tape.Answers[:n-1]...), 0xFF, 0xF0))
	}
	f.Add([]byte{0xFF, 0xF0, 0xFF, 0xF1, 0xFF, 0xF4})
	f.Add([]byte{})
	for _, s := range seeds {
		f.Add(s)
	}
	approval := kernel.OnlineAnswer{
		ARC: [2]byte{'0', '0'}, IssuerAuth: Unhex(f, "A1A2A3A4A5A6A7A83030"),
		Scripts: Unhex(f, "7107860584DA000000 7207860584DA000000 71029F1800"),
	}
	f.Fuzz(func(t *testing.T, script []byte) {
		terminal := b.Terminal(t, nil) // a new one, with no log of what was before: what is found can be had again
		c := &replay.Hostile{Script: script}
		out, err := terminal.Transact(context.Background(), c, b.Tap)
		for range b.taps() {
			if err != nil {
				t.Fatalf("an error instead of an outcome: %v", err)
			}
			b.check(t, terminal, &out, c.Sent)
			var answer *kernel.OnlineAnswer
			if out.Kind == kernel.OnlineRequest {
				answer = &approval
			}
			if !contactless.NeedsRestart(&out, answer) {
				return
			}
			c.Sent = 0
			out, err = terminal.Restart(context.Background(), c, answer)
			if answer != nil { // what comes now is the issuer's word
				if err != nil || !out.Kind.Final() || c.Sent > MaxCommands {
					t.Fatalf("second tap: %v after %d commands, %v", out.Kind, c.Sent, err)
				}
				return
			}
		}
		t.Fatalf("more than %d taps, because of %v", b.taps(), out.Why)
	})
}

// Altered changes single bytes of a card's tap: three bytes a change, which answer, where, and what is flipped. It holds
// what Hostile holds.
func (b Bench) Altered(f *testing.F, profile string) {
	f.Add([]byte{2, 5, 0x80})
	f.Add([]byte{3, 100, 0x80, 8, 60, 0x40})
	f.Add([]byte{})
	intact := b.Tape(f, profile)
	f.Fuzz(func(t *testing.T, changes []byte) {
		c := copyOf(intact)
		for ; len(changes) >= 3; changes = changes[3:] {
			answer := c.Answers[int(changes[0])%len(c.Answers)]
			answer[int(changes[1])%len(answer)] ^= changes[2]
		}
		terminal := b.Terminal(t, nil)
		out, err := terminal.Transact(context.Background(), c, b.Tap)
		if err != nil {
			t.Fatalf("an error instead of an outcome: %v", err)
		}
		b.check(t, terminal, &out, c.Sent)
	})
}

// check holds what any outcome of any card must be.
func (b Bench) check(t testing.TB, terminal *contactless.Terminal, out *kernel.Outcome, sent int) {
	t.Helper()
	switch {
	case !out.Kind.Final() || out.Why.Code == "":
		t.Fatalf("%v because of %q", out.Kind, out.Why)
	case sent > MaxCommands:
		t.Fatalf("%d commands", sent)
	default:
		b.approved(t, terminal, out)
	}
}

// approved holds that an approval stands on what it must.
func (b Bench) approved(t testing.TB, terminal *contactless.Terminal, out *kernel.Outcome) {
	t.Helper()
	switch {
	case out.Kind != kernel.Approved:
	case out.CVM == kernel.OnlinePIN:
		t.Fatal("approved with a PIN that nobody has verified")
	case b.Approved != nil:
		b.Approved(t, terminal)
	default:
		Signed(t, terminal)
	}
}

// Signed holds that an approval stands on a TC and on a signature that was verified.
func Signed(t testing.TB, terminal *contactless.Terminal) {
	t.Helper()
	d := terminal.Data()
	if cid := d.Get(0x9F27); len(cid) != 1 || kernel.CryptogramOf(cid[0]) != kernel.TC {
		t.Fatalf("approved on CID %X", cid)
	}
	if d.From(0x9F4C) != dict.Kernel && d.From(0x9F45) != dict.Kernel {
		t.Fatal("approved without a verified signature")
	}
}

// Combined is Signed where the cryptogram comes out of the signature: CDA.
func Combined(t testing.TB, terminal *contactless.Terminal) {
	t.Helper()
	Signed(t, terminal)
	if d := terminal.Data(); d.From(0x9F26) != dict.Kernel || d.From(0x9F4C) != dict.Kernel {
		t.Fatal("approved on a cryptogram that is not out of a signature")
	}
}
