package counter

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/cardwright/emv/crypto/pin"
	"github.com/cardwright/emv/kernel"
)

// Pad is a PIN pad for tests: its keys are pressed by Press. It is a PIN pad as terminal/reader wants one. The zero Pad is
// ready.
type Pad struct {
	Bypass bool // the PIN may be left out (Book 4, 6.3.4.3)

	mu     sync.Mutex
	prompt *prompt // nil while nobody asks
	known  []string
	pace   time.Duration
}

// prompt is one that is shown.
type prompt struct {
	request kernel.PINRequest
	digits  [12]byte
	n       int
	entered func(int)
	end     chan kernel.PINEntry
}

// Keys are what a PIN pad has besides digits.
var Keys = []string{"clear", "enter", "cancel", "bypass", "timeout", "broken"}

func isDigit(key string) bool { return len(key) == 1 && key[0] >= '0' && key[0] <= '9' }

// Know has the customer enter PINs by himself: each is for one prompt, the last one for all that follow. One of Keys in
// place of a PIN is that key. pace is how long a key takes.
func (p *Pad) Know(pace time.Duration, pins ...string) {
	p.mu.Lock()
	p.known, p.pace = slices.Clone(pins), pace
	p.mu.Unlock()
}

// Enter waits for the cardholder.
func (p *Pad) Enter(ctx context.Context, r kernel.PINRequest, dst *pin.PIN, entered func(digits int)) (kernel.PINEntry, error) {
	if err := ctx.Err(); err != nil {
		return kernel.PINPadBroken, err
	}
	q := &prompt{request: r, entered: entered, end: make(chan kernel.PINEntry, 1)}
	p.mu.Lock()
	if p.prompt != nil {
		p.mu.Unlock()
		return kernel.PINPadBroken, nil
	}
	p.prompt = q
	p.mu.Unlock()
	stop := p.byHeart(ctx)
	defer stop()

	var how kernel.PINEntry
	var err error
	select {
	case how = <-q.end:
	case <-ctx.Done():
		how, err = kernel.PINPadBroken, ctx.Err()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.prompt = nil // what is pressed from here on goes nowhere
	defer clear(q.digits[:])
	if err == nil && how == kernel.PINEntered {
		err = pin.Parse(dst, q.digits[:q.n])
	}
	return how, err
}

// byHeart enters what the customer knows, until stop is called.
func (p *Pad) byHeart(ctx context.Context) (stop func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.known) == 0 {
		return func() {}
	}
	keys, pace := []string{p.known[0]}, p.pace
	if len(p.known) > 1 {
		p.known = p.known[1:]
	}
	if !slices.Contains(Keys, keys[0]) {
		keys = append(strings.Split(keys[0], ""), "enter")
	}
	ctx, cancel := context.WithCancel(ctx)
	var typing sync.WaitGroup
	typing.Go(func() {
		for _, key := range keys {
			select {
			case <-time.After(pace):
			case <-ctx.Done():
				return
			}
			if p.Press(key) != nil { // not offered: the customer gives up
				_ = p.Press("cancel")
			}
		}
	})
	return func() {
		cancel()
		typing.Wait()
	}
}

// Press presses a key: a digit or one of Keys. The errors are ErrNoPrompt, ErrShort, ErrNoBypass and ErrKey.
func (p *Pad) Press(key string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	q := p.prompt
	switch {
	case q == nil:
		return ErrNoPrompt
	case isDigit(key):
		if q.n < len(q.digits) {
			q.digits[q.n] = key[0]
			q.n++
			q.tell()
		}
		return nil
	}
	switch key {
	case "clear":
		clear(q.digits[:])
		q.n = 0
		q.tell()
	case "enter":
		if q.n < 4 { // ISO 9564-1, 8.1: four digits at least
			return ErrShort
		}
		q.finish(kernel.PINEntered)
	case "cancel":
		q.finish(kernel.PINCancelled)
	case "bypass":
		if !p.Bypass {
			return ErrNoBypass
		}
		q.finish(kernel.PINBypassed)
	case "timeout":
		q.finish(kernel.PINTimeout)
	case "broken":
		q.finish(kernel.PINPadBroken)
	default:
		return ErrKey
	}
	return nil
}

func (q *prompt) tell() {
	if q.entered != nil {
		q.entered(q.n)
	}
}

// finish ends the prompt; the first key that does counts.
func (q *prompt) finish(how kernel.PINEntry) {
	select {
	case q.end <- how:
	default:
	}
}

// PadState is what can be seen of a PIN pad.
type PadState struct {
	Asks      bool   `json:"asks"`
	Use       string `json:"use,omitempty"` // "card" checks the PIN, or the "bank"
	Entered   int    `json:"entered"`
	TriesLeft int    `json:"tries_left"` // -1 for not known
	Retry     bool   `json:"retry,omitempty"`
	Bypass    bool   `json:"bypass,omitempty"`
}

// State returns it.
func (p *Pad) State() PadState {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := PadState{TriesLeft: -1, Bypass: p.Bypass}
	if q := p.prompt; q != nil {
		s.Asks, s.Use, s.Entered, s.TriesLeft, s.Retry = true, "card", q.n, q.request.TriesLeft, q.request.Retry
		if q.request.Use == kernel.PINForIssuer {
			s.Use = "bank"
		}
	}
	return s
}
