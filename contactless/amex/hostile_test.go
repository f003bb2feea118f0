package amex_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/amex"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/replay"
	"github.com/cardwright/emv/tlv/dict"
)

// maxCommands is what a transaction may cost: PPSE, SELECT, GET PROCESSING OPTIONS, every record of an AFL, GET DATA and
// GENERATE AC, for the first attempt and each restart; one SELECT for each candidate.
const maxCommands = (contactless.DefaultRestarts + 1) * (5 + 255 + 64)

// FuzzHostileCard holds that arbitrary answers end in an Outcome after a bounded number of commands, with at most one
// restart, and that nothing is approved but a TC with a signature that was verified.
func FuzzHostileCard(f *testing.F) {
	for _, profile := range []string{"amex-offline", "amex-sda", "amex-plain", "amex-magstripe", "amex-phone"} {
		f.Add(replay.HostileScript(tapeOf(f, profile).Answers...))
	}
	real := tapeOf(f, "amex-offline").Answers
	f.Add(replay.HostileScript(real[0], real[1], real[2], real[3], real[3]))
	f.Add(replay.HostileScript(append(real[:7:7], unhex(f, "80124000019A9A9A9A9A9A9A9A06010103A000009000"))...))
	f.Add(replay.HostileScript(real[0], real[1], unhex(f, "770A82021980940408FFFF009000")))
	f.Add(append(replay.HostileScript(real[:7]...), 0xFF, 0xF1))
	f.Add([]byte{0xFF, 0xF0, 0xFF, 0xF1, 0xFF, 0xF4})
	f.Add([]byte{})
	terminal := shop(f, nil, nil)
	f.Fuzz(func(t *testing.T, b []byte) {
		card := &replay.Hostile{Script: b}
		out, err := terminal.Transact(context.Background(), card, small)
		check(t, terminal, out, err, card.Sent)
		if contactless.NeedsRestart(&out, nil) {
			card.Sent = 0
			out, err = terminal.Restart(context.Background(), card, nil)
			check(t, terminal, out, err, card.Sent)
			if contactless.NeedsRestart(&out, nil) {
				t.Fatalf("a second restart because of %v", out.Why)
			}
		}
	})
}

// FuzzAlteredTap changes single bytes of a card that approves offline: three bytes a change, which answer, where, and what
// is flipped.
func FuzzAlteredTap(f *testing.F) {
	f.Add([]byte{2, 5, 0x80})
	f.Add([]byte{3, 100, 0x80, 7, 60, 0x40})
	f.Add([]byte{})
	tape, terminal := tapeOf(f, "amex-offline"), shop(f, nil, nil)
	f.Fuzz(func(t *testing.T, changes []byte) {
		card := &replay.Tape{Commands: tape.Commands}
		for _, a := range tape.Answers {
			card.Answers = append(card.Answers, bytes.Clone(a))
		}
		for ; len(changes) >= 3; changes = changes[3:] {
			answer := card.Answers[int(changes[0])%len(card.Answers)]
			answer[int(changes[1])%len(answer)] ^= changes[2]
		}
		out, err := terminal.Transact(context.Background(), card, small)
		check(t, terminal, out, err, card.Sent)
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
	cid := d.Get(0x9F27)
	if d.From(0x9F4C) != dict.Kernel && d.From(0x9F45) != dict.Kernel {
		t.Fatal("approved without a verified signature")
	}
	if len(cid) != 1 || cid[0]&0xC0 != 0x40 {
		t.Fatalf("approved on CID %X", cid)
	}
}

// TestACardThatMisbehaves has the ways in which a card can go wrong at a reader, each with the outcome that it ends in.
func TestACardThatMisbehaves(t *testing.T) {
	for _, c := range []struct {
		fault string
		kind  kernel.Kind
		code  string
	}{
		{"removed@3..", kernel.EndApplication, "entry.restarts"},
		{"removed@5", kernel.Approved, "c4.tc"},
		{"timeout@8", kernel.Approved, "c4.tc"},
		{"answer=DEADBEEF9000@3", kernel.EndApplication, "tlv.length_long"},
		{"answer=77009000@3", kernel.EndApplication, "c4.missing_82_94"},
		{"answer=6110@3", kernel.EndApplication, "c4.gpo_6110"},
		{"answer=61FF@5", kernel.EndApplication, "c4.record_61FF"},
		{"answer=7003820100700382010090 00@4", kernel.EndApplication, "answer.template"},
		{"repeat=5A", kernel.EndApplication, "answer.repeated"},
		{"repeat=9F36", kernel.EndApplication, "answer.repeated"},
		{"add=9F02:000000000001", kernel.Approved, "c4.tc"},
		{"add=9F6E:FFFFFFFF", kernel.Approved, "c4.tc"},
		{"nested=20:1.1", kernel.EndApplication, "tlv.depth"},
		{"long-records", kernel.Approved, "c4.tc"},
	} {
		t.Run(c.fault, func(t *testing.T) {
			terminal := shop(t, nil, nil)
			out, _ := tap(t, terminal, newCard(t, "amex-offline", compact(c.fault)), 1250)
			if out.Kind != c.kind || out.Why.Code != c.code {
				t.Errorf("%v because of %v; want %v because of %s", out.Kind, out.Why, c.kind, c.code)
			}
			if got := terminal.Data().Get(0x9F02); got != nil && !bytes.Equal(got, unhex(t, "000000001250")) {
				t.Errorf("the amount became %X", got)
			}
		})
	}
}

func compact(s string) string { return string(bytes.ReplaceAll([]byte(s), []byte(" "), nil)) }

// failing is a tape with one answer replaced.
type failing struct {
	*replay.Tape
	at  int
	err error
}

func (c *failing) Transmit(ctx context.Context, dst, command []byte) ([]byte, error) {
	if bytes.Equal(command, c.Commands[c.at]) {
		return dst, c.err
	}
	return c.Tape.Transmit(ctx, dst, command)
}

// TestDriverErrorsAreErrors: what is no card error is not taken for one.
func TestDriverErrorsAreErrors(t *testing.T) {
	broken := errors.New("the driver's own")
	for _, profile := range []string{"amex-offline", "amex-magstripe"} {
		for at := range tapeOf(t, profile).Answers {
			card := &failing{Tape: tapeOf(t, profile), at: at, err: broken}
			if _, err := shop(t, nil, nil).Transact(context.Background(), card, small); !errors.Is(err, broken) {
				t.Errorf("%s, command %d: %v", profile, at, err)
			}
		}
	}
}

// TestRandomnessFails: mag-stripe mode draws a number of its own, and says so when it can't.
func TestRandomnessFails(t *testing.T) {
	options := &amex.Options{TAC: codes(), UNRange: new(uint8(0))}
	config := contactless.Config{
		Terminal: unhex(t, "9F1A020840 9F3303E0F8C8 9F350122"),
		Combinations: []contactless.Combination{{
			AID: unhex(t, "A00000002501"), Kernel: kernel.Amex, Options: options,
		}},
	}
	spent := &spending{left: 4} // the entry point's number, and no more
	terminal, err := contactless.New(config, kernel.Env{Clock: clock{}, Rand: spent}, amex.Kernel)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := terminal.Transact(context.Background(), newCard(t, "amex-magstripe"), small); !errors.Is(err, errSpent) {
		t.Errorf("%v", err)
	}
}

var errSpent = errors.New("no randomness left")

// spending has so many bytes and no more.
type spending struct{ left int }

func (s *spending) Read(b []byte) (int, error) {
	if len(b) > s.left {
		return 0, errSpent
	}
	s.left -= len(b)
	return repeat{}.Read(b)
}
