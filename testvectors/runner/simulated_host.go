package runner

import (
	"context"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/issuer"
)

// simulatedHost is the issuer of a simulated card, as a contact terminal asks it. Where the case says nothing of a host it
// approves whatever is the card's, each time.
type simulatedHost struct{ host *issuer.Host }

func newSimulatedHost(config issuer.Config) (*simulatedHost, error) {
	host, err := issuer.New(config)
	return &simulatedHost{host}, err
}

// Authorise decides on a request. One that can't be read is declined.
func (h *simulatedHost) Authorise(_ context.Context, record kernel.Objects) (kernel.OnlineAnswer, error) {
	v, _ := h.host.Decide(record)
	if v.Unable {
		return kernel.OnlineAnswer{Unable: true}, nil
	}
	return kernel.OnlineAnswer{ARC: v.ARC, IssuerAuth: v.AuthData, Scripts: v.Scripts}, nil
}
