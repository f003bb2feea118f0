package msr

import (
	"sync"
	"time"

	"github.com/cardwright/emv/terminal/driver"
)

// maxText bounds what is taken for one swipe: three tracks have 226 characters, envelopes up to some 1,400.
const maxText = 4096

// assembler collects what a reader gives until a swipe is whole: at Enter, at the end of an envelope, or when nothing more
// comes.
type assembler struct {
	gap  time.Duration
	done func(driver.Swipe)

	mu     sync.Mutex
	text   []byte
	broken bool // something was lost, or it was too long
	timer  *time.Timer
	closed bool
}

// add takes one character.
func (a *assembler) add(c byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return
	}
	raw := len(a.text) > 0 && a.text[0] == 0x02 // an envelope holds every byte
	switch {
	case !raw && (c == end || c == '\n'):
		a.finish()
		return
	case !raw && c == lost || len(a.text) == maxText:
		a.broken = true
	case !raw && c < 0x20 && (c != 0x02 || len(a.text) > 0): // tabs between tracks and the like
	default:
		a.text = append(a.text, c)
	}
	if raw && stxLength(a.text) {
		a.finish()
		return
	}
	if a.timer == nil {
		a.timer = time.AfterFunc(a.gap, a.late)
	} else {
		a.timer.Reset(a.gap)
	}
}

// late is called when nothing has come for a while.
func (a *assembler) late() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.closed {
		a.finish()
	}
}

// finish hands on what there is. The lock is held.
func (a *assembler) finish() {
	if a.timer != nil {
		a.timer.Stop()
	}
	switch {
	case a.broken:
		a.done(driver.Swipe{Err: driver.ErrUnreadable})
	case len(a.text) > 0:
		a.done(read(a.text))
	}
	a.wipe()
}

func (a *assembler) wipe() {
	clear(a.text[:cap(a.text)])
	a.text, a.broken = a.text[:0], false
}

func (a *assembler) close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.closed = true
	if a.timer != nil {
		a.timer.Stop()
	}
	a.wipe()
}
