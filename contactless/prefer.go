package contactless

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/cardwright/emv/kernel"
)

// Preference is the merchant's choice between two applications of a card that lead to the same account, such as a domestic
// network's and an international one's: where a card lists one of Prefer, those of Over leave the candidate list. Book B has
// no such rule and none against it: candidates are what card and reader have in common, and this is what the reader offers.
type Preference struct {
	Prefer []kernel.AID // names that begin with one of these, at least one
	Over   []kernel.AID
	Above  uint64 // for amounts above this one, minor units; 0 is all amounts
}

// prefer applies the preferences to the candidate list, one after the other. What is preferred stays, so that the list
// never becomes empty.
func (t *Terminal) prefer() {
	for i := range t.config.Preferences {
		p := &t.config.Preferences[i]
		if p.Above > 0 && t.tx.Amount <= p.Above {
			continue
		}
		if !slices.ContainsFunc(t.candidates, func(c candidate) bool { return beginsWith(c.adf, p.Prefer) }) {
			continue
		}
		before := len(t.candidates)
		t.candidates = slices.DeleteFunc(t.candidates, func(c candidate) bool {
			return beginsWith(c.adf, p.Over) && !beginsWith(c.adf, p.Prefer)
		})
		if len(t.candidates) < before {
			t.decide(stageSelection, "entry.preferred", "Config.Preferences")
		}
	}
}

func beginsWith(name []byte, aids []kernel.AID) bool {
	for _, a := range aids {
		if bytes.HasPrefix(name, a) {
			return true
		}
	}
	return false
}

// faults returns what is wrong with a preference.
func (p *Preference) faults(path string) []kernel.Fault {
	var faults []kernel.Fault
	for _, list := range [...]struct {
		name string
		aids []kernel.AID
	}{{"prefer", p.Prefer}, {"over", p.Over}} {
		if len(list.aids) == 0 {
			faults = append(faults, kernel.Fault{
				Path: path + "." + list.name, Code: "config.preference", Text: "there must be at least one AID",
			})
		}
		for i, a := range list.aids {
			if !a.Valid() {
				faults = append(faults, kernel.Fault{
					Path: fmt.Sprintf("%s.%s[%d]", path, list.name, i), Code: "config.aid_length",
					Text: fmt.Sprintf("%d bytes; an AID has 5 to 16", len(a)),
				})
			}
		}
	}
	return faults
}
