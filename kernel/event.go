package kernel

import (
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/cardwright/emv/kernel/apdu"
	"github.com/cardwright/emv/tlv"
	"github.com/cardwright/emv/tlv/dict"
)

// Event is something that happened inside: a value of one of the event types of this package or of a package above it.
// Whatever in it could hold card data masks itself. An event and the slices in it are good until the function that
// received it returns; keep copies.
type Event interface {
	// Kind names the event's type, stable: "card.exchange".
	Kind() string
}

// ExchangeEvent is a command and the card's answer to it, or the error that took the answer's place.
type ExchangeEvent struct {
	Command  CommandAPDU
	Response ResponseAPDU
	Took     time.Duration
	Err      error
}

// Kind returns "card.exchange".
func (ExchangeEvent) Kind() string { return "card.exchange" }

// StepEvent says that a step of processing begins.
type StepEvent struct {
	Name string // "processing restrictions"
	Ref  string // "C-3, 5.5"
}

// Kind returns "kernel.step".
func (StepEvent) Kind() string { return "kernel.step" }

// DecisionEvent says that a rule applied and changed the course of the transaction.
type DecisionEvent struct{ Reason }

// Kind returns "kernel.decision".
func (DecisionEvent) Kind() string { return "kernel.decision" }

// DataEvent says that a card's data object was not taken as it came.
type DataEvent struct {
	Tag tlv.Tag
	Why string // "refused", "repeated", "length"
}

// Kind returns "data." and why: "data.refused".
func (e DataEvent) Kind() string { return "data." + e.Why }

// EmitReceived tells the listener what Receive did not take as it came.
func (e *Env) EmitReceived(r Received) {
	if e.Events == nil {
		return
	}
	for _, d := range []DataEvent{{r.Refused, "refused"}, {r.Repeated, "repeated"}, {r.Length, "length"}} {
		if d.Tag != 0 {
			e.Events(d)
		}
	}
}

// CommandAPDU is a command as events carry it. Printed in any way it shows hexadecimal with confidential parts hidden.
type CommandAPDU struct{ raw []byte }

// Unmasked returns the bytes: for a driver's own use and for a lab that asked for them.
func (c CommandAPDU) Unmasked() []byte { return c.raw }

// String returns the command in hexadecimal; the data of VERIFY and of PIN CHANGE are hidden.
func (c CommandAPDU) String() string {
	s := strings.ToUpper(hex.EncodeToString(c.raw))
	if len(c.raw) > 5 && (c.raw[1] == apdu.InsVerify || c.raw[1] == apdu.InsPINChangeUnblock) {
		return s[:10] + strings.Repeat("*", len(s)-10)
	}
	return s
}

// Format writes the masked command, whatever the verb.
func (c CommandAPDU) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// MarshalText gives the masked command to JSON and its like.
func (c CommandAPDU) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// LogValue gives the masked command to log/slog.
func (c CommandAPDU) LogValue() slog.Value { return slog.StringValue(c.String()) }

// ResponseAPDU is a card's answer as events carry it. Printed in any way it shows hexadecimal in which card numbers and
// what else is confidential are hidden; what can't be read as TLV is hidden but for its length.
type ResponseAPDU struct{ raw []byte }

// Unmasked returns the bytes: for a driver's own use and for a lab that asked for them.
func (r ResponseAPDU) Unmasked() []byte { return r.raw }

// String returns the masked response.
func (r ResponseAPDU) String() string {
	resp, ok := apdu.ParseResponse(r.raw)
	if !ok {
		return ""
	}
	return string(dict.MaskObjects(resp.Data, nil)) + resp.SW.String()
}

// Format writes the masked response, whatever the verb.
func (r ResponseAPDU) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, r.String()) }

// MarshalText gives the masked response to JSON and its like.
func (r ResponseAPDU) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// LogValue gives the masked response to log/slog.
func (r ResponseAPDU) LogValue() slog.Value { return slog.StringValue(r.String()) }
