package contactless

import (
	"bytes"
	"context"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
	"github.com/cardwright/emv/tlv"
)

// maxCandidates bounds the candidate list: a card's directory can name no more than some fifty applications, but each
// could match many combinations.
const maxCandidates = 64

// ppseName is the name of the Proximity Payment System Environment (Book B, 3.3.2.2).
var ppseName = []byte("2PAY.SYS.DDF01")

// candidate is one application of the card together with the combination that can serve it. Slices alias the answer to
// the PPSE's selection.
type candidate struct {
	combination int
	place       int    // where its directory entry stands in the card's answer
	adf         []byte // ADF Name (4F)
	label       []byte // Application Label (50); nil if none
	extended    []byte // Extended Selection (9F29); nil if none
	priority    byte   // Application Priority Indicator (87) b4 to b1; 0 is none, the lowest
}

// readPPSE is step 1 of combination selection (Book B, 3.3.2.2 and 3.3.2.3): it selects the PPSE and returns the value
// of its BF0C, nil where the card has none.
func (t *Terminal) readPPSE(ctx context.Context) ([]byte, error) {
	r, err := t.link.Send(ctx, apdu.AppendSelect(t.link.Buffer(), ppseName))
	if err != nil || r.SW != apdu.OK {
		return nil, err
	}
	t.ppse = append(t.ppse[:0], r.Data...)
	if tlv.Check(t.ppse) != nil {
		return nil, nil
	}
	directory, _ := tlv.Find(t.ppse, tagFCI, 0xA5, 0xBF0C)
	return directory, nil
}

// listCandidates is step 2 (Book B, 3.3.2.4 and 3.3.2.5): every combination that pre-processing allowed, against every
// directory entry in the card's order.
func (t *Terminal) listCandidates(directory []byte) {
	t.candidates = t.candidates[:0]
	for i := range t.config.Combinations {
		if s := &t.states[i]; !s.offered || s.NotAllowed {
			continue
		}
		c := tlv.Read(directory)
		for c.Next() {
			if c.Tag() != 0x61 || len(t.candidates) == maxCandidates {
				continue
			}
			if e, ok := t.matchEntry(i, c); ok {
				t.candidates = append(t.candidates, e)
			}
		}
	}
	t.prefer()
	if t.env.Watched() {
		t.emitCandidates()
	}
}

// matchEntry compares one directory entry with one combination (Book B, 3.3.2.5 A to E).
func (t *Terminal) matchEntry(i int, at tlv.Cursor) (candidate, bool) {
	comb := &t.config.Combinations[i]
	e := candidate{combination: i, place: at.Offset()}
	var requested []byte
	entry := at.Enter()
	for entry.Next() {
		switch entry.Tag() {
		case 0x4F:
			e.adf = entry.Value()
		case 0x50:
			e.label = entry.Value()
		case 0x87:
			if entry.Len() == 1 {
				e.priority = entry.Value()[0] & 0x0F
			}
		case 0x9F2A:
			requested = entry.Value()
		case 0x9F29:
			e.extended = entry.Value()
		}
	}
	// A: the ADF Name must be there and be one. B: it is the AID, or begins with it.
	if !kernel.AID(e.adf).Valid() || !bytes.HasPrefix(e.adf, comb.AID) {
		return e, false
	}
	// C and D.
	id, ok := t.requestedKernel(requested, comb.AID)
	return e, ok && (id == kernel.AnyKernel || id == comb.Kernel)
}

// requestedKernel finds the Requested Kernel ID of a directory entry (Book B, 3.3.2.5 C). It reports false for an entry
// that can't be used.
func (t *Terminal) requestedKernel(identifier []byte, aid kernel.AID) (kernel.ID, bool) {
	if len(identifier) == 0 {
		return defaultKernel(aid), true
	}
	first := identifier[0]
	switch first >> 6 {
	case 0, 1: // international, or RFU that is treated so: byte 1 as it stands
		// Zero as it stands means any kernel; Book B 2.12 has it mean the default one, as if the card named none. The
		// default where the reader has it for this AID, otherwise any.
		if id := defaultKernel(aid); first == 0 && t.find(aid, id) >= 0 {
			return id, true
		}
		return kernel.ID(first), true
	}
	// Domestic: with a Short Kernel ID, bytes 1 to 3; without one it is proprietary, and no business of ours.
	if len(identifier) < 3 || first&0x3F == 0 {
		return 0, false
	}
	return kernel.ID(first)<<16 | kernel.ID(identifier[1])<<8 | kernel.ID(identifier[2]), true
}

// find returns the place of the combination of this AID and kernel, -1 where there is none that pre-processing allowed.
func (t *Terminal) find(aid kernel.AID, id kernel.ID) int {
	for i := range t.config.Combinations {
		c, s := &t.config.Combinations[i], &t.states[i]
		if c.Kernel == id && bytes.Equal(c.AID, aid) && s.offered && !s.NotAllowed {
			return i
		}
	}
	return -1
}

// defaultKernel returns the Requested Kernel ID of a card that names none, by the RID of the matching AID (Book B,
// table 3-6). Kernel 1 is no card's default.
func defaultKernel(aid kernel.AID) kernel.ID {
	switch [5]byte(aid) {
	case [5]byte{0xA0, 0x00, 0x00, 0x00, 0x03}:
		return kernel.Visa
	case [5]byte{0xA0, 0x00, 0x00, 0x00, 0x04}:
		return kernel.Mastercard
	case [5]byte{0xA0, 0x00, 0x00, 0x00, 0x25}:
		return kernel.Amex
	case [5]byte{0xA0, 0x00, 0x00, 0x00, 0x65}:
		return kernel.JCB
	case [5]byte{0xA0, 0x00, 0x00, 0x01, 0x52}:
		return kernel.Discover
	case [5]byte{0xA0, 0x00, 0x00, 0x03, 0x33}:
		return kernel.UnionPay
	}
	return kernel.AnyKernel
}
