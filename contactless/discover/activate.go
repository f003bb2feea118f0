package discover

import (
	"bytes"
	"fmt"
	"io"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
)

// activate is what the kernel looks at before it speaks to the card (C-6, 3.1): the FCI, the mode, the PDOL.
func (t *transaction) activate() (kernel.Outcome, error) {
	t.Step(stageActivate, "C-6, 3.1")
	t.fillDefaults() // C-6, 3.1.4
	if t.clearResults(); t.full != nil {
		return contactless.EndFor(stageActivate, t.full, "C-6, 3.1"), nil
	}
	if !t.choose() { // C-6, 3.1.3
		return t.selectNext(stageActivate, errNoMode, "C-6, 3.1.3"), nil
	}
	if !t.fciComplete() {
		return t.tryAnotherOrEnd(stageActivate, errFCI.Code, "C-6, 3.1.1"), nil
	}
	if t.mode != zipMode && !t.pdolComplete() {
		return t.selectNext(stageActivate, errNoPDOL, "C-6, 3.1.2"), nil
	}
	if t.mode != emvMode {
		return kernel.Outcome{}, t.drawDigits()
	}
	return kernel.Outcome{}, nil
}

// fillDefaults sets what the configuration leaves out.
func (t *transaction) fillDefaults() {
	for i := range defaults {
		if o := &defaults[i]; !t.Data.Has(o.tag) {
			var value [3]byte
			t.set(o.tag, value[:copy(value[:], o.value)])
		}
	}
}

// clearResults makes TVR and TSI, which are changed in place from here on.
func (t *transaction) clearResults() {
	t.set(tagTVR, []byte{0, 0, 0, 0, 0})
	t.set(tagTSI, []byte{0, 0})
}

// choose finds the mode (C-6, 3.1.3). A card whose FCI holds 9F7D prefers mag-stripe mode, and gets it from a reader that
// has it; public texts also say that EMV mode comes first wherever both have it, but no code does that.
func (t *transaction) choose() bool {
	magstripe := t.TTQ(contactless.TTQMagstripe)
	switch {
	case bytes.HasPrefix(t.ADF, zipRID[:]):
		t.mode = zipMode
		return magstripe
	case magstripe && t.Data.Has(tagMSVersion):
		t.mode = magstripeMode
		return true
	}
	t.mode = emvMode
	return t.TTQ(contactless.TTQEMVMode)
}

// fciComplete checks the FCI (C-6, 3.1.1). One implementation wants its objects in a fixed order; any order is taken here.
func (t *transaction) fciComplete() bool {
	_, proprietary := tlv.Find(t.FCI, 0xA5)
	return proprietary && t.Data.Has(tagDFName) && t.Data.Has(tagLabel) && (t.mode == zipMode || t.Data.Has(tagPDOL))
}

// asked are the objects that a PDOL must ask for, with their lengths (C-6, 3.1.2).
var asked = [...]struct {
	tag tlv.Tag
	n   int
}{
	{tagTTQ, 4},
	{tagAmount, 6},
	{tagOther, 6},
	{tagCountry, 2},
	{tagCurrency, 2},
	{tagDate, 3},
	{tagType, 1},
	{tagUN, 4}, // 1 in mag-stripe mode
}

// pdolComplete is the PDOL analysis (C-6, 3.1.2). What else a PDOL asks for, it gets: known objects, zeros for the rest.
func (t *transaction) pdolComplete() bool {
	for _, a := range asked {
		n := a.n
		if a.tag == tagUN && t.mode == magstripeMode {
			n = 1
		}
		found := false
		list := tlv.ReadDOL(t.Data.Get(tagPDOL))
		for list.Next() {
			if list.Tag() == a.tag {
				if list.Len() != n {
					return false
				}
				found = true
			}
		}
		if !found || list.Err() != nil {
			return false
		}
	}
	return true
}

// drawDigits makes the Unpredictable Number of the mag-stripe modes: two decimal digits in one byte, which is all that the
// tracks have room for (C-6, 3.10.2). Bytes from 200 on are drawn again, since 256 is no multiple of a hundred.
func (t *transaction) drawDigits() error {
	b := t.Data.Get(tagUN)[:1] // in the store: it need not be made anew for each draw
	for {
		if _, err := io.ReadFull(t.Env.Rand, b); err != nil {
			return fmt.Errorf("discover: drawing the unpredictable number: %w", err)
		}
		if b[0] < 200 {
			n := b[0] % 100
			t.set(tagUN, []byte{n/10<<4 | n%10})
			return nil
		}
	}
}
