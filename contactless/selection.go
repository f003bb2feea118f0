package contactless

import (
	"bytes"
	"context"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
	"github.com/cardwright/emv/tlv"
)

// maxName is the longest name that SELECT takes (Book 1, 12.2.1).
const maxName = 16

// kernel1 is the Kernel ID of a kernel for older cards of Visa and JCB that Book B 2.5 has and newer ones have not.
const kernel1 kernel.ID = 0x01

// visaRID is the RID of Book B, 3.3.3.6.
var visaRID = []byte{0xA0, 0x00, 0x00, 0x00, 0x03}

// selection is the combination that was selected, in memory of its own: the next answer of the card overwrites the one
// it came from.
type selection struct {
	candidate   int // its place in the candidate list
	combination int
	adf         []byte // ADF name as selected, extended selection included
	answer      []byte // the data of the answer to SELECT
	fci         []byte // the value of its 6F; nil if it is not there
}

func (s *selection) wipe() {
	clear(s.answer[:cap(s.answer)])
	s.adf, s.answer, s.fci = s.adf[:0], s.answer[:0], nil
}

// choose is Start C, combination selection (Book B, 3.3). It returns where to go on, or an Outcome with a Kind that
// ends processing.
func (t *Terminal) choose(ctx context.Context) (kernel.Start, kernel.Outcome, error) {
	if !t.listed { // entered from Start B; after a Select Next the list stands
		t.listed = true
		if t.resumes() && len(t.selected.adf) > 0 { // 3.3.2.1: to 3.3.3.3 with the combination as it was
			return t.reselect(ctx)
		}
		directory, err := t.readPPSE(ctx)
		if err != nil {
			return t.again(ctx, err)
		}
		t.listCandidates(directory)
	}
	for len(t.candidates) > 0 {
		i := best(t.candidates)
		t.selected.candidate = i
		ok, err := t.selectADF(ctx, &t.candidates[i])
		if err != nil {
			return t.again(ctx, err)
		}
		if ok {
			return kernel.StartD, kernel.Outcome{}, nil
		}
		t.drop(i)
	}
	return kernel.NoStart, kernel.Outcome{ // 3.3.2.7
		Kind: kernel.EndApplication,
		UI:   kernel.UIRequest{Message: kernel.MsgTryAnotherCard, Status: kernel.ReadyToRead},
		Why:  kernel.Reason{Stage: stageSelection, Code: "entry.no_candidate", Ref: "Book B, 3.3.2.7"},
	}, nil
}

// best returns the position of the candidate with the highest priority: 1 before 15, none last, and among equals the one
// that the card lists first (Book B, 3.3.3.1 and 3.3.3.2).
func best(list []candidate) int {
	at := 0
	for i := range list {
		if rank(&list[i]) < rank(&list[at]) {
			at = i
		}
	}
	return at
}

// rank orders candidates: by priority, then by where their directory entry stands.
func rank(c *candidate) int {
	p := int(c.priority)
	if p == 0 {
		p = 16
	}
	return p<<16 + c.place
}

// drop removes a candidate from the list. A kernel that runs alone has none.
func (t *Terminal) drop(i int) {
	if i < len(t.candidates) {
		t.candidates = append(t.candidates[:i], t.candidates[i+1:]...)
	}
}

// selectADF is final selection of one candidate (Book B, 3.3.3.3 to 3.3.3.6). It reports false when the candidate has to
// be removed.
func (t *Terminal) selectADF(ctx context.Context, c *candidate) (bool, error) {
	comb := &t.config.Combinations[c.combination]
	s := &t.selected
	s.combination = c.combination
	s.adf = append(s.adf[:0], c.adf...)
	if comb.ExtendedSelection && len(s.adf)+len(c.extended) <= maxName { // 3.3.3.3
		s.adf = append(s.adf, c.extended...)
	}
	ok, err := t.sendSelect(ctx)
	if err != nil || !ok {
		return false, err
	}
	return t.usable(), nil
}

// sendSelect selects the ADF name of the selection (Book B, 3.3.3.4) and keeps the answer.
func (t *Terminal) sendSelect(ctx context.Context) (bool, error) {
	s := &t.selected
	r, err := t.link.Send(ctx, apdu.AppendSelect(t.link.Buffer(), s.adf))
	if err != nil || r.SW != apdu.OK {
		return false, err
	}
	s.answer = append(s.answer[:0], r.Data...)
	s.fci, _ = tlv.Find(s.answer, tagFCI)
	return true, nil
}

// usable looks at the FCI of an application that was selected.
func (t *Terminal) usable() bool {
	s := &t.selected
	comb := &t.config.Combinations[s.combination]
	// A card that answers for another application than the one that was asked for is not followed. The books leave the
	// comparison out; without it a middleman decides which scheme's rules apply.
	if name, ok := tlv.Find(s.fci, tagADF); ok && !bytes.HasPrefix(name, s.adf) && !bytes.HasPrefix(s.adf, name) {
		t.decide(stageSelection, "entry.df_name", "Book 1, 12.3.3")
		return false
	}
	// 3.3.3.6: a Visa application whose PDOL does not ask for the TTQ is one of Kernel 1.
	if comb.Kernel == kernel.Visa && bytes.HasPrefix(comb.AID, visaRID) {
		pdol, _ := tlv.Find(s.fci, 0xA5, tagPDOL)
		if !tlv.DOLHas(pdol, tagTTQ) {
			t.decide(stageSelection, "entry.no_ttq", "Book B, 3.3.3.6")
			return t.toKernel1(comb.AID)
		}
	}
	return true
}

// toKernel1 gives the selected application to the combination of the same AID and Kernel 1 (Book B, 3.3.3.6). Newer
// texts have no such kernel and remove the candidate; a reader that still has one goes by Book B 2.5. It reports whether there is one that pre-processing allowed.
func (t *Terminal) toKernel1(aid kernel.AID) bool {
	i := t.find(aid, kernel1)
	if i < 0 {
		return false
	}
	t.selected.combination = i
	return true
}

// reselect selects the same application again for a restart with the issuer's answer. A card that refuses ends the
// transaction (Book B, 3.3.3.5).
func (t *Terminal) reselect(ctx context.Context) (kernel.Start, kernel.Outcome, error) {
	ok, err := t.sendSelect(ctx)
	if err != nil {
		return t.again(ctx, err)
	}
	if !ok {
		return kernel.NoStart, kernel.Outcome{
			Kind: kernel.EndApplication,
			UI:   kernel.UIRequest{Message: kernel.MsgTryAnotherCard, Status: kernel.ReadyToRead},
			Why:  kernel.Reason{Stage: stageSelection, Code: "entry.reselect", Ref: "Book B, 3.3.3.5"},
		}, nil
	}
	return kernel.StartD, kernel.Outcome{}, nil
}
