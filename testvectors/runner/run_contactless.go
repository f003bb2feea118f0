package runner

import (
	"context"
	"errors"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/replay"
)

// runPreprocess is contactless.preprocess: Start A of the entry point, up to where it would poll for a card.
func runPreprocess(ctx context.Context, t *job) (map[string]any, error) {
	s, err := newSession(t, outcomes(nil), nil)
	if err != nil {
		return nil, err
	}
	s.card = replay.NewCard(s.clock)
	out, err := s.terminal.Transact(ctx, s.card, t.transaction(t.Given.Transaction))
	if err != nil && !errors.Is(err, replay.ErrNoCard) {
		return nil, err
	}
	got := map[string]any{}
	s.rec.give(got)
	if err != nil { // a card was polled for: what was shown then is not pre-processing's
		got["ui"] = []any{}
	}
	for _, k := range []string{"activations", "candidates"} {
		delete(got, k)
	}
	got["field"], got["commands"] = []any{}, []any{} // it ends before Start B
	outcomeOf(&out, got)
	return got, nil
}

// runSelect is contactless.select: from pre-processing to final selection. The kernel that is selected does nothing.
func runSelect(ctx context.Context, t *job) (map[string]any, error) {
	activated := false
	s, err := newSession(t, func(id kernel.ID) contactless.Kernel {
		return &standIn{id, func(*contactless.Activation) (kernel.Outcome, error) {
			activated = true
			return kernel.Outcome{Kind: kernel.EndApplication}, nil
		}}
	}, nil)
	if err != nil {
		return nil, err
	}
	err = s.run(ctx)
	got := s.give()
	if activated { // the outcome is of the kernel, which is not part of this
		for _, k := range []string{
			"outcome", "start", "online_response", "cvm", "alternate_interface", "receipt", "removal_timeout_ms", "field_off_ms",
		} {
			delete(got, k)
		}
	} else {
		delete(got, "selected")
	}
	return got, err
}

// runEntryPoint is contactless.entrypoint: Books A and B with stand-in kernels.
func runEntryPoint(ctx context.Context, t *job) (map[string]any, error) {
	s, err := newSession(t, outcomes(t.Given.Kernels), nil)
	if err != nil {
		return nil, err
	}
	err = s.run(ctx)
	return s.give(), err
}

// runTransaction is contactless.transaction: everything, with the kernels of this build.
func runTransaction(ctx context.Context, t *job) (map[string]any, error) {
	s, err := newSession(t, buildKernel, nil)
	if err != nil {
		return nil, err
	}
	err = s.run(ctx)
	return s.give(), err
}
