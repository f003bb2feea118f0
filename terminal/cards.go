package terminal

import (
	"context"

	"github.com/cardwright/emv/terminal/display"
	"github.com/cardwright/emv/terminal/driver"
	"github.com/cardwright/emv/terminal/payment"
	"github.com/cardwright/emv/terminal/reader"
	"github.com/cardwright/emv/terminal/text"
)

// cards is the display as a Reader has it (reader.Screen).
type cards struct{ *screen }

// Prompt shows what is armed.
func (s cards) Prompt(p reader.Prompt) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var by []display.Method
	for _, k := range []driver.Kind{driver.Contactless, driver.Contact, driver.Stripe} {
		if p.Kinds.Has(k) {
			by = append(by, methodOf(k))
		}
	}
	prompt := "present_card"
	if by == nil {
		prompt = "remove_card"
	}
	s.step(p.Request, s.prompt(p.Request, by, p.Notice), prompt)
}

// Reading shows that a card is there.
func (s cards) Reading(request string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.step(request, display.Working{Request: request, Amount: s.money, Step: display.Reading}, "processing")
}

// Choose has the customer choose an application.
func (s cards) Choose(ctx context.Context, request string, labels []string) (int, error) {
	a, err := s.ask(ctx, request, func() display.Event {
		return display.Choose{Request: request, Amount: s.money, Labels: labels}
	}, "choose_application")
	switch {
	case err != nil:
		return 0, err
	case a.Choice < 0 || a.Choice >= len(labels):
		return 0, payment.ErrCancelled
	}
	return a.Choice, nil
}

// PIN shows how far the PIN is.
func (s cards) PIN(p reader.PINProgress) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.step(p.Request, display.PINProgress{
		Request: p.Request, Amount: s.money, Entered: p.Entered, Wrong: p.Retry, TriesLeft: p.TriesLeft,
	}, "pin")
}

// RemoveCard asks for the card to be taken out.
func (s cards) RemoveCard(request, notice string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.step(request, display.TakeCard{Request: request, Notice: notice}, "remove_card")
}

// Language has the rest of the payment in the customer's language.
func (s cards) Language(tags string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.language = text.Pick(tags, s.c.Appearance.Language)
	s.put(display.Speak{Wanted: tags})
}
