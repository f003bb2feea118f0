package kerneltest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/card"
	"github.com/cardwright/emv/testvectors/issuer"
	"github.com/cardwright/emv/testvectors/replay"
)

// Bench is a kernel on the bench.
type Bench struct {
	// Terminal makes a terminal with this kernel. events may be nil.
	Terminal func(t testing.TB, events func(kernel.Event)) *contactless.Terminal

	Tap kernel.Transaction // a purchase that the offline cards approve
}

// transact makes the bench's tap.
func (b Bench) transact(t testing.TB, terminal *contactless.Terminal, c kernel.Card) kernel.Outcome {
	t.Helper()
	out, err := terminal.Transact(context.Background(), c, b.Tap)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Tape records the bench's tap of a simulated card: the same terminal gets the same tap from it.
func (b Bench) Tape(t testing.TB, profile string) *replay.Tape {
	t.Helper()
	tape := new(replay.Tape)
	b.transact(t, b.Terminal(t, nil), taping{NewCard(t, profile), tape})
	return tape
}

// Case is a simulated card and what becomes of its tap.
type Case struct {
	Profile string
	Amount  uint64 // in the bench's currency; 0 takes the bench's own
	Kind    kernel.Kind
	CVM     kernel.CVM
	Code    string // of the outcome's reason; "" for any
	Unheard bool   // nothing of it can be verified by an issuer
}

// Profiles runs a purchase with each card, up to the issuer's verdict on its cryptogram.
func (b Bench) Profiles(t *testing.T, cases []Case) {
	for _, c := range cases {
		tx := b.Tap
		if c.Amount != 0 {
			tx.Amount = c.Amount
		}
		t.Run(fmt.Sprintf("%s %d", c.Profile, tx.Amount), func(t *testing.T) {
			out, err := b.Terminal(t, nil).Transact(context.Background(), NewCard(t, c.Profile), tx)
			if err != nil || out.Kind != c.Kind || out.CVM != c.CVM || c.Code != "" && out.Why.Code != c.Code {
				t.Fatalf("%v, %v because of %v, %v; want %v, %v, %s", out.Kind, out.CVM, out.Why, err, c.Kind, c.CVM, c.Code)
			}
			if c.Unheard || out.Kind != kernel.OnlineRequest && out.Kind != kernel.Approved {
				return
			}
			if v := Verdict(t, &out); !v.Valid {
				t.Errorf("the issuer's verdict: %+v", v)
			}
		})
	}
}

// Verdict is what the simulated issuer says to an online request, or to the clearing of an offline approval.
func Verdict(t testing.TB, out *kernel.Outcome) issuer.Verdict {
	t.Helper()
	host, err := issuer.New(issuer.Config{})
	if err != nil {
		t.Fatal(err)
	}
	decide := host.Decide
	if out.Kind == kernel.Approved {
		decide = host.VerifyClearing
	}
	v, err := decide(out.Record)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// noticed reports whether terminal or issuer refused a transaction. A record that the issuer can't read is refused.
func noticed(t testing.TB, out *kernel.Outcome) bool {
	t.Helper()
	if out.Kind != kernel.OnlineRequest {
		return out.Kind != kernel.Approved
	}
	host, err := issuer.New(issuer.Config{})
	if err != nil {
		t.Fatal(err)
	}
	v, err := host.Decide(out.Record)
	return err != nil || !v.Valid
}

// EverySignedByte changes each byte that a card's signatures or its cryptogram cover, one at a time: of what is covered
// offline nothing may be approved offline, and a changed cryptogram the terminal or the issuer has to notice.
func (b Bench) EverySignedByte(t *testing.T, profile string, by card.Cover) {
	terminal := b.Terminal(t, nil)
	intact := NewCard(t, profile)
	b.transact(t, terminal, intact)
	n := 0
	try := func(fault string) {
		n++
		out := b.transact(t, terminal, NewCard(t, profile, fault))
		// An offline card that goes online because authentication failed has been noticed.
		if out.Kind == kernel.Approved || by == card.CoverCryptogram && !noticed(t, &out) {
			t.Errorf("%s %s was not noticed: %v because of %v", profile, fault, out.Kind, out.Why)
		}
	}
	for _, s := range intact.Signed() {
		for i := s.From; s.By == by && i < s.To; i++ {
			try(fmt.Sprintf("flip=%v:%d:%02X", s.Tag, i, 1<<(i%8)))
		}
	}
	for _, r := range intact.Records() {
		for i := 0; r.Covered == by && i < r.Len; i++ {
			try(fmt.Sprintf("flip-record=%d.%d:%d:%02X", r.SFI, r.Number, i, 1<<(i%8)))
		}
	}
	if n < 15 {
		t.Errorf("%s: only %d bytes are covered", profile, n)
	}
}

// Fault is something wrong with a card and what its tap ends in.
type Fault struct {
	Fault string
	Kind  kernel.Kind // NoOutcome for any
	Code  string      // how the code of the outcome's reason begins
}

// Faults gives a card faults, one at a time. Whatever the card sends, the amount stays the terminal's.
func (b Bench) Faults(t *testing.T, profile string, faults []Fault) {
	for _, f := range faults {
		t.Run(f.Fault, func(t *testing.T) {
			terminal := b.Terminal(t, nil)
			out := b.transact(t, terminal, NewCard(t, profile, f.Fault))
			if !out.Kind.Final() || f.Kind != kernel.NoOutcome && out.Kind != f.Kind ||
				out.Why.Code == "" || !strings.HasPrefix(out.Why.Code, f.Code) {
				t.Errorf("%v because of %v, want %v because of %s", out.Kind, out.Why, f.Kind, f.Code)
			}
			var amount [6]byte
			kernel.PutBCD(amount[:], b.Tap.Amount)
			if got := terminal.Data().Get(0x9F02); got != nil && string(got) != string(amount[:]) {
				t.Errorf("the amount became %X", got)
			}
		})
	}
}

// NothingShown taps every card of a brand with all events printed, and looks for the card number in what was printed, in
// the outcome and in the data store. At least that many must have said who they are.
func (b Bench) NothingShown(t *testing.T, prefix string, least int) {
	seen := 0
	for _, profile := range card.Profiles() {
		if !strings.HasPrefix(profile.Name, prefix) || profile.Contact() {
			continue
		}
		var printed strings.Builder
		terminal := b.Terminal(t, func(e kernel.Event) { fmt.Fprintf(&printed, "%s %v %+v %#v\n", e.Kind(), e, e, e) })
		out, err := terminal.Transact(context.Background(), NewCard(t, profile.Name), b.Tap)
		fmt.Fprintf(&printed, "%v %+v %v %v\n", out, out, err, terminal.Data())
		track, ok := kernel.ParseTrack2(terminal.Data().Get(0x57))
		if !ok {
			continue // refused before the card said who it is
		}
		seen++
		for _, secret := range []string{
			track.PAN.Unmasked(), track.PAN.Unmasked()[6:], fmt.Sprintf("%X", track.Unmasked()), fmt.Sprintf("%d", track.Unmasked()[:8]),
		} {
			if strings.Contains(printed.String(), secret) {
				t.Errorf("%s: shows %s", profile.Name, secret)
			}
		}
	}
	if seen < least {
		t.Errorf("only %d cards said who they are", seen)
	}
}

// DriverErrors: what is no card error is not taken for one, at whatever command it comes.
func (b Bench) DriverErrors(t *testing.T, profile string) {
	broken := errors.New("the driver's own")
	intact := b.Tape(t, profile)
	for at := range intact.Answers {
		c := &failing{Tape: copyOf(intact), at: at, err: broken}
		if _, err := b.Terminal(t, nil).Transact(context.Background(), c, b.Tap); !errors.Is(err, broken) {
			t.Errorf("%s, command %d: %v", profile, at, err)
		}
	}
}

// Allocations holds that a whole tap of a card ends as it should and allocates at most so often.
func (b Bench) Allocations(t *testing.T, profile string, kind kernel.Kind, most float64) {
	t.Helper()
	terminal, tape := b.Terminal(t, nil), b.Tape(t, profile)
	n := testing.AllocsPerRun(100, func() {
		if out := b.transact(t, terminal, tape); out.Kind != kind {
			t.Fatal(out.Kind, out.Why)
		}
	})
	if n > most {
		t.Errorf("%s: %v allocations, want at most %v", profile, n, most)
	}
}

// Benchmark runs whole taps without a reader: the time is the kernel's and the entry point's.
func (b Bench) Benchmark(bench *testing.B, profiles ...string) {
	for _, profile := range profiles {
		bench.Run(profile, func(bench *testing.B) {
			terminal, tape := b.Terminal(bench, nil), b.Tape(bench, profile)
			bench.ReportAllocs()
			for bench.Loop() {
				b.transact(bench, terminal, tape)
			}
		})
	}
}
