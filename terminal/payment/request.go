package payment

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/cardwright/emv/kernel"
)

// Request is what a till asks for: PaymentRequest of the protocol. The till makes and stores RequestID before it sends.
type Request struct {
	RequestID string   `json:"request_id"` // ULID, 26 characters
	OrderRef  string   `json:"order_ref"`  // the till's order: 1 to 64 characters
	Kind      Kind     `json:"kind"`
	Amount    uint64   `json:"amount"` // minor units; of an Adjust the new total, of a Void the original's
	Currency  uint16   `json:"currency"`
	Original  Original `json:"original,omitzero"` // what a Void, Capture, Adjust or referenced Refund is about

	Tip       TipPolicy       `json:"tip_policy,omitzero"`
	Surcharge SurchargePolicy `json:"surcharge_policy,omitzero"`
	Offline   OfflinePolicy   `json:"offline,omitzero"`
	Entry     []Entry         `json:"entry,omitempty"` // how the card may come in; empty is every way, of a Refund with Original none
	CartHash  string          `json:"cart_hash,omitempty"`

	// Within is how long the customer has, from acceptance to COMMIT, in milliseconds: a duration, since the clocks of till
	// and terminal differ. 0 is the terminal's own.
	Within int64 `json:"within_ms,omitempty"`

	// ForceAdditional takes a payment although the order has an outcome that the till knows, or does not want to know.
	ForceAdditional bool `json:"force_additional,omitempty"`

	// Role is whose permission the till has, such as "manager", for what Policy asks one for.
	Role string `json:"role,omitempty"`
}

// Original names an earlier payment.
type Original struct {
	POS       string `json:"pos,omitempty"` // the till that made it; empty is the one that asks
	RequestID string `json:"request_id"`
}

// OfflinePolicy says whether a Sale may be approved by the card alone, to be stored and sent later. The terminal's policy has
// to allow it, too. Where one of them does not, or it is too much, the payment goes online or fails.
type OfflinePolicy struct {
	Allow bool   `json:"allow,omitempty"`
	Max   uint64 `json:"max,omitempty"` // minor units, with tip and surcharge; 0 is what the terminal allows
}

// SurchargePolicy is what is added to the amount before the card is asked for.
type SurchargePolicy struct {
	BasisPoints uint32 `json:"basis_points,omitempty"` // of the amount: 150 is 1.5 %
	Fixed       uint64 `json:"fixed,omitempty"`        // minor units
	Max         uint64 `json:"max,omitempty"`          // of both; 0 is none
}

// Till is who asks. Epoch is that of its lease.
type Till struct {
	POS   string
	Epoch uint64
}

const (
	maxOrderRef  = 64
	maxName      = 64
	maxWithin    = 10 * time.Minute
	maxSurcharge = 10_000 // basis points
)

// check says what is wrong with a request by itself.
func (r *Request) check() *Refusal {
	switch {
	case r.Kind < Sale || r.Kind > Adjust:
		return invalid("kind", "unknown")
	case !validULID(r.RequestID):
		return invalid("request_id", "not a ULID")
	case !validText(r.OrderRef, maxOrderRef):
		return invalid("order_ref", "1 to 64 printable characters")
	case r.Currency == 0 || r.Currency > 999:
		return invalid("currency", "not a numeric code of ISO 4217")
	case r.Amount > kernel.MaxAmount || r.Amount == 0 && r.Kind != Void:
		return invalid("amount", "0, or more than twelve digits")
	case r.Kind.background() == (r.Original == Original{}) && r.Kind != Refund,
		r.Kind.charges() && r.Original != Original{}:
		return invalid("original", "is required for void, capture and adjust, and must not be with sale and preauth")
	case r.Original != Original{} && !validULID(r.Original.RequestID), len(r.Original.POS) > maxName:
		return invalid("original", "not a ULID")
	case r.Within < 0 || time.Duration(r.Within) > maxWithin/time.Millisecond:
		return invalid("within_ms", "more than ten minutes")
	case r.CartHash != "" && !validHash(r.CartHash):
		return invalid("cart_hash", "not 64 hexadecimal digits in lower case")
	case len(r.Entry) > 4 || slices.ContainsFunc(r.Entry, func(e Entry) bool { return e < Tap || e > Manual }):
		return invalid("entry", "unknown")
	case len(r.Role) > maxName:
		return invalid("role", "too long")
	case r.Surcharge.BasisPoints > maxSurcharge || r.Surcharge.Fixed > kernel.MaxAmount || r.Surcharge.Max > kernel.MaxAmount:
		return invalid("surcharge_policy", "more than the amount")
	case r.Offline.Max > kernel.MaxAmount:
		return invalid("offline", "more than twelve digits")
	case r.Offline.Allow && r.Kind != Sale:
		return invalid("offline", "belongs to sale")
	case !r.Kind.charges() && (r.Surcharge != SurchargePolicy{} || !r.Tip.empty()):
		return invalid("tip_policy", "tip and surcharge belong to sale and preauth")
	}
	return r.Tip.check()
}

// needsCard reports whether a card is asked for.
func (r *Request) needsCard() bool {
	return r.Kind.charges() || r.Kind == Refund && (r.Original == Original{} || len(r.Entry) > 0)
}

// validText reports whether a text of the till has 1 to most characters, all of them printable.
func validText(s string, most int) bool {
	return s != "" && utf8.ValidString(s) && utf8.RuneCountInString(s) <= most &&
		!strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}

func validHash(s string) bool {
	return len(s) == 64 && !strings.ContainsFunc(s, func(r rune) bool { return !strings.ContainsRune("0123456789abcdef", r) })
}

// crockford are the characters of a ULID: base 32 without I, L, O and U.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// validULID reports whether s is a ULID in its canonical form: 26 characters, 128 bits.
func validULID(s string) bool {
	return len(s) == 26 && s[0] <= '7' &&
		!strings.ContainsFunc(s, func(r rune) bool { return !strings.ContainsRune(crockford, r) })
}

// timeOf returns when a ULID says that it was made: its first 48 bits, in milliseconds.
func timeOf(ulid string) time.Time {
	var ms int64
	for i := range 10 {
		ms = ms<<5 | int64(strings.IndexByte(crockford, ulid[i]))
	}
	return time.UnixMilli(ms)
}
