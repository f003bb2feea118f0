package contact_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/cardwright/emv/contact"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/replay"
)

// shelf is a cardholder who looks at the list and takes one.
type shelf struct {
	seen   []contact.Candidate
	again  []bool
	choice int
	err    error
}

func (s *shelf) Choose(_ context.Context, list []contact.Candidate, again bool) (int, error) {
	s.seen, s.again = list, append(s.again, again)
	return s.choice, s.err
}

func (s *shelf) Confirm(_ context.Context, c contact.Candidate) (bool, error) {
	s.seen = []contact.Candidate{c}
	return s.choice == 0, s.err
}

// directory answers the PSE with two applications, and both applications' selection.
func directory(t *testing.T) [][]byte {
	return [][]byte{
		unhex(t, "6F15 840E315041592E5359532E4444463031 A503880101 9000"),
		unhex(t, "7040"+
			"611D4F07A0000000041010500344454D9F1101059F1205BAB0C0C2B0870102"+
			"611F4F07A000000003101050065649534120209F11010F9F120458585858870181 9000"),
		{0x6A, 0x83},
	}
}

// TestChooser is Book 1, 12.4, with the names of Book 4, 11.3.
func TestChooser(t *testing.T) {
	answers := directory(t)
	s := &shelf{choice: -1}
	terminal := newTerminal(t, env(), contact.Parties{Chooser: s})
	out, err := terminal.Transact(context.Background(), &replay.Hostile{Script: replay.HostileScript(answers...)}, purchase)
	if err != nil || out.Kind != kernel.Terminated || out.Why.Code != "select.cancelled" {
		t.Fatalf("%v because of %v, %v", out.Kind, out.Why, err)
	}
	got := ""
	for _, c := range s.seen {
		got += fmt.Sprintf("%v %s %d %v; ", c.AID, c.Name, c.Priority, c.Confirm)
	}
	// The terminal has code table 1 of its 9F40 only: the names in tables 5 and 15 are not shown.
	if want := "A0000000031010 VISA 1 true; A0000000041010 DEM 2 false; "; got != want {
		t.Errorf("%s, want %s", got, want)
	}

	broken := errors.New("the display is gone")
	terminal = newTerminal(t, env(), contact.Parties{Chooser: &shelf{err: broken}})
	if _, err := terminal.Transact(context.Background(), &replay.Hostile{Script: replay.HostileScript(answers...)}, purchase); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}

	s = &shelf{choice: 0}
	terminal = newTerminal(t, env(), contact.Parties{Chooser: s})
	out, err = terminal.Transact(context.Background(), &replay.Hostile{Script: replay.HostileScript(append(answers, unhex(t, "6A82"))...)}, purchase)
	if err != nil || out.Kind != kernel.NotAccepted || len(s.again) != 1 {
		t.Errorf("%v because of %v, %v, asked %v", out.Kind, out.Why, err, s.again)
	}
}

// failingHost is one that has a bug.
type failingHost struct{ err error }

func (h failingHost) Authorise(context.Context, kernel.Objects) (kernel.OnlineAnswer, error) {
	return kernel.OnlineAnswer{}, h.err
}

func TestHostErrorEndsTheTransaction(t *testing.T) {
	broken := errors.New("the host is broken")
	_, answers := exchanges(t, "online-issuer-auth")
	terminal := quiet(t, contact.Parties{Host: failingHost{broken}})
	if _, err := terminal.Transact(context.Background(), &replay.Hostile{Script: replay.HostileScript(answers...)}, purchase); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
	if terminal.After().Reversal {
		t.Error("nothing was approved, and it is to be reversed")
	}
}

// TestReversal: the issuer approved, and the card did not (Book 4, 12.2.4).
func TestReversal(t *testing.T) {
	for id, want := range map[string]bool{"online-card-refuses": true, "online-approved": false, "ac2-6985": true, "online-declined-05": false} {
		_, answers := exchanges(t, id)
		h := &host{ARC: [2]byte{'0', '0'}}
		if id == "online-declined-05" {
			h.ARC = [2]byte{'0', '5'}
		}
		terminal := quiet(t, contact.Parties{Host: h})
		out, err := terminal.Transact(context.Background(), &replay.Hostile{Script: replay.HostileScript(answers...)}, purchase)
		if err != nil || terminal.After().Reversal != want {
			t.Errorf("%s: %v because of %v, reversal %v, %v", id, out.Kind, out.Why, terminal.After().Reversal, err)
		}
	}
}

// TestNothingIsShownOrKept plants a card number and looks for it in events, outcomes and, after Wipe, in the terminal.
func TestNothingIsShownOrKept(t *testing.T) {
	_, answers := exchanges(t, "online-issuer-auth")
	var log strings.Builder
	e := env()
	e.Events = func(ev kernel.Event) { fmt.Fprintf(&log, "%v %+v\n", ev.Kind(), ev) }
	h := approving(t)
	c := config(t)
	c.NoPSE = true
	c.Applications = c.Applications[:1]
	terminal, err := contact.New(c, e, contact.Parties{Host: h})
	if err != nil {
		t.Fatal(err)
	}
	out, err := terminal.Transact(context.Background(), &replay.Hostile{Script: replay.HostileScript(answers...)}, purchase)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(&log, "%+v", out)
	if !bytes.Contains(out.Record, unhex(t, "4761739001010010")) {
		t.Fatalf("the record has no card number: %v", out.Why)
	}
	if strings.Contains(log.String(), "4761739001010010") {
		t.Error("the card number is in events")
	}
	record := out.Record
	terminal.Wipe()
	if bytes.Contains(record, unhex(t, "4761739001010010")) || terminal.Data().Has(0x5A) {
		t.Error("the card number outlives Wipe")
	}
}

// TestSameBytesTwice: the same inputs give the same commands.
func TestSameBytesTwice(t *testing.T) {
	for _, id := range []string{"dda", "cda"} {
		commands, answers := exchanges(t, id)
		terminal := quiet(t, contact.Parties{})
		for range 2 {
			card := &recording{Hostile: replay.Hostile{Script: replay.HostileScript(answers...)}}
			if _, err := terminal.Transact(context.Background(), card, purchase); err != nil {
				t.Fatal(err)
			}
			for i := range card.commands {
				if !bytes.Equal(card.commands[i], commands[i]) {
					t.Errorf("%s, command %d: %X, want %X", id, i, card.commands[i], commands[i])
				}
			}
		}
	}
}

type recording struct {
	replay.Hostile
	commands [][]byte
}

func (r *recording) Transmit(ctx context.Context, dst, command []byte) ([]byte, error) {
	r.commands = append(r.commands, bytes.Clone(command))
	return r.Hostile.Transmit(ctx, dst, command)
}
