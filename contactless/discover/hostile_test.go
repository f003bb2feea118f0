package discover_test

import (
	"context"
	"testing"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/replay"
	"github.com/cardwright/emv/tlv/dict"
)

// maxCommands is what a transaction may cost: PPSE, SELECT, GET PROCESSING OPTIONS and every record of an AFL, for the
// first attempt and each restart, and one SELECT for each candidate.
const maxCommands = (contactless.DefaultRestarts + 1) * (3 + 255 + 64)

// tapeOf records what a simulated card answers in a small purchase.
func tapeOf(t testing.TB, profile string) *replay.Tape {
	t.Helper()
	c := &recording{reader: newCard(t, profile)}
	if out, err := shop(t, nil).Transact(context.Background(), c, small); err != nil || !out.Kind.Final() {
		t.Fatalf("%s: %v, %v", profile, out.Kind, err)
	}
	if len(c.tape.Answers) < 3 {
		t.Fatalf("%s: %d answers", profile, len(c.tape.Answers))
	}
	return &c.tape
}

// recording is a reader that keeps what it hears.
type recording struct {
	reader
	tape replay.Tape
}

func (r *recording) Transmit(ctx context.Context, dst, command []byte) ([]byte, error) {
	at := len(dst)
	dst, err := r.reader.Transmit(ctx, dst, command)
	if err == nil {
		r.tape.Commands = append(r.tape.Commands, append([]byte{}, command...))
		r.tape.Answers = append(r.tape.Answers, append([]byte{}, dst[at:]...))
	}
	return dst, err
}

// FuzzHostileCard holds that arbitrary answers end in an Outcome after a bounded number of commands, and that nothing is
// approved without a signature that was verified, over a TC or the AAC of a loyalty transaction.
func FuzzHostileCard(f *testing.F) {
	real := tapeOf(f, "discover-offline").Answers
	f.Add(replay.HostileScript(real...))
	for _, profile := range []string{
		"discover-credit", "discover-debit", "discover-loyalty", "discover-magstripe", "discover-zip", "diners-magstripe", "discover-switch",
	} {
		f.Add(replay.HostileScript(tapeOf(f, profile).Answers...))
	}
	f.Add(replay.HostileScript(real[0], real[1], []byte{0x61, 0x10}))
	f.Add(replay.HostileScript(real[0], real[1], real[2], real[3], real[3], real[3]))
	// The second form of the dynamic code, behind padding.
	stripe := tapeOf(f, "discover-magstripe").Answers
	f.Add(replay.HostileScript(stripe[0], stripe[1], stripe[2], unhex(f, "701C 5714 6011990001010012D4912201000000000000000F 00 9F8003313233 9000")))
	f.Add([]byte{0xFF, 0xF0, 0xFF, 0xF1, 0xFF, 0xF4})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		terminal := shop(t, nil)
		c := &replay.Hostile{Script: b}
		out, err := terminal.Transact(context.Background(), c, small)
		check(t, terminal, out, err, c.Sent)
		answer := &kernel.OnlineAnswer{ARC: [2]byte{'0', '0'}, Scripts: unhex(t, "7207860584DA000000 71029F1800")}
		if contactless.NeedsRestart(&out, answer) {
			c.Sent = 0
			out, err = terminal.Restart(context.Background(), c, answer)
			if err != nil || !out.Kind.Final() || c.Sent > maxCommands {
				t.Fatalf("second tap: %v after %d commands, %v", out.Kind, c.Sent, err)
			}
		}
	})
}

// FuzzAlteredTap changes single bytes of the offline tap: three bytes a change, which answer, where, and what is flipped.
func FuzzAlteredTap(f *testing.F) {
	intact := tapeOf(f, "discover-offline")
	f.Add([]byte{2, 40, 0x01})
	f.Add([]byte{5, 100, 0x80, 2, 180, 0x40})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, changes []byte) {
		c := &replay.Tape{Commands: intact.Commands}
		for _, answer := range intact.Answers {
			c.Answers = append(c.Answers, append([]byte{}, answer...))
		}
		for ; len(changes) >= 3; changes = changes[3:] {
			answer := c.Answers[int(changes[0])%len(c.Answers)]
			answer[int(changes[1])%len(answer)] ^= changes[2]
		}
		terminal := shop(t, nil)
		out, err := terminal.Transact(context.Background(), c, small)
		check(t, terminal, out, err, c.Sent)
	})
}

func check(t *testing.T, terminal *contactless.Terminal, out kernel.Outcome, err error, sent int) {
	t.Helper()
	if err != nil {
		t.Fatalf("an error instead of an outcome: %v", err)
	}
	if !out.Kind.Final() || out.Why.Code == "" {
		t.Fatalf("%v because of %q", out.Kind, out.Why)
	}
	if sent > maxCommands {
		t.Fatalf("%d commands", sent)
	}
	if out.Kind != kernel.Approved {
		return
	}
	d := terminal.Data()
	if d.From(0x9F4C) != dict.Kernel || d.From(0x9F26) != dict.Kernel {
		t.Fatal("approved without a verified signature")
	}
	cid, cpr := d.Get(0x9F27), d.Get(0x9F71)
	if len(cid) != 1 || len(cpr) != 2 {
		t.Fatalf("approved on CID %X, requirements %X", cid, cpr)
	}
	switch cid[0] & 0xC0 {
	case 0x40: // TC
	case 0x00: // AAC of a loyalty transaction
		if cpr[0]&0x20 == 0 {
			t.Fatalf("approved on an AAC, requirements %X", cpr)
		}
	default:
		t.Fatalf("approved on CID %X", cid)
	}
	if tvr := d.Get(0x95); len(tvr) != 5 || tvr[0]&0xA4 != 0 {
		t.Fatalf("approved with TVR %X", tvr)
	}
}

// TestLoyaltyIsOff: without the option an AAC declines, whatever the card says about limits.
func TestLoyaltyIsOff(t *testing.T) {
	terminal := shop(t, nil, func(c *contactless.Combination) { c.Options = nil })
	out, err := terminal.Transact(context.Background(), newCard(t, "discover-loyalty"), small)
	if err != nil || out.Kind != kernel.Declined || out.Why.Code != "c6.aac" {
		t.Errorf("%v because of %v, %v", out.Kind, out.Why, err)
	}
}
