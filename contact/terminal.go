package contact

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/cardwright/emv/crypto/cert"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/cvm"
	"github.com/cardwright/emv/kernel/oda"
	"github.com/cardwright/emv/kernel/risk"
	"github.com/cardwright/emv/tlv/dict"
)

// Terminal runs contact transactions, one at a time, on memory that it keeps between them. It is not safe for concurrent
// use; a device with two slots has two.
type Terminal struct{ transaction }

// transaction is everything of the transaction at hand and the memory for it.
type transaction struct {
	config Config
	env    kernel.Env
	with   Parties

	tx         kernel.Transaction
	when       time.Time // of the transaction
	entered    bool      // Entry has completed it for the selected application
	candidates []candidate
	listed     bool // the candidate list has been built
	asked      bool // the cardholder has chosen from it
	selected   candidate

	data    *kernel.Data
	link    kernel.Link
	static  oda.Static
	cert    cert.Verifier
	un      [4]byte
	drawn   bool
	covered [maxObjects + 3][]byte // what a signature covers, in the arena of data
	answer  []byte                 // scratch for what has to outlive the next exchange

	// What stages leave for later ones. Slices are in the arena of data.
	pdolData []byte     // the values of the PDOL
	cdolData [2][]byte  // those of CDOL1 and CDOL2
	method   oda.Method // of offline data authentication
	verified cvm.Result
	combined bool // a combined signature can be asked for: CDA was chosen and the card's key retrieved
	reply    kernel.OnlineAnswer
	online   bool // the issuer answered
	results  [5 * maxScripts]byte
	scripts  int // how many bytes of results are used
	after    After
	record   []byte
}

// Parties are who takes part in a transaction beside card and terminal. Each may be left out.
type Parties struct {
	Host    Host          // the issuer; nil where there is no way to go online
	PINPad  kernel.PINPad // nil where there is none
	Chooser Chooser       // the cardholder at the display; nil where the terminal selects applications by itself
	Entry   Entry         // completes the transaction after the application is known; nil where all is known before
	Journal Journal       // what outlives transactions; nil where the caller does without
	Log     risk.Log      // of earlier transactions, in place of the journal's; nil where the terminal has no other
}

// New checks the whole configuration and returns a Terminal for it, or a *kernel.ConfigError with everything that is
// wrong.
func New(config Config, env kernel.Env, with Parties) (*Terminal, error) {
	faults := config.check()
	if env.Clock == nil {
		faults = append(faults, kernel.Fault{Path: "env.clock", Code: "config.clock", Text: "is required"})
	}
	if env.Rand == nil {
		faults = append(faults, kernel.Fault{Path: "env.rand", Code: "config.rand", Text: "is required"})
	}
	if len(faults) > 0 {
		return nil, &kernel.ConfigError{Faults: faults}
	}
	t := &Terminal{}
	t.config, t.env, t.with = config, env, with
	t.data = kernel.NewData()
	t.candidates = make([]candidate, 0, maxCandidates)
	t.answer, t.record = make([]byte, 0, 512), make([]byte, 0, 512)
	if t.config.CDAMode == 0 {
		t.config.CDAMode = CDAMode1
	}
	return t, nil
}

// Wipe forgets the transaction: every data object of the card is overwritten. Each transaction does it first; a terminal
// that waits for its next customer should not wait for that.
func (t *Terminal) Wipe() {
	t.data.Reset(dict.Common)
	t.cert.Wipe()
	t.static.Reset()
	t.link.Close()
	clear(t.candidates[:cap(t.candidates)])
	clear(t.answer[:cap(t.answer)])
	t.candidates, t.listed, t.asked, t.selected = t.candidates[:0], false, false, candidate{}
	t.un, t.drawn = [4]byte{}, false
	t.forget()
	clear(t.record[:cap(t.record)])
}

// forget drops what stages left for later ones.
func (t *transaction) forget() {
	t.pdolData, t.cdolData = nil, [2][]byte{}
	t.method, t.combined, t.verified = oda.NoMethod, false, cvm.Result{}
	t.reply, t.online = kernel.OnlineAnswer{}, false
	clear(t.results[:])
	clear(t.covered[:])
	t.scripts, t.after = 0, After{}
}

// Data returns the data objects of the transaction, unmasked: for the part of a terminal that builds a message or a
// receipt. They are gone after Wipe.
func (t *Terminal) Data() *kernel.Data { return t.data }

// Selected returns the name of the application that was selected, nil while none is.
func (t *Terminal) Selected() kernel.AID {
	if t.selected.name.n == 0 {
		return nil
	}
	return t.selected.aid()
}

// begin makes room for a new transaction.
func (t *Terminal) begin(card kernel.Card, tx kernel.Transaction) error {
	t.Wipe()
	if f := tx.Faults(); f != nil {
		return &kernel.ConfigError{Faults: f}
	}
	if tx.Sequence == 0 && t.with.Journal != nil {
		var err error
		if tx.Sequence, err = t.with.Journal.Next(); err != nil {
			return fmt.Errorf("contact: the transaction sequence counter: %w", err)
		}
	}
	t.tx = tx
	if t.when = tx.Time; t.when.IsZero() {
		t.when = t.env.Clock.Now()
	}
	t.link.Open(&t.env, card)
	return nil
}

// load puts the terminal's side of a transaction into the data store: what it held of an application that was given up
// is forgotten.
func (t *transaction) load(a *Application) error {
	d := t.data
	d.Reset(dict.Common)
	t.forget()
	t.entered = false
	date, clock := dateBCD(t.when), clockBCD(t.when)
	err := errors.Join(
		d.Load(t.config.Terminal),
		d.Load(a.Data),
		t.loadAmounts(),
		d.Set(tagType, []byte{byte(t.tx.Type)}),
		d.SetNumeric(tagCurrency, uint64(t.tx.Currency), 2),
		d.SetNumeric(tagExponent, uint64(t.tx.CurrencyExponent()), 1),
		d.Set(tagDate, date[:]),
		d.Set(tagTime, clock[:]),
	)
	if t.tx.Sequence != 0 {
		err = errors.Join(err, d.SetNumeric(tagSequence, uint64(t.tx.Sequence), 4))
	}
	return err
}

// binaryAmount is an amount as Amount, Authorised (Binary) has it: four bytes, all ones where that is too small.
func binaryAmount(v uint64) []byte {
	v = min(v, 0xFFFFFFFF)
	return []byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)}
}

// drawUN makes the Unpredictable Number (9F37), one for a transaction (Book 4, 6.5.6): an application that takes the place
// of another one has the same.
func (t *transaction) drawUN() error {
	if !t.drawn {
		if _, err := io.ReadFull(t.env.Rand, t.un[:]); err != nil {
			return fmt.Errorf("contact: drawing the unpredictable number: %w", err)
		}
		t.drawn = true
	}
	return t.data.Set(tagUN, t.un[:])
}

func dateBCD(t time.Time) [3]byte {
	y, m, d := t.Date()
	return [3]byte{bcd2(y % 100), bcd2(int(m)), bcd2(d)}
}

func clockBCD(t time.Time) [3]byte {
	h, m, s := t.Clock()
	return [3]byte{bcd2(h), bcd2(m), bcd2(s)}
}

func bcd2(n int) byte { return byte(n/10<<4 | n%10) }

// Slot is what a contact driver has beside Card: the card's reset. A Card without it counts as powered already.
type Slot interface {
	// Reset powers the card and resets it, cold, or resets it while it is powered, warm. It returns the answer to reset as
	// the card gave it, and an error that wraps ErrRemoved where no card is there, another card error where the card did
	// not answer as ISO/IEC 7816-3 asks for, or ctx.Err().
	Reset(ctx context.Context, warm bool) (atr []byte, err error)
}

// reset is the card's reset (Book 1, 6.1.3 and 8.2): an answer that is not accepted gets a warm reset, once; a card whose
// second answer is not accepted either can't be read by its chip.
func (t *transaction) reset(ctx context.Context) (kernel.Outcome, error) {
	slot, ok := t.link.Card().(Slot)
	if !ok {
		return kernel.Outcome{}, nil
	}
	t.step(stageReset, "Book 1, 8.2")
	var why error
	for _, warm := range [...]bool{false, true} {
		atr, err := slot.Reset(ctx, warm)
		if err == nil {
			_, err = ParseATR(atr, warm)
			if err == nil {
				return kernel.Outcome{}, nil
			}
		} else if !kernel.IsCardError(err) {
			return kernel.Outcome{}, err
		}
		if errors.Is(err, kernel.ErrRemoved) {
			return t.terminate(stageReset, kernel.CodeOf(err), "Book 4, 6.1"), nil
		}
		why = err
		t.decide(stageReset, kernel.CodeOf(err), "Book 1, 8.2")
	}
	return kernel.Outcome{
		Kind: kernel.Fallback, UI: t.message(MsgUseStripe, kernel.ProcessingError), Alternate: kernel.MagneticStripe,
		Why: kernel.Reason{Stage: stageReset, Code: kernel.CodeOf(why), Ref: "Book 1, 8.2"},
	}, nil
}
