package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// Bounds of the protocol.
const (
	MaxFrame  = 256 << 10          // bytes of a frame, as JSON text
	MaxAmount = 999_999_999_999    // minor units: 9F02 has twelve digits (Book 3, Annex A1)
	MaxSeq    = 1<<53 - 1          // the largest integer that every JSON reader keeps
	MaxID     = 64                 // characters of an identifier
	MaxText   = 200                // characters of a text that people read
	MaxLines  = 1000               // lines of a cart
	MaxList   = 64                 // entries of any other list
	Subproto  = "cardwright.v1"    // WebSocket subprotocol of a session
	PairALPN  = "cardwright-pair1" // application protocol of the pairing port
)

// Default ports. PRODUCT 3.0.
const (
	PortSession  = 4443  // TCP, TLS 1.3, WebSocket
	PortHello    = 8080  // TCP, plain HTTP, GET only
	PortPairing  = 27000 // TCP, TLS 1.3, open only while a code is shown
	PortPresence = 27001 // UDP
)

// Type names what a frame is.
type Type string

// The frame types. The direction is till to terminal (>), terminal to till (<) or both (=).
const (
	TypeHello       Type = "hello"         // > first frame of a connection
	TypeWelcome     Type = "welcome"       // < answer to hello
	TypeHeartbeat   Type = "heartbeat"     // = every five seconds
	TypeError       Type = "error"         // = refusal of the frame whose id it carries
	TypeAddrUpdate  Type = "addr_update"   // < the terminal's addresses have changed
	TypeSessionMove Type = "session_move"  // = > this connection replaces the older one; < it did
	TypeLeaseAsk    Type = "lease_ask"     // > ask for the lease
	TypeLeaseGive   Type = "lease_give"    // > give the lease back
	TypeLease       Type = "lease"         // < who holds the lease, on every change
	TypeStatusAsk   Type = "status_ask"    // >
	TypeStatus      Type = "status"        // < what the terminal is doing
	TypeCartSet     Type = "cart_set"      // > the whole cart
	TypeCartPatch   Type = "cart_patch"    // > changes to a revision
	TypeCartResync  Type = "cart_resync"   // < the whole cart is needed
	TypeCartShown   Type = "cart_shown"    // < the revision on the screen, and its hash
	TypePay         Type = "pay"           // > PaymentRequest
	TypePayAccepted Type = "pay_accepted"  // < within 200 ms, or error
	TypePayEvent    Type = "pay_event"     // < progress
	TypePayCancel   Type = "pay_cancel"    // >
	TypeCancelled   Type = "pay_cancelled" // < answer to pay_cancel
	TypePayStatus   Type = "pay_status"    // > what became of a request
	TypePayState    Type = "pay_state"     // < answer to pay_status
	TypeFinal       Type = "pay_final"     // < exactly one for every accepted request, until it is acknowledged
	TypePayAck      Type = "pay_ack"       // > the till has stored the final
	TypePayLate     Type = "pay_late"      // < the host has refused what the card had approved, until it is noted
	TypePayNoted    Type = "pay_noted"     // > the till has stored that
)

// Types returns all frame types.
func Types() []Type {
	return []Type{
		TypeHello, TypeWelcome, TypeHeartbeat, TypeError, TypeAddrUpdate, TypeSessionMove, TypeLeaseAsk, TypeLeaseGive, TypeLease,
		TypeStatusAsk, TypeStatus, TypeCartSet, TypeCartPatch, TypeCartResync, TypeCartShown, TypePay, TypePayAccepted,
		TypePayEvent, TypePayCancel, TypeCancelled, TypePayStatus, TypePayState, TypeFinal, TypePayAck,
		TypePayLate, TypePayNoted,
	}
}

// Frame is one WebSocket text message. PRODUCT 3.1.
type Frame struct {
	// Seq numbers the frames of one direction that must arrive, from 1. Zero is a frame that may get lost with its
	// connection: hello, welcome, heartbeat, the cart.
	Seq uint64 `json:"seq"`

	// Ack is the Seq of the last frame that the sender has handled.
	Ack uint64 `json:"ack"`

	Type Type `json:"type"`

	// ID joins an answer to its question; "" for frames that are neither.
	ID string `json:"id,omitempty"`

	Body json.RawMessage `json:"body,omitempty"`
}

// Encode returns a frame as text. The error is CodeTooLarge.
func (f *Frame) Encode() ([]byte, error) {
	b, err := json.Marshal(f)
	if err != nil {
		return nil, &Error{Code: CodeBadMessage, Detail: "frame", Err: err}
	}
	if len(b) > MaxFrame {
		return nil, Refuse(CodeTooLarge, "frame %s has %d bytes of %d", f.Type, len(b), MaxFrame)
	}
	return b, nil
}

// DecodeFrame reads a frame. Types that this side does not know are no error here. The errors are CodeTooLarge and
// CodeBadMessage.
func DecodeFrame(b []byte) (Frame, error) {
	var f Frame
	if len(b) > MaxFrame {
		return f, Refuse(CodeTooLarge, "frame has %d bytes of %d", len(b), MaxFrame)
	}
	if err := unmarshal(b, &f); err != nil {
		return Frame{}, err
	}
	switch {
	case f.Seq > MaxSeq || f.Ack > MaxSeq:
		return Frame{}, bad("frame: seq or ack above 2^53-1")
	case f.Type == "" || len(f.Type) > MaxID:
		return Frame{}, bad("frame: type")
	case len(f.ID) > MaxID:
		return Frame{}, bad("frame: id has more than %d characters", MaxID)
	}
	return f, nil
}

// Body is a type that can travel in a frame.
type Body interface {
	// Check refuses values outside the schema: CodeBadMessage, and CodeCartSum for a cart.
	Check() error
}

// Decode reads the body of a frame into v and checks it.
func Decode(body []byte, v Body) error {
	if len(body) == 0 {
		body = []byte("{}")
	}
	if err := unmarshal(body, v); err != nil {
		return err
	}
	return v.Check()
}

// Encode checks v and returns it as the body of a frame. Lists that are nil in v are empty afterwards.
func Encode(v Body) (json.RawMessage, error) {
	if f, ok := v.(interface{ fill() }); ok {
		f.fill()
	}
	if err := v.Check(); err != nil {
		return nil, err
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil, &Error{Code: CodeBadMessage, Err: err}
	}
	return b, nil
}

func unmarshal(b []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	if err := d.Decode(v); err != nil {
		var kind *json.UnmarshalTypeError
		if errors.As(err, &kind) {
			return bad("%s: not a %s", kind.Field, kind.Type)
		}
		var e *Error
		if errors.As(err, &e) {
			return e
		}
		return bad("not JSON as the schema says") // what the reader says may quote the text
	}
	if _, err := d.Token(); err != io.EOF {
		return bad("more than one JSON value")
	}
	return nil
}
