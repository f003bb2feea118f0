package contact_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/cardwright/emv/contact"
	"github.com/cardwright/emv/kernel"
)

// till completes every transaction in the same way, and counts.
type till struct {
	amount  uint64
	account byte
	err     error
	asked   []kernel.Transaction
	name    string
}

func (c *till) Complete(_ context.Context, selected contact.Candidate, tx kernel.Transaction) (kernel.Transaction, error) {
	c.asked, c.name = append(c.asked, tx), selected.AID.String()
	tx.Amount, tx.Account = c.amount, c.account
	return tx, c.err
}

// told plays answers and keeps the commands.
type told struct {
	played
	commands [][]byte
}

func (c *told) Transmit(ctx context.Context, dst, command []byte) ([]byte, error) {
	c.commands = append(c.commands, bytes.Clone(command))
	return c.played.Transmit(ctx, dst, command)
}

// TestEntry: the amount is entered when the application is known, and the card's CDOL1 has it.
func TestEntry(t *testing.T) {
	_, answers := exchanges(t, "dda")
	cashier := &till{amount: 1250, account: 0x10}
	terminal := quiet(t, contact.Parties{Entry: cashier})
	card := &told{played: played{answers: answers}}
	out, err := terminal.Transact(context.Background(), card, kernel.Transaction{Currency: 840})
	if err != nil || out.Kind != kernel.ApprovedOffline {
		t.Fatalf("%v because of %v, %v", out.Kind, out.Why, err)
	}
	if len(cashier.asked) != 1 || cashier.asked[0].Amount != 0 || cashier.name != "A0000000031010" {
		t.Errorf("asked %+v for %s", cashier.asked, cashier.name)
	}
	last := card.commands[len(card.commands)-1]
	if want := unhex(t, "80AE40000F000000001250"); !bytes.HasPrefix(last, want) {
		t.Errorf("GENERATE AC %X, want it to begin with %X", last, want)
	}
	if got := terminal.Data().Get(0x5F57); !bytes.Equal(got, []byte{0x10}) {
		t.Errorf("account type %X", got)
	}
}

// TestEntryBeforeOptions: a PDOL that asks for the amount has it entered first.
func TestEntryBeforeOptions(t *testing.T) {
	cashier := &till{amount: 500}
	terminal := quiet(t, contact.Parties{Entry: cashier})
	fci := unhex(t, "6F178407A0000000031010A50C500456495341 9F38039F0206 9000")
	card := &told{played: played{answers: [][]byte{fci, fci, unhex(t, "6985")}}}
	out, err := terminal.Transact(context.Background(), card, kernel.Transaction{Currency: 840})
	if err != nil || out.Kind != kernel.NotAccepted {
		t.Fatalf("%v because of %v, %v", out.Kind, out.Why, err)
	}
	if want := unhex(t, "80A80000088306000000000500 00"); len(card.commands) != 3 || !bytes.Equal(card.commands[2], want) {
		t.Errorf("commands %X, want the last to be %X", card.commands, want)
	}
}

// TestEntryEnds: what an entry can end in besides a transaction.
func TestEntryEnds(t *testing.T) {
	_, answers := exchanges(t, "dda")
	run := func(cashier *till) (kernel.Outcome, error) {
		return quiet(t, contact.Parties{Entry: cashier}).
			Transact(context.Background(), &played{answers: answers}, kernel.Transaction{Currency: 840})
	}
	if out, err := run(&till{err: contact.ErrCancelled}); err != nil || out.Kind != kernel.Terminated || out.Why.Code != "contact.cancelled" {
		t.Errorf("cancelled: %v because of %v, %v", out.Kind, out.Why, err)
	}
	broken := errors.New("the keypad is gone")
	if _, err := run(&till{err: broken}); !errors.Is(err, broken) {
		t.Errorf("broken: %v", err)
	}
	if _, err := run(&till{amount: kernel.MaxAmount + 1}); kernel.CodeOf(err) != "transaction.amount" {
		t.Errorf("an amount of thirteen digits: %v", err)
	}
}

// diary is a journal in memory.
type diary struct {
	sequence uint32
	entries  []contact.LogEntry
	next     error
	append   error
}

func (d *diary) Next() (uint32, error) { d.sequence++; return d.sequence, d.next }

func (d *diary) Append(e contact.LogEntry) error {
	d.entries = append(d.entries, e)
	return d.append
}

func (d *diary) Latest(pan kernel.PAN, _ int) (uint64, bool) {
	for i := len(d.entries) - 1; i >= 0; i-- {
		if d.entries[i].PAN == pan {
			return d.entries[i].Transaction.Amount, true
		}
	}
	return 0, false
}

// TestJournal: approved transactions are logged under a sequence counter of their own, and the second one of a card that
// exceeds the floor limit together with the first goes online (Book 3, 10.6.1).
func TestJournal(t *testing.T) {
	_, answers := exchanges(t, "dda")
	d := &diary{}
	terminal := quiet(t, contact.Parties{Journal: d})
	pay := func(amount uint64) kernel.Outcome {
		out, err := terminal.Transact(context.Background(), &played{answers: answers}, kernel.Transaction{Amount: amount, Currency: 840})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	if out := pay(6000); out.Kind != kernel.ApprovedOffline || len(d.entries) != 1 {
		t.Fatalf("%v because of %v, %d entries", out.Kind, out.Why, len(d.entries))
	}
	want := contact.LogEntry{
		PAN: d.entries[0].PAN, PSN: -1, Kind: kernel.ApprovedOffline, Time: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC),
		Transaction: kernel.Transaction{Amount: 6000, Currency: 840, Sequence: 1},
	}
	if d.entries[0] != want || want.PAN.Unmasked() != "4761739001010010" {
		t.Errorf("logged %+v", d.entries[0])
	}
	if got := terminal.Data().Get(0x9F41); !bytes.Equal(got, []byte{0, 0, 0, 1}) {
		t.Errorf("sequence counter %X", got)
	}
	pay(6000) // 120.00 with the first one; the limit is 100.00
	if tvr := terminal.Data().Get(0x95); tvr[3]&0x80 == 0 {
		t.Errorf("TVR %X: the floor limit is not exceeded", tvr)
	}
	d.append = errors.New("the disk is full")
	if pay(100); terminal.After().Unlogged != d.append {
		t.Errorf("unlogged because of %v", terminal.After().Unlogged)
	}
	d.next = errors.New("the counter is gone")
	if _, err := terminal.Transact(context.Background(), &played{answers: answers}, purchase); !errors.Is(err, d.next) {
		t.Errorf("%v", err)
	}
}

// TestCurrencies: a terminal of two currencies has a floor limit in each.
func TestCurrencies(t *testing.T) {
	c := config(t)
	c.NoPSE = true
	visa := contact.Application{AID: unhex(t, "A0000000031010")}
	dollar, euro := visa, visa
	dollar.Currencies, dollar.Data = []uint16{840}, unhex(t, "9F1B0400002710")
	euro.Currencies, euro.Data = []uint16{978}, unhex(t, "9F1B0400001388")
	c.Applications = []contact.Application{dollar, euro}
	terminal, err := contact.New(c, env(), contact.Parties{})
	if err != nil {
		t.Fatal(err)
	}
	_, answers := exchanges(t, "dda")
	for currency, want := range map[uint16]string{840: "00002710", 978: "00001388"} {
		if _, err := terminal.Transact(context.Background(), &played{answers: answers}, kernel.Transaction{Amount: 1, Currency: currency}); err != nil {
			t.Fatal(err)
		}
		if got := terminal.Data().Get(0x9F1B); !bytes.Equal(got, unhex(t, want)) {
			t.Errorf("%d: floor limit %X, want %s", currency, got, want)
		}
	}
	c.Applications = append(c.Applications, dollar)
	if _, err := contact.New(c, env(), contact.Parties{}); kernel.CodeOf(err) != "config.duplicate" {
		t.Errorf("the same application twice: %v", err)
	}
}
