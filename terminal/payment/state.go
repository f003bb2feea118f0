package payment

import "github.com/cardwright/emv/terminal/journal"

// State is how far a payment has come. Its number is the kind of the record in the journal.
type State uint8

// The states of a payment, in the order in which they follow.
const (
	NoState      State = 0
	Accepted     State = 1
	Prompting    State = 2
	CardIn       State = 3
	Commit       State = 4
	AuthSent     State = 5
	HostAnswered State = 6
	GAC2Done     State = 7
	Finished     State = 8 // FINAL
	Acked        State = 9
)

// The states of what is sent to the host in the background.
const (
	ReversalDue  State = 10
	ReversalSent State = 11
	Reversed     State = 12
	SAFStored    State = 13
	SAFSent      State = 14
	SAFDone      State = 15
	SAFDeclined  State = 16
)

// Records that are no states.
const (
	recordReverseWanted journal.Kind = 17 // the till asked, after COMMIT, to reverse an approval
	recordSnapshot      journal.Kind = 18 // a payment as a compaction keeps it
	recordCounter       journal.Kind = 19 // the last STAN, as a compaction keeps it
	recordNoted         journal.Kind = 20 // the till knows that the host refused what was stored
)

var stateNames = [...]string{
	"NONE", "ACCEPTED", "PROMPTING", "CARD_IN", "COMMIT", "AUTH_SENT", "HOST_ANSWERED", "GAC2_DONE", "FINAL", "ACKED",
	"REVERSAL_DUE", "REVERSAL_SENT", "REVERSED", "SAF_STORED", "SAF_SENT", "SAF_DONE", "SAF_DECLINED",
}

// String returns the state as the protocol has it: "AUTH_SENT".
func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return "UNKNOWN"
}

// MarshalText gives the name to JSON.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a name.
func (s *State) UnmarshalText(text []byte) error { return parseName(s, stateNames[:], text, "state") }

// pending reports whether there is something left to send to the host.
func (s State) pending() bool {
	return s == ReversalDue || s == ReversalSent || s == SAFStored || s == SAFSent
}
