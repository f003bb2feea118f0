package kerneltest

import (
	"bytes"
	"context"
	"encoding/hex"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/card"
	"github.com/cardwright/emv/testvectors/replay"
)

// Unhex converts hexadecimal text, blanks in it passed over.
func Unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Repeat is a source of "random" bytes that are all AB.
type Repeat struct{}

// Read fills p.
func (Repeat) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 0xAB
	}
	return len(p), nil
}

// Clock stands still.
type Clock time.Time

// Today is a day on which the simulated cards are good, but for those that expired.
var Today = Clock(time.Date(2026, 11, 23, 10, 11, 12, 0, time.UTC))

// Now returns the time.
func (c Clock) Now() time.Time { return time.Time(c) }

// Since returns nothing: no time passes.
func (Clock) Since(time.Time) time.Duration { return 0 }

var testKeys = sync.OnceValues(capk.Test)

// Env is an environment with the certification authorities of the simulated cards, and with the list on which the fault
// issuer-revoked stands.
func Env(t testing.TB, rid capk.RID, events func(kernel.Event)) kernel.Env {
	t.Helper()
	keys, err := testKeys()
	if err != nil {
		t.Fatal(err)
	}
	return kernel.Env{
		Clock: Today, Rand: Repeat{}, CAPKs: keys, Events: events,
		Revoked: capk.NewRevocationList(
			capk.Revocation{RID: rid, Index: card.AuthorityLong, Serial: card.RevokedSerial()},
			capk.Revocation{RID: rid, Index: card.AuthorityShort, Serial: card.RevokedSerial()},
		),
	}
}

// Reader is a simulated card at a reader: activating the field powers it.
type Reader struct{ *card.Card }

// Activate takes the card out of the field and brings it back.
func (r Reader) Activate(ctx context.Context) error {
	r.Reset()
	return ctx.Err()
}

// Deactivate does nothing.
func (Reader) Deactivate(context.Context, time.Duration) error { return nil }

// NewCard returns a simulated card at a reader.
func NewCard(t testing.TB, profile string, faults ...string) Reader {
	t.Helper()
	c, err := card.New(card.Config{Profile: profile, Faults: faults})
	if err != nil {
		t.Fatal(err)
	}
	return Reader{c}
}

// taping is a card whose commands and answers are kept.
type taping struct {
	Reader
	tape *replay.Tape
}

func (c taping) Transmit(ctx context.Context, dst, command []byte) ([]byte, error) {
	n := len(dst)
	answer, err := c.Reader.Transmit(ctx, dst, command)
	c.tape.Commands = append(c.tape.Commands, bytes.Clone(command))
	c.tape.Answers = append(c.tape.Answers, bytes.Clone(answer[n:]))
	return answer, err
}

// copyOf returns a tape whose answers can be changed.
func copyOf(t *replay.Tape) *replay.Tape {
	c := &replay.Tape{Commands: t.Commands}
	for _, a := range t.Answers {
		c.Answers = append(c.Answers, bytes.Clone(a))
	}
	return c
}

// failing is a tape with one answer replaced by an error.
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
