package counter

import (
	"context"
	"slices"

	"github.com/cardwright/emv/terminal/driver"
	"github.com/cardwright/emv/testvectors/issuer/iso"
)

// State is what there is to see.
type State struct {
	Reader  *ReaderState `json:"reader,omitempty"`
	Pad     *PadState    `json:"pad,omitempty"`
	Dock    *DockState   `json:"dock,omitempty"`
	Staff   *StaffState  `json:"staff,omitempty"`
	Bank    *BankState   `json:"bank,omitempty"`
	Display string       `json:"display,omitempty"`
	Code    string       `json:"code,omitempty"` // for pairing, while it is on the display
	Log     []Line       `json:"log"`            // newest last
}

// ReaderState is the simulated reader.
type ReaderState struct {
	Plugged bool     `json:"plugged"`
	Slot    string   `json:"slot,omitempty"`  // the card in it
	Field   []string `json:"field,omitempty"` // the cards that are held to it
	Read    bool     `json:"read"`            // a card in the field was found by the reader
	Lights  uint8    `json:"lights"`          // bits 1, 2, 4, 8: the four lights of contactless (Book A, 9.3)
}

// DockState is the virtual dock.
type DockState struct {
	Docked bool `json:"docked"`
}

// BankState is the simulated bank.
type BankState struct {
	Entries []iso.Entry `json:"entries"` // newest last, the last of them
	Count   int         `json:"count"`   // of all
}

// maxEntries is how much of the ledger a page shows.
const maxEntries = 12

// State looks.
func (c *Counter) State(ctx context.Context) State {
	c.mu.Lock()
	s := State{Display: c.display, Log: slices.Clone(c.log)}
	if s.Log == nil {
		s.Log = []Line{}
	}
	if c.config.Reader != nil {
		s.Reader = &ReaderState{Plugged: !c.unplugged, Slot: c.slot}
		for _, t := range c.field {
			s.Reader.Field = append(s.Reader.Field, t.name)
		}
	}
	if c.config.Bank != nil {
		if c.spoke {
			c.spoke = false
			c.ledger = c.config.Bank.Ledger()
		}
		s.Bank = &BankState{Entries: []iso.Entry{}, Count: len(c.ledger)}
		s.Bank.Entries = append(s.Bank.Entries, c.ledger[max(0, len(c.ledger)-maxEntries):]...)
	}
	c.mu.Unlock()
	if r := c.config.Reader; r != nil {
		s.Reader.Lights = r.Lit()
		if status, err := r.Status(ctx); err == nil {
			s.Reader.Read = status.Present.Has(driver.Contactless)
		}
	}
	if c.config.Code != nil {
		s.Code = c.config.Code()
	}
	if c.config.Pad != nil {
		p := c.config.Pad.State()
		s.Pad = &p
	}
	if c.config.Dock != nil {
		s.Dock = &DockState{c.config.Dock.Docked()}
	}
	s.Staff = c.staffState()
	return s
}
