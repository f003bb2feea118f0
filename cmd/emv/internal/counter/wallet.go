package counter

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/card"
	"github.com/cardwright/emv/tlv"
)

// Card is a card in the wallet.
type Card struct {
	Name   string   `json:"name"`
	Scheme string   `json:"scheme"` // "Visa"
	About  string   `json:"about"`
	Ways   []string `json:"ways"` // "tap", "insert", "swipe": what it is made for
}

// schemes are the first words of profiles' names.
var schemes = map[string]string{
	"visa": "Visa", "mastercard": "Mastercard", "amex": "American Express", "discover": "Discover", "diners": "Diners Club",
	"jcb": "JCB", "unionpay": "UnionPay", "interac": "Interac", "contact": "Chip cards for tests",
}

// Cards lists the wallet.
func Cards() []Card {
	var list []Card
	for _, p := range card.Profiles() {
		list = append(list, describe(p))
	}
	return append(list, oldCard)
}

// Find returns a card of the wallet.
func Find(name string) (Card, bool) {
	for _, p := range card.Profiles() {
		if p.Name == name {
			return describe(p), true
		}
	}
	return oldCard, name == Stripe
}

// Check refuses a card that there is not, and faults that no card can have: card.profile, card.fault.
func Check(name string, faults []string) error {
	_, err := card.New(configOf(name, faults))
	return err
}

func describe(p card.Profile) Card {
	first, _, _ := strings.Cut(p.Name, "-")
	c := Card{Name: p.Name, Scheme: schemes[first], About: p.About, Ways: []string{"tap"}}
	if p.Contact() {
		c.Ways = []string{"insert"}
	}
	if made, err := card.New(card.Config{Profile: p.Name}); err == nil && made.Stripe() != "" {
		c.Ways = append(c.Ways, "swipe")
	}
	return c
}

// Stripe is a card of the wallet that testvectors/card does not have: a stripe alone, of service code 101.
const Stripe = "visa-stripe"

var oldCard = Card{Name: Stripe, Scheme: "Visa", About: "an old card without a chip; signature", Ways: []string{"swipe"}}

// stripeOnly is its track 2 as a chip would have it (57).
var stripeOnly = []byte{0x47, 0x61, 0x73, 0x90, 0x01, 0x01, 0x01, 0x76, 0xD4, 0x91, 0x21, 0x01, 0, 0, 0, 0, 0, 0, 0x0F}

// configOf says how a card of the wallet is made.
func configOf(name string, faults []string) card.Config {
	if name == Stripe {
		return card.Config{Profile: "contact-mute", Set: map[tlv.Tag][]byte{0x57: stripeOnly}, Faults: faults}
	}
	return card.Config{Profile: name, Faults: faults}
}

// held is a card in a hand. It stays the same card from one presentation to the next: it counts, and a phone stays
// unlocked.
type held struct {
	name   string
	faults []string
	card   *card.Card
	delay  time.Duration

	mu   sync.Mutex // a card is for one goroutine at a time
	seen atomic.Int64
}

// card takes a card out of the wallet. One with other faults than the last time is another one.
func (c *Counter) card(name string, faults []string) (*held, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if h := c.wallet[name]; h != nil && slices.Equal(h.faults, faults) {
		return h, nil
	}
	made, err := card.New(configOf(name, faults))
	if err != nil {
		return nil, err
	}
	h := &held{name: name, faults: slices.Clone(faults), card: made, delay: c.config.Delay}
	c.wallet[name] = h
	return h, nil
}

// asked returns how many commands the card was sent.
func (h *held) asked() int64 { return h.seen.Load() }

// Transmit hands a command to the card.
func (h *held) Transmit(ctx context.Context, dst, command []byte) ([]byte, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.delay > 0 {
		t := time.NewTimer(h.delay)
		defer t.Stop()
		select {
		case <-t.C:
		case <-ctx.Done():
			return dst, ctx.Err()
		}
	}
	h.seen.Add(1)
	return h.card.Transmit(ctx, dst, command)
}

// ExchangeTime returns how long the card took, on its own clock.
func (h *held) ExchangeTime() time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.card.ExchangeTime()
}

// inField is a card in the field, which loses its power there. gone is told when a fault takes it away.
type inField struct {
	*held
	gone func()
}

// Reset begins a new session with it.
func (f *inField) Reset() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.card.Reset()
}

// Transmit hands a command to the card.
func (f *inField) Transmit(ctx context.Context, dst, command []byte) ([]byte, error) {
	answer, err := f.held.Transmit(ctx, dst, command)
	if errors.Is(err, kernel.ErrRemoved) {
		f.gone()
	}
	return answer, err
}

// inSlot is a card in the slot: contact.Slot.
type inSlot struct {
	*held
	gone func()
}

// Reset powers the card.
func (s *inSlot) Reset(ctx context.Context, warm bool) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.card.Power(warm)
}

// Transmit hands a command to the card.
func (s *inSlot) Transmit(ctx context.Context, dst, command []byte) ([]byte, error) {
	answer, err := s.held.Transmit(ctx, dst, command)
	if errors.Is(err, kernel.ErrRemoved) {
		s.gone()
	}
	return answer, err
}
