package payment

import (
	"encoding/json"
	"time"

	"github.com/cardwright/emv/terminal/journal"
)

// record is the payload of a record in the journal: JSON, of which each kind fills in its part. Names are kept for ever.
type record struct {
	POS string    `json:"pos,omitempty"`
	ID  string    `json:"id,omitempty"`
	At  time.Time `json:"at,omitzero"`

	Request *Request `json:"request,omitempty"` // ACCEPTED
	Hash    string   `json:"hash,omitempty"`    // ACCEPTED
	Amounts *Amounts `json:"amounts,omitempty"` // PROMPTING, COMMIT
	Card    *Card    `json:"card,omitempty"`    // CARD_IN, COMMIT, AUTH_SENT, GAC2_DONE
	Sent    *Sent    `json:"sent,omitempty"`    // AUTH_SENT, SAF_STORED
	Stored  *stored  `json:"stored,omitempty"`  // SAF_STORED of what the card approved
	Answer  *Answer  `json:"answer,omitempty"`  // HOST_ANSWERED, REVERSED, SAF_DONE, SAF_DECLINED
	Unsent  bool     `json:"unsent,omitempty"`  // HOST_ANSWERED: no byte had left. FINAL of a void: nor of what it undoes, ever
	Agreed  bool     `json:"agreed,omitempty"`  // GAC2_DONE: the card accepts the host's approval
	Reason  string   `json:"reason,omitempty"`  // GAC2_DONE
	Due     *due     `json:"due,omitempty"`     // REVERSAL_DUE
	Try     int      `json:"try,omitempty"`     // REVERSAL_SENT, SAF_SENT
	Final   *Final   `json:"final,omitempty"`   // FINAL

	Summary *summary        `json:"summary,omitempty"` // snapshot
	Details json.RawMessage `json:"details,omitempty"` // snapshot; details where they are needed
	STAN    uint32          `json:"stan,omitempty"`    // counter

	details *details
}

// due is a reversal, complete: it does not need what came before.
type due struct {
	Trace
	Of     Sent   `json:"of"`
	Reason Reason `json:"why"`
	Then   *Final `json:"then,omitempty"` // the Final of the payment, where there is none yet
}

// key is who asked, and by which id. The merchant is the journal's.
type key struct{ pos, id string }

// summary is what is always known of a payment.
type summary struct {
	POS      string    `json:"pos"`
	ID       string    `json:"id"`
	Order    string    `json:"order"`
	Hash     string    `json:"hash"`
	Kind     Kind      `json:"kind"`
	Currency uint16    `json:"currency"`
	State    State     `json:"state"`
	Sending  State     `json:"sending,omitempty"`
	Total    uint64    `json:"total"` // as adjusted
	Result   Result    `json:"result,omitempty"`
	Ended    time.Time `json:"ended,omitzero"`
	Refunded uint64    `json:"refunded,omitempty"`
	Captured uint64    `json:"captured,omitempty"`
	Voided   bool      `json:"voided,omitempty"`
	Offline  bool      `json:"offline,omitempty"` // the card approved it, and it was stored
	Noted    bool      `json:"noted,omitempty"`   // the till knows that the host refused it
}

// details are the rest: of a payment that is settled they are on the disk only.
type details struct {
	Request  Request   `json:"request"`
	Accepted time.Time `json:"accepted"`
	Amounts  Amounts   `json:"amounts"`
	Card     Card      `json:"card,omitzero"`
	Sent     *Sent     `json:"sent,omitempty"`
	Answer   *Answer   `json:"answer,omitempty"` // to Sent
	Unsent   bool      `json:"unsent,omitempty"`
	Stored   *stored   `json:"stored,omitempty"` // until the host has answered
	GAC2     *gac2     `json:"gac2,omitempty"`
	Reverse  bool      `json:"reverse,omitempty"` // the till asked to reverse an approval
	Due      *due      `json:"due,omitempty"`
	Tries    int       `json:"tries,omitempty"`
	Final    *Final    `json:"final,omitempty"`
}

// gac2 is how the card ended.
type gac2 struct {
	Agreed bool   `json:"agreed"`
	Reason string `json:"reason,omitempty"`
}

// payment is one payment. details is nil where they are on the disk only, at where.
type payment struct {
	summary
	*details
	where journal.At

	next   time.Time // of the chain's next try
	unsent int       // tries since the start of which no byte left
}

func (p *payment) key() key { return key{p.POS, p.ID} }

// finished reports whether there is a Final.
func (p *payment) finished() bool { return p.State >= Finished }

// settled reports whether nothing is left to do: the till knows, and the host too.
func (s *summary) settled() bool {
	return s.State == Acked && !s.Sending.pending() && (!s.refused() || s.Noted)
}

// committed reports whether the card has won.
func (p *payment) committed() bool { return p.State >= Commit && p.State < Finished }
