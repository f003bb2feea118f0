package mastercard_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"testing"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/mastercard"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
)

// pull is when a card leaves the field during GENERATE AC or RECOVER AC.
type pull int

const (
	stays  pull = iota
	before      // the command does not reach it
	after       // its answer does not reach the reader
)

// tearing is a card without CDA that can recover: it keeps its last cryptogram by the unpredictable number it was made
// for. made counts those that it made.
type tearing struct {
	pulls []pull
	atc   uint16
	made  int
	un    []byte
}

func (c *tearing) Transmit(_ context.Context, dst, command []byte) ([]byte, error) {
	answer := func(objects ...[]byte) ([]byte, error) {
		return append(append(dst, bytes.Join(objects, nil)...), 0x90, 0x00), nil
	}
	of := func(t tlv.Tag, parts ...[]byte) []byte { return tlv.Append(nil, t, bytes.Join(parts, nil)) }
	aid := []byte{0xA0, 0, 0, 0, 4, 0x10, 0x10}
	switch command[1] {
	case 0xA4:
		if command[4] == 14 {
			return answer(of(0x6F, of(0xA5, of(0xBF0C, of(0x61, of(0x4F, aid), of(0x87, []byte{1}))))))
		}
		return answer(of(0x6F, of(0x84, aid)))
	case 0xA8:
		return answer(of(0x77, of(0x82, []byte{0x00, 0x80}), of(0x94, []byte{0x10, 1, 1, 0})))
	case 0xB2:
		un := []byte{0x9F, 0x37, 4}
		return answer(of(
			0x70, of(0x5A, []byte{0x54, 0x13, 0x33, 0x00, 0x89, 0x02, 0x00, 0x11}), of(0x5F24, []byte{0x30, 0x12, 0x31}),
			of(0x8C, un), of(0x9F51, un), of(0x9F0D, make([]byte, 5)), of(0x9F0E, make([]byte, 5)), of(0x9F0F, make([]byte, 5)),
		))
	}
	now := stays
	if len(c.pulls) > 0 {
		now, c.pulls = c.pulls[0], c.pulls[1:]
	}
	if now == before {
		return dst, kernel.ErrTimeout
	}
	switch un := command[5:9]; {
	case command[1] == 0xAE:
		c.atc++
		c.made++
		c.un = bytes.Clone(un)
	case !bytes.Equal(c.un, un): // RECOVER AC for what it does not have
		return append(dst, 0x69, 0x85), nil
	}
	if now == after {
		return dst, kernel.ErrTimeout
	}
	atc := binary.BigEndian.AppendUint16(nil, c.atc)
	return answer(of(0x77, of(0x9F27, []byte{0x40}), of(0x9F36, atc), of(0x9F26, atc, make([]byte, 6))))
}

// counting is a source of numbers that are never the same.
type counting struct{ n uint32 }

func (c *counting) Read(p []byte) (int, error) {
	c.n++
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], c.n)
	return copy(p, b[:]), nil
}

// TestTornSequences goes through every sequence of pulls, up to five of them, over two transactions one after the other.
// Each ends approved with the one cryptogram that the card made for it, and no record is left of a transaction that was
// completed.
func TestTornSequences(t *testing.T) {
	const longest = 5
	for n := range 243 { // three to the power of five
		var pulls []pull
		for i, v := 0, n; i < longest; i, v = i+1, v/3 {
			pulls = append(pulls, pull(v%3))
		}
		log := new(mastercard.MemoryLog)
		terminal, err := contactless.New(contactless.Config{Combinations: []contactless.Combination{{
			AID: unhex(t, "A0000000041010"), Kernel: kernel.Mastercard, Options: &mastercard.Options{TornLog: log},
			Data: unhex(t, "9F1A020840 9F350122 DF811B0180 DF811D0102 DF8120050000000000 DF8121050000000000 DF8122050000000000 "+
				"DF812306000000100000 DF812406000000100000 DF812606000000100000"),
		}}}, kernel.Env{Clock: clock{offlineDay}, Rand: new(counting)}, mastercard.Kernel)
		if err != nil {
			t.Fatal(err)
		}
		card := &tearing{pulls: pulls}
		for range 2 {
			card.made = 0
			out, err := terminal.Transact(context.Background(), card, kernel.Transaction{Amount: 100, Currency: 978})
			for err == nil && out.Kind != kernel.Approved && contactless.NeedsRestart(&out, nil) {
				if log.Len() != 1 {
					t.Fatalf("%v: %d records after a pull", pulls, log.Len())
				}
				out, err = terminal.Restart(context.Background(), card, nil)
			}
			atc := binary.BigEndian.AppendUint16(nil, card.atc)
			if err != nil || out.Kind != kernel.Approved || !bytes.Equal(terminal.Data().Get(0x9F36), atc) {
				t.Fatalf("%v: %v because of %v, %v", pulls, out.Kind, out.Why, err)
			}
			if card.made != 1 {
				t.Errorf("%v: %d cryptograms for one transaction", pulls, card.made)
			}
			if log.Len() != 0 {
				t.Errorf("%v: %d records left", pulls, log.Len())
			}
		}
	}
}
