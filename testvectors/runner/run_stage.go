package runner

import (
	"context"
	"encoding/binary"
	"slices"

	"github.com/cardwright/emv/crypto/cert"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/action"
	"github.com/cardwright/emv/kernel/cvm"
	"github.com/cardwright/emv/kernel/oda"
	"github.com/cardwright/emv/kernel/restrict"
	"github.com/cardwright/emv/kernel/risk"
	"github.com/cardwright/emv/testvectors/replay"
	"github.com/cardwright/emv/tlv"
	"github.com/cardwright/emv/tlv/dict"
)

// stage is one stage of Book 3, chapter 10, alone.
type stage struct {
	job  *job
	env  kernel.Env
	data *kernel.Data
	card *replay.Card
	link *kernel.Link
	rec  *recorder
}

func newStage(t *job) (*stage, error) {
	clock := replay.NewClock(t.Given.Transaction.when())
	s := &stage{job: t, rec: &recorder{trace: t.trace}, link: &kernel.Link{}}
	var err error
	if s.env, err = t.env(clock); err != nil {
		return nil, err
	}
	s.env.UI, s.env.Events = s.rec, s.rec.event
	taps, err := t.present(t.Given.Cards, clock)
	if err != nil {
		return nil, err
	}
	if taps == nil {
		taps = []replay.Tap{{Script: &replay.Script{}}} // a card that nothing may be asked
	}
	s.card = replay.NewCard(clock, taps...)
	s.link.Open(&s.env, s.card)
	s.data, err = t.stageData()
	return s, err
}

// stageData makes the data store: terminal, first application, transaction, and what is held already, later ones in
// place of earlier ones.
func (t *job) stageData() (*kernel.Data, error) {
	objects := t.terminalObjects()
	put := func(from Objects) {
		for _, o := range from {
			objects = objects.With(o.Tag, o.Value)
		}
	}
	if len(t.Given.Applications) > 0 {
		a := &t.Given.Applications[0]
		if a.AID != nil {
			put(Objects{{0x9F06, a.AID}})
		}
		put(t.kernelData(0))
	}
	put(t.transactionObjects(objects))
	put(t.Given.Data)
	for _, o := range []struct{ numeric, binary tlv.Tag }{{0x9F02, 0x81}, {0x9F03, 0x9F04}} {
		if v := objects.Get(o.binary); len(v) == 4 && objects.Get(o.numeric) == nil { // one amount, in either form
			put(Objects{{o.numeric, kernel.PutBCD(make([]byte, 6), uint64(binary.BigEndian.Uint32(v)))}})
		}
	}
	if rid, ok := onlyRID(t.Given.CAPKs.Keys); ok && objects.Get(0x9F06) == nil {
		put(Objects{{0x9F06, rid[:]}})
	}
	d := kernel.NewData()
	d.Reset(dict.Common)
	return d, d.Load(objects.Append(nil))
}

// transactionObjects returns the data objects of what the case says of the transaction. A date it always has, unless the
// terminal's objects have one.
func (t *job) transactionObjects(terminal Objects) Objects {
	tx := t.transaction(t.Given.Transaction)
	y, m, day := tx.Time.Date()
	var out Objects
	if _, ok := t.Given.transactionGiven["date"]; ok || terminal.Get(0x9A) == nil {
		out = Objects{{0x9A, kernel.PutBCD(make([]byte, 3), uint64(y%100*10000+int(m)*100+day))}}
	}
	for key, o := range map[string]DataObject{
		"amount":   {0x9F02, kernel.PutBCD(make([]byte, 6), tx.Amount)},
		"other":    {0x9F03, kernel.PutBCD(make([]byte, 6), tx.Other)},
		"type":     {0x9C, []byte{byte(tx.Type)}},
		"currency": {0x5F2A, kernel.PutBCD(make([]byte, 2), uint64(tx.Currency))},
	} {
		if _, ok := t.Given.transactionGiven[key]; ok {
			out = append(out, o)
		}
	}
	return out
}

// give returns what every stage leaves behind.
func (s *stage) give() map[string]any {
	got := map[string]any{"commands": commandsOf(s.card.Commands()), "ui": append([]any{}, s.rec.ui...)}
	dataOf(s.data, nil, got)
	return got
}

// runRestrictions is contact.restrictions: Book 3, 10.4.
func runRestrictions(_ context.Context, t *job) (map[string]any, error) {
	s, err := newStage(t)
	if err == nil {
		err = restrict.Perform(&s.env, s.data)
	}
	if err != nil {
		return nil, err
	}
	return s.give(), nil
}

// runCVM is contact.cvm: Book 3, 10.5.
func runCVM(ctx context.Context, t *job) (map[string]any, error) {
	s, err := newStage(t)
	if err != nil {
		return nil, err
	}
	in := cvm.Input{
		Env: &s.env, Card: s.link, Data: s.data, PINPad: &pinPad{t.Given.PIN}, Static: &oda.Static{}, Cert: &cert.Verifier{},
	}
	if slices.Contains(t.Given.Lacks, featurePINPad) {
		in.PINPad = nil
	}
	if t.Given.hasStaticData {
		in.Static.Add(t.Given.StaticData)
	}
	r, err := cvm.Perform(ctx, in)
	if err != nil {
		return nil, err
	}
	got := s.give()
	got["cvm"], got["result"] = r.CVM().String(), r.Why.Code
	if r.End != cvm.NotEnded {
		got["outcome"] = kernel.Terminated.String()
	}
	return got, nil
}

// runRisk is contact.risk: Book 3, 10.6. Without a card the counters are those of given.data.
func runRisk(ctx context.Context, t *job) (map[string]any, error) {
	s, err := newStage(t)
	if err != nil {
		return nil, err
	}
	in := risk.Input{Env: &s.env, Card: s.link, Data: s.data}
	if t.Given.Cards == nil {
		in.Card = nil
	}
	if t.Given.Log != nil {
		in.Log = transactionLog(t.Given.Log)
	}
	if len(t.Given.Applications) > 0 {
		a := &t.Given.Applications[0]
		percent := func(p *uint64) uint8 { return uint8(min(valueOf(p), 99)) }
		in.Selection = risk.Selection{
			Threshold: valueOf(a.Threshold), Target: percent(a.Target), MaxTarget: percent(a.MaxTarget),
		}
	}
	if tx := t.Given.Transaction; tx != nil {
		in.ForcedOnline = tx.MerchantOnline
	}
	if err := risk.Perform(ctx, in); err != nil {
		return nil, err
	}
	return s.give(), nil
}

// runAction is contact.action: Book 3, 10.7. What the card is asked for is given as cid. A host that can't be reached
// has the analysis go on to what is asked for then.
//
// With a card, the card is asked (10.8): see runCardAction.
func runAction(ctx context.Context, t *job) (map[string]any, error) {
	if t.Given.Cards != nil {
		return runCardAction(ctx, t)
	}
	s, err := newStage(t)
	if err != nil {
		return nil, err
	}
	var tac action.Codes
	if len(t.Given.Applications) > 0 {
		a := &t.Given.Applications[0]
		tac = action.Codes{Denial: a.TACDenial, Online: a.TACOnline, Default: a.TACDefault}
	}
	d := action.First(&s.env, s.data, tac)
	if len(t.Given.Host) > 0 && t.Given.Host[0].Answer.Unable && d.Request == kernel.ARQC {
		d = action.Unable(&s.env, s.data, tac)
	}
	got := s.give()
	got["cid"], got["result"] = upper([]byte{byte(d.Request)}), d.Why.Code
	switch d.Request {
	case kernel.AAC:
		got["outcome"] = kernel.DeclinedOffline.String()
	case kernel.TC:
		got["outcome"] = kernel.ApprovedOffline.String()
	case kernel.ARQC:
		got["outcome"] = kernel.OnlineRequest.String()
	}
	return got, nil
}

func valueOf(n *uint64) uint64 {
	if n == nil {
		return 0
	}
	return *n
}

// transactionLog is given.log.
type transactionLog []LogEntry

// Latest returns the amount of the latest entry of a card: by date, of one day by a transaction sequence counter, and of
// one counter the last in the list. A sequence of one byte is the PAN sequence number and must agree where both are known.
func (l transactionLog) Latest(pan kernel.PAN, sequence int) (amount uint64, ok bool) {
	var latest []byte
	for _, e := range l {
		if e.PAN != pan.Unmasked() || len(e.Sequence) == 1 && sequence >= 0 && digits(e.Sequence[0]) != sequence {
			continue
		}
		at := centuryFirst(e.Date)
		if len(e.Sequence) > 1 {
			at = append(at, e.Sequence...)
		}
		if !ok || slices.Compare(at, latest) >= 0 {
			amount, ok, latest = e.Amount, true, at
		}
	}
	return amount, ok
}

// centuryFirst puts the century in front of a date, so that dates compare.
func centuryFirst(date []byte) []byte {
	if len(date) != 3 {
		return nil
	}
	return append(kernel.PutBCD(make([]byte, 1), uint64(century(digits(date[0]))/100)), date...)
}
