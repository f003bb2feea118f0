package host

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
)

// MTI is a message type indicator: four digits. ISO 8583:1987, 4.1.
type MTI string

// Answer returns the type of the answer: 0210 to 0200 and 0201, 0230 to 0220 and 0221.
func (t MTI) Answer() MTI {
	if !t.valid() {
		return ""
	}
	return t[:2] + MTI([]byte{t[2] + 1, '0'})
}

// Repeat returns the type of a repeat: 0421 of 0420.
func (t MTI) Repeat() MTI {
	if !t.valid() {
		return ""
	}
	return t[:3] + MTI([]byte{t[3] | 1})
}

// request reports whether it is a request or an advice, which are answered.
func (t MTI) request() bool { return t.valid() && (t[2]-'0')%2 == 0 }

func (t MTI) valid() bool {
	return len(t) == 4 && isDigit(t[0]) && isDigit(t[1]) && t[2] >= '0' && t[2] <= '8' && isDigit(t[3])
}

// Message is an ISO 8583 message: fields by number. Its values are as in the message, b fields as bytes, others as ASCII;
// encodings and lengths are the dialect's. It prints without its values but those of a few fields that are never secret.
type Message struct {
	MTI    MTI
	fields map[int][]byte
}

// NewMessage returns a message without fields.
func NewMessage(t MTI) *Message { return &Message{MTI: t, fields: map[int][]byte{}} }

// Set gives a field its value, which is kept; a nil value takes the field away.
func (m *Message) Set(n int, value []byte) {
	if value == nil {
		delete(m.fields, n)
		return
	}
	if m.fields == nil {
		m.fields = map[int][]byte{}
	}
	m.fields[n] = value
}

// SetText is Set for text.
func (m *Message) SetText(n int, value string) { m.Set(n, []byte(value)) }

// Get returns the value of a field, nil where the message does not have it. It is the message's.
func (m *Message) Get(n int) []byte { return m.fields[n] }

// Text returns the value of a field as text.
func (m *Message) Text(n int) string { return string(m.fields[n]) }

// Has reports whether the message has a field.
func (m *Message) Has(n int) bool { return m.fields[n] != nil }

// Fields returns the numbers of the fields, in order.
func (m *Message) Fields() []int { return slices.Sorted(maps.Keys(m.fields)) }

// shown are the fields whose values say nothing of a card.
var shown = []int{
	fieldProcessing, fieldAmount, fieldSent, fieldSTAN, fieldTime, fieldDate, fieldEntry, fieldCondition, fieldRRN,
	fieldCode, fieldTerminal, fieldMerchant, fieldCurrency, fieldBalance, fieldNetwork,
}

// String returns the message as it may be seen: "0200 3=000000 4=000000001250 … 55[112]".
func (m *Message) String() string {
	var b strings.Builder
	b.WriteString(string(m.MTI))
	for _, n := range m.Fields() {
		if slices.Contains(shown, n) && !holdsNumber(m.fields[n]) {
			fmt.Fprintf(&b, " %d=%s", n, m.fields[n])
		} else {
			fmt.Fprintf(&b, " %d[%d]", n, len(m.fields[n]))
		}
	}
	return b.String()
}

// holdsNumber reports whether a value, that a hostile host may have chosen, could have a card number in it, or is no text.
func holdsNumber(v []byte) bool {
	run := 0
	for i, c := range v {
		switch {
		case c < 0x20 || c > 0x7E:
			return true
		case c >= '1' && c <= '9', c == '0' && run > 0: // zeros in front fill amounts
			run++
		default:
			run = 0
		}
		if run >= 13 && i < len(v) {
			return true
		}
	}
	return false
}

// Format writes what may be seen, whatever the verb.
func (m *Message) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(m.String())) }

// LogValue returns what may be seen.
func (m *Message) LogValue() slog.Value { return slog.StringValue(m.String()) }

// MarshalText returns what may be seen.
func (m *Message) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// Wipe overwrites the values.
func (m *Message) Wipe() {
	for _, v := range m.fields {
		clear(v)
	}
	clear(m.fields)
}
