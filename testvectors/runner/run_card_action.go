package runner

import (
	"context"
	"errors"

	"github.com/cardwright/emv/kernel"
)

// runCardAction is contact.action with a card: the first GENERATE AC, and where the case has a host what follows it.
func runCardAction(ctx context.Context, t *job) (map[string]any, error) {
	s, err := newContact(t, true)
	if err != nil {
		return nil, err
	}
	s.out, err = s.terminal.ActionAlone(ctx, s.card, t.transactionAlone(), t.known(), t.Given.StaticData)
	if errors.Is(err, errOnline) {
		s.out, err = kernel.Outcome{Kind: kernel.OnlineRequest}, nil
	}
	return s.give(), err
}

// noHost is the host of a case that goes no further than the online request.
type noHost struct{}

// errOnline is how it says so.
var errOnline = &kernel.Error{Code: "vector.online", Text: "the case ends with the online request"}

// Authorise ends the run.
func (noHost) Authorise(context.Context, kernel.Objects) (kernel.OnlineAnswer, error) {
	return kernel.OnlineAnswer{}, errOnline
}
