package counter

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/dock"
	"github.com/cardwright/emv/terminal/driver"
	"github.com/cardwright/emv/terminal/driver/simulated"
	"github.com/cardwright/emv/testvectors/issuer/iso"
)

// What can't be done at the counter now.
var (
	ErrNoReader = &kernel.Error{Code: "counter.no_reader", Text: "the reader is a real one"}
	ErrNoPad    = &kernel.Error{Code: "counter.no_pad", Text: "the PIN pad is a real one"}
	ErrNoDock   = &kernel.Error{Code: "counter.no_dock", Text: "the dock is a real one"}
	ErrNoBank   = &kernel.Error{Code: "counter.no_bank", Text: "the bank is a real one"}
	ErrNoStripe = &kernel.Error{Code: "counter.no_stripe", Text: "it has no stripe"}
	ErrIdle     = &kernel.Error{Code: "counter.idle", Text: "nobody waited for a swipe"}
	ErrSlot     = &kernel.Error{Code: "counter.slot", Text: "there is a card in the slot"}
	ErrNoPrompt = &kernel.Error{Code: "counter.no_prompt", Text: "nobody asks for a PIN"}
	ErrShort    = &kernel.Error{Code: "counter.short", Text: "a PIN has four digits at least"}
	ErrNoBypass = &kernel.Error{Code: "counter.no_bypass", Text: "the PIN can't be left out here"}
	ErrKey      = &kernel.Error{Code: "counter.key", Text: "the PIN pad has no such key"}
)

// Config is what stands on the counter. What is nil is real, or not there.
type Config struct {
	Reader *simulated.Reader
	Pad    *Pad
	Dock   *dock.Virtual
	Bank   *iso.Server

	// Staff is who is signed in to the terminal itself, Scanner is its scanner, and Mode tells whether it is out of the dock,
	// where both are used. Without Staff there is no such mode.
	Staff   *dock.Staff
	Scanner *Scanner
	Mode    func() dock.Mode

	// Code returns the pairing code that is on the terminal's screen, for tills without a camera on this device; "" for
	// none. nil has none.
	Code func() string

	Delay time.Duration // of cards, for each answer
	Told  func(string)  // hears what the person does, in words; nil is deaf
}

// Counter is a person with cards. It is safe for concurrent use. Close it when the reader is closed.
type Counter struct {
	config Config
	ctx    context.Context
	end    context.CancelFunc
	wait   sync.WaitGroup

	staff sync.Mutex // holds what staff do together; before mu
	token dock.Token // of who is signed in; it goes nowhere else

	mu        sync.Mutex
	wallet    map[string]*held
	display   string
	slot      string
	field     []tapped
	taps      int
	unplugged bool
	spoke     bool // the bank has had a message since ledger was taken
	ledger    []iso.Entry
	log       []Line
}

// Line is something that happened.
type Line struct {
	At   time.Time `json:"at"`
	Text string    `json:"text"`
}

// tapped is a card that is held to the reader.
type tapped struct {
	number int // of the tap
	name   string
}

// maxLog is how many lines are kept.
const maxLog = 40

// New returns a person who does nothing yet.
func New(c Config) *Counter {
	ctx, end := context.WithCancel(context.Background())
	return &Counter{config: c, ctx: ctx, end: end, wallet: map[string]*held{}, spoke: true}
}

// Close ends what the person still does.
func (c *Counter) Close() {
	c.end()
	c.wait.Wait()
	c.staff.Lock()
	c.token.Wipe()
	c.staff.Unlock()
}

// Note adds a line to what is to be seen. It must not hold card data.
func (c *Counter) Note(format string, a ...any) {
	line := fmt.Sprintf(format, a...)
	c.mu.Lock()
	c.log = append(c.log, Line{time.Now(), line})
	if len(c.log) > maxLog {
		c.log = slices.Delete(c.log, 0, len(c.log)-maxLog)
	}
	c.mu.Unlock()
}

func (c *Counter) did(format string, a ...any) {
	c.Note(format, a...)
	if c.config.Told != nil {
		c.config.Told(fmt.Sprintf(format, a...))
	}
}

// ShowDisplay says where the customer display is, for a link.
func (c *Counter) ShowDisplay(url string) {
	c.mu.Lock()
	c.display = url
	c.mu.Unlock()
}

// BankSpoke says that the bank had a message, so that its ledger is looked at again: for iso.Config.Watch.
func (c *Counter) BankSpoke() {
	c.mu.Lock()
	c.spoke = true
	c.mu.Unlock()
}

// Tap holds a card to the reader until it has been read and the reader is done with it, or until Leave.
func (c *Counter) Tap(name string, faults []string) error {
	r := c.config.Reader
	if r == nil {
		return ErrNoReader
	}
	h, err := c.card(name, faults)
	if err != nil {
		return err
	}
	before := h.asked()
	c.mu.Lock()
	twice := slices.ContainsFunc(c.field, func(t tapped) bool { return t.name == name })
	c.mu.Unlock()
	if twice { // the same card again: it was away in between
		c.leave("%s was taken away")
	}
	c.mu.Lock()
	c.taps++
	tap := tapped{c.taps, name}
	c.field = append(c.field, tap)
	c.mu.Unlock()
	c.did("%s is held to the reader", name)
	r.Tap(&inField{h, func() { c.leave("%s went away") }}, nil)
	c.wait.Go(func() { c.untilRead(h, tap, before) })
	return nil
}

// lookAgain is how long a hand takes to follow the reader.
const lookAgain = 20 * time.Millisecond

// untilRead takes the card away when the reader has read it and let it go. asked is how many commands it had before.
func (c *Counter) untilRead(h *held, tap tapped, asked int64) {
	t := time.NewTicker(lookAgain)
	defer t.Stop()
	for {
		select {
		case <-c.ctx.Done():
			return
		case <-t.C:
		}
		c.mu.Lock()
		gone := !slices.Contains(c.field, tap)
		c.mu.Unlock()
		s, err := c.config.Reader.Status(c.ctx)
		switch {
		case gone || err != nil:
			return
		case h.asked() > asked && !s.Present.Has(driver.Contactless):
			c.leave("%s was read and taken away")
			return
		}
	}
}

// Leave takes the cards away from the reader.
func (c *Counter) Leave() error {
	if c.config.Reader == nil {
		return ErrNoReader
	}
	c.leave("%s was taken away")
	return nil
}

func (c *Counter) leave(how string) {
	c.mu.Lock()
	gone := c.field
	c.field = nil
	c.mu.Unlock()
	c.config.Reader.Leave()
	for _, t := range gone {
		c.did(how, t.name)
	}
}

// Insert puts a card into the slot. The error is ErrSlot, or that of a card which there is not.
func (c *Counter) Insert(name string, faults []string) error {
	r := c.config.Reader
	if r == nil {
		return ErrNoReader
	}
	h, err := c.card(name, faults)
	if err != nil {
		return err
	}
	c.mu.Lock()
	err = r.Insert(&inSlot{h, func() { _ = c.Remove() }}, nil)
	if err == nil {
		c.slot = name
	}
	c.mu.Unlock()
	if errors.Is(err, driver.ErrBusy) {
		return ErrSlot
	}
	c.did("%s is in the slot", name)
	return err
}

// Remove pulls the card out of the slot, if there is one.
func (c *Counter) Remove() error {
	if c.config.Reader == nil {
		return ErrNoReader
	}
	c.mu.Lock()
	name := c.slot
	c.slot = ""
	c.mu.Unlock()
	c.config.Reader.Remove()
	if name != "" {
		c.did("%s was pulled out of the slot", name)
	}
	return nil
}

// Swipe draws a card's stripe through the head. The error is ErrIdle where nobody waited for it.
func (c *Counter) Swipe(name string, faults []string) error {
	r := c.config.Reader
	if r == nil {
		return ErrNoReader
	}
	h, err := c.card(name, faults)
	if err != nil {
		return err
	}
	stripe := h.card.Stripe()
	if stripe == "" {
		return ErrNoStripe
	}
	if !r.Swipe("", stripe, "") {
		return ErrIdle
	}
	c.did("%s was swiped", name)
	return nil
}

// Plug puts the reader's cable in, or pulls it.
func (c *Counter) Plug(in bool) error {
	if c.config.Reader == nil {
		return ErrNoReader
	}
	c.mu.Lock()
	c.unplugged = !in
	c.mu.Unlock()
	if in {
		c.config.Reader.Plug()
		c.did("the reader's cable was put in")
	} else {
		c.config.Reader.Unplug()
		c.did("the reader's cable was pulled")
	}
	return nil
}

// SetDock puts the terminal into the dock, or pulls it out.
func (c *Counter) SetDock(in bool) error {
	if c.config.Dock == nil {
		return ErrNoDock
	}
	if in {
		c.config.Dock.Dock()
		c.did("the terminal was put into the dock")
	} else {
		c.config.Dock.Undock()
		c.did("the terminal was pulled out of the dock")
	}
	return nil
}

// Press presses a key of the PIN pad.
func (c *Counter) Press(key string) error {
	if c.config.Pad == nil {
		return ErrNoPad
	}
	err := c.config.Pad.Press(key)
	if err == nil && !isDigit(key) && key != "clear" {
		c.did("the PIN pad: %s", key)
	}
	return err
}

// Misbehave tells the bank how to.
func (c *Counter) Misbehave(faults ...iso.Fault) error {
	if c.config.Bank == nil {
		return ErrNoBank
	}
	c.config.Bank.Misbehave(faults...)
	for _, f := range faults {
		c.did("the bank will misbehave: %s", f.Kind)
	}
	return nil
}

// Behave has the bank forget it.
func (c *Counter) Behave() error {
	if c.config.Bank == nil {
		return ErrNoBank
	}
	c.config.Bank.Behave()
	c.did("the bank behaves again")
	return nil
}
