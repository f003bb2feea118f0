package runner

import (
	"context"
	"errors"
	"slices"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/replay"
	"github.com/cardwright/emv/tlv"
)

// errNoApplication is that of a kernel run alone without an application that it serves.
var errNoApplication = &kernel.Error{Code: "vector.application", Text: "no application of the case has this kernel"}

// runKernel runs one kernel on a combination that is already selected. given.fci is the answer to SELECT; the card's
// script begins behind it, or is made of given.gpo and given.records.
func (t *job) runKernel(ctx context.Context, id kernel.ID) (map[string]any, error) {
	at := slices.IndexFunc(t.Given.Applications, func(a Application) bool { return a.Kernel == id || a.Kernel == 0 })
	if at < 0 {
		return nil, errNoApplication
	}
	given, c := *t.Given, *t.Case // the case itself stays as it was read
	given.Applications = slices.Clone(given.Applications)
	given.Applications[at].Kernel = id
	c.Given = &given
	t = &job{Case: &c, trace: t.trace}
	var preset *contactless.TTQ // with the dynamic bits that the case sets itself
	s, err := newSession(t, buildKernel, func(i int, c *contactless.Combination) {
		if i != at {
			return
		}
		if v := t.Given.Data.Get(tagTTQ); len(v) == 4 {
			c.TTQ = new(contactless.TTQ(v))
		}
		if c.TTQ != nil {
			preset = new(*c.TTQ)
			clean := *c.TTQ
			contactless.TTQOnlineCryptogram.Clear(clean[:])
			contactless.TTQCVMRequired.Clear(clean[:])
			c.TTQ = &clean
		}
		c.Data = t.kernelData(i).Append(nil)
	})
	if err != nil {
		return nil, err
	}
	if script, ok := t.answers(); ok {
		s.card = replay.NewCard(s.clock, replay.Tap{Script: script})
	}
	tx := t.transaction(t.Given.Transaction)
	indicators := contactless.Preprocess(&s.combinations[at].Limits, preset, t.floorLimit(at), &tx)
	if preset != nil { // the bits stand as they were given, besides those that the limits set
		for i, b := range preset {
			indicators.TTQ[i] |= b
		}
	}
	fci, adf := t.selectAnswer(at)
	selected := contactless.Selected{Combination: at, ADF: adf, FCI: fci, Indicators: &indicators}
	s.out, err = s.terminal.RunKernel(ctx, s.card, tx, selected, nil)
	for err == nil {
		answer := s.answer(&s.out)
		if answer == nil || !contactless.NeedsRestart(&s.out, answer) {
			break
		}
		s.out, err = s.terminal.RunKernel(ctx, s.card, tx, selected, answer)
	}
	if errors.Is(err, replay.ErrNoCard) {
		err = nil
	}
	return s.give(), err
}

// kernelData returns the objects of an application, and those that the kernel already holds, which take their place.
func (t *job) kernelData(at int) Objects {
	data := t.Given.Applications[at].objects()
	for _, o := range t.Given.Data {
		if o.Tag != tagTTQ && o.Tag != tagUN {
			data = data.With(o.Tag, o.Value)
		}
	}
	return data
}

// floorLimit returns the Terminal Floor Limit of an application.
func (t *job) floorLimit(at int) *uint64 {
	for _, from := range []Objects{t.kernelData(at), t.terminalObjects()} {
		if v := from.Get(tagFloorLimit); v != nil {
			var n uint64
			for _, b := range v {
				n = n<<8 | uint64(b)
			}
			return &n
		}
	}
	return nil
}

// selectAnswer returns the value of the FCI template and the name that was selected: that of the answer, or the AID.
func (t *job) selectAnswer(at int) (fci, adf []byte) {
	fci, _ = tlv.Find(t.Given.FCI, 0x6F)
	if fci == nil {
		fci = t.Given.FCI // the value alone
	}
	adf, ok := tlv.Find(fci, 0x84)
	if !ok {
		adf = t.Given.Applications[at].AID
	}
	return fci, adf
}

// answers makes a script of given.gpo and given.records: whatever the kernel asks, they come in their order.
func (t *job) answers() (*replay.Script, bool) {
	g := t.Given
	if g.Cards != nil || g.GPO == nil && g.Records == nil {
		return nil, false
	}
	s := &replay.Script{}
	for _, r := range slices.Concat([][]byte{g.GPO}, g.Records) {
		if r != nil {
			s.Exchanges = append(s.Exchanges, replay.Exchange{Response: withStatus(r)})
		}
	}
	s.AnyCommand = true
	return s, true
}

// withStatus returns an answer with its status word: 9000 where the bytes are one data object and nothing behind it.
func withStatus(answer []byte) []byte {
	c := tlv.Read(answer)
	if c.Next() && c.Offset()+c.Len() == len(answer) {
		return append(slices.Clone(answer), 0x90, 0x00)
	}
	return answer
}
