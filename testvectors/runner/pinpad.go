package runner

import (
	"context"

	"github.com/cardwright/emv/crypto/pin"
	"github.com/cardwright/emv/kernel"
)

// pinPad answers prompts with given.pin, one after the other.
type pinPad struct{ left []string }

// errPINs is that of given.pin when it has been used up.
var errPINs = &kernel.Error{Code: "vector.pin", Text: "given.pin has no further entry"}

// Enter takes the next entry.
func (p *pinPad) Enter(_ context.Context, _ kernel.PINRequest, dst *pin.PIN) (kernel.PINEntry, error) {
	if len(p.left) == 0 {
		return kernel.PINPadBroken, errPINs
	}
	next := p.left[0]
	p.left = p.left[1:]
	switch next {
	case "bypass":
		return kernel.PINBypassed, nil
	case "cancel":
		return kernel.PINCancelled, nil
	case "timeout":
		return kernel.PINTimeout, nil
	case "broken":
		return kernel.PINPadBroken, nil
	}
	return kernel.PINEntered, pin.Parse(dst, []byte(next))
}
