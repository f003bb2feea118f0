package contactless_test

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/kerneltest"
	"github.com/cardwright/emv/tlv"
	"github.com/cardwright/emv/tlv/dict"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	return kerneltest.Unhex(t, s)
}

// standIn is a kernel that answers with one outcome after the other, the last one for ever.
type standIn struct {
	id   kernel.ID
	outs []kernel.Outcome
	runs *int
	seen func(*contactless.Activation)
}

func (s standIn) ID() kernel.ID     { return s.id }
func (s standIn) Scope() dict.Scope { return dict.Common }

func (s standIn) Faults(path string, c *contactless.Combination, _ []byte) []kernel.Fault {
	if c.Options != nil {
		return []kernel.Fault{{Path: path + ".options", Code: "config.options", Text: "has none"}}
	}
	return nil
}

func (s standIn) Run(_ context.Context, a *contactless.Activation) (kernel.Outcome, error) {
	if s.seen != nil {
		s.seen(a)
	}
	n := 0
	if s.runs != nil {
		n = *s.runs
		*s.runs++
	}
	return s.outs[min(n, len(s.outs)-1)], nil
}

// oneCard answers PPSE and SELECT for one application and refuses all else.
type oneCard struct {
	t        testing.TB
	ppse     string
	selected string
	err      error
	sent     int
}

func (c *oneCard) Transmit(_ context.Context, dst, command []byte) ([]byte, error) {
	c.sent++
	if c.err != nil {
		return dst, c.err
	}
	if strings.Contains(string(command), "2PAY.SYS.DDF01") {
		return append(dst, unhex(c.t, c.ppse)...), nil
	}
	return append(dst, unhex(c.t, c.selected)...), nil
}

func newCard(t testing.TB) *oneCard {
	return &oneCard{
		t:        t,
		ppse:     "6F20840E325041592E5359532E4444463031A50EBF0C0B61094F07A00000000410109000",
		selected: "6F128407A0000000041010A5075F2D04656E73769000",
	}
}

// field is a card with an operating field.
type field struct {
	*oneCard
	activate []error // what Activate returns, one after the other; nil behind the last
	log      []string
}

func (f *field) Activate(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	f.log = append(f.log, "on")
	if len(f.activate) == 0 {
		return nil
	}
	err := f.activate[0]
	f.activate = f.activate[1:]
	return err
}

func (f *field) Deactivate(_ context.Context, hold time.Duration) error {
	f.log = append(f.log, fmt.Sprintf("off:%d", hold.Milliseconds()))
	return nil
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

type display struct{ shown []string }

func (d *display) Show(r kernel.UIRequest) {
	d.shown = append(d.shown, fmt.Sprintf("%02X %v %s", byte(r.Message), r.Status, r.Language))
}

func newTerminal(t testing.TB, env kernel.Env, k ...contactless.Kernel) *contactless.Terminal {
	t.Helper()
	env.Clock = kernel.SystemClock{}
	if env.Rand == nil {
		env.Rand = zeros{}
	}
	terminal, err := contactless.New(contactless.Config{
		Combinations: []contactless.Combination{{AID: unhex(t, "A0000000041010"), Kernel: kernel.Mastercard}},
	}, env, k...)
	if err != nil {
		t.Fatal(err)
	}
	return terminal
}

var purchase = kernel.Transaction{Amount: 1250, Currency: 978}

func TestNewListsEveryFault(t *testing.T) {
	_, err := contactless.New(contactless.Config{
		Terminal: unhex(t, "9F1A0308 40"), // truncated
		Restarts: -1,
		Combinations: []contactless.Combination{
			{AID: unhex(t, "A000"), Kernel: kernel.Mastercard},
			{AID: unhex(t, "A0000000031010"), Kernel: kernel.Visa, TTQ: &contactless.TTQ{0x20, 0xC0}},
			{
				AID: unhex(t, "A0000000041010"), Kernel: kernel.Mastercard, Options: 1,
				Data:   unhex(t, "9F3302E0E8 9C0100 9C0100"),
				Limits: contactless.Limits{CVM: new(uint64(kernel.MaxAmount + 1))},
			},
			{AID: unhex(t, "A0000000041010"), Kernel: kernel.Mastercard, Types: []kernel.TransactionType{kernel.Refund}},
		},
	}, kernel.Env{}, standIn{id: kernel.Mastercard})
	var c *kernel.ConfigError
	if !errors.As(err, &c) {
		t.Fatal(err)
	}
	want := []string{
		"terminal tlv.truncated", "restarts config.restarts", "applications[0].aid config.aid_length",
		"applications[1].kernel config.kernel_missing",
		"applications[2].cvm_limit config.limit", "applications[2].data.9F33 config.object_length",
		"applications[2].data.9C config.object_twice", "applications[2].options config.options",
		"applications[3].aid config.duplicate", "env.clock config.clock", "env.rand config.rand",
	}
	var got []string
	for _, f := range c.Faults {
		got = append(got, f.Path+" "+f.Code)
	}
	for _, w := range want {
		if !strings.Contains(strings.Join(got, "\n"), w) {
			t.Errorf("%s is not reported", w)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d faults, want %d:\n%s", len(got), len(want), strings.Join(got, "\n"))
	}
}

func TestNewRefusesMoreDataThanFits(t *testing.T) {
	_, err := contactless.New(contactless.Config{
		Terminal:     tlv.Append(nil, 0xDF7F, make([]byte, 60000)),
		Combinations: []contactless.Combination{{AID: unhex(t, "A0000000041010"), Kernel: kernel.Mastercard}},
	}, kernel.Env{Clock: kernel.SystemClock{}, Rand: zeros{}}, standIn{id: kernel.Mastercard})
	if kernel.CodeOf(err) != "config.too_large" {
		t.Errorf("%v", err)
	}
}

func TestTransactChecksTheTransaction(t *testing.T) {
	card := newCard(t)
	terminal := newTerminal(t, kernel.Env{}, standIn{id: kernel.Mastercard, outs: []kernel.Outcome{{Kind: kernel.Approved}}})
	for code, tx := range map[string]kernel.Transaction{
		"transaction.amount":   {Amount: kernel.MaxAmount + 1, Currency: 978},
		"transaction.other":    {Amount: 1, Other: 2, Currency: 978},
		"transaction.currency": {Amount: 1, Currency: 1000},
		"transaction.sequence": {Amount: 1, Currency: 978, Sequence: 100_000_000},
	} {
		if _, err := terminal.Transact(context.Background(), card, tx); kernel.CodeOf(err) != code {
			t.Errorf("%v; want %s", err, code)
		}
	}
	if card.sent != 0 {
		t.Error("a card was touched")
	}
}

// TestAutorunTestsNoLimits is Book B, 3.2.1.1 with the Restart flag at 0.
func TestAutorunTestsNoLimits(t *testing.T) {
	var got contactless.Indicators
	k := standIn{
		id: kernel.Mastercard, outs: []kernel.Outcome{{Kind: kernel.Approved}},
		seen: func(a *contactless.Activation) { got = a.Indicators },
	}
	terminal, err := contactless.New(contactless.Config{
		Combinations: []contactless.Combination{{
			AID: unhex(t, "A0000000041010"), Kernel: kernel.Mastercard, TTQ: &contactless.TTQ{0x20, 0x40},
			Limits: contactless.Limits{Transaction: new(uint64(1)), Floor: new(uint64(0))},
		}},
	}, kernel.Env{Clock: kernel.SystemClock{}, Rand: zeros{}}, k)
	if err != nil {
		t.Fatal(err)
	}
	out, err := terminal.Transact(context.Background(), newCard(t), purchase)
	if err != nil || out.Kind != kernel.TryAnotherInterface {
		t.Errorf("with pre-processing: %v, %v", out.Kind, err)
	}
	out, err = terminal.Autorun(context.Background(), newCard(t), purchase)
	if err != nil || out.Kind != kernel.Approved {
		t.Errorf("without: %v, %v", out.Kind, err)
	}
	if want := (contactless.Indicators{TTQ: contactless.TTQ{0x20, 0x40}}); got != want {
		t.Errorf("indicators %+v, want %+v", got, want)
	}
}

func TestErrorsAreNotOutcomes(t *testing.T) {
	approved := standIn{id: kernel.Mastercard, outs: []kernel.Outcome{{Kind: kernel.Approved, Start: kernel.StartB}}}
	t.Run("a driver's bug", func(t *testing.T) {
		card := newCard(t)
		card.err = io.ErrUnexpectedEOF
		terminal := newTerminal(t, kernel.Env{}, approved)
		out, err := terminal.Transact(context.Background(), card, purchase)
		if !errors.Is(err, io.ErrUnexpectedEOF) || out.Kind != kernel.NoOutcome {
			t.Errorf("%v, %v", out.Kind, err)
		}
		if _, err := terminal.Restart(context.Background(), card, nil); kernel.CodeOf(err) != "entry.no_restart" {
			t.Errorf("restart: %v", err)
		}
	})
	t.Run("the context ended", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_, err := newTerminal(t, kernel.Env{}, approved).Transact(ctx, newCard(t), purchase)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
	})
	t.Run("no randomness", func(t *testing.T) {
		terminal := newTerminal(t, kernel.Env{Rand: strings.NewReader("abc")}, approved)
		if _, err := terminal.Transact(context.Background(), newCard(t), purchase); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%v", err)
		}
	})
}

// TestACardCannotKeepTheReader holds that a card that always asks to be tried again, or always fails, ends in an outcome.
func TestACardCannotKeepTheReader(t *testing.T) {
	runs := 0
	for name, c := range map[string]struct {
		card *oneCard
		k    standIn
	}{
		"try again": {newCard(t), standIn{id: kernel.Mastercard, outs: []kernel.Outcome{{Kind: kernel.TryAgain}}, runs: &runs}},
		"removed":   {&oneCard{t: t, err: kernel.ErrRemoved}, standIn{id: kernel.Mastercard}},
	} {
		out, err := newTerminal(t, kernel.Env{}, c.k).Transact(context.Background(), c.card, purchase)
		if err != nil || out.Kind != kernel.EndApplication || out.Why.Code != "entry.restarts" {
			t.Errorf("%s: %v, %v, %v", name, out.Kind, out.Why, err)
		}
		if c.card.sent > 3*(contactless.DefaultRestarts+1) {
			t.Errorf("%s: %d commands", name, c.card.sent)
		}
	}
	if runs != contactless.DefaultRestarts+1 {
		t.Errorf("the kernel ran %d times", runs)
	}
}

func TestTryAgainRestartsAsTheKernelAsks(t *testing.T) {
	screen := &display{}
	runs := 0
	k := standIn{id: kernel.Mastercard, runs: &runs, outs: []kernel.Outcome{
		{
			Kind: kernel.TryAgain, Start: kernel.StartB, FieldOff: 1300 * time.Millisecond,
			UI:        kernel.UIRequest{Message: kernel.MsgSeePhone, Status: kernel.ProcessingError},
			UIRestart: kernel.UIRequest{Message: kernel.MsgSeePhone, Status: kernel.ReadyToRead},
		},
		{Kind: kernel.Approved, UI: kernel.UIRequest{Message: kernel.MsgApproved}},
	}}
	card := &field{oneCard: newCard(t), activate: []error{kernel.ErrCollision, kernel.ErrCollision}}
	out, err := newTerminal(t, kernel.Env{UI: screen}, k).Transact(context.Background(), card, purchase)
	if err != nil || out.Kind != kernel.Approved || out.UI.Language != "ensv" {
		t.Fatal(out.Kind, out.UI.Language, err)
	}
	wantShown := "15 ready-to-read , 19 processing-error , 19 ready-to-read , 20 processing-error ensv, " +
		"20 ready-to-read ensv, 03 n/a ensv"
	if got := strings.Join(screen.shown, ", "); got != wantShown {
		t.Errorf("shown: %s\nwant:  %s", got, wantShown)
	}
	if got, want := strings.Join(card.log, " "), "on on on off:1300 on"; got != want {
		t.Errorf("field: %s, want %s", got, want)
	}
}

func TestRestartWithTheIssuersAnswer(t *testing.T) {
	answer := &kernel.OnlineAnswer{ARC: [2]byte{'0', '0'}, IssuerAuth: make([]byte, 8)}
	runs, got := 0, (*kernel.OnlineAnswer)(nil)
	k := standIn{
		id: kernel.Mastercard, runs: &runs, seen: func(a *contactless.Activation) { got = a.Answer },
		outs: []kernel.Outcome{
			{Kind: kernel.OnlineRequest, Start: kernel.StartB, OnlineResponse: kernel.EMVData},
			{Kind: kernel.Approved},
		},
	}
	terminal := newTerminal(t, kernel.Env{}, k)
	card := newCard(t)
	out, err := terminal.Transact(context.Background(), card, purchase)
	if err != nil || out.Kind != kernel.OnlineRequest || card.sent != 2 {
		t.Fatal(out.Kind, card.sent, err)
	}
	if !contactless.NeedsRestart(&out, answer) {
		t.Error("needs no restart")
	}
	out, err = terminal.Restart(context.Background(), card, answer)
	if err != nil || out.Kind != kernel.Approved || got != answer {
		t.Fatal(out.Kind, got, err)
	}
	if card.sent != 3 { // SELECT alone, no PPSE (Book B, 3.3.2.1)
		t.Errorf("%d commands", card.sent)
	}
	if _, err := terminal.Restart(context.Background(), card, answer); kernel.CodeOf(err) != "entry.no_restart" {
		t.Errorf("a second restart: %v", err)
	}
}

// TestRestartAtA keeps what the outcome wanted to be shown on the restart, and does everything else anew.
func TestRestartAtA(t *testing.T) {
	screen, runs := &display{}, 0
	k := standIn{id: kernel.Mastercard, runs: &runs, outs: []kernel.Outcome{
		{
			Kind: kernel.EndApplication, Start: kernel.StartA,
			UIRestart: kernel.UIRequest{Message: kernel.MsgPresentCardAgain, Status: kernel.ReadyToRead},
		},
		{Kind: kernel.Approved},
	}}
	terminal, card := newTerminal(t, kernel.Env{UI: screen}, k), newCard(t)
	if _, err := terminal.Transact(context.Background(), card, purchase); err != nil {
		t.Fatal(err)
	}
	out, err := terminal.Restart(context.Background(), card, nil)
	if err != nil || out.Kind != kernel.Approved || card.sent != 4 {
		t.Errorf("%v after %d commands, %v", out.Kind, card.sent, err)
	}
	if got, want := strings.Join(screen.shown, ", "), "15 ready-to-read , 21 ready-to-read ensv"; got != want {
		t.Errorf("shown: %s, want %s", got, want)
	}
}

func TestNeedsRestart(t *testing.T) {
	auth := &kernel.OnlineAnswer{IssuerAuth: make([]byte, 8)}
	script := &kernel.OnlineAnswer{Scripts: make([]byte, 8)}
	for _, c := range []struct {
		out    kernel.Outcome
		answer *kernel.OnlineAnswer
		want   bool
	}{
		{kernel.Outcome{Kind: kernel.OnlineRequest}, auth, false},
		{kernel.Outcome{Kind: kernel.OnlineRequest, Start: kernel.StartB, OnlineResponse: kernel.EMVData}, auth, true},
		{kernel.Outcome{Kind: kernel.OnlineRequest, Start: kernel.StartB, OnlineResponse: kernel.EMVData}, script, true},
		{kernel.Outcome{Kind: kernel.OnlineRequest, Start: kernel.StartB, OnlineResponse: kernel.EMVData}, &kernel.OnlineAnswer{}, false},
		{kernel.Outcome{Kind: kernel.OnlineRequest, Start: kernel.StartB, OnlineResponse: kernel.AnyResponse}, &kernel.OnlineAnswer{}, true},
		{kernel.Outcome{Kind: kernel.OnlineRequest, Start: kernel.StartB, OnlineResponse: kernel.AnyResponse}, &kernel.OnlineAnswer{Unable: true}, false},
		{kernel.Outcome{Kind: kernel.OnlineRequest, Start: kernel.StartB}, auth, false},
		{kernel.Outcome{Kind: kernel.EndApplication, Start: kernel.StartB}, nil, true},
		{kernel.Outcome{Kind: kernel.EndApplication}, nil, false},
	} {
		if got := contactless.NeedsRestart(&c.out, c.answer); got != c.want {
			t.Errorf("%v %v %v, %+v: %v", c.out.Kind, c.out.Start, c.out.OnlineResponse, c.answer, got)
		}
	}
}

func TestWipeForgetsTheCard(t *testing.T) {
	var data *kernel.Data
	k := standIn{
		id: kernel.Mastercard, outs: []kernel.Outcome{{Kind: kernel.Approved}},
		seen: func(a *contactless.Activation) {
			data = a.Data
			if _, err := a.Data.Receive(dict.Card, unhex(t, "5A084761739001010119")); err != nil {
				t.Error(err)
			}
		},
	}
	terminal := newTerminal(t, kernel.Env{}, k)
	if _, err := terminal.Transact(context.Background(), newCard(t), purchase); err != nil {
		t.Fatal(err)
	}
	pan := data.Get(0x5A)
	if adf, id := terminal.Selected(); hex.EncodeToString(adf) != "a0000000041010" || id != kernel.Mastercard {
		t.Errorf("selected %X, %v", adf, id)
	}
	terminal.Wipe()
	if strings.Trim(string(pan), "\x00") != "" || data.Has(0x5A) {
		t.Errorf("the card number is still in memory: %X", pan)
	}
	if adf, _ := terminal.Selected(); adf != nil {
		t.Error("the selection is still there")
	}
}

// TestEventsTellTheWholeWay also holds that no event, however printed, shows a card number.
func TestEventsTellTheWholeWay(t *testing.T) {
	var kinds, all []string
	env := kernel.Env{Events: func(e kernel.Event) {
		kinds = append(kinds, e.Kind())
		all = append(all, fmt.Sprintf("%v %+v", e, e))
	}}
	card := newCard(t)
	card.selected = "6F1D8407A0000000041010A512BF0C0F5A084761739001010119 9F5D03010100 9000"
	k := standIn{id: kernel.Mastercard, outs: []kernel.Outcome{{
		Kind: kernel.Approved, Record: unhex(t, "57114761739001010119D22122011143878900"),
	}}}
	if _, err := newTerminal(t, env, k).Transact(context.Background(), card, purchase); err != nil {
		t.Fatal(err)
	}
	want := "entry.preprocessed card.exchange entry.candidates card.exchange entry.activation entry.outcome"
	if got := strings.Join(kinds, " "); got != want {
		t.Errorf("events: %s\nwant:   %s", got, want)
	}
	for _, s := range all {
		if strings.Contains(s, "9001010119") || strings.Contains(s, "7390010") {
			t.Errorf("shows the card number: %s", s)
		}
	}
}

func TestStepRunsATransactionFromOutside(t *testing.T) {
	terminal := newTerminal(t, kernel.Env{}, standIn{id: kernel.Mastercard, outs: []kernel.Outcome{{Kind: kernel.Approved}}})
	card := newCard(t)
	s := kernel.Step(func(c kernel.Card) (kernel.Outcome, error) {
		return terminal.Transact(context.Background(), c, purchase)
	})
	defer s.Stop()
	n := 0
	for command, ok := s.Next(nil, nil); ok; n++ {
		response, err := card.Transmit(context.Background(), nil, command)
		command, ok = s.Next(response, err)
	}
	if out, err := s.Result(); err != nil || out.Kind != kernel.Approved || n != 2 {
		t.Errorf("%v, %v after %d commands", out.Kind, err, n)
	}

	s = kernel.Step(func(c kernel.Card) (kernel.Outcome, error) {
		return terminal.Transact(context.Background(), c, purchase)
	})
	if _, ok := s.Next(nil, nil); !ok {
		t.Fatal("no command")
	}
	s.Stop()
	if _, err := s.Result(); !errors.Is(err, kernel.ErrStopped) {
		t.Errorf("stopped: %v", err)
	}
}
