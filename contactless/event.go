package contactless

import "github.com/cardwright/emv/kernel"

// PreprocessedEvent is what pre-processing found out for one combination.
type PreprocessedEvent struct {
	Combination *Combination
	Indicators  Indicators
}

// Kind returns "entry.preprocessed".
func (PreprocessedEvent) Kind() string { return "entry.preprocessed" }

// Candidate is an entry of the candidate list.
type Candidate struct {
	ADF      kernel.AID
	AID      kernel.AID // of the combination that it matched
	Label    string     // Application Label (50), the card's own bytes
	Priority byte       // 1 to 15; 0 is none
	Kernel   kernel.ID
}

// CandidatesEvent is the candidate list as it was built.
type CandidatesEvent struct{ Candidates []Candidate }

// Kind returns "entry.candidates".
func (CandidatesEvent) Kind() string { return "entry.candidates" }

// ActivationEvent says that a kernel is activated, and with what. Data holds the objects that it is handed; printed, it
// masks itself.
type ActivationEvent struct {
	Kernel      kernel.ID
	Combination *Combination
	ADF         kernel.AID
	Start       kernel.Start // where the entry point was entered last: A, B after Try Again or a restart, C after Select Next
	Restart     bool
	Answer      bool // with an answer of the issuer
	Indicators  Indicators
	Data        *kernel.Data
	FCI         kernel.Objects // the value of the FCI template; nil at Start D, where the kernel has had it
}

// Kind returns "entry.activation".
func (ActivationEvent) Kind() string { return "entry.activation" }

// OutcomeEvent is an outcome that the entry point processes, final or not.
type OutcomeEvent struct {
	Outcome kernel.Outcome
	Data    *kernel.Data
}

// Kind returns "entry.outcome".
func (OutcomeEvent) Kind() string { return "entry.outcome" }

func (t *Terminal) emitCandidates() {
	list := make([]Candidate, len(t.candidates))
	for i, c := range t.candidates {
		list[i] = Candidate{
			ADF: kernel.AID(c.adf), AID: t.config.Combinations[c.combination].AID, Label: string(c.label),
			Priority: c.priority, Kernel: t.config.Combinations[c.combination].Kernel,
		}
	}
	t.env.Emit(CandidatesEvent{list})
}
