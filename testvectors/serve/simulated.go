package serve

import (
	"context"

	"github.com/cardwright/emv/testvectors/card"
)

// powered is a card whose answer to reset is its own.
type powered interface {
	Power(warm bool) (atr []byte, err error)
}

// Simulated is a simulated card in a slot or in a field. One with contacts answers resets by itself, and speaks T=0 where
// its answer to reset says so.
type Simulated struct {
	card *card.Card
	atr  []byte // of a cold reset; nil for a card without contacts, and for one that is mute
	t0   bool
}

// NewSimulated makes the card of a profile.
func NewSimulated(config card.Config) (*Simulated, error) {
	c, err := card.New(config)
	if err != nil {
		return nil, err
	}
	s := &Simulated{card: c}
	if s.atr, err = c.Power(false); err == nil {
		s.t0 = speaksT0(s.atr)
	}
	return s, nil
}

// Contacts reports whether the card answers a reset by itself.
func (s *Simulated) Contacts() bool { return s.atr != nil }

// ATR returns what the card answers a cold reset with, nil for a card without contacts.
func (s *Simulated) ATR() []byte { return s.atr }

// Reset brings the card into the field anew.
func (s *Simulated) Reset() { s.card.Reset() }

// Power resets the card in a slot.
func (s *Simulated) Power(warm bool) ([]byte, error) { return s.card.Power(warm) }

// Transmit answers an APDU, or a TPDU of T=0.
func (s *Simulated) Transmit(ctx context.Context, dst, command []byte) ([]byte, error) {
	if s.t0 {
		return s.card.TransmitTPDU(ctx, dst, command)
	}
	return s.card.Transmit(ctx, dst, command)
}

// speaksT0 reports whether the first protocol that an answer to reset offers is T=0: TD1 is absent or says so (ISO/IEC
// 7816-3, 8.2.3).
func speaksT0(atr []byte) bool {
	if len(atr) < 2 {
		return true
	}
	at := 2
	for _, bit := range [...]byte{0x10, 0x20, 0x40} { // TA1, TB1, TC1
		if atr[1]&bit != 0 {
			at++
		}
	}
	return atr[1]&0x80 == 0 || at >= len(atr) || atr[at]&0x0F == 0
}
