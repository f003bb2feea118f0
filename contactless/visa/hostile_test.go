package visa_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/replay"
	"github.com/cardwright/emv/tlv/dict"
)

// maxCommands is what a transaction may cost: PPSE, SELECT, GET PROCESSING OPTIONS and every record of an AFL, for the
// first attempt and each restart, and one SELECT for each candidate.
const maxCommands = (contactless.DefaultRestarts + 1) * (3 + 255 + 64)

// FuzzHostileCard holds that arbitrary answers end in an Outcome after a bounded number of commands, and that nothing is
// approved but a TC with a signature that was verified.
func FuzzHostileCard(f *testing.F) {
	real := offlineTape(f)
	f.Add(replay.HostileScript(real.Answers...))
	f.Add(replay.HostileScript(onlineTape(f).Answers...))
	f.Add(replay.HostileScript(real.Answers[0], real.Answers[1], bytes.Repeat([]byte{0x61, 0x10}, 1)))
	f.Add(replay.HostileScript(real.Answers[0], real.Answers[1], real.Answers[2], real.Answers[3], real.Answers[3], real.Answers[3]))
	f.Add([]byte{0xFF, 0xF0, 0xFF, 0xF1, 0xFF, 0xF4})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		card := &replay.Hostile{Script: b}
		terminal := recordedTerminal(t, offlineDay)
		out, err := terminal.Transact(context.Background(), card, offline)
		check(t, terminal, out, err, card.Sent)
	})
}

// FuzzAlteredTap changes single bytes of the recorded offline tap: three bytes a change, which answer, where, and what is
// flipped.
func FuzzAlteredTap(f *testing.F) {
	f.Add([]byte{2, 40, 0x01})
	f.Add([]byte{5, 100, 0x80, 2, 180, 0x40})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, changes []byte) {
		card := offlineTape(t)
		for ; len(changes) >= 3; changes = changes[3:] {
			answer := card.Answers[int(changes[0])%len(card.Answers)]
			answer[int(changes[1])%len(answer)] ^= changes[2]
		}
		terminal := recordedTerminal(t, offlineDay)
		out, err := terminal.Transact(context.Background(), card, offline)
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

// TestEverySignedByte changes each byte of what the recorded offline card signed, one at a time: none may be approved.
func TestEverySignedByte(t *testing.T) {
	intact := offlineTape(t)
	terminal := recordedTerminal(t, offlineDay)
	for _, part := range []struct {
		name       string
		answer     int
		start, end int // offsets in the answer, headers of signed records included
	}{
		{"SDAD", 2, 6, 6 + 0x70},
		{"PAN and expiry", 3, 2, 0x16},
		{"CA index, issuer certificate, exponent", 4, 3, 0xC3},
		{"ICC certificate, exponent, remainder, 9F69", 5, 3, 0xB0},
	} {
		for i := part.start; i < part.end; i++ {
			for _, bit := range []byte{0x01, 0x80} {
				card := offlineTape(t)
				card.Answers[part.answer][i] ^= bit
				out, err := terminal.Transact(context.Background(), card, offline)
				if err != nil {
					t.Fatal(err)
				}
				if out.Kind == kernel.Approved {
					t.Errorf("%s, byte %d of answer %d changed by %02X: approved", part.name, i, part.answer, bit)
				}
			}
		}
		if len(intact.Answers[part.answer]) < part.end {
			t.Fatalf("%s: the answer has %d bytes", part.name, len(intact.Answers[part.answer]))
		}
	}
}

// TestACardThatMisbehaves has the ways in which a card can go wrong at a reader, each with the outcome that it ends in.
func TestACardThatMisbehaves(t *testing.T) {
	gpo := offlineTape(t).Answers[2]
	withTerminalTag := bytes.Clone(gpo)
	copy(withTerminalTag[len(withTerminalTag)-7:], unhex(t, "9F02020001")) // in place of the CTQ
	repeated := bytes.Clone(gpo)
	copy(repeated[len(repeated)-7:], unhex(t, "9F36020016"))
	for _, c := range []struct {
		name   string
		at     int // which answer is replaced
		answer []byte
		err    error
		kind   kernel.Kind
		code   string
	}{
		{"pulled before the options", 2, nil, kernel.ErrRemoved, kernel.EndApplication, "entry.restarts"},
		{"pulled while it is read", 4, nil, kernel.ErrRemoved, kernel.EndApplication, "entry.restarts"},
		{"garbage for options", 2, unhex(t, "DEADBEEF9000"), nil, kernel.EndApplication, "tlv.length_long"},
		{"a record that is no template", 3, unhex(t, "5A0847617390010100109000"), nil, kernel.EndApplication, "answer.template"},
		{"two templates in a record", 3, unhex(t, "7003820100 7003820100 9000"), nil, kernel.EndApplication, "answer.template"},
		{"more data, for ever", 2, unhex(t, "6110"), nil, kernel.EndApplication, "c3.gpo_6110"},
		{"more data instead of a record", 4, unhex(t, "61FF"), nil, kernel.EndApplication, "c3.record_61FF"},
		{"no status word", 2, unhex(t, "90"), nil, kernel.EndApplication, "entry.restarts"},
		{"an object twice", 2, repeated, nil, kernel.EndApplication, "answer.repeated"},
		{"a record twice", 4, offlineTape(t).Answers[3], nil, kernel.EndApplication, "answer.repeated"},
		{"a terminal's tag", 2, withTerminalTag, nil, kernel.Approved, "c3.tc"},
	} {
		t.Run(c.name, func(t *testing.T) {
			card := &failing{Tape: offlineTape(t), at: c.at, answer: c.answer, err: c.err}
			terminal := recordedTerminal(t, offlineDay)
			out, err := terminal.Transact(context.Background(), card, offline)
			if err != nil || out.Kind != c.kind || out.Why.Code != c.code {
				t.Errorf("%v because of %v, %v; want %v because of %s", out.Kind, out.Why, err, c.kind, c.code)
			}
			if got := terminal.Data().Get(0x9F02); !bytes.Equal(got, unhex(t, "000000000200")) {
				t.Errorf("the amount became %X", got)
			}
		})
	}
}

// failing is a tape with one answer replaced.
type failing struct {
	*replay.Tape
	at     int
	answer []byte
	err    error
}

func (c *failing) Transmit(ctx context.Context, dst, command []byte) ([]byte, error) {
	if !bytes.Equal(command, c.Commands[c.at]) {
		return c.Tape.Transmit(ctx, dst, command)
	}
	return append(dst, c.answer...), c.err
}

// TestDriverErrorsAreErrors: what is no card error is not taken for one.
func TestDriverErrorsAreErrors(t *testing.T) {
	broken := errors.New("the driver's own")
	for at := range offlineTape(t).Answers {
		card := &failing{Tape: offlineTape(t), at: at, err: broken}
		if _, err := recordedTerminal(t, offlineDay).Transact(context.Background(), card, offline); !errors.Is(err, broken) {
			t.Errorf("at command %d: %v", at, err)
		}
	}
}
