package pay

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"io"
	mathrand "math/rand/v2"
	"slices"
	"time"

	"github.com/cardwright/emv/cmd/emv/internal/decode"
	"github.com/cardwright/emv/cmd/emv/internal/iso"
	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/visa"
	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/card"
	"github.com/cardwright/emv/testvectors/issuer"
	"github.com/cardwright/emv/testvectors/replay"
)

// maxRestarts is how often the terminal follows an outcome that asks for another tap.
const maxRestarts = 4

// Run takes the payment. A decline is a Report and no error; an error means that the order can't be served as it is, or
// that ctx ended. The Report holds what happened up to there.
func Run(ctx context.Context, o *Order, watch Watch) (*Report, error) {
	r := &Report{Outcome: kernel.NoOutcome.String(), Order: describe(o)}
	w := &watcher{Watch: watch, report: r}
	w.decoder.Start()

	simulated, err := card.New(card.Config{Profile: o.Card, Set: o.Set, Faults: o.Faults})
	if err != nil {
		return r, explain(err)
	}
	host, err := newHost(o)
	if err != nil {
		return r, err
	}
	keys, err := capk.Test()
	if err != nil {
		return r, err
	}
	env := kernel.Env{Clock: clock(o), Rand: random(o), CAPKs: keys, UI: w, Events: w.event}
	terminal, err := contactless.New(configuration(o), env, visa.Kernel)
	if err != nil {
		return r, err
	}
	defer terminal.Wipe()
	s := &sale{
		watcher: w, order: o, terminal: terminal, host: host, when: o.When,
		reader: &reader{card: simulated, tap: func(n int) {
			r.Taps = n
			if w.Tap != nil {
				w.Tap(n)
			}
		}},
	}
	if w.Begin != nil {
		w.Begin()
	}
	if s.when.IsZero() {
		s.when = env.Clock.Now()
	}
	err = s.run(ctx)
	s.fillReceipt()
	r.IdleFault = simulated.Idle()
	return r, err
}

func describe(o *Order) OrderReport {
	d := OrderReport{
		Card: o.Card, Faults: o.Faults, Type: TypeText(o.Type), Amount: iso.FormatAmount(o.Amount, o.Currency.Decimals()),
		Currency: o.Currency.Alpha, Country: o.Country.Alpha2, Seed: o.Seed,
	}
	if o.Other > 0 {
		d.Other = iso.FormatAmount(o.Other, o.Currency.Decimals())
	}
	return d
}

func newHost(o *Order) (*issuer.Host, error) {
	c := issuer.Config{Unable: o.Unable}
	if (&kernel.OnlineAnswer{ARC: o.ARC}).Approved() {
		c.ApproveARC = o.ARC
	} else {
		c.Decline, c.DeclineARC = true, o.ARC
	}
	return issuer.New(c)
}

func clock(o *Order) kernel.Clock {
	if o.Seed == nil {
		return kernel.SystemClock{}
	}
	return replay.NewClock(SeededTime)
}

// random returns where unpredictable numbers come from: for a seed the same ones every time.
func random(o *Order) io.Reader {
	if o.Seed == nil {
		return rand.Reader
	}
	var seed [32]byte
	binary.BigEndian.PutUint64(seed[:], *o.Seed)
	return mathrand.NewChaCha8(seed)
}

// sale is one payment on its way.
type sale struct {
	*watcher
	order    *Order
	terminal *contactless.Terminal
	reader   *reader
	host     *issuer.Host
	when     time.Time
	cvm      kernel.CVM
}

// run goes from the first tap to the result.
func (s *sale) run(ctx context.Context) error {
	tx := kernel.Transaction{
		Amount: s.order.Amount, Other: s.order.Other, Type: s.order.Type, Currency: s.order.Currency.Numeric,
		Time: s.when, Sequence: 1,
	}
	out, err := s.terminal.Transact(ctx, s.reader, tx)
	for range maxRestarts {
		if err != nil {
			return err
		}
		s.take(&out)
		var answer *kernel.OnlineAnswer
		if out.Kind == kernel.OnlineRequest {
			if answer, err = s.goOnline(out.Record); err != nil {
				return err
			}
		}
		if !contactless.NeedsRestart(&out, answer) {
			return s.finish(&out, answer)
		}
		out, err = s.terminal.Restart(ctx, s.reader, answer)
	}
	if err == nil {
		s.take(&out)
		err = s.finish(&out, nil)
	}
	return err
}

// take notes an outcome.
func (s *sale) take(out *kernel.Outcome) {
	r := s.report
	r.Outcome, r.Reason = out.Kind.String(), reasonOf(out.Why)
	o := OutcomeReport{Outcome: r.Outcome, CVM: out.CVM.String(), Start: out.Start.String(), Reason: r.Reason}
	r.Outcomes = append(r.Outcomes, o)
	if s.Outcome != nil {
		s.Outcome(o)
	}
	if out.CVM != kernel.NotApplicable {
		s.cvm = out.CVM
	}
	if len(out.Record) > 0 {
		r.Record = s.masked(out.Record)
	}
}

// masked decodes a Data Record.
func (s *sale) masked(record []byte) []decode.Object {
	d := decode.Decoder{As: decode.TLV, Kernel: new(visa.Kernel.Scope())}
	doc, err := d.DecodeBytes(record)
	if err != nil || len(doc.Parts) == 0 {
		return nil
	}
	return doc.Parts[0].Objects
}

// goOnline asks the issuer. The Data Record of Kernel 3 is what field 55 has to hold.
func (s *sale) goOnline(record []byte) (*kernel.OnlineAnswer, error) {
	v, err := s.host.Decide(record)
	if err != nil && v.Why == "" {
		return nil, err
	}
	on := &Online{Bytes: len(record), Unable: v.Unable, Verdict: verdictOf(&v), IssuerAuth: len(v.AuthData) > 0}
	if !v.Unable {
		on.ARC = string(v.ARC[:])
	}
	s.report.Online = on
	if s.Online != nil {
		s.Online(on)
	}
	return &kernel.OnlineAnswer{Unable: v.Unable, ARC: v.ARC, IssuerAuth: v.AuthData, Scripts: v.Scripts}, nil
}

func verdictOf(v *issuer.Verdict) Verdict {
	return Verdict{Cryptogram: v.Cryptogram.String(), Valid: v.Valid, Approved: v.Approved, Why: v.Why}
}

// finish is the terminal's part after the last outcome: it turns an issuer's answer into approved or declined where no
// kernel does, and hands an offline approval to clearing.
func (s *sale) finish(out *kernel.Outcome, answer *kernel.OnlineAnswer) error {
	r := s.report
	switch out.Kind {
	case kernel.OnlineRequest:
		message := kernel.MsgNotAuthorised
		r.Outcome = kernel.Declined.String()
		if answer != nil && answer.Approved() {
			r.Outcome, message = kernel.Approved.String(), kernel.MsgApproved
			if s.cvm == kernel.ObtainSignature {
				message = kernel.MsgApprovedSign
			}
		}
		r.Reason = s.decision(answer)
		s.Show(kernel.UIRequest{Message: message})
	case kernel.Approved:
		if r.Online == nil {
			v, err := s.host.VerifyClearing(out.Record)
			if err != nil && v.Why == "" {
				return err
			}
			r.Clearing = new(verdictOf(&v))
		}
	default:
	}
	r.Approved = r.Outcome == kernel.Approved.String()
	return nil
}

// decision is why the terminal approved or declined after an online request.
func (s *sale) decision(answer *kernel.OnlineAnswer) Reason {
	why := Reason{Stage: "online processing", Code: "host.declined", Ref: "Book A, 8.1.1.9"}
	switch {
	case answer == nil || answer.Unable:
		why.Code = "host.unable"
	case answer.Approved():
		why.Code = "host.approved"
	}
	return why
}

// explain adds to an error about a profile or a fault what there is to choose from.
func explain(err error) error {
	switch kernel.CodeOf(err) {
	case card.CodeProfile:
		var names []string
		for _, p := range card.Profiles() {
			names = append(names, p.Name)
		}
		return &choiceError{err, "profiles", names}
	case card.CodeFault:
		var names []string
		for _, f := range card.Faults() {
			names = append(names, f.Syntax)
		}
		slices.Sort(names)
		return &choiceError{err, "faults", names}
	}
	return err
}

// choiceError is an error with what would have been right.
type choiceError struct {
	err   error
	what  string
	names []string
}

func (e *choiceError) Error() string {
	s := e.err.Error() + "\n" + e.what + ":"
	for _, n := range e.names {
		s += "\n  " + n
	}
	return s
}

func (e *choiceError) Unwrap() error { return e.err }
