package runner

import (
	"context"

	"github.com/cardwright/emv/crypto/pin"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/cvm"
)

// pinPad answers prompts with given.pin, one after the other.
type pinPad struct{ left []string }

// errPINs is that of given.pin when it has been used up.
var errPINs = &kernel.Error{Code: "vector.pin", Text: "given.pin has no further entry"}

// Enter takes the next entry.
func (p *pinPad) Enter(_ context.Context, _ cvm.Request, dst *pin.PIN) (cvm.Entry, error) {
	if len(p.left) == 0 {
		return cvm.Broken, errPINs
	}
	next := p.left[0]
	p.left = p.left[1:]
	switch next {
	case "bypass":
		return cvm.Bypassed, nil
	case "cancel":
		return cvm.Cancel, nil
	case "timeout":
		return cvm.Timeout, nil
	case "broken":
		return cvm.Broken, nil
	}
	return cvm.Entered, pin.Parse(dst, []byte(next))
}
