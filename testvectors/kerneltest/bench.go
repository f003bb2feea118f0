package kerneltest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/card"
	"github.com/cardwright/emv/testvectors/issuer"
	"github.com/cardwright/emv/testvectors/replay"
	"github.com/cardwright/emv/tlv"
)

// Bench is a kernel on the bench.
type Bench struct {
	// Terminal makes a terminal with this kernel. events may be nil.
	Terminal func(t testing.TB, events func(kernel.Event)) *contactless.Terminal

	Tap   kernel.Transaction // a purchase that the offline cards approve
	Cards []string           // how the names of its brands' simulated cards begin: "visa-"
	Taps  int                // how many taps a card may cost without the issuer; 0 for four

	// Tapes are recorded taps, by names that are none of a simulated card.
	Tapes map[string]func(testing.TB) *replay.Tape

	// Approved says what an approval must stand on; nil is Signed.
	Approved func(t testing.TB, terminal *contactless.Terminal)

	// Fooled reports whether an online request is what a card that was changed where it is authenticated offline must not
	// get; nil for never: it goes online because of that.
	Fooled func(t testing.TB, out *kernel.Outcome) bool
}

// maxTaps is how often a card is shown to a kernel that asks for it on its own.
const maxTaps = 4

func (b Bench) taps() int {
	if b.Taps == 0 {
		return maxTaps
	}
	return b.Taps
}

// Transact makes a tap, and those that follow because the kernel asks for the card again without the issuer. It returns how
// many taps there were.
func Transact(t testing.TB, terminal *contactless.Terminal, c kernel.Card, tx kernel.Transaction) (kernel.Outcome, int) {
	t.Helper()
	taps := 1
	out, err := terminal.Transact(context.Background(), c, tx)
	for ; err == nil && contactless.NeedsRestart(&out, nil) && taps < maxTaps; taps++ {
		out, err = terminal.Restart(context.Background(), c, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out, taps
}

// transact makes the bench's tap.
func (b Bench) transact(t testing.TB, terminal *contactless.Terminal, c kernel.Card) kernel.Outcome {
	t.Helper()
	out, _ := Transact(t, terminal, c, b.Tap)
	return out
}

// Tape records the bench's tap of a simulated card: the same terminal gets the same tap from it. A name of Tapes is that
// recorded tap.
func (b Bench) Tape(t testing.TB, profile string) *replay.Tape {
	t.Helper()
	if recorded := b.Tapes[profile]; recorded != nil {
		return recorded(t)
	}
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
	Taps    int    // that it takes; 0 for one
	Unheard bool   // nothing of it can be verified by an issuer
}

// Profiles runs a purchase with each card, up to the issuer, who approves what gets to it. No card of the brands may be
// missing from the cases.
func (b Bench) Profiles(t *testing.T, cases []Case) {
	for _, profile := range b.profiles() {
		if !slices.ContainsFunc(cases, func(c Case) bool { return c.Profile == profile }) {
			t.Errorf("%s is not in the table", profile)
		}
	}
	for _, c := range cases {
		tx := b.Tap
		if c.Amount != 0 {
			tx.Amount = c.Amount
		}
		t.Run(fmt.Sprintf("%s %d", c.Profile, tx.Amount), func(t *testing.T) {
			terminal := b.Terminal(t, nil)
			out, taps := Transact(t, terminal, NewCard(t, c.Profile), tx)
			if out.Kind != c.Kind || out.CVM != c.CVM || c.Code != "" && out.Why.Code != c.Code {
				t.Fatalf("%v, %v because of %v; want %v, %v, %s", out.Kind, out.CVM, out.Why, c.Kind, c.CVM, c.Code)
			}
			if taps != max(c.Taps, 1) {
				t.Errorf("%d taps", taps)
			}
			b.approved(t, terminal, &out)
			if c.Unheard || out.Kind != kernel.OnlineRequest && out.Kind != kernel.Approved {
				return
			}
			if v := Verdict(t, &out); !v.Valid || out.Kind == kernel.OnlineRequest && !v.Approved {
				t.Errorf("the issuer's verdict: %+v", v)
			}
		})
	}
}

// profiles names the simulated contactless cards of the brands.
func (b Bench) profiles() (names []string) {
	for _, p := range card.Profiles() {
		ours := func(prefix string) bool { return strings.HasPrefix(p.Name, prefix) }
		if !p.Contact() && slices.ContainsFunc(b.Cards, ours) {
			names = append(names, p.Name)
		}
	}
	return names
}

// Verdict is what the simulated issuer says to an online request, or to the clearing of an offline approval.
func Verdict(t testing.TB, out *kernel.Outcome) issuer.Verdict {
	t.Helper()
	v, err := judge(t, out)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// IssuerUpdate takes a card online and, once the simulated issuer has approved, back with its answer, scripts among it. It
// returns the outcome of the tap after the answer.
func (b Bench) IssuerUpdate(t testing.TB, terminal *contactless.Terminal, c kernel.Card, scripts []byte) kernel.Outcome {
	t.Helper()
	host, err := issuer.New(issuer.Config{Scripts: scripts})
	if err != nil {
		t.Fatal(err)
	}
	out := b.transact(t, terminal, c)
	if out.Kind != kernel.OnlineRequest {
		t.Fatalf("%v because of %v", out.Kind, out.Why)
	}
	v, err := host.Decide(out.Record)
	if err != nil || !v.Valid || !v.Approved {
		t.Fatalf("%+v, %v", v, err)
	}
	answer := &kernel.OnlineAnswer{ARC: v.ARC, IssuerAuth: v.AuthData, Scripts: v.Scripts}
	if out.Start != kernel.StartB || !contactless.NeedsRestart(&out, answer) {
		t.Fatalf("no restart: %v", out.Start)
	}
	if out, err = terminal.Restart(context.Background(), c, answer); err != nil {
		t.Fatal(err)
	}
	return out
}

// judge gives a Data Record to the simulated issuer: for clearing where it was approved or holds a TC, with which a reader
// may go online all the same.
func judge(t testing.TB, out *kernel.Outcome) (issuer.Verdict, error) {
	t.Helper()
	host, err := issuer.New(issuer.Config{})
	if err != nil {
		t.Fatal(err)
	}
	cid, _ := tlv.Find(out.Record, 0x9F27)
	if out.Kind == kernel.Approved || len(cid) == 1 && kernel.CryptogramOf(cid[0]) == kernel.TC {
		return host.VerifyClearing(out.Record)
	}
	return host.Decide(out.Record)
}

// Noticed reports whether terminal or issuer refused a transaction. A record that the issuer can't read is refused.
func Noticed(t testing.TB, out *kernel.Outcome) bool {
	t.Helper()
	if out.Kind != kernel.OnlineRequest {
		return out.Kind != kernel.Approved
	}
	v, err := judge(t, out)
	return err != nil || !v.Valid
}

// EverySignedByte changes each byte that a card's signatures or its cryptogram cover, one at a time: of what is covered
// offline nothing may be approved offline, and a changed cryptogram the terminal or the issuer has to notice. At least that
// many bytes must be covered.
func (b Bench) EverySignedByte(t *testing.T, profile string, by card.Cover, least int) {
	t.Helper()
	terminal := b.Terminal(t, nil)
	intact := NewCard(t, profile)
	if out := b.transact(t, terminal, intact); out.Kind != kernel.Approved && out.Kind != kernel.OnlineRequest {
		t.Fatalf("%s: %v because of %v", profile, out.Kind, out.Why)
	}
	n := 0
	try := func(fault string) {
		n++
		out := b.transact(t, terminal, NewCard(t, profile, fault))
		fooled := out.Kind == kernel.Approved
		switch {
		case by == card.CoverCryptogram:
			fooled = fooled || !Noticed(t, &out)
		case b.Fooled != nil && out.Kind == kernel.OnlineRequest:
			fooled = b.Fooled(t, &out)
		}
		if fooled {
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
	if n < least {
		t.Errorf("%s: only %d bytes are covered %v", profile, n, by)
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

// NothingShown taps every card of the brands with all events printed, and looks for what a card has to hide in what was
// printed, in the outcome and in the data store: its number, its tracks, the name on it, and secrets. At least that many
// must have said who they are.
func (b Bench) NothingShown(t *testing.T, least int, secrets ...string) {
	seen := 0
	for _, profile := range b.profiles() {
		var printed strings.Builder
		terminal := b.Terminal(t, func(e kernel.Event) { fmt.Fprintf(&printed, "%s %v %+v %#v\n", e.Kind(), e, e, e) })
		out, err := terminal.Transact(context.Background(), NewCard(t, profile), b.Tap)
		fmt.Fprintf(&printed, "%v %+v %v %v\n", out, out, err, terminal.Data())
		hidden := append(hiddenIn(terminal.Data()), secrets...)
		if len(hidden) == len(secrets) {
			continue // refused before the card said who it is
		}
		seen++
		shown := strings.ToUpper(printed.String())
		for _, secret := range hidden {
			if at := strings.Index(shown, strings.ToUpper(secret)); at >= 0 {
				t.Errorf("%s: shows %s: %s", profile, secret, shown[max(0, at-200):at+len(secret)])
			}
		}
	}
	if seen < least {
		t.Errorf("only %d cards said who they are", seen)
	}
}

// hiddenIn returns what nobody may see of a card's data, as text, as hexadecimal digits and as numbers; nothing where there
// is no track 2.
func hiddenIn(d *kernel.Data) []string {
	track, ok := kernel.ParseTrack2(d.Get(0x57))
	if !ok {
		track, ok = kernel.ParseTrack2(d.Get(0x9F6B)) // Mastercard's of mag-stripe mode
	}
	if !ok {
		return nil
	}
	raw, number := track.Unmasked(), track.PAN.Unmasked()
	behind := fmt.Sprintf("%X%X", track.Expiry, track.ServiceCode)
	behind = behind[:4] + behind[5:] // a service code has three digits
	hidden := []string{
		number, number[len(number)-10:], fmt.Sprintf("%x", number), fmt.Sprintf("%X", raw), strings.Trim(fmt.Sprintf("%d", raw[:7]), "[]"),
		"D" + behind, "^" + behind, fmt.Sprintf("%x", "^"+behind),
	}
	if name := strings.TrimSpace(string(d.Get(0x5F20))); len(name) > 2 {
		hidden = append(hidden, name, fmt.Sprintf("%x", name))
	}
	return hidden
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
