package contact_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"sync"
	"testing"

	"github.com/cardwright/emv/contact"
	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/crypto/pin"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors"
	"github.com/cardwright/emv/testvectors/replay"
)

// maxCommands is what a transaction may cost: a directory, occurrences of both applications, and for each of 32 candidates
// a selection with its options; 255 records; and what follows, PIN tries and script commands included.
const maxCommands = 33 + 2*16 + 32*2 + 255 + 64 + 2*16*64

// suite is contact-transaction.json, as far as tests need it.
type suite struct {
	Cases []struct {
		ID    string
		Given struct {
			Card struct{ Exchanges []struct{ C, R string } }
		}
	}
}

var readSuite = sync.OnceValues(func() (s suite, err error) {
	text, err := testvectors.FS().ReadFile("contact-transaction.json")
	if err == nil {
		err = json.Unmarshal(text, &s)
	}
	return s, err
})

var testKeys = sync.OnceValues(capk.Test)

// exchanges returns the script of a case of contact-transaction.json.
func exchanges(t testing.TB, id string) (commands, answers [][]byte) {
	t.Helper()
	suite, err := readSuite()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range suite.Cases {
		if c.ID != id {
			continue
		}
		for _, e := range c.Given.Card.Exchanges {
			commands, answers = append(commands, unhex(t, e.C)), append(answers, unhex(t, e.R))
		}
	}
	if len(answers) < 5 {
		t.Fatalf("the suite has no case %q with a card", id)
	}
	return commands, answers
}

// willing is a cardholder who takes whatever comes first and enters the same PIN for ever.
type willing struct{}

func (willing) Choose(context.Context, []contact.Candidate, bool) (int, error) { return 0, nil }

func (willing) Confirm(context.Context, contact.Candidate) (bool, error) { return true, nil }

func (willing) Enter(_ context.Context, r kernel.PINRequest, dst *pin.PIN) (kernel.PINEntry, error) {
	if r.Use == kernel.PINForIssuer {
		return kernel.PINEntered, nil
	}
	return kernel.PINEntered, pin.Parse(dst, []byte("1234"))
}

// exposed is a terminal without a directory to look for, with every party, and what it saw of cryptograms.
func exposed(t testing.TB) (*contact.Terminal, *[]contact.CryptogramEvent) {
	t.Helper()
	keys, err := testKeys()
	if err != nil {
		t.Fatal(err)
	}
	var seen []contact.CryptogramEvent
	e := env()
	e.CAPKs = keys
	e.Events = func(ev kernel.Event) {
		if c, ok := ev.(contact.CryptogramEvent); ok {
			seen = append(seen, c)
		}
	}
	c := config(t)
	c.NoPSE = true
	c.Applications = c.Applications[:1]
	c.Applications[0].Partial = false
	c.Applications[0].Codes.Online = unhex(t, "DC40BC9800")
	c.Applications[0].Codes.Default = unhex(t, "DC40BC8000")
	terminal, err := contact.New(c, e, contact.Parties{Host: approving(t), PINPad: willing{}, Chooser: willing{}})
	if err != nil {
		t.Fatal(err)
	}
	return terminal, &seen
}

var purchase = kernel.Transaction{Amount: 1250, Currency: 840}

// FuzzHostileCard holds that arbitrary answers end in an Outcome after a bounded number of commands, and that nothing is
// approved but on a TC: offline only as the action codes allow, online only after the issuer.
func FuzzHostileCard(f *testing.F) {
	for _, id := range []string{"dda", "cda", "cda-arqc", "sda", "online-issuer-auth", "script-both", "offline-pin", "velocity"} {
		_, answers := exchanges(f, id)
		f.Add(replay.HostileScript(answers...))
		f.Add(replay.HostileScript(answers[:len(answers)-1]...))
	}
	f.Add([]byte{0xFF, 0xF0, 0xFF, 0xF1, 0xFF, 0xF4})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		card := &replay.Hostile{Script: b}
		terminal, seen := exposed(t)
		out, err := terminal.Transact(context.Background(), card, purchase)
		check(t, terminal, out, err, card.Sent, *seen)
	})
}

// FuzzAlteredCard changes single bytes of a good card: three bytes a change, which answer, where, and what is flipped.
func FuzzAlteredCard(f *testing.F) {
	f.Add(byte(0), []byte{2, 4, 0x01})
	f.Add(byte(1), []byte{5, 100, 0x80, 3, 18, 0x40})
	f.Add(byte(2), []byte{})
	f.Fuzz(func(t *testing.T, which byte, changes []byte) {
		ids := [...]string{"dda", "cda", "online-issuer-auth"}
		_, answers := exchanges(t, ids[int(which)%len(ids)])
		for ; len(changes) >= 3; changes = changes[3:] {
			answer := answers[int(changes[0])%len(answers)]
			answer[int(changes[1])%len(answer)] ^= changes[2]
		}
		card := &replay.Hostile{Script: replay.HostileScript(answers...)}
		terminal, seen := exposed(t)
		out, err := terminal.Transact(context.Background(), card, purchase)
		check(t, terminal, out, err, card.Sent, *seen)
	})
}

func check(
	t *testing.T, terminal *contact.Terminal, out kernel.Outcome, err error, sent int, seen []contact.CryptogramEvent,
) {
	t.Helper()
	if err != nil {
		t.Fatalf("an error instead of an outcome: %v", err)
	}
	if out.Kind < kernel.ApprovedOffline || out.Why.Code == "" {
		t.Fatalf("%v because of %q", out.Kind, out.Why)
	}
	if sent > maxCommands {
		t.Fatalf("%d commands", sent)
	}
	approved := out.Kind == kernel.ApprovedOffline || out.Kind == kernel.ApprovedOnline
	switch {
	case !approved:
		return
	case len(seen) == 0 || seen[len(seen)-1].Cryptogram != 0x40:
		t.Fatalf("%v without a TC: %v", out.Kind, seen)
	case out.Kind == kernel.ApprovedOnline && len(seen) != 2:
		t.Fatalf("approved online with %d cryptograms", len(seen))
	case terminal.After().Reversal:
		t.Fatal("approved and to be reversed")
	}
	// The action codes of this terminal send a transaction online whose authentication was not performed or failed.
	if tvr := terminal.Data().Get(0x95); out.Kind == kernel.ApprovedOffline && tvr[0]&0xCC != 0 {
		t.Fatalf("approved offline with TVR %X", tvr)
	}
}

// TestEverySignedByte changes each byte of what a card authenticates, one at a time: none may be approved offline.
func TestEverySignedByte(t *testing.T) {
	for _, c := range []struct {
		id      string
		answers []int // what is signed, or signs
		skip    int   // bytes at the front that are not: the header of the template
	}{
		{"dda", []int{3, 4, 5, 6}, 3}, {"cda", []int{3, 4, 5, 6}, 3}, {"sda", []int{3, 4, 5}, 3},
	} {
		_, intact := exchanges(t, c.id)
		terminal, seen := exposed(t)
		if out, err := terminal.Transact(context.Background(), &replay.Hostile{Script: replay.HostileScript(intact...)}, purchase); err != nil ||
			out.Kind != kernel.ApprovedOffline {
			t.Fatalf("%s unchanged: %v because of %v, %v, %v", c.id, out.Kind, out.Why, err, *seen)
		}
		for _, n := range c.answers {
			for i := c.skip; i < len(intact[n])-2; i++ {
				answers := append([][]byte(nil), intact...)
				answers[n] = bytes.Clone(intact[n])
				answers[n][i] ^= 1 << (i % 8)
				out, err := terminal.Transact(context.Background(), &replay.Hostile{Script: replay.HostileScript(answers...)}, purchase)
				if err != nil {
					t.Fatal(err)
				}
				if out.Kind == kernel.ApprovedOffline {
					t.Errorf("%s: byte %d of answer %d changed: approved offline", c.id, i, n)
				}
			}
		}
	}
}

// statuses are the status words of Book 3, 6.3.5 and 6.5.
var statuses = []uint16{
	0x6283, 0x6300, 0x63C0, 0x63C2, 0x6400, 0x6581, 0x6700, 0x6982, 0x6983, 0x6984, 0x6985, 0x6986, 0x6A80, 0x6A81, 0x6A82,
	0x6A83, 0x6A88, 0x6D00, 0x6E00, 0x6F00, 0x9001, 0x6110, 0x6C10,
}

// TestEveryStatusWord replaces each status word once by every other one: an approval is still one only on a TC.
func TestEveryStatusWord(t *testing.T) {
	for _, id := range []string{"dda", "cda", "online-issuer-auth", "offline-pin"} {
		_, intact := exchanges(t, id)
		for n := range intact {
			for _, sw := range statuses {
				answers := append([][]byte(nil), intact...)
				body := bytes.Clone(intact[n][:len(intact[n])-2])
				answers[n] = binary.BigEndian.AppendUint16(body, sw)
				card := &replay.Hostile{Script: replay.HostileScript(answers...)}
				terminal, seen := exposed(t)
				out, err := terminal.Transact(context.Background(), card, purchase)
				check(t, terminal, out, err, card.Sent, *seen)
			}
		}
	}
}

// TestRemoved takes the card out at every command: the transaction is terminated, and an approval of the issuer's
// reversed.
func TestRemoved(t *testing.T) {
	for _, id := range []string{"dda", "cda", "online-issuer-auth", "velocity"} {
		commands, intact := exchanges(t, id)
		online := false
		for n := range intact {
			card := &replay.Hostile{Script: append(replay.HostileScript(intact[:n]...), 0xFF, 0xF0)}
			terminal, _ := exposed(t)
			out, err := terminal.Transact(context.Background(), card, purchase)
			if err != nil || out.Kind != kernel.Terminated || out.Why.Code == "" {
				t.Fatalf("%s at command %d: %v because of %v, %v", id, n, out.Kind, out.Why, err)
			}
			if got := terminal.After().Reversal; got != online {
				t.Errorf("%s at command %d: reversal %v", id, n, got)
			}
			online = online || commands[n][1] == 0xAE && commands[n][2]&0xC0 == 0x80
		}
	}
}

// TestDriverErrorsAreErrors: what is no card error is not taken for one.
func TestDriverErrorsAreErrors(t *testing.T) {
	broken := errors.New("the driver's own")
	_, intact := exchanges(t, "online-issuer-auth")
	for n := range intact {
		terminal, _ := exposed(t)
		card := &failing{replay.Hostile{Script: replay.HostileScript(intact...)}, n, broken}
		if _, err := terminal.Transact(context.Background(), card, purchase); !errors.Is(err, broken) {
			t.Errorf("at command %d: %v", n, err)
		}
	}
}

type failing struct {
	replay.Hostile
	at  int
	err error
}

func (c *failing) Transmit(ctx context.Context, dst, command []byte) ([]byte, error) {
	if c.Sent == c.at {
		return dst, c.err
	}
	return c.Hostile.Transmit(ctx, dst, command)
}
