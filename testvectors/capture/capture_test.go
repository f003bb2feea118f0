package capture_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/cardwright/emv/contact"
	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/visa"
	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/capture"
	"github.com/cardwright/emv/testvectors/card"
	"github.com/cardwright/emv/testvectors/runner"
	"github.com/cardwright/emv/tlv"
)

// counting gives random bytes that are not random.
type counting struct{ next byte }

func (c *counting) Read(p []byte) (int, error) {
	for i := range p {
		c.next += 7
		p[i] = c.next
	}
	return len(p), nil
}

// field is a field in which a simulated card lies. It measures times that a clock would not.
type field struct {
	card *card.Card
	took time.Duration
}

func (f *field) Activate(context.Context) error { f.card.Reset(); return nil }

func (f *field) Deactivate(context.Context, time.Duration) error { return nil }

func (f *field) ExchangeTime() time.Duration { return f.took }

func (f *field) Transmit(ctx context.Context, dst, command []byte) ([]byte, error) {
	f.took += 1234567 * time.Nanosecond
	return f.card.Transmit(ctx, dst, command)
}

// number is planted: no profile has it.
const number = "4176660000000100"

// tapOf takes down a tap of a card with the planted number.
func tapOf(t *testing.T, profile string) *capture.Recorder {
	t.Helper()
	c, err := card.New(card.Config{Profile: profile, Set: map[tlv.Tag][]byte{
		0x57: {0x41, 0x76, 0x66, 0x00, 0x00, 0x00, 0x01, 0x00, 0xD2, 0x91, 0x22, 0x01, 0x12, 0x34, 0x56, 0x78, 0x90, 0x1F},
		0x5A: {0x41, 0x76, 0x66, 0x00, 0x00, 0x00, 0x01, 0x00},
	}})
	if err != nil {
		t.Fatal(err)
	}
	keys, err := capk.Test()
	if err != nil {
		t.Fatal(err)
	}
	var terminal []byte
	for _, o := range []struct {
		tag   tlv.Tag
		value []byte
	}{
		{0x9F1A, []byte{0x08, 0x40}},
		{0x9F33, []byte{0x00, 0x68, 0xC8}},
		{0x9F35, []byte{0x22}},
	} {
		terminal = tlv.Append(terminal, o.tag, o.value)
	}
	config := contactless.Config{Terminal: terminal, Combinations: []contactless.Combination{{
		AID: []byte{0xA0, 0x00, 0x00, 0x00, 0x03, 0x10, 0x10}, Kernel: kernel.Visa, TTQ: &contactless.TTQ{0x37, 0x00, 0xC0, 0x00},
		Limits:  contactless.Limits{Floor: new(uint64(2000)), CVM: new(uint64(5000))},
		Options: &visa.Options{CheckCash: true},
	}}}
	tx := kernel.Transaction{Amount: 1250, Currency: 840, Time: time.Date(2026, 11, 23, 14, 5, 6, 0, time.UTC), Sequence: 7}
	r := capture.New("contactless.transaction")
	r.Contactless(&config, &tx)
	r.CAPKs("test")
	env := r.Env(kernel.Env{Clock: kernel.SystemClock{}, Rand: &counting{}, CAPKs: keys})
	terminalOf, err := contactless.New(config, env, visa.Kernel)
	if err != nil {
		t.Fatal(err)
	}
	out, err := terminalOf.Transact(context.Background(), r.Card(&field{card: c}), tx)
	if err != nil {
		t.Fatal(err)
	}
	if out.Kind != kernel.Approved && out.Kind != kernel.OnlineRequest {
		t.Fatalf("%s: %v, %v", profile, out.Kind, out.Why)
	}
	r.Ended(&out, terminalOf.Data())
	return r
}

// results runs a suite.
func results(t *testing.T, text []byte) runner.Counts {
	t.Helper()
	s, err := runner.Parse("capture.json", text)
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	report, err := runner.NewReporter("text", &said)
	if err != nil {
		t.Fatal(err)
	}
	counts, err := runner.Run(context.Background(), []*runner.Suite{s}, runner.Options{}, report)
	if err != nil {
		t.Fatal(err)
	}
	if counts.Passed != len(s.Cases) {
		t.Log(said.String())
	}
	return counts
}

func TestReplay(t *testing.T) {
	recordings := []*capture.Recorder{tapOf(t, "visa-offline"), tapOf(t, "visa-credit")}
	text, err := capture.Suite("two", true, recordings...)
	if err != nil {
		t.Fatal(err)
	}
	if c := results(t, text); c.Passed != 2 {
		t.Errorf("%v", c)
	}
	// One byte of one answer, and it is no longer the same: the replay looks at what was captured.
	for _, at := range []string{`"9F26": "`, `"random": "`, `"r": "6F`} {
		i := bytes.Index(text, []byte(at)) + len(at)
		if at == `"r": "6F` {
			i += 40
		}
		changed := bytes.Clone(text)
		changed[i] = "123456789ABCDEF0"[bytes.IndexByte([]byte("0123456789ABCDEF"), changed[i])]
		if c := results(t, changed); c.Passed == 2 {
			t.Errorf("a change behind %s was not seen", at)
		}
	}
}

func TestTimes(t *testing.T) {
	text, err := capture.Suite("times", true, tapOf(t, "visa-credit"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(text, []byte(`"ms": 1.235`)) || !bytes.Contains(text, []byte(`"ms": 2.469`)) {
		t.Errorf("the driver's own times, to the microsecond, are not in it")
	}
}

func TestMasked(t *testing.T) {
	text, err := capture.Suite("masked", false, tapOf(t, "visa-offline"))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(text, []byte(number[:12])) {
		t.Error("the card number is in it")
	}
	if !bytes.Contains(text, []byte("****")) || !bytes.Contains(text, []byte("for reading only")) {
		t.Error("it does not say that it is masked")
	}
	_, err = runner.Parse("masked.json", text)
	if kernel.CodeOf(err) != runner.CodeMasked {
		t.Errorf("the runner says %v", err)
	}
	whole, err := capture.Suite("whole", true, tapOf(t, "visa-offline"))
	if err != nil || !bytes.Contains(whole, []byte(number)) {
		t.Errorf("the unmasked one lacks what it is for: %v", err)
	}
}

// slot is a contact card that answers everything with 9000.
type slot struct{ err error }

func (slot) Reset(context.Context, bool) ([]byte, error) { return []byte{0x3B, 0x60, 0x00, 0x00}, nil }

func (s slot) Transmit(_ context.Context, dst, _ []byte) ([]byte, error) {
	return append(dst, 0x90, 0x00), s.err
}

func TestPIN(t *testing.T) {
	r := capture.New("contact.transaction")
	r.Contact(&contact.Config{NoPSE: true, CDAMode: contact.CDAMode3}, &kernel.Transaction{Currency: 840}, true)
	c := r.Card(slot{})
	if _, err := c.(contact.Slot).Reset(context.Background(), false); err != nil {
		t.Fatal(err)
	}
	verify := []byte{0x00, 0x20, 0x00, 0x80, 0x08, 0x24, 0x73, 0x91, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}
	if _, err := c.Transmit(context.Background(), nil, verify); err != nil {
		t.Fatal(err)
	}
	r.PIN("7391")
	r.PIN("bypass")
	r.Chose(1)
	r.Chose(-1)
	r.Ended(&kernel.Outcome{Kind: kernel.Terminated}, kernel.NewData())
	text, err := capture.Suite("pin", true, r)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(text, []byte("7391")) || !bytes.Contains(text, []byte(`"0020008008`+strings.Repeat("..", 8)+`"`)) {
		t.Errorf("the PIN is in it:\n%s", text)
	}
	var got struct {
		Cases []struct {
			Given struct {
				PIN    []string       `json:"pin"`
				Choose []any          `json:"choose"`
				Does   map[string]any `json:"terminal_does"`
			} `json:"given"`
		} `json:"cases"`
	}
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	g := got.Cases[0].Given
	if strings.Join(g.PIN, " ") != "0000 bypass" || len(g.Choose) != 2 || g.Choose[1] != "cancel" {
		t.Errorf("%+v", g)
	}
	if len(g.Does["supports"].([]any)) != 1 || len(g.Does["lacks"].([]any)) != 1 {
		t.Errorf("%v", g.Does)
	}
}

func TestErrors(t *testing.T) {
	ended := func(err error) error {
		r := capture.New("contact.transaction")
		r.Contact(&contact.Config{}, &kernel.Transaction{Currency: 840}, false)
		_, _ = r.Card(slot{err}).Transmit(context.Background(), nil, []byte{0x00, 0xA4, 0x04, 0x00})
		r.Ended(&kernel.Outcome{Kind: kernel.Terminated}, kernel.NewData())
		text, e := capture.Suite("s", true, r)
		if e == nil && err != nil && !bytes.Contains(text, []byte(`"error": "removed"`)) {
			t.Errorf("%v is not in it:\n%s", err, text)
		}
		return e
	}
	if err := ended(kernel.ErrRemoved); err != nil {
		t.Errorf("a card that left: %v", err)
	}
	if err := ended(errors.New("a bug")); !errors.Is(err, capture.ErrWhole) {
		t.Errorf("an error that the format does not have: %v", err)
	}
	if _, err := capture.Suite("s", true, capture.New("contact.transaction")); !errors.Is(err, capture.ErrWhole) {
		t.Errorf("without an end: %v", err)
	}
}
