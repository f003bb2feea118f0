package pay

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"io"
	mathrand "math/rand/v2"
	"slices"
	"time"

	"github.com/cardwright/emv/cmd/emv/internal/iso"
	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/magstripe"
	"github.com/cardwright/emv/terminal/armed"
	"github.com/cardwright/emv/terminal/profile"
	"github.com/cardwright/emv/testvectors/capture"
	"github.com/cardwright/emv/testvectors/card"
	"github.com/cardwright/emv/testvectors/issuer"
	"github.com/cardwright/emv/testvectors/replay"
	"github.com/cardwright/emv/tlv"
)

// maxPresentations is how often the customer follows a terminal that asks for another interface, or for the same once more.
const maxPresentations = 8

// Run takes the payment. A decline is a Report and no error; an error means that the order can't be served as it is, or
// that ctx ended. The Report holds what happened up to there.
func Run(ctx context.Context, o *Order, watch Watch) (*Report, error) {
	r := &Report{Outcome: kernel.NoOutcome.String(), Order: describe(o)}
	w := &watcher{Watch: watch, report: r}
	w.decoder.Start()

	config := card.Config{Profile: o.Card, Set: o.Set, Faults: o.Faults}
	simulated, err := card.New(config)
	if err != nil {
		return r, explain(err)
	}
	host, err := newHost(o)
	if err != nil {
		return r, err
	}
	keys := o.CAPKs
	if keys == nil {
		if keys, err = capk.Test(); err != nil {
			return r, err
		}
	}
	s := &sale{
		watcher: w, order: o, host: host, when: o.When, use: o.Use,
		counts: map[profile.Interface]int{},
		env:    kernel.Env{Clock: clock(o), Rand: random(o), CAPKs: keys, UI: w, Events: w.event},
	}
	defer s.leave()
	s.reader = &reader{card: simulated, present: s.present}
	if len(s.use) == 0 {
		first, err := suits(config)
		if err != nil {
			return r, err
		}
		s.use = []profile.Interface{first}
	}
	if s.when.IsZero() {
		s.when = s.env.Clock.Now()
	}
	if err := s.open(); err != nil {
		return r, err
	}
	if w.Begin != nil {
		w.Begin(s.use)
	}
	err = s.run(ctx)
	r.IdleFault = simulated.Idle()
	return r, err
}

func describe(o *Order) OrderReport {
	d := OrderReport{
		Card: o.Card, Faults: o.Faults, Type: TypeText(o.Type), Amount: iso.FormatAmount(o.Amount, o.Currency.Decimals()),
		Currency: o.Currency.Alpha, Country: o.Profile.Country.Alpha2, Seed: o.Seed,
	}
	if o.Real() {
		d.Card, d.Reader = "", o.Readers()
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
	order  *Order
	use    []profile.Interface
	env    kernel.Env
	parts  parts
	reader *reader
	// arrived is the card of the real reader that came before its interface took it.
	arrived *armed.Entry
	logs    map[profile.Interface]*capture.Recorder
	log     *capture.Recorder // of the transaction under way, nil where nothing is taken down
	host    *issuer.Host
	when    time.Time
	cvm     kernel.CVM

	counts map[profile.Interface]int // how often, by interface

	// What the stripe wants to know of the chip.
	chip     magstripe.Chip
	failures int
}

// run follows the customer from interface to interface until there is a result, or one that the customer may not use is
// asked for.
func (s *sale) run(ctx context.Context) error {
	on, err := s.first(ctx)
	for range maxPresentations {
		if err != nil {
			return err
		}
		s.report.Interface, s.report.Trouble = string(on), ""
		take := s.tap
		switch on {
		case profile.Insert:
			take = s.insert
		case profile.Stripe:
			take = s.swipe
		default:
		}
		if on, err = take(ctx); err != nil {
			if next, ok := s.switched(err); ok {
				on, err = next, nil
			}
		}
		if err != nil || !slices.Contains(s.use, on) {
			return err
		}
	}
	return nil
}

// present tells that the customer presents the card.
func (s *sale) present(on profile.Interface) {
	s.report.Taps++
	s.counts[on]++
	if s.Present != nil {
		s.Present(on, s.counts[on])
	}
}

func (s *sale) transaction() kernel.Transaction {
	return kernel.Transaction{
		Amount: s.order.Amount, Other: s.order.Other, Type: s.order.Type, Currency: s.order.Currency.Numeric,
		Time: s.when, Sequence: 1,
	}
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
}

// ask asks the issuer with the data objects of field 55. Where they hold no cryptogram, as in the mag-stripe mode of a
// contactless kernel, the simulated issuer has nothing to verify and decides as it was told to.
func (s *sale) ask(record []byte) (*kernel.OnlineAnswer, error) {
	if _, ok := tlv.Find(record, 0x9F26); !ok {
		return s.askPlainly(len(record)), nil
	}
	v, err := s.host.Decide(record)
	if err != nil && v.Why == "" {
		return nil, err
	}
	on := &Online{Bytes: len(record), Unable: v.Unable, Verdict: verdictOf(&v), IssuerAuth: len(v.AuthData) > 0}
	if !v.Unable {
		on.ARC = string(v.ARC[:])
	}
	s.asked(on)
	answer := &kernel.OnlineAnswer{Unable: v.Unable, ARC: v.ARC, IssuerAuth: v.AuthData, Scripts: v.Scripts}
	if s.log != nil {
		s.log.Host(answer)
	}
	return answer, nil
}

// askPlainly asks the issuer without a cryptogram.
func (s *sale) askPlainly(bytes int) *kernel.OnlineAnswer {
	answer := &kernel.OnlineAnswer{Unable: s.order.Unable}
	on := &Online{Bytes: bytes, Unable: answer.Unable, Verdict: Verdict{Why: WhyNoCryptogram}}
	if !answer.Unable {
		answer.ARC, on.ARC = s.order.ARC, string(s.order.ARC[:])
		on.Approved = answer.Approved()
	}
	s.asked(on)
	return answer
}

// WhyNoCryptogram is the Verdict.Why of a request without a cryptogram.
const WhyNoCryptogram = "issuer.no_cryptogram"

func (s *sale) asked(on *Online) {
	s.report.Online = on
	if s.Online != nil {
		s.Online(on)
	}
}

func verdictOf(v *issuer.Verdict) Verdict {
	return Verdict{Cryptogram: v.Cryptogram.String(), Valid: v.Valid, Approved: v.Approved, Why: v.Why}
}

// clear hands an approval that the card signed to clearing.
func (s *sale) clear(record []byte) error {
	v, err := s.host.VerifyClearing(record)
	if err != nil && v.Why == "" {
		return err
	}
	s.report.Clearing = new(verdictOf(&v))
	return nil
}

// decision is why the terminal approved or declined after an online request that no kernel completes.
func decision(answer *kernel.OnlineAnswer, ref string) Reason {
	why := Reason{Stage: "online processing", Code: "host.declined", Ref: ref}
	switch {
	case answer == nil || answer.Unable:
		why.Code = "host.unable"
	case answer.Approved():
		why.Code = "host.approved"
	}
	return why
}

// decide takes the issuer's answer where no kernel does: it is the result.
func (s *sale) decide(answer *kernel.OnlineAnswer, ref string) {
	message := kernel.MsgNotAuthorised
	s.report.Outcome = kernel.Declined.String()
	if answer != nil && answer.Approved() {
		s.report.Outcome, message = kernel.Approved.String(), kernel.MsgApproved
		if s.cvm == kernel.ObtainSignature {
			message = kernel.MsgApprovedSign
		}
	}
	s.report.Reason = decision(answer, ref)
	s.report.Approved = s.report.Outcome == kernel.Approved.String()
	s.Show(kernel.UIRequest{Message: message})
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
