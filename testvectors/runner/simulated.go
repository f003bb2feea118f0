package runner

import (
	"context"
	"errors"
	"time"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/card"
	"github.com/cardwright/emv/testvectors/issuer"
	"github.com/cardwright/emv/testvectors/replay"
	"github.com/cardwright/emv/tlv"
)

// simulatedTaps is how often a simulated card that is alone comes back into the field: more often than any terminal
// restarts.
const simulatedTaps = 32

// present makes taps of cards. A simulated card that is alone is the same card each time it is presented; those of an
// array are each a new one. A script that is alone goes on where it stood, as long as it has something left to begin with.
func (t *job) present(cards []Card, _ *replay.Clock) ([]replay.Tap, error) {
	var taps []replay.Tap
	for i := range cards {
		c := &cards[i]
		if c.Profile == "" {
			taps = append(taps, c.Taps(c.alone)...)
			continue
		}
		sim, err := newSimulated(c)
		if err != nil {
			return nil, err
		}
		taps = append(taps, replay.Tap{Card: sim})
		if c.alone {
			for range simulatedTaps {
				taps = append(taps, replay.Tap{Card: sim})
			}
		}
	}
	return taps, nil
}

// simulated is a simulated card as kernels see a card.
type simulated struct {
	card *card.Card
	tpdu bool
}

func newSimulated(c *Card) (*simulated, error) {
	config := card.Config{Profile: c.Profile, Set: map[tlv.Tag][]byte{}, Faults: c.Faults}
	for _, o := range c.Set {
		config.Set[o.Tag] = o.Value
	}
	sim, err := card.New(config)
	var e *card.Error
	if errors.As(err, &e) && e.Code == card.CodeProfile {
		return nil, lacks("this build has no card profile %q", c.Profile)
	}
	if err != nil {
		return nil, err
	}
	return &simulated{sim, c.TPDU}, nil
}

// Reset brings the card into the field anew.
func (s *simulated) Reset() { s.card.Reset() }

// Transmit answers a command.
func (s *simulated) Transmit(ctx context.Context, dst, command []byte) ([]byte, error) {
	transmit := s.card.Transmit
	if s.tpdu {
		transmit = s.card.TransmitTPDU
	}
	dst, err := transmit(ctx, dst, command)
	return dst, cardError(err)
}

// ExchangeTime returns the card's time for the last command (kernel.Timed): the run's clock advances by it.
func (s *simulated) ExchangeTime() time.Duration { return s.card.ExchangeTime() }

// power resets the card in a slot.
func (s *simulated) power(warm bool) ([]byte, error) {
	atr, err := s.card.Power(warm)
	return atr, cardError(err)
}

// cardError makes the errors of a simulated card those of a reader driver.
func cardError(err error) error {
	var e *card.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code {
	case card.CodeRemoved:
		return kernel.ErrRemoved
	case card.CodeTimeout:
		return kernel.ErrTimeout
	case card.CodeTransmission:
		return kernel.ErrTransmission
	case card.CodeProtocol:
		return kernel.ErrProtocol
	case card.CodeCollision:
		return kernel.ErrCollision
	}
	return err
}

// verifyCryptogram is the simulated issuer's verdict on the cryptogram of a transaction. It was written apart from
// kernels and cards. What it can't read is not valid.
func verifyCryptogram(de55 []byte) bool {
	host, err := issuer.New(issuer.Config{})
	if err != nil {
		return false
	}
	v, err := host.Decide(de55)
	return err == nil && v.Valid
}
