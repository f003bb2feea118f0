package mastercard_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/mastercard"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/replay"
	"github.com/cardwright/emv/tlv/dict"
)

// maxCommands is what a transaction may cost: PPSE, SELECT, GET PROCESSING OPTIONS, three relay resistance exchanges, every
// record of an AFL, two balances, RECOVER AC and GENERATE AC, for the first attempt and each restart; one SELECT for each
// candidate.
const maxCommands = (contactless.DefaultRestarts + 1) * (3 + 3 + 255 + 4 + 64)

// withEverything makes a terminal that does all that this kernel can: mag-stripe mode, relay resistance, balances, a log.
func withEverything(t testing.TB, log mastercard.TornLog) *contactless.Terminal {
	backoff := &mastercard.Backoff{Wait: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }}
	return recordedTerminal(t, &mastercard.Options{TornLog: log, Backoff: backoff}, "DF810400", "DF810500", "DF811B0130")
}

// magstripeTape is a card of mag-stripe mode behind the recorded selection.
func magstripeTape(t testing.TB) [][]byte {
	real := offlineTape(t)
	return [][]byte{
		real.Answers[0], real.Answers[1],
		unhex(t, "770A820219009404080101009000"),
		unhex(t, "70669F6502000E9F660207F09F6701049F6B135413330089020011D30122019999999999999F9F620600000000000E9F63060000000007"+
			"F09F640104562A42353431333333303038393032303031315E412F425E33303132323031393939393939393939393939399000"),
		unhex(t, "770F9F610212349F6002ABCD9F360200429000"),
	}
}

// FuzzHostileCard holds that arbitrary answers end in an Outcome after a bounded number of commands, and that nothing is
// approved but a TC with a signature that was verified, or, where CDA is not performed, by the action codes.
func FuzzHostileCard(f *testing.F) {
	real := offlineTape(f)
	f.Add(replay.HostileScript(real.Answers...))
	f.Add(replay.HostileScript(append(real.Answers[:8:8], unhex(f, "9F50060000000012349000"))...))
	f.Add(replay.HostileScript(magstripeTape(f)...))
	f.Add(replay.HostileScript(real.Answers[0], real.Answers[1], unhex(f, "770A820219819404100101009000"), unhex(f, "800AA1A2A3A40000FFFF00189000")))
	f.Add(replay.HostileScript(real.Answers[0], real.Answers[1], real.Answers[2], real.Answers[3], real.Answers[3], real.Answers[3]))
	f.Add(append(replay.HostileScript(real.Answers[:8]...), 0xFF, 0xF0))
	f.Add([]byte{0xFF, 0xF0, 0xFF, 0xF1, 0xFF, 0xF4})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		log := new(mastercard.MemoryLog)
		terminal := withEverything(t, log)
		card := &replay.Hostile{Script: b}
		out, err := terminal.Transact(context.Background(), card, offline)
		check(t, terminal, out, err, card.Sent)
		for range 2 { // a device that asks to come again does
			if err == nil && contactless.NeedsRestart(&out, nil) {
				card.Sent = 0
				out, err = terminal.Restart(context.Background(), card, nil)
				check(t, terminal, out, err, card.Sent)
			}
		}
	})
}

// FuzzAlteredTap changes single bytes of the recorded tap: three bytes a change, which answer, where, and what is flipped.
func FuzzAlteredTap(f *testing.F) {
	f.Add([]byte{2, 5, 0x80})
	f.Add([]byte{3, 100, 0x80, 8, 60, 0x40})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, changes []byte) {
		card := offlineTape(t)
		for ; len(changes) >= 3; changes = changes[3:] {
			answer := card.Answers[int(changes[0])%len(card.Answers)]
			answer[int(changes[1])%len(answer)] ^= changes[2]
		}
		terminal := withEverything(t, new(mastercard.MemoryLog))
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
	if cid := d.Get(0x9F27); len(cid) != 1 || cid[0]&0xC0 != 0x40 {
		t.Fatalf("approved on CID %X", cid)
	}
	control, tvr := d.Get(0xDF8114), d.Get(0x95)
	if len(control) != 1 || control[0]&0xC0 != 0x40 {
		t.Fatalf("approved although %X was asked for", control)
	}
	switch {
	case d.From(0x9F4C) == dict.Kernel && control[0]&0x10 != 0: // a signature, asked for and verified
	case control[0]&0x10 == 0 && len(tvr) == 5 && tvr[0]&0x84 != 0: // none, and the action codes let it pass
	default:
		t.Fatalf("approved without a verified signature, TVR %X", tvr)
	}
}

// TestEverySignedByte changes each byte of what the recorded card signed, one at a time: none may be approved.
func TestEverySignedByte(t *testing.T) {
	terminal := recordedTerminal(t, nil)
	intact := offlineTape(t)
	const ssad = 5 // what CDA does not use
	for at := 3; at < len(intact.Answers); at++ {
		if at == ssad {
			continue
		}
		for i := range len(intact.Answers[at]) - 2 {
			for _, bit := range []byte{0x01, 0x80} {
				card := offlineTape(t)
				card.Answers[at][i] ^= bit
				out, err := terminal.Transact(context.Background(), card, offline)
				if err != nil {
					t.Fatal(err)
				}
				if out.Kind == kernel.Approved {
					t.Errorf("byte %d of answer %d changed by %02X: approved", i, at, bit)
				}
			}
		}
	}
}

// TestMagstripe takes the seed of mag-stripe mode online: without that the fuzzer would not get far there.
func TestMagstripe(t *testing.T) {
	card := &replay.Hostile{Script: replay.HostileScript(magstripeTape(t)...)}
	out, err := withEverything(t, nil).Transact(context.Background(), card, offline)
	if err != nil || out.Kind != kernel.OnlineRequest || out.Why.Code != "c2.checksum" {
		t.Fatalf("%v because of %v, %v", out.Kind, out.Why, err)
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
	if c.Sent == c.at {
		c.Sent++
		return append(dst, c.answer...), c.err
	}
	return c.Tape.Transmit(ctx, dst, command)
}

// TestDriverErrorsAreErrors: what is no card error is not taken for one.
func TestDriverErrorsAreErrors(t *testing.T) {
	broken := errors.New("the driver's own")
	for at := range offlineTape(t).Answers {
		card := &failing{Tape: offlineTape(t), at: at, err: broken}
		if _, err := recordedTerminal(t, nil).Transact(context.Background(), card, offline); !errors.Is(err, broken) {
			t.Errorf("at command %d: %v", at, err)
		}
	}
}
