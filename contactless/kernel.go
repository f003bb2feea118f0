package contactless

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/cardwright/emv/crypto/cert"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/oda"
	"github.com/cardwright/emv/tlv"
	"github.com/cardwright/emv/tlv/dict"
)

// Kernel is what a kernel package exports as its Kernel. It is a value without state: everything it works on comes with
// the Activation.
type Kernel interface {
	// ID returns the Kernel ID of the combinations that it serves.
	ID() kernel.ID

	// Scope returns whose meaning tags have while it runs.
	Scope() dict.Scope

	// Faults returns what is wrong with a combination's configuration, each with its path below the given one. terminal
	// is Config.Terminal. The entry point's own parts have been checked.
	Faults(path string, c *Combination, terminal []byte) []kernel.Fault

	// Run processes one activation up to an Outcome. It returns an error only when ctx ended, when the driver or Rand
	// failed in a way that is no card's doing, or when there is a bug.
	Run(ctx context.Context, a *Activation) (kernel.Outcome, error)
}

// Activation is what the entry point gives a kernel (Book B, 3.4.1), with scratch memory that the transaction keeps.
type Activation struct {
	Env         *kernel.Env
	Card        *kernel.Link
	Transaction *kernel.Transaction
	Combination *Combination
	Indicators  Indicators
	ADF         []byte // the name that was selected, extended selection included

	// Data holds the data objects of terminal, combination and transaction, the Copy of TTQ, a fresh Unpredictable
	// Number, and what the card's FCI held.
	Data *kernel.Data

	// FCI is the value of the FCI template (6F); nil when its answer to SELECT was not one. Where processing was entered at
	// Start D it is that of the activation before: Book B, 3.4.1.3 gives it once, but kernels here keep nothing.
	FCI []byte

	// Restarted tells that the transaction has begun anew before this activation: after Try Again, or by Terminal.Restart
	// (the Restart flag of Book B).
	Restarted bool

	// Restarts is how often that was since the terminal's last call: Try Again, and communication errors in selection.
	Restarts int

	// Answer is the issuer's, when this activation is a restart after it; otherwise nil. Where it has anything for the
	// card (HasEMVData), and at Start D in any case, Data still holds the objects of the activation before.
	Answer *kernel.OnlineAnswer

	// Scratch that the terminal keeps: for static data to be authenticated, certificate recovery and data records.
	Static *oda.Static
	Cert   *cert.Verifier
	Out    *Output
}

// Output is kept memory for what an Outcome carries.
type Output struct {
	Record, Discretionary []byte
}

// The data objects that the entry point handles itself.
const (
	tagFCI  tlv.Tag = 0x6F
	tagADF  tlv.Tag = 0x84
	tagPDOL tlv.Tag = 0x9F38
	tagPSN  tlv.Tag = 0x5F34
	tagTTQ  tlv.Tag = 0x9F66
)

// activate is Start D: it fills the data store and runs the kernel of the selected combination (Book B, 3.4.1). entered
// tells that processing begins here, without a selection before it: the kernel goes on with what it has.
func (t *Terminal) activate(ctx context.Context, entered bool) (kernel.Outcome, error) {
	s := &t.selected
	c := &t.config.Combinations[s.combination]
	k := t.kernels[s.combination]
	given := s.fci
	if entered {
		given = nil // 3.4.1.3
	}
	if !entered && !t.resumes() {
		if err := t.load(c, k); err != nil {
			return kernel.Outcome{}, err
		}
		t.data.Mark()
		r, err := t.data.Receive(dict.Card, s.fci)
		if err != nil && !isSyntax(err) {
			return kernel.Outcome{}, err
		}
		t.env.EmitReceived(r)
		t.data.Mark()
	}
	if err := t.drawUN(); err != nil {
		return kernel.Outcome{}, err
	}
	t.static.Reset()
	a := &t.activation
	*a = Activation{
		Env: &t.env, Card: &t.link, Transaction: &t.tx, Combination: c, Indicators: t.states[s.combination].Indicators,
		ADF: s.adf, Data: t.data, FCI: s.fci, Restarted: t.restarted, Restarts: t.restarts, Answer: t.answer, Static: &t.static, Cert: &t.cert, Out: &t.out,
	}
	if t.env.Watched() {
		t.env.Emit(ActivationEvent{
			Kernel: c.Kernel, Combination: c, ADF: s.adf, Start: t.entered, Restart: t.restarted,
			Indicators: a.Indicators, Data: t.data, FCI: given, Answer: t.answer != nil,
		})
	}
	return k.Run(ctx, a)
}

// load puts the terminal's side of a transaction into the data store.
func (t *Terminal) load(c *Combination, k Kernel) error {
	d := t.data
	d.Reset(k.Scope())
	when := t.tx.Time
	if when.IsZero() {
		when = t.env.Clock.Now()
	}
	date, clock := dateBCD(when), clockBCD(when)
	err := errors.Join(
		d.Load(t.config.Terminal),
		d.Load(c.Data),
		d.Set(0x9F06, c.AID),
		d.SetNumeric(0x9F02, t.tx.Amount, 6),
		d.SetNumeric(0x9F03, t.tx.Other, 6),
		d.Set(0x9C, []byte{byte(t.tx.Type)}),
		d.SetNumeric(0x5F2A, uint64(t.tx.Currency), 2),
		d.SetNumeric(0x5F36, uint64(t.tx.CurrencyExponent()), 1),
		d.Set(0x9A, date[:]),
		d.Set(0x9F21, clock[:]),
		d.Set(0x95, zeroTVR[:]),
	)
	if t.tx.Sequence != 0 {
		err = errors.Join(err, d.SetNumeric(0x9F41, uint64(t.tx.Sequence), 4))
	}
	if t.tx.Account != 0 {
		err = errors.Join(err, d.Set(0x5F57, []byte{t.tx.Account}))
	}
	if c.TTQ != nil {
		ttq := t.states[t.selected.combination].TTQ
		err = errors.Join(err, d.Set(tagTTQ, ttq[:]))
	}
	return err
}

var zeroTVR [5]byte

// drawUN makes the Unpredictable Number (9F37), new for every activation (Book A, 8.1.1.7).
func (t *Terminal) drawUN() error {
	if _, err := io.ReadFull(t.env.Rand, t.un[:]); err != nil {
		return fmt.Errorf("contactless: drawing the unpredictable number: %w", err)
	}
	return t.data.Set(0x9F37, t.un[:])
}

func dateBCD(t time.Time) [3]byte {
	y, m, d := t.Date()
	return [3]byte{bcd2(y % 100), bcd2(int(m)), bcd2(d)}
}

func clockBCD(t time.Time) [3]byte {
	h, m, s := t.Clock()
	return [3]byte{bcd2(h), bcd2(m), bcd2(s)}
}

func bcd2(n int) byte { return byte(n/10<<4 | n%10) }

func isSyntax(err error) bool {
	var s *tlv.SyntaxError
	return errors.As(err, &s)
}

// Step announces a step of processing.
func (a *Activation) Step(name, ref string) {
	if a.Env.Watched() {
		a.Env.Emit(kernel.StepEvent{Name: name, Ref: ref})
	}
}

// Note reports a decision of a step and returns it, for an outcome's Why.
func (a *Activation) Note(stage, code, ref string) kernel.Reason {
	r := kernel.Reason{Stage: stage, Code: code, Ref: ref}
	if a.Env.Watched() {
		a.Env.Emit(kernel.DecisionEvent{Reason: r})
	}
	return r
}

// TTQ reports whether a bit of the Terminal Transaction Qualifiers is set, as the card was told.
func (a *Activation) TTQ(b kernel.Bit) bool { return b.In(a.Indicators.TTQ[:]) }

// Listed reports whether a card is on the exception file (Book 3, 10.6; Book 4, 6.3.5.1). Without a file none is.
func (a *Activation) Listed(pan kernel.PAN) bool {
	if a.Env.Exceptions == nil {
		return false
	}
	sequence := -1
	if psn := a.Data.Get(tagPSN); psn != nil {
		if n, ok := kernel.BCD(psn); ok {
			sequence = int(n)
		}
	}
	return a.Env.Exceptions.Listed(pan, sequence)
}

// Configured returns the value of a data object of the configuration, in the combination's list or the terminal's: the
// first that there is, nil if it is absent or empty.
func Configured(t tlv.Tag, in ...[]byte) []byte {
	for _, objects := range in {
		if v, ok := tlv.Find(objects, t); ok && len(v) > 0 {
			return v
		}
	}
	return nil
}
