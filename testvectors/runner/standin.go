package runner

import (
	"context"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv/dict"
)

// standIn is a kernel that sends no command and answers by next.
type standIn struct {
	id   kernel.ID
	next func(*contactless.Activation) (kernel.Outcome, error)
}

// ID returns the Kernel ID that it stands in for.
func (k *standIn) ID() kernel.ID { return k.id }

// Scope returns the dictionary's scope of that kernel.
func (k *standIn) Scope() dict.Scope { return scopeOf(k.id) }

// Faults finds nothing wrong.
func (k *standIn) Faults(string, *contactless.Combination, []byte) []kernel.Fault { return nil }

// Run answers.
func (k *standIn) Run(_ context.Context, a *contactless.Activation) (kernel.Outcome, error) {
	return k.next(a)
}

// errKernels is that of a case with more activations than outcomes.
var errKernels = &kernel.Error{Code: "vector.kernels", Text: "more kernel activations than given.kernels has outcomes"}

// outcomes makes stand-in kernels that return given.kernels one after the other, whichever is activated.
func outcomes(list []KernelOutcome) kernelFor {
	next := func(*contactless.Activation) (kernel.Outcome, error) {
		if len(list) == 0 {
			return kernel.Outcome{}, errKernels
		}
		o := list[0].Outcome
		list = list[1:]
		return o, nil
	}
	return func(id kernel.ID) contactless.Kernel { return &standIn{id, next} }
}

// absent makes a stand-in for a kernel that this build lacks: a card that leads to it skips the case.
func absent(id kernel.ID) contactless.Kernel {
	return &standIn{id, func(*contactless.Activation) (kernel.Outcome, error) {
		return kernel.Outcome{}, lacks("kernel C%s is not in this build", shortID(id))
	}}
}

// shortID returns "2" of 02 and "830840" of a domestic kernel.
func shortID(id kernel.ID) string {
	s := id.String()
	if len(s) == 2 && s[0] == '0' {
		return s[1:]
	}
	return s
}
