package serve

import (
	"context"
	"fmt"
	"time"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/card"
	"github.com/cardwright/emv/testvectors/replay"
	"github.com/cardwright/emv/testvectors/runner"
	"github.com/cardwright/emv/tlv"
)

// ErrScript means that a reader asked a scripted card what its script does not expect. The card is pulled then.
var ErrScript = &kernel.Error{Code: "serve.script", Text: "the reader asked what the script does not expect"}

// Script is the card of a vector: scripts and simulated cards in the order in which they are presented. A reset behind
// commands is a new presentment; one before any command is how readers say hello. When no presentment is left the card is
// gone.
type Script struct {
	played *replay.Card
	fresh  bool // presented and not asked yet
	err    error

	// TPDU says that the script is of T=0: it holds the exchanges of 61xx, 6Cxx and GET RESPONSE itself.
	TPDU bool

	// ATR is the answer to reset that the vector gives, nil where it leaves that out.
	ATR []byte
}

// FromCase makes the card of a vector, or of a capture. The error says what the case lacks.
func FromCase(c *runner.Case) (*Script, error) {
	cards := c.Given.Cards
	if len(cards) == 0 {
		return nil, fmt.Errorf("%w: the case %s has no card", ErrNoScript, c.ID)
	}
	var taps []replay.Tap
	for i := range cards {
		one := &cards[i]
		if one.Profile == "" {
			taps = append(taps, one.Taps(len(cards) == 1)...)
			continue
		}
		simulated, err := simulatedOf(one)
		if err != nil {
			return nil, err
		}
		taps = append(taps, replay.Tap{Card: simulated})
	}
	s := &Script{played: replay.NewCard(replay.NewClock(time.Time{}), taps...), TPDU: cards[0].TPDU, ATR: cards[0].ATR}
	s.present()
	return s, nil
}

// simulatedOf makes the simulated card of a vector.
func simulatedOf(c *runner.Card) (*Simulated, error) {
	config := card.Config{Profile: c.Profile, Set: map[tlv.Tag][]byte{}, Faults: c.Faults}
	for _, o := range c.Set {
		config.Set[o.Tag] = o.Value
	}
	s, err := NewSimulated(config)
	if err == nil {
		s.t0 = s.t0 && c.TPDU
	}
	return s, err
}

// ErrNoScript means that a vector has no card to serve.
var ErrNoScript = &kernel.Error{Code: "serve.no_script", Text: "there is no card to serve"}

func (s *Script) present() {
	s.err, s.fresh = s.played.Activate(context.Background()), true
}

// Reset presents the card anew if it was asked anything.
func (s *Script) Reset() {
	if !s.fresh {
		s.present()
	}
}

// Transmit plays the script. A command that it does not expect is ErrScript with the place, not with the command: one may
// hold a PIN.
func (s *Script) Transmit(ctx context.Context, dst, command []byte) ([]byte, error) {
	if s.err != nil {
		return dst, s.left(s.err)
	}
	s.fresh = false
	dst, err := s.played.Transmit(ctx, dst, command)
	if m := s.played.Mismatch(); m != nil {
		return dst, fmt.Errorf("%w: presentment %d, command %d, instruction %02X", ErrScript, m.Tap+1, m.At+1, command[1])
	}
	return dst, err
}

// left turns the end of the presentments into a card that is gone.
func (s *Script) left(err error) error {
	if kernel.CodeOf(err) == replay.ErrNoCard.Code {
		return kernel.ErrRemoved
	}
	return err
}

// ExchangeTime is the card's time for the last command, as the script has it.
func (s *Script) ExchangeTime() time.Duration { return s.played.ExchangeTime() }
