package mastercard_test

import (
	"context"
	"testing"
	"time"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/mastercard"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/kerneltest"
	"github.com/cardwright/emv/testvectors/replay"
	"github.com/cardwright/emv/tlv/dict"
)

// maxCommands is what a transaction may cost.
const maxCommands = kerneltest.MaxCommands

// recorded is the terminal of the recording on the bench.
var recorded = kerneltest.Bench{
	Terminal: func(t testing.TB, events func(kernel.Event)) *contactless.Terminal {
		return watchedTerminal(t, nil, events)
	},
	Tap: offline, Approved: approved, Tapes: tapes,
}

// everything is that terminal with all that this kernel can do.
var everything = kerneltest.Bench{
	Terminal: func(t testing.TB, _ func(kernel.Event)) *contactless.Terminal {
		return withEverything(t, new(mastercard.MemoryLog))
	},
	Tap: offline, Approved: approved, Tapes: tapes,
}

var tapes = map[string]func(testing.TB) *replay.Tape{"recorded": offlineTape}

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

func FuzzHostileCard(f *testing.F) {
	real := offlineTape(f).Answers
	everything.Hostile(
		f, []string{"recorded"},
		replay.HostileScript(append(real[:8:8], unhex(f, "9F50060000000012349000"))...),
		replay.HostileScript(magstripeTape(f)...),
		replay.HostileScript(real[0], real[1], unhex(f, "770A820219819404100101009000"), unhex(f, "800AA1A2A3A40000FFFF00189000")),
		append(replay.HostileScript(real[:8]...), 0xFF, 0xF0),
	)
}

// freeSlot is an answer to GET PROCESSING OPTIONS of the recorded card as one with a free slot would give it.
const freeSlot = "772C820259809410080101001001010118010200200102009F5F01809F7D0801020304050607089F7F04A1A2A3A49000"

// storageTape is the recorded card with another answer to GET PROCESSING OPTIONS.
func storageTape(t testing.TB, options string) [][]byte {
	answers := offlineTape(t).Answers
	answers[2] = unhex(t, options)
	return answers
}

// withStorage makes a terminal that writes into the card's slot.
func withStorage(t testing.TB) *contactless.Terminal {
	return recordedTerminal(t, &mastercard.Options{TornLog: new(mastercard.MemoryLog)}, "DF811B0130", "DF810D0102",
		"9F5C088199829983998499", "DF620180", "DF81080140", "DF810A0142", "DF8109081223344556677889", "DF6303E1E2E3")
}

// FuzzHostileStorage is FuzzHostileCard with a terminal that reads and writes into the card's slot.
func FuzzHostileStorage(f *testing.F) {
	with := func(answer string) []byte { return replay.HostileScript(storageTape(f, answer)...) }
	storage := kerneltest.Bench{
		Terminal: func(t testing.TB, _ func(kernel.Event)) *contactless.Terminal { return withStorage(t) },
		Tap:      offline, Approved: approved,
	}
	storage.Hostile(
		f, nil, with(freeSlot),
		with("772B820259809410080101001001010118010200200102009F7D0801020304050607089F5403D1D2D39F6F01809000"),
		with("7716820259809410080101001001010118010200200102009000"),
	)
}

func FuzzAlteredTap(f *testing.F) { everything.Altered(f, "recorded") }

// approved holds that an approval stands on a TC that was asked for, with a signature that was verified, or, where CDA is not
// performed, on the action codes.
func approved(t testing.TB, terminal *contactless.Terminal) {
	t.Helper()
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

// TestEveryRecordedByte changes each byte of what the recorded card signed, one at a time: none may be approved.
func TestEveryRecordedByte(t *testing.T) {
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

// TestStorage takes the seed of data storage up to the card's signature, which is that of the recording and does not fit.
func TestStorage(t *testing.T) {
	terminal := withStorage(t)
	card := &replay.Hostile{Script: replay.HostileScript(storageTape(t, freeSlot)...)}
	out, err := terminal.Transact(context.Background(), card, offline)
	if status := terminal.Data().Get(0xDF8128); err != nil || out.Why.Code != "cert.sdad.transaction_hash" || len(status) != 1 || status[0] != 0xC0 {
		t.Fatalf("%v because of %v, %v; IDS Status %X", out.Kind, out.Why, err, status)
	}
}

func TestDriverErrorsAreErrors(t *testing.T) { recorded.DriverErrors(t, "recorded") }
