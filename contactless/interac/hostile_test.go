package interac_test

import (
	"bytes"
	"context"
	"slices"
	"testing"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/replay"
)

func FuzzHostileCard(f *testing.F) {
	bench.Hostile(f, []string{"interac-offline", "interac-plain", "interac-phone", "interac-declines"})
}

func FuzzAlteredTap(f *testing.F) { bench.Altered(f, "interac-offline") }

// TestEveryByteOfTheTape changes each byte of each answer of an offline approval, selection left out: where the tap is
// approved all the same, the byte is none that the card says anything with.
func TestEveryByteOfTheTape(t *testing.T) {
	intact := bench.Tape(t, "interac-offline")
	terminal := shop(t, nil, nil)
	for at := 2; at < len(intact.Answers); at++ {
		for i := range len(intact.Answers[at]) - 2 {
			for _, bit := range []byte{0x01, 0x80} {
				c := &replay.Tape{Commands: intact.Commands, Answers: slices.Clone(intact.Answers)}
				c.Answers[at] = bytes.Clone(c.Answers[at])
				c.Answers[at][i] ^= bit
				out, err := terminal.Transact(context.Background(), c, tap)
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

func TestDriverErrorsAreErrors(t *testing.T) { bench.DriverErrors(t, "interac-offline") }

// TestFullStore: a card that fills the data store ends in an outcome.
func TestFullStore(t *testing.T) {
	answers := bench.Tape(t, "interac-plain").Answers
	long := append(append([]byte{0x70, 0x81, 0xFA, 0xDF, 0x7F, 0x81, 0xF6}, make([]byte, 0xF6)...), 0x90, 0x00)
	options := unhex(t, "770A82021800940408017F009000") // 127 records
	script := [][]byte{answers[0], answers[1], options}
	for range 127 {
		script = append(script, long)
	}
	c := &replay.Hostile{Script: replay.HostileScript(script...)}
	out, err := shop(t, nil, nil).Transact(context.Background(), c, tap)
	if err != nil || out.Kind != kernel.EndApplication || out.Why.Code != "data.full" {
		t.Errorf("%v because of %v, %v", out.Kind, out.Why, err)
	}
}
