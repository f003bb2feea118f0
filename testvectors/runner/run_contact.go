package runner

import (
	"context"
	"errors"
	"slices"

	"github.com/cardwright/emv/contact"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/risk"
	"github.com/cardwright/emv/testvectors/issuer"
	"github.com/cardwright/emv/testvectors/replay"
	"github.com/cardwright/emv/tlv"
)

// contactSession is one case of a contact run: a terminal, its card, and what was recorded.
type contactSession struct {
	job        *job
	clock      *replay.Clock
	played     *replay.Card
	card       kernel.Card
	terminal   *contact.Terminal
	rec        *recorder
	sim        *simulated // the card, where it is one
	verdict    *bool      // the simulated issuer's on every cryptogram so far
	candidates any
	out        kernel.Outcome
}

// newContact makes a terminal of what the case gives. Objects that every terminal has are filled in for a stage that can
// do without them.
func newContact(t *job, alone bool) (*contactSession, error) {
	s := &contactSession{job: t, clock: replay.NewClock(t.Given.Transaction.when()), rec: &recorder{trace: t.trace}}
	env, err := t.env(s.clock)
	if err != nil {
		return nil, err
	}
	if un := t.Given.Terminal.Get(tagUN); un != nil && t.Given.Random == nil && t.Given.Data.Get(tagUN) == nil {
		env.Rand = &random{un}
	}
	env.UI, env.Events = s.rec, s.event
	if err := s.insert(); err != nil {
		return nil, err
	}
	with, err := s.parties()
	if err != nil {
		return nil, err
	}
	s.terminal, err = contact.New(t.contactConfig(alone), env, with)
	return s, err
}

// contactConfig makes a terminal's configuration of the case.
func (t *job) contactConfig(alone bool) contact.Config {
	objects := t.terminalObjects()
	if alone {
		for _, o := range []struct {
			tag   tlv.Tag
			value []byte
		}{{tagCountry, []byte{0x08, 0x40}}, {0x9F33, []byte{0xE0, 0xF8, 0xC8}}, {0x9F35, []byte{0x22}}} {
			if objects.Get(o.tag) == nil {
				objects = objects.With(o.tag, o.value)
			}
		}
	}
	config := contact.Config{Terminal: objects.Append(nil), NoPSE: slices.Contains(t.Given.Lacks, featurePSE)}
	for i := range t.Given.Applications {
		a := t.Given.Applications[i].contact()
		if alone && a.AID == nil { // codes and limits of the one that is selected already
			a.AID = t.contactAID()
		}
		config.Applications = append(config.Applications, a)
	}
	if alone && config.Applications == nil { // a stage on an application that is selected already needs one
		config.Applications = []contact.Application{{AID: t.contactAID(), Codes: actionCodes(&Application{})}}
	}
	for i, f := range []string{featureCDA1, featureCDA2, featureCDA3, featureCDA4} {
		if t.Given.does(f) {
			config.CDAMode = contact.CDAMode1 + contact.CDAMode(i)
		}
	}
	return config
}

// contact makes the configuration of contact of an application.
func (a *Application) contact() contact.Application {
	data := a.Data
	if a.FloorLimit != nil {
		f := *a.FloorLimit
		data = data.With(tagFloorLimit, []byte{byte(f >> 24), byte(f >> 16), byte(f >> 8), byte(f)})
	}
	percent := func(p *uint64) uint8 { return uint8(min(valueOf(p), 0xFF)) }
	return contact.Application{
		AID: slices.Clone(a.AID), Partial: a.Partial, Types: a.Types, Data: data.Append(nil), DDOL: a.DDOL, TDOL: a.TDOL,
		Codes: actionCodes(a),
		Selection: risk.Selection{
			Threshold: valueOf(a.Threshold), Target: percent(a.Target), MaxTarget: percent(a.MaxTarget),
		},
	}
}

// contactAID returns the name of the application that a stage alone works on: that of the FCI, or of given.data.
func (t *job) contactAID() []byte {
	if name, ok := tlv.Find(t.Given.FCI, 0x6F, 0x84); ok {
		return name
	}
	for _, tag := range []tlv.Tag{0x84, 0x4F, 0x9F06} {
		if v := t.Given.Data.Get(tag); v != nil {
			return v
		}
	}
	if rid, ok := onlyRID(t.Given.CAPKs.Keys); ok {
		return rid[:]
	}
	return []byte{0xA0, 0x00, 0x00, 0x00, 0x03, 0x10, 0x10}
}

func (s *contactSession) parties() (contact.Parties, error) {
	g := s.job.Given
	var with contact.Parties
	if g.Choose != nil {
		with.Chooser = &cardholder{left: g.Choose}
	}
	switch {
	case g.Host == nil && s.job.Run == "contact.action":
		with.Host = noHost{}
	case g.Host != nil:
		with.Host = &answers{g.Host}
	case s.sim != nil: // a simulated card has its issuer behind it
		host, err := newSimulatedHost(issuer.Config{})
		if err != nil {
			return with, err
		}
		with.Host = host
	}
	if !slices.Contains(g.Lacks, featurePINPad) {
		with.PINPad = &pinPad{g.PIN}
	}
	if g.Log != nil {
		with.Log = transactionLog(g.Log)
	}
	return with, nil
}

// answers is a host that gives the answers of given.host, one an attempt. Behind the last one it can't be reached.
type answers struct{ left []HostAnswer }

// Authorise gives the next answer, or has a simulated issuer give it.
func (h *answers) Authorise(ctx context.Context, record kernel.Objects) (kernel.OnlineAnswer, error) {
	if len(h.left) == 0 {
		return kernel.OnlineAnswer{Unable: true}, nil
	}
	next := h.left[0]
	h.left = h.left[1:]
	if next.Simulated == nil {
		return next.Answer, nil
	}
	host, err := newSimulatedHost(*next.Simulated)
	if err != nil {
		return kernel.OnlineAnswer{}, err
	}
	return host.Authorise(ctx, record)
}

// insert puts the case's card into the slot.
func (s *contactSession) insert() error {
	t := s.job
	if script, ok := t.answers(); ok {
		s.played = replay.NewCard(s.clock, replay.Tap{Script: script})
		s.card = s.played
		return nil
	}
	taps, err := t.present(t.Given.Cards, s.clock)
	if err != nil {
		return err
	}
	s.played = replay.NewCard(s.clock, taps...)
	s.card = s.played
	if len(t.Given.Cards) == 0 {
		return nil
	}
	first := &t.Given.Cards[0]
	s.sim, _ = taps[0].Card.(*simulated)
	if first.TPDU {
		s.card = contact.TPDU(tpduReader{s.played})
	}
	switch {
	case s.sim != nil:
		s.card = slot{s.card, s.sim.power}
	case first.ATR != nil:
		s.card = slot{s.card, func(bool) ([]byte, error) { return first.ATR, nil }}
	}
	return nil
}

// tpduReader plays a script of T=0.
type tpduReader struct{ card *replay.Card }

// TransmitTPDU answers a command.
func (r tpduReader) TransmitTPDU(ctx context.Context, dst, command []byte) ([]byte, error) {
	return r.card.Transmit(ctx, dst, command)
}

// slot is a card that is reset first.
type slot struct {
	kernel.Card
	power func(warm bool) ([]byte, error)
}

// Reset returns the answer to reset.
func (s slot) Reset(_ context.Context, warm bool) ([]byte, error) { return s.power(warm) }

// cardholder picks what given.choose says.
type cardholder struct{ left []any }

// errChoose is that of given.choose when it has been used up.
var errChoose = &kernel.Error{Code: "vector.choose", Text: "given.choose has no answer left"}

func (c *cardholder) next() (int, error) {
	if len(c.left) == 0 {
		return 0, errChoose
	}
	v := c.left[0]
	c.left = c.left[1:]
	if n, ok := v.(interface{ Int64() (int64, error) }); ok {
		i, err := n.Int64()
		return int(i), err
	}
	return -1, nil // "cancel"
}

// Choose picks an application.
func (c *cardholder) Choose(context.Context, []contact.Candidate, bool) (int, error) { return c.next() }

// Confirm confirms with any number and refuses with "cancel".
func (c *cardholder) Confirm(context.Context, contact.Candidate) (bool, error) {
	i, err := c.next()
	return i >= 0, err
}

// event records what contact says about itself.
func (s *contactSession) event(e kernel.Event) {
	switch e := e.(type) {
	case contact.CandidatesEvent:
		s.candidates = candidateLists(e.Candidates)
		for _, c := range e.Candidates {
			s.job.trace.line("list %v %q priority %d", c.AID, c.Name, c.Priority)
		}
	case contact.SelectedEvent:
		s.rec.fci = slices.Clone(e.FCI)
		s.job.trace.line("run  %v", e.AID)
	case contact.CryptogramEvent:
		s.rec.keepCryptogram(e.Data)
		s.verify()
		s.job.trace.line("card %v", e.Cryptogram)
	case contact.OutcomeEvent:
		s.job.trace.line("out  %v cvm %v: %v", e.Outcome.Kind, e.Outcome.CVM, e.Outcome.Why)
	default:
		s.rec.trace.event(e)
	}
}

// candidateLists returns the candidate list as it was built and as it is offered, by priority: a vector may have either.
func candidateLists(list []contact.Candidate) any {
	give := func() []any {
		out := []any{}
		for _, c := range list {
			one := map[string]any{"aid": upper(c.AID), "label": nil, "priority": int64(c.Priority), "kernel": nil}
			if c.Label != "" {
				one["label"] = c.Label
			}
			out = append(out, one)
		}
		return out
	}
	built := give()
	list = slices.Clone(list)
	rank := func(c contact.Candidate) int { return (int(c.Priority) + 15) % 16 } // 0 is none, behind 15
	slices.SortStableFunc(list, func(a, b contact.Candidate) int { return rank(a) - rank(b) })
	return oneOf{built, give()}
}

// give returns everything that was seen.
func (s *contactSession) give() map[string]any {
	got := map[string]any{"ui": append([]any{}, s.rec.ui...)}
	if s.candidates != nil {
		got["candidates"] = s.candidates
	}
	if s.out.Kind != kernel.NoOutcome {
		got["outcome"] = s.out.Kind.String()
		got["cvm"] = s.out.CVM.String()
		got["receipt"] = s.out.Receipt
	}
	dataOf(s.terminal.Data(), s.rec.fci, got)
	got["commands"] = commandsOf(s.played.Commands())
	if aid := s.terminal.Selected(); aid != nil && (s.out.Kind == kernel.NoOutcome || s.job.Run == "contact.transaction") {
		got["selected"] = upper(aid)
	}
	if s.out.Why.Code != "" {
		got["result"] = s.out.Why.Code
	}
	if s.verdict != nil {
		got["cryptogram_valid"] = *s.verdict
	}
	return got
}

// verify asks the simulated issuer about the cryptogram that has just come, where the case wants to know. All of a case's
// have to be valid.
func (s *contactSession) verify() {
	if _, wanted := s.job.Want["cryptogram_valid"]; !wanted || s.rec.de55 == nil {
		return
	}
	valid := verifyCryptogram(s.rec.de55) && (s.verdict == nil || *s.verdict)
	s.verdict = &valid
}

// runContactSelect is contact.select. A script that ends with the candidate list ends the run there: what follows, the
// final selection, is not asked for.
func runContactSelect(ctx context.Context, t *job) (map[string]any, error) {
	s, err := newContact(t, true)
	if err != nil {
		return nil, err
	}
	s.out, err = s.terminal.Select(ctx, s.card, t.transactionAlone())
	got := s.give()
	var m *replay.Mismatch
	if errors.As(err, &m) && m.Want == "" && s.candidates != nil {
		delete(got, "selected")
		return got, nil
	}
	return got, err
}

// runContactInitiate is contact.initiate.
func runContactInitiate(ctx context.Context, t *job) (map[string]any, error) {
	s, err := newContact(t, true)
	if err != nil {
		return nil, err
	}
	s.out, err = s.terminal.InitiateAlone(ctx, s.card, t.transactionAlone(), t.known())
	return s.give(), err
}

// runContactRead is contact.read: the AFL is in given.data or in given.gpo.
func runContactRead(ctx context.Context, t *job) (map[string]any, error) {
	given, c := *t.Given, *t.Case // the answer to GET PROCESSING OPTIONS is not played again
	options := given.GPO
	given.GPO = nil
	c.Given = &given
	t = &job{Case: &c, trace: t.trace}
	s, err := newContact(t, true)
	if err != nil {
		return nil, err
	}
	s.out, err = s.terminal.ReadAlone(ctx, s.card, t.transactionAlone(), t.known(), withoutStatus(options))
	return s.give(), err
}

// runContactTransaction is contact.transaction.
func runContactTransaction(ctx context.Context, t *job) (map[string]any, error) {
	s, err := newContact(t, false)
	if err != nil {
		return nil, err
	}
	s.out, err = s.terminal.Transact(ctx, s.card, t.contactTransaction(t.Given.Transaction))
	for _, tap := range t.Given.Taps { // the same card, put in again
		if err != nil {
			break
		}
		tx := t.Given.Transaction
		if tap.Transaction != nil {
			tx = tap.Transaction
		}
		t.trace.line("---- inserted again")
		s.out, err = s.terminal.Transact(ctx, s.card, t.contactTransaction(tx))
	}
	return s.give(), err
}

// known is where a stage alone begins.
func (t *job) known() contact.Known {
	return contact.Known{FCI: withoutStatus(t.Given.FCI), Data: t.Given.Data.Append(nil)}
}

// withoutStatus returns an answer without its status word, which is what two bytes behind the first object are.
func withoutStatus(answer []byte) []byte {
	c := tlv.Read(answer)
	if end := len(answer) - 2; c.Next() && c.Offset()+c.Len() == end {
		return answer[:end]
	}
	return answer
}
