package contact_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/cardwright/emv/contact"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/action"
	"github.com/cardwright/emv/testvectors/card"
	"github.com/cardwright/emv/testvectors/issuer"
	"github.com/cardwright/emv/tlv"
)

// cardInSlot is a simulated card in a slot, and what it was asked.
type cardInSlot struct {
	*card.Card
	commands [][]byte
}

func insertCard(t testing.TB, profile string, faults ...string) *cardInSlot {
	t.Helper()
	c, err := card.New(card.Config{Profile: profile, Faults: faults})
	if err != nil {
		t.Fatal(err)
	}
	return &cardInSlot{Card: c}
}

// Reset powers the card (contact.Slot).
func (c *cardInSlot) Reset(_ context.Context, warm bool) ([]byte, error) {
	atr, err := c.Power(warm)
	return atr, driverError(err)
}

// Transmit answers a command.
func (c *cardInSlot) Transmit(ctx context.Context, dst, command []byte) ([]byte, error) {
	c.commands = append(c.commands, bytes.Clone(command))
	dst, err := c.Card.Transmit(ctx, dst, command)
	return dst, driverError(err)
}

// driverError makes a simulated card's errors those of a driver.
func driverError(err error) error {
	for _, target := range []error{kernel.ErrRemoved, kernel.ErrTimeout, kernel.ErrTransmission, kernel.ErrProtocol} {
		if err != nil && errors.Is(err, target) {
			return target
		}
	}
	return err
}

// bank is the simulated issuer as a terminal reaches it.
type bank struct {
	*issuer.Host
	asked int
}

func newBank(t testing.TB, config issuer.Config) *bank {
	t.Helper()
	h, err := issuer.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return &bank{Host: h}
}

// Authorise is contact.Host.
func (b *bank) Authorise(_ context.Context, record kernel.Objects) (kernel.OnlineAnswer, error) {
	b.asked++
	v, err := b.Decide(record)
	if err != nil && v.Approved {
		return kernel.OnlineAnswer{}, fmt.Errorf("approved what can't be read: %w", err)
	}
	return kernel.OnlineAnswer{ARC: v.ARC, IssuerAuth: v.AuthData, Scripts: v.Scripts}, nil
}

// counter is a terminal of every scheme, whose action codes are those of a careful acquirer.
func counter(t testing.TB, with contact.Parties) (*contact.Terminal, *[]kernel.Cryptogram) {
	t.Helper()
	keys, err := testKeys()
	if err != nil {
		t.Fatal(err)
	}
	var seen []kernel.Cryptogram
	e := env()
	e.CAPKs = keys
	e.Events = func(ev kernel.Event) {
		if c, ok := ev.(contact.CryptogramEvent); ok {
			seen = append(seen, c.Cryptogram)
		}
	}
	config := contact.Config{Terminal: unhex(t, "9F1A020840 9F3303E0F8C8 9F350122 9F40056000F0A001")}
	for _, rid := range []string{"A000000003", "A000000004", "A000000025", "A000000152", "A000000065", "A000000333", "A000000277"} {
		config.Applications = append(config.Applications, contact.Application{
			AID: unhex(t, rid), Partial: true, Data: unhex(t, "9F1B0400001388 9F09020096"),
			Codes: action.Codes{Denial: unhex(t, "0010000000"), Online: unhex(t, "FC4004F800"), Default: unhex(t, "FC4000A800")},
		})
	}
	terminal, err := contact.New(config, e, with)
	if err != nil {
		t.Fatal(err)
	}
	return terminal, &seen
}

// sale is below the floor limit of counter, and above it.
func sale(online bool) kernel.Transaction {
	tx := kernel.Transaction{Amount: 1000, Currency: 840}
	if online {
		tx.Amount = 6000
	}
	return tx
}

// transact runs one transaction; what must hold whatever the card does is checked.
func transact(t *testing.T, c *cardInSlot, b *bank, tx kernel.Transaction) (*contact.Terminal, kernel.Outcome) {
	t.Helper()
	terminal, seen := counter(t, contact.Parties{Host: b, PINPad: willing{}})
	out, err := terminal.Transact(context.Background(), c, tx)
	if err != nil {
		t.Fatalf("an error instead of an outcome: %v", err)
	}
	if out.Why.Code == "" || out.Why.Stage == "" || out.Why.Ref == "" {
		t.Fatalf("%v because of %q", out.Kind, out.Why)
	}
	if approved(out) {
		last := *seen
		if len(last) == 0 || last[len(last)-1] != kernel.TC {
			t.Fatalf("%v on %v", out.Kind, *seen)
		}
		if terminal.After().Reversal {
			t.Fatal("approved and to be reversed")
		}
		if (out.Kind == kernel.ApprovedOnline) != (b.asked > 0) {
			t.Fatalf("%v, and the issuer was asked %d times", out.Kind, b.asked)
		}
	}
	return terminal, out
}

func approved(out kernel.Outcome) bool {
	return out.Kind == kernel.ApprovedOffline || out.Kind == kernel.ApprovedOnline
}

// odaFailed are the bits of the TVR, byte 1, that say that offline data authentication was not performed or failed (Book 3,
// Annex C5).
const odaFailed = 0x80 | 0x40 | 0x20 | 0x08 | 0x04

// TestEveryByteOfSimulatedCards changes each byte that a signature or a cryptogram covers, one at a time. What the
// signature covers the terminal has to notice: no approval offline, and online only with a TVR that says so. What the
// cryptogram covers the issuer has to notice: no approval online, and none offline that is settled.
func TestEveryByteOfSimulatedCards(t *testing.T) {
	for _, x := range []struct {
		profile string
		online  bool
	}{
		{"contact-offline", false},
		{"visa-contact-sda", false},
		{"contact-cda", false},
		{"amex-contact", false},
		{"jcb-contact", false},
		{"visa-contact", true},
		{"mastercard-contact", true},
		{"discover-contact", true},
		{"interac-contact", true},
		{"unionpay-contact", true},
		{"contact-common-core", true},
	} {
		t.Run(x.profile, func(t *testing.T) {
			t.Parallel()
			intact := insertCard(t, x.profile)
			if _, out := transact(t, intact, newBank(t, issuer.Config{}), sale(x.online)); !approved(out) {
				t.Fatalf("unchanged: %v because of %v", out.Kind, out.Why)
			}
			covered := 0
			for _, s := range intact.Signed() {
				if s.By == card.CoverOffline && !slices.Contains(answered, s.Tag) {
					continue // it stands in a record, of which every byte is changed below
				}
				for at := s.From; at < s.To; at++ {
					fault := fmt.Sprintf("flip=%s:%d:%02X", s.Tag, at, 1<<(at%8))
					covered += noticed(t, insertCard(t, x.profile, fault), s.By, x.online, fault)
				}
			}
			for _, r := range intact.Records() {
				for at := range r.Len {
					if r.Covered == "" {
						continue
					}
					fault := fmt.Sprintf("flip-record=%d.%d:%d:%02X", r.SFI, r.Number, at, 1<<((at+3)%8))
					covered += noticed(t, insertCard(t, x.profile, fault), r.Covered, x.online, fault)
				}
			}
			if covered < 500 {
				t.Errorf("%d bytes were changed", covered)
			}
		})
	}
}

// answered are the objects that a card sends outside its records.
var answered = []tlv.Tag{0x82, 0x9F4B, 0x9F27, 0x9F36, 0x9F10, 0x9F26}

// noticed runs a transaction with a changed byte and says how many it was, none where the transaction ended before it was
// sent.
func noticed(t *testing.T, c *cardInSlot, by card.Cover, online bool, about string) int {
	t.Helper()
	b := newBank(t, issuer.Config{})
	terminal, out := transact(t, c, b, sale(online))
	if len(c.Idle()) > 0 {
		return 0
	}
	switch {
	case !approved(out):
	case by == card.CoverOffline && out.Kind == kernel.ApprovedOffline:
		t.Errorf("%s: approved offline, TVR %X", about, terminal.Data().Get(0x95))
	case by == card.CoverOffline && terminal.Data().Get(0x95)[0]&odaFailed == 0:
		t.Errorf("%s: %v, and TVR %X does not tell", about, out.Kind, terminal.Data().Get(0x95))
	case by == card.CoverCryptogram && out.Kind == kernel.ApprovedOnline:
		t.Errorf("%s: approved online", about)
	case by == card.CoverCryptogram:
		if v, err := b.VerifyClearing(out.Record); err == nil && v.Valid {
			t.Errorf("%s: approved offline and settled", about)
		}
	}
	return 1
}

// scripted has every kind of script command in both templates.
func scripted() issuer.Config {
	return issuer.Config{Commands: []issuer.Command{
		{Order: issuer.PutData, Tag: 0x9F58, Value: []byte{2}, Before: true},
		{Order: issuer.UnblockPIN, Before: true},
		{Order: issuer.PutData, Tag: 0x9F59, Value: []byte{5}},
	}}
}

// The commands of a transaction whose answer the books give no way around: without 9000 there is no approval (Book 1,
// 12.4; Book 3, 10.1, 10.2, 10.8 and 10.11). selected says that the application was.
func decisive(command []byte, selected bool) bool {
	switch command[1] {
	case 0xA8, 0xAE:
		return true
	case 0xB2:
		return selected
	}
	return false
}

// TestEveryStatusWordOfSimulatedCards replaces each status word once by each of statuses. The card has not done then what
// it was told.
func TestEveryStatusWordOfSimulatedCards(t *testing.T) {
	for _, profile := range []string{"contact-scripts", "mastercard-contact"} {
		t.Run(profile, func(t *testing.T) {
			t.Parallel()
			intact := insertCard(t, profile)
			if _, out := transact(t, intact, newBank(t, scripted()), sale(true)); out.Kind != kernel.ApprovedOnline {
				t.Fatalf("unchanged: %v because of %v", out.Kind, out.Why)
			}
			initiated := slices.IndexFunc(intact.commands, func(c []byte) bool { return c[1] == 0xA8 })
			for n, command := range intact.commands {
				for _, sw := range statuses {
					c := insertCard(t, profile, fmt.Sprintf("sw=%04X@%d", sw, n+1))
					terminal, out := transact(t, c, newBank(t, scripted()), sale(true))
					if len(c.Idle()) > 0 {
						t.Fatalf("command %d was not sent", n+1)
					}
					if decisive(command, n > initiated) && approved(out) {
						t.Errorf("%04X to command %d (%02X): %v", sw, n+1, command[1], out.Kind)
					}
					tvr := terminal.Data().Get(0x95)
					switch {
					case !approved(out):
					case command[1] == 0x82 && tvr[4]&0x40 == 0: // EXTERNAL AUTHENTICATE (Book 3, 10.9)
						t.Errorf("%04X to EXTERNAL AUTHENTICATE: TVR %X", sw, tvr)
					case command[1] == 0x20 && bytes.Equal(terminal.Data().Get(0x9F34), []byte{0x44, 0x03, 0x02}) && sw&0xFFF0 != 0x63C0:
						t.Errorf("%04X to VERIFY: verified", sw) // Book 3, 10.5.1: only 9000 is success
					case command[0] == 0x84 && !slices.Contains([]uint16{0x6283, 0x6300, 0x63C0, 0x63C2, 0x9001}, sw) && tvr[4]&0x30 == 0:
						t.Errorf("%04X to script command %02X: TVR %X", sw, command[1], tvr) // Book 3, 10.10
					}
				}
			}
		})
	}
}

// TestSimulatedCardsAreTakenOut takes the card out at every command. Nothing is approved before the TC; what the issuer had
// approved by then is reversed (Book 4, 12.2.4).
func TestSimulatedCardsAreTakenOut(t *testing.T) {
	for _, profile := range []string{
		"visa-contact", "visa-contact-sda", "mastercard-contact", "amex-contact", "discover-contact", "interac-contact", "jcb-contact",
		"unionpay-contact", "contact-scripts", "contact-pin-enciphered", "contact-no-pse",
	} {
		t.Run(profile, func(t *testing.T) {
			t.Parallel()
			intact := insertCard(t, profile)
			if _, out := transact(t, intact, newBank(t, scripted()), sale(true)); out.Kind != kernel.ApprovedOnline {
				t.Fatalf("unchanged: %v because of %v", out.Kind, out.Why)
			}
			var cryptograms []int
			for n, command := range intact.commands {
				if command[1] == 0xAE {
					cryptograms = append(cryptograms, n)
				}
			}
			if len(cryptograms) != 2 {
				t.Fatalf("%d times GENERATE AC", len(cryptograms))
			}
			for n := range intact.commands {
				for _, how := range []string{"removed", "timeout", "transmission", "protocol"} {
					b := newBank(t, scripted())
					terminal, out := transact(t, insertCard(t, profile, fmt.Sprintf("%s@%d", how, n+1)), b, sale(true))
					switch {
					case n > cryptograms[1]: // behind the TC: a script that changes nothing any more
						if out.Kind != kernel.ApprovedOnline || terminal.Data().Get(0x95)[4]&0x10 == 0 {
							t.Errorf("%s at command %d: %v, TVR %X", how, n+1, out.Kind, terminal.Data().Get(0x95))
						}
					case out.Kind != kernel.Terminated || out.Why.Code != "card."+how:
						t.Errorf("%s at command %d: %v because of %v", how, n+1, out.Kind, out.Why)
					case terminal.After().Reversal != (n > cryptograms[0]):
						t.Errorf("%s at command %d: reversal %v", how, n+1, terminal.After().Reversal)
					}
				}
			}
		})
	}
}
