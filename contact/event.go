package contact

import (
	"github.com/cardwright/emv/kernel"
)

// Candidate is an entry of the candidate list, as the cardholder is asked for it and as events show it.
type Candidate struct {
	AID      kernel.AID // ADF name
	Label    string     // Application Label (50), the card's own bytes; empty if it gave none
	Name     string     // what to display, in UTF-8: the preferred name, the label, or the AID
	Priority byte       // 1 to 15; 0 is none
	Confirm  bool       // not to be selected without the cardholder's confirmation
}

// CandidatesEvent is the candidate list as it was built, in the order of the card's directory or of the terminal's
// applications.
type CandidatesEvent struct{ Candidates []Candidate }

// Kind returns "contact.candidates".
func (CandidatesEvent) Kind() string { return "contact.candidates" }

// SelectedEvent says that an application was selected. Data holds the objects of terminal and FCI; printed, it masks
// itself.
type SelectedEvent struct {
	AID  kernel.AID
	FCI  kernel.Objects // the value of the FCI template
	Data *kernel.Data
}

// Kind returns "contact.selected".
func (SelectedEvent) Kind() string { return "contact.selected" }

func (t *transaction) emitCandidates() { t.env.Emit(CandidatesEvent{t.list()}) }

// list returns the candidates as others see them.
func (t *transaction) list() []Candidate {
	list := make([]Candidate, len(t.candidates))
	for i := range t.candidates {
		list[i] = t.describe(&t.candidates[i])
	}
	return list
}

func (t *transaction) describe(c *candidate) Candidate {
	return Candidate{
		AID: append(kernel.AID(nil), c.aid()...), Label: string(c.label.bytes()), Name: c.displayName(t.codeTables(c)),
		Priority: c.indicator & apiPriority, Confirm: c.confirm(),
	}
}

// CryptogramEvent says that the card answered GENERATE AC. Data holds the objects that the cryptogram covers.
type CryptogramEvent struct {
	Cryptogram kernel.Cryptogram
	Data       *kernel.Data
}

// Kind returns "contact.cryptogram".
func (CryptogramEvent) Kind() string { return "contact.cryptogram" }

func (t *transaction) emitCryptogram(c kernel.Cryptogram) {
	if t.env.Watched() {
		t.env.Emit(CryptogramEvent{c, t.data})
	}
}

// OutcomeEvent is the outcome of a transaction.
type OutcomeEvent struct {
	Outcome kernel.Outcome
	Data    *kernel.Data
}

// Kind returns "contact.outcome".
func (OutcomeEvent) Kind() string { return "contact.outcome" }
