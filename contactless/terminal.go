package contactless

import (
	"context"
	"slices"

	"github.com/cardwright/emv/crypto/cert"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/oda"
	"github.com/cardwright/emv/tlv"
)

// Terminal runs contactless transactions, one at a time, on memory that it keeps between them. It is not safe for
// concurrent use; a device with two readers has two.
type Terminal struct {
	config  Config
	env     kernel.Env
	kernels []Kernel // by combination
	states  []state  // by combination

	// The transaction at hand.
	tx         kernel.Transaction
	answer     *kernel.OnlineAnswer
	start      kernel.Start
	entered    kernel.Start // where processing was entered last, by the terminal or by an outcome
	restarted  bool         // the Restart flag of Book B
	restartUI  kernel.UIRequest
	restarts   int
	candidates []candidate
	listed     bool // the candidate list has been built for the card that is there
	ppse       []byte
	selected   selection

	// Memory for it, kept.
	activation Activation
	data       *kernel.Data
	link       kernel.Link
	static     oda.Static
	cert       cert.Verifier
	out        Output
	un         [4]byte
	preference string // the last Language Preference that was shown
}

// state is what the entry point keeps of one combination.
type state struct {
	Indicators
	offered bool    // serves the transaction's type
	floor   *uint64 // Terminal Floor Limit (9F1B) of its configuration
}

// New checks the whole configuration and returns a Terminal for it, or a *kernel.ConfigError with everything that is
// wrong. Kernels without a combination are allowed; a combination without its kernel is not.
func New(config Config, env kernel.Env, kernels ...Kernel) (*Terminal, error) {
	faults := config.check(kernels)
	if env.Clock == nil {
		faults = append(faults, kernel.Fault{Path: "env.clock", Code: "config.clock", Text: "is required"})
	}
	if env.Rand == nil {
		faults = append(faults, kernel.Fault{Path: "env.rand", Code: "config.rand", Text: "is required"})
	}
	if len(faults) > 0 {
		return nil, &kernel.ConfigError{Faults: faults}
	}
	t := &Terminal{config: config, env: env, data: kernel.NewData()}
	if t.config.Restarts == 0 {
		t.config.Restarts = DefaultRestarts
	}
	t.kernels = make([]Kernel, len(config.Combinations))
	t.states = make([]state, len(config.Combinations))
	for i := range config.Combinations {
		c := &config.Combinations[i]
		j := slices.IndexFunc(kernels, func(k Kernel) bool { return k.ID() == c.Kernel })
		t.kernels[i] = kernels[j]
		t.states[i].floor = floorLimit(c.Data, config.Terminal)
	}
	return t, nil
}

// floorLimit reads the Terminal Floor Limit (9F1B), a binary number of up to four bytes.
func floorLimit(from ...[]byte) *uint64 {
	for _, objects := range from {
		v, ok := tlv.Find(objects, 0x9F1B)
		if !ok {
			continue
		}
		limit := uint64(0)
		for _, b := range v {
			limit = limit<<8 | uint64(b)
		}
		return &limit
	}
	return nil
}

// Transact runs one transaction from pre-processing (Start A) to a Final Outcome. card should implement kernel.Field;
// one that does not counts as lying in the field.
//
// An Outcome whose Start is not NoStart asks to be continued with Restart. Its Record and Discretionary are good until
// the next call of Transact, Restart or Wipe.
//
// An error means that ctx ended, that the configuration or the transaction is wrong, or a bug; the Outcome then is the
// last one that a kernel gave in this transaction, if one did.
func (t *Terminal) Transact(ctx context.Context, card kernel.Card, tx kernel.Transaction) (kernel.Outcome, error) {
	if err := t.begin(tx, kernel.StartA); err != nil {
		return kernel.Outcome{}, err
	}
	return t.runFromA(ctx, card)
}

func (t *Terminal) runFromA(ctx context.Context, card kernel.Card) (kernel.Outcome, error) {
	if t.preprocess() {
		return t.run(ctx, card, kernel.StartB)
	}
	out := kernel.Outcome{ // Book B, 3.1.1.13
		Kind: kernel.TryAnotherInterface,
		UI:   kernel.UIRequest{Message: kernel.MsgInsertOrSwipe, Status: kernel.ProcessingError},
		Why:  kernel.Reason{Stage: stagePreprocess, Code: "entry.not_allowed", Ref: "Book B, 3.1.1.13"},
	}
	_, err := t.settle(ctx, nil, &out)
	return out, err
}

// Autorun runs one transaction from protocol activation (Start B) to a Final Outcome: for a reader that waits for cards on
// its own, with the same transaction each time (Book A, 8.1.1.6). No limits are tested, and the card is sent the TTQ as it
// is configured (Book B, 3.2.1.1). All else is as with Transact.
func (t *Terminal) Autorun(ctx context.Context, card kernel.Card, tx kernel.Transaction) (kernel.Outcome, error) {
	if err := t.begin(tx, kernel.StartB); err != nil {
		return kernel.Outcome{}, err
	}
	for i := range t.config.Combinations {
		c, s := &t.config.Combinations[i], &t.states[i]
		s.offered, s.Indicators = c.serves(tx.Type), Indicators{}
		if c.TTQ != nil {
			s.TTQ = *c.TTQ
		}
	}
	return t.run(ctx, card, kernel.StartB)
}

// begin makes room for a new transaction.
func (t *Terminal) begin(tx kernel.Transaction, at kernel.Start) error {
	t.Wipe()
	if f := tx.Faults(); f != nil {
		return &kernel.ConfigError{Faults: f}
	}
	t.tx, t.start, t.entered = tx, at, at
	return nil
}

// Restart continues the transaction whose last Outcome had a Start (Book A, 8.1.1.9). answer is the issuer's, or nil
// when the transaction goes on without one, as after "see phone". Whether an answer leads to a restart at all is for the
// caller to see from Outcome.OnlineResponse; NeedsRestart tells.
func (t *Terminal) Restart(ctx context.Context, card kernel.Card, answer *kernel.OnlineAnswer) (kernel.Outcome, error) {
	if t.start == kernel.NoStart {
		return kernel.Outcome{}, &kernel.Error{Code: "entry.no_restart", Text: "no transaction waits to be restarted"}
	}
	t.answer, t.restarted, t.restarts, t.entered = answer, true, 0, t.start
	if t.start == kernel.StartA {
		return t.runFromA(ctx, card)
	}
	return t.run(ctx, card, t.start)
}

// NeedsRestart reports whether an outcome asks to be continued now that the issuer has given this answer: always for an
// outcome that is no Online Request but has a Start; after an Online Request as its Online Response Data says.
func NeedsRestart(o *kernel.Outcome, answer *kernel.OnlineAnswer) bool {
	if o.Start == kernel.NoStart {
		return false
	}
	if o.Kind != kernel.OnlineRequest {
		return true
	}
	switch o.OnlineResponse {
	case kernel.AnyResponse:
		return answer != nil && !answer.Unable
	case kernel.EMVData:
		return answer.HasEMVData()
	case kernel.NoOnlineResponse:
	}
	return false
}

// resumes reports whether this is a restart that brings the card the issuer's data: it goes to the application that was
// selected before (Book B, 3.3.2.1), and the kernel goes on with the data objects that it had.
func (t *Terminal) resumes() bool { return t.restarted && t.answer.HasEMVData() }

// Wipe forgets the transaction: every data object of the card is overwritten. Transact does it first; a terminal that
// waits for its next customer should not wait for that.
func (t *Terminal) Wipe() {
	t.data.Reset(0)
	clear(t.out.Record[:cap(t.out.Record)])
	clear(t.out.Discretionary[:cap(t.out.Discretionary)])
	clear(t.ppse[:cap(t.ppse)])
	t.selected.wipe()
	t.cert.Wipe()
	t.static.Reset()
	t.activation = Activation{}
	t.link.Close()
	t.candidates = t.candidates[:0]
	t.answer, t.start, t.restarted, t.restarts, t.restartUI = nil, kernel.NoStart, false, 0, kernel.UIRequest{}
	t.listed = false
}

// Selected returns the ADF name that was selected last, extended selection included, and its kernel: Book B, 3.5.1.5
// gives them with the Final Outcome. The name is nil while nothing has been selected.
func (t *Terminal) Selected() (adf []byte, id kernel.ID) {
	if len(t.selected.adf) == 0 {
		return nil, kernel.AnyKernel
	}
	return t.selected.adf, t.config.Combinations[t.selected.combination].Kernel
}

// Data returns the data objects of the transaction, unmasked: for the part of a terminal that builds the online request
// or a receipt. They are gone after Wipe.
func (t *Terminal) Data() *kernel.Data { return t.data }

// run goes from a start to a Final Outcome.
func (t *Terminal) run(ctx context.Context, card kernel.Card, at kernel.Start) (kernel.Outcome, error) {
	t.link.Open(&t.env, card)
	defer t.link.Close()
	var out kernel.Outcome // the last one
	entered := true        // nothing has been done since the terminal's call
	for {
		var (
			next kernel.Start
			o    kernel.Outcome // of this step, if it makes one
			err  error
		)
		t.start = at
		switch {
		case t.restarts > t.config.Restarts:
			o = kernel.Outcome{
				Kind: kernel.EndApplication,
				UI:   kernel.UIRequest{Message: kernel.MsgTryAnotherCard, Status: kernel.ProcessingError},
				Why:  kernel.Reason{Stage: stageActivation, Code: "entry.restarts", Ref: "Config.Restarts"},
			}
		case at == kernel.StartB:
			next, err = t.poll(ctx)
		case at == kernel.StartC:
			next, o, err = t.choose(ctx)
		default:
			o, err = t.activate(ctx, entered)
		}
		entered = false
		if err == nil && o.Kind != kernel.NoOutcome {
			out = o
			if next, err = t.settle(ctx, card, &out); err == nil && out.Kind.Final() {
				return out, nil
			}
		}
		if err != nil {
			t.start = kernel.NoStart
			return out, err
		}
		at = next
	}
}
