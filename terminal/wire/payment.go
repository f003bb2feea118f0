package wire

import "strings"

// Kind is what a payment request asks for.
type Kind string

// The kinds. PRODUCT 3.3.
const (
	KindSale    Kind = "sale"
	KindRefund  Kind = "refund"
	KindVoid    Kind = "void"
	KindPreauth Kind = "preauth"
	KindCapture Kind = "capture"
	KindAdjust  Kind = "adjust"
)

// Entry is a way in which a card comes.
type Entry string

// The entries.
const (
	EntryTap    Entry = "tap"
	EntryInsert Entry = "insert"
	EntrySwipe  Entry = "swipe"
	EntryManual Entry = "manual"
)

// PaymentRequest asks for a payment. The till makes RequestID, stores it, and then sends; it sends the same again, never
// another id for the same order, until it knows the final. PRODUCT 3.3.
type PaymentRequest struct {
	RequestID string `json:"request_id"` // ULID
	OrderRef  string `json:"order_ref"`
	Kind      Kind   `json:"kind"`
	Amount    int64  `json:"amount"` // minor units, without tip and surcharge
	Currency  string `json:"currency"`

	// Reference is the request id of the payment that is refunded, voided, captured or adjusted, and ReferencePOS the till
	// that made it, where it is another one.
	Reference    string `json:"reference,omitempty"`
	ReferencePOS string `json:"reference_pos,omitempty"`

	// Role is whose permission the till has, for what the terminal's policy asks one for.
	Role string `json:"role,omitempty"`

	TipPolicy       TipPolicy       `json:"tip_policy"`
	SurchargePolicy SurchargePolicy `json:"surcharge_policy"`
	Offline         Offline         `json:"offline"`
	Entry           []Entry         `json:"entry"`               // none where no card is needed: a refund with a reference asks for one only if told to
	CartHash        Bytes           `json:"cart_hash,omitempty"` // of the cart that the customer sees
	Within          int64           `json:"within_ms"`           // from acceptance on; no card is asked for after it. 0 leaves it to the terminal
	LeaseEpoch      uint64          `json:"lease_epoch"`

	// ForceAdditional permits a further payment for an order that has an outcome.
	ForceAdditional bool `json:"force_additional,omitempty"`
}

// TipPolicy says whether the terminal asks for a tip, or which one the till has already.
type TipPolicy struct {
	Mode  string `json:"mode"` // "none", "ask", "fixed"
	Fixed int64  `json:"fixed,omitempty"`
}

// SurchargePolicy says whether the profile's surcharge applies, or which amount the till has computed.
type SurchargePolicy struct {
	Mode  string `json:"mode"` // "none", "profile", "fixed"
	Fixed int64  `json:"fixed,omitempty"`
}

// Offline says whether the terminal may approve without the host, and up to what. P5.
type Offline struct {
	Mode string `json:"mode"` // "forbid", "allow"
	Max  int64  `json:"max,omitempty"`
}

// Check refuses what is outside the schema.
func (r *PaymentRequest) Check() error {
	err := first(requestID("request_id", r.RequestID), identifier("order_ref", r.OrderRef),
		oneOf("kind", r.Kind, KindSale, KindRefund, KindVoid, KindPreauth, KindCapture, KindAdjust),
		amount("amount", r.Amount), currency("currency", r.Currency), optional(requestID, "reference", r.Reference),
		oneOf("tip_policy", r.TipPolicy.Mode, "none", "ask", "fixed"), amount("tip_policy", r.TipPolicy.Fixed),
		oneOf("surcharge_policy", r.SurchargePolicy.Mode, "none", "profile", "fixed"),
		amount("surcharge_policy", r.SurchargePolicy.Fixed), oneOf("offline", r.Offline.Mode, "forbid", "allow"),
		amount("offline", r.Offline.Max), count("entry", len(r.Entry), 4), within(r.Within),
		optional(identifier, "reference_pos", r.ReferencePOS), optional(identifier, "role", r.Role),
		(&SessionMove{r.LeaseEpoch}).Check())
	if err != nil {
		return err
	}
	for i, e := range r.Entry {
		if err := oneOf("entry", e, EntryTap, EntryInsert, EntrySwipe, EntryManual); err != nil {
			return err
		}
		for _, f := range r.Entry[:i] {
			if e == f {
				return bad("entry: one twice")
			}
		}
	}
	if len(r.CartHash) != 0 && len(r.CartHash) != 32 {
		return bad("cart_hash: 32 bytes")
	}
	switch needs := r.Kind == KindVoid || r.Kind == KindCapture || r.Kind == KindAdjust; {
	case needs && r.Reference == "":
		return bad("reference: a %s is of an earlier payment", r.Kind)
	case r.ReferencePOS != "" && r.Reference == "":
		return bad("reference_pos: without reference")
	case r.Reference == r.RequestID:
		return bad("reference: the request itself")
	case r.Amount == 0 && r.Kind != KindVoid:
		return bad("amount: 0")
	case r.Amount+r.TipPolicy.Fixed+r.SurchargePolicy.Fixed > MaxAmount:
		return bad("amount, tip and surcharge: more than %d", int64(MaxAmount))
	case !needs && len(r.Entry) == 0 && (r.Kind != KindRefund || r.Reference == ""):
		return bad("entry: none")
	}
	return nil
}

// within refuses more than an hour.
func within(ms int64) error {
	if ms < 0 || ms > 3_600_000 {
		return bad("within_ms: not from 0 to 3600000")
	}
	return nil
}

func when(where string, ms int64) error {
	if ms <= 0 || ms > MaxSeq {
		return bad("%s: not a time in Unix milliseconds", where)
	}
	return nil
}

// State is how far a payment has come. PRODUCT 3.3.
type State string

// The states, in their order; those from StateReversalDue on are side chains.
const (
	StateAccepted     State = "ACCEPTED"
	StatePrompting    State = "PROMPTING"
	StateCardIn       State = "CARD_IN"
	StateCommit       State = "COMMIT"
	StateAuthSent     State = "AUTH_SENT"
	StateHostAnswered State = "HOST_ANSWERED"
	StateGAC2Done     State = "GAC2_DONE"
	StateFinal        State = "FINAL"
	StateAcked        State = "ACKED"
	StateReversalDue  State = "REVERSAL_DUE"
	StateReversalSent State = "REVERSAL_SENT"
	StateReversed     State = "REVERSED"
	StateStored       State = "SAF_STORED"   // the host is told of it later
	StateSent         State = "SAF_SENT"     // it is being told
	StateDone         State = "SAF_DONE"     // it has taken it
	StateDeclined     State = "SAF_DECLINED" // it has not
)

func (s State) check() error {
	return oneOf("state", s, StateAccepted, StatePrompting, StateCardIn, StateCommit, StateAuthSent, StateHostAnswered,
		StateGAC2Done, StateFinal, StateAcked, StateReversalDue, StateReversalSent, StateReversed, StateStored, StateSent,
		StateDone, StateDeclined)
}

// PaymentAccepted says that a request is in the journal: it will have exactly one final. It comes within 200 ms; a refusal
// is an error frame with the same id.
type PaymentAccepted struct {
	RequestID string `json:"request_id"`
	State     State  `json:"state"` // later than ACCEPTED where the request came a second time
}

// Check refuses what is outside the schema.
func (a *PaymentAccepted) Check() error {
	return first(requestID("request_id", a.RequestID), a.State.check())
}

// PaymentEvent is progress, for a screen. Nothing is decided by it.
type PaymentEvent struct {
	RequestID string `json:"request_id"`
	State     State  `json:"state"`
	Prompt    string `json:"prompt,omitempty"` // what the customer sees: "present_card", "pin", "remove_card", "tip", …
	Time      int64  `json:"time"`
}

// Check refuses what is outside the schema.
func (e *PaymentEvent) Check() error {
	return first(requestID("request_id", e.RequestID), e.State.check(), optional(identifier, "prompt", e.Prompt),
		when("time", e.Time))
}

// PaymentCancel asks to end a payment. ReverseIfApproved asks, explicitly, to take an approval back that cannot be
// stopped any more.
type PaymentCancel struct {
	RequestID         string `json:"request_id"`
	Reason            string `json:"reason"` // "cashier", "other_tender", "timeout"
	LeaseEpoch        uint64 `json:"lease_epoch"`
	ReverseIfApproved bool   `json:"reverse_if_approved,omitempty"`
}

// Check refuses what is outside the schema.
func (c *PaymentCancel) Check() error {
	return first(requestID("request_id", c.RequestID), identifier("reason", c.Reason), (&SessionMove{c.LeaseEpoch}).Check())
}

// CancelResult answers a cancel. Result "cancelled" means that no approval will follow.
type CancelResult struct {
	RequestID string `json:"request_id"`
	Result    string `json:"result"` // "cancelled", "too_late", "reversing"
	State     State  `json:"state"`
}

// Check refuses what is outside the schema.
func (c *CancelResult) Check() error {
	return first(requestID("request_id", c.RequestID), oneOf("result", c.Result, "cancelled", "too_late", "reversing"),
		c.State.check())
}

// PaymentStatus asks what became of a request: what a till does on any doubt.
type PaymentStatus struct {
	RequestID string `json:"request_id"`
}

// Check refuses what is outside the schema.
func (s *PaymentStatus) Check() error { return requestID("request_id", s.RequestID) }

// PaymentState answers PaymentStatus. A request that was provably never accepted is an error frame, E_NOT_FOUND.
type PaymentState struct {
	RequestID string `json:"request_id"`
	State     State  `json:"state"`
	Final     *Final `json:"final,omitempty"`

	// Sending is how far the host has been told of what it learns later, by REVERSAL_… and SAF_…; HostCode, in SAF_DECLINED,
	// is why it did not take a payment that the card had approved.
	Sending  State  `json:"sending,omitempty"`
	HostCode string `json:"host_code,omitempty"`
}

// Check refuses what is outside the schema.
func (s *PaymentState) Check() error {
	if s.Final != nil {
		if s.Final.RequestID != s.RequestID {
			return bad("final: of another request")
		}
		if err := s.Final.Check(); err != nil {
			return err
		}
	}
	if s.Sending != "" {
		if err := s.Sending.check(); err != nil {
			return err
		}
	}
	return first(requestID("request_id", s.RequestID), s.State.check(), optional(identifier, "host_code", s.HostCode))
}

// PaymentAck says that the till has stored the final. The terminal repeats the final until then.
type PaymentAck struct {
	RequestID string `json:"request_id"`
}

// Check refuses what is outside the schema.
func (a *PaymentAck) Check() error { return requestID("request_id", a.RequestID) }

// Result is how a payment ended.
type Result string

// The results.
const (
	Approved  Result = "approved"
	Declined  Result = "declined"
	Cancelled Result = "cancelled"
	Failed    Result = "failed"
)

// Final is the one end of an accepted request.
type Final struct {
	RequestID string   `json:"request_id"`
	OrderRef  string   `json:"order_ref"`
	Result    Result   `json:"result"`
	Reason    string   `json:"reason,omitempty"`    // stable: "no_answer", "power_loss_before_commit", "card.removed", …
	HostCode  string   `json:"host_code,omitempty"` // field 39 as the host sent it
	Kind      Kind     `json:"kind"`
	Amount    int64    `json:"amount"` // what was asked for
	Tip       int64    `json:"tip"`
	Surcharge int64    `json:"surcharge"`
	Total     int64    `json:"total"` // what the card was charged, 0 unless approved
	Currency  string   `json:"currency"`
	Reversing bool     `json:"reversing,omitempty"` // a reversal is under way: the card is not charged in the end
	Offline   bool     `json:"offline,omitempty"`   // approved without the host
	Time      int64    `json:"time"`
	Receipt   *Receipt `json:"receipt,omitempty"`
}

// Check refuses what is outside the schema, and an approval whose total is not the sum of its parts.
func (f *Final) Check() error {
	err := first(requestID("request_id", f.RequestID), identifier("order_ref", f.OrderRef),
		oneOf("result", f.Result, Approved, Declined, Cancelled, Failed), optional(identifier, "reason", f.Reason),
		optional(identifier, "host_code", f.HostCode),
		oneOf("kind", f.Kind, KindSale, KindRefund, KindVoid, KindPreauth, KindCapture, KindAdjust),
		amount("amount", f.Amount), amount("tip", f.Tip), amount("surcharge", f.Surcharge), amount("total", f.Total),
		currency("currency", f.Currency), when("time", f.Time))
	switch {
	case err != nil:
		return err
	case f.Result == Approved && f.Total != f.Amount+f.Tip+f.Surcharge:
		return bad("total: not amount, tip and surcharge")
	case f.Result != Approved && f.Total != 0:
		return bad("total: charged without an approval")
	case f.Receipt != nil:
		return f.Receipt.Check()
	}
	return nil
}

// Receipt is what is printed. Binary values are in capital hexadecimal digits, as receipts show them. PRODUCT 3.3.
type Receipt struct {
	MaskedPAN  string   `json:"masked_pan"` // at most the last four digits
	Token      string   `json:"token,omitempty"`
	Scheme     string   `json:"scheme,omitempty"`
	Entry      Entry    `json:"entry"`
	AID        string   `json:"aid,omitempty"`        // tag 84
	Label      string   `json:"label,omitempty"`      // tag 9F12 or 50
	Cryptogram string   `json:"cryptogram,omitempty"` // tag 9F26
	TVR        string   `json:"tvr,omitempty"`        // tag 95
	TSI        string   `json:"tsi,omitempty"`        // tag 9B
	ARC        string   `json:"arc,omitempty"`        // tag 8A, as text
	CVM        string   `json:"cvm,omitempty"`        // "pin", "signature", "device", "none"
	AuthCode   string   `json:"auth_code,omitempty"`
	STAN       string   `json:"stan,omitempty"`
	RRN        string   `json:"rrn,omitempty"`
	Disclaimer []string `json:"disclaimer,omitempty"`
}

// Check refuses what is outside the schema, above all a card number: no more than four digits in a row at its end.
func (r *Receipt) Check() error {
	// The mask is one rune for each hidden digit, * or the bullet that receipts use.
	digits := strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' {
			return c
		}
		return -1
	}, r.MaskedPAN)
	if len(digits) > 4 || !strings.HasSuffix(r.MaskedPAN, digits) || len(r.MaskedPAN) > MaxID {
		return bad("masked_pan: shows more than the last four digits")
	}
	for _, d := range r.Disclaimer {
		if err := text("disclaimer", d); err != nil {
			return err
		}
	}
	for _, h := range []string{r.AID, r.Cryptogram, r.TVR, r.TSI} {
		if len(h) > 32 || strings.Trim(h, "0123456789ABCDEF") != "" {
			return bad("receipt: not capital hexadecimal digits")
		}
	}
	return first(optional(identifier, "token", r.Token), text("scheme", r.Scheme),
		oneOf("entry", r.Entry, EntryTap, EntryInsert, EntrySwipe, EntryManual), text("label", r.Label),
		optional(identifier, "cvm", r.CVM), optional(identifier, "arc", r.ARC), optional(identifier, "auth_code", r.AuthCode),
		optional(identifier, "stan", r.STAN), optional(identifier, "rrn", r.RRN), count("disclaimer", len(r.Disclaimer), 8))
}
