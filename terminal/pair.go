package terminal

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/cardwright/emv/terminal/display"
	"github.com/cardwright/emv/terminal/dock"
	"github.com/cardwright/emv/terminal/pairing"
	"github.com/cardwright/emv/terminal/wire"
)

// pairs shows pairing codes: by itself where the terminal is docked and knows no till (S29), and when a customer or a
// cashier asks for one (S38, S39). The port is open as long as the code is on the display, and no longer.
type pairs struct {
	want chan struct{} // a code was asked for

	mu      sync.Mutex
	cancel  context.CancelFunc // ends what is shown
	shown   bool
	refused *wire.Error // why a till was not taken
	display *display.Display
}

// ask has a code shown, or a new one in place of the one that is there.
func (p *pairs) ask() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cancel != nil {
		p.cancel()
	}
	nudge(p.want) // after that: it is the next code that is asked for, and must not be the one that is taken away
}

// look closes the port when another screen has taken the place of the code: a payment, a message, the time.
func (p *pairs) look() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cancel == nil || !p.shown {
		return
	}
	if s := p.display.State(); s.Screen != display.QR && s.Under != display.QR {
		p.cancel()
	}
}

// showing reports whether there is a code: what happens to tills meanwhile waits, for it would take the code off the display.
func (p *pairs) showing() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cancel != nil
}

// answerLeaves is the time that a refusal is given to reach its till before the port closes.
const answerLeaves = 500 * time.Millisecond

// readFailure is how long a failure stays on the display that is about no payment.
const readFailure = 8 * time.Second

// details fill in the text of a refusal.
func details(e *wire.Error) []string { return []string{"least", e.Least, "holder", e.Holder} }

// pairing shows codes until ctx ends, with the shift.
func (t *Terminal) pairing(ctx context.Context) {
	p := &t.pairs
	if err := t.countries(); err != nil {
		return // no till would be taken
	}
	byItself := true
	for ctx.Err() == nil {
		if !byItself || len(t.state.records.All()) > 0 {
			select {
			case <-ctx.Done():
				return
			case <-p.want:
			}
		}
		select {
		case <-p.want: // it is answered by this code
		default:
		}
		byItself = t.code(ctx)
	}
}

// validUntil is when the first part of what is shown ends: the picture, which is drawn anew meanwhile, the digits, which stay
// the same, or, unless ends is zero, the showing itself.
func validUntil(s *pairing.Shown, ends time.Time) time.Time {
	first := s.Expires
	if s.Typed != "" && s.TypedExpires.Before(first) {
		first = s.TypedExpires
	}
	if !ends.IsZero() && ends.Before(first) {
		first = ends
	}
	return first
}

// code shows codes until a till has paired, or the display shows something else. It reports whether the next one comes by
// itself.
func (t *Terminal) code(ctx context.Context) (again bool) {
	p := &t.pairs
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	p.mu.Lock()
	p.cancel, p.shown, p.refused = cancel, false, nil
	p.mu.Unlock()
	var ends time.Time
	if len(t.state.records.All()) > 0 { // a code that somebody asked for and forgot does not keep the port open
		ends = t.c.Clock.Now().Add(pairing.Life)
		stop := t.c.Clock.AfterFunc(pairing.Life, cancel)
		defer stop()
	}
	paired, err := t.desk.Run(ctx, func(s pairing.Shown) {
		valid := validUntil(&s, ends).Sub(t.c.Clock.Now())
		if !t.screen.put(display.Pair{Text: s.Text, Typed: s.Typed, Address: s.Address, Valid: valid}) {
			cancel() // a payment is on the display
			return
		}
		p.mu.Lock()
		p.shown = true
		p.mu.Unlock()
		p.look()
		if t.c.ShowCode != nil {
			t.c.ShowCode(s.Text)
		}
	})
	p.mu.Lock()
	refused := p.refused
	p.cancel = nil
	p.mu.Unlock()
	switch {
	case paired != nil:
		t.c.Log.Info("paired", "till", paired.Record.ID)
		t.relink(nil)
		t.screen.put(display.Paired{
			Register: paired.Record.Name, Words: paired.Confirmation.String(), Hold: t.c.Times.Paired,
		})
	case refused != nil:
		t.hideCode()
		t.relink(refused)
		if len(t.state.records.All()) > 0 { // there is no welcome screen to say it on
			t.screen.put(display.Failed{Code: string(refused.Code), Details: details(refused), Hold: readFailure})
		}
	case errors.Is(err, context.Canceled):
		t.hideCode()
		t.relink(nil)
	default:
		t.c.Log.Error("pairing", "port", t.c.Ports.Pairing, "error", err.Error())
		t.hideCode()
		t.relink(&wire.Error{Code: wire.CodeInternal})
		select { // the network may not be up yet
		case <-ctx.Done():
		case <-p.want:
		case <-t.c.Clock.After(t.c.Times.Watch):
		}
		return true
	}
	return false
}

// hideCode takes the code off the display, if it is still there.
func (t *Terminal) hideCode() {
	s := t.display.State()
	if s.Under == display.QR {
		t.screen.put(display.CloseSettings{})
		s = t.display.State()
	}
	if s.Screen == display.QR {
		t.screen.put(display.Expire{})
	}
}

// pairingRefused is told of every till that was refused. Whoever has not seen the code changes nothing on the display: a
// stranger on the network could keep it from being scanned.
func (t *Terminal) pairingRefused(e *wire.Error) {
	t.c.Log.Info("pairing refused", "code", string(e.Code), "detail", e.Detail)
	switch e.Code {
	case wire.CodeProtocol, wire.CodeAppTooOld, wire.CodePlatform, wire.CodeChain, wire.CodeCertExpired, wire.CodeMerchant,
		wire.CodeLocation, wire.CodeCountry, wire.CodeNetwork, wire.CodeLeased:
	default:
		return
	}
	p := &t.pairs
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cancel != nil && p.refused == nil {
		p.refused = e
		t.c.Clock.AfterFunc(answerLeaves, p.cancel)
	}
}

func (t *Terminal) newDesk() (*pairing.Desk, error) {
	return pairing.NewDesk(pairing.DeskConfig{
		Terminal: t.state.id, Name: t.c.Name, Cert: t.cert, Policy: t.policy, Caps: t.caps, Config: t.c.Config, Records: t.state.records,
		Listen: func(ctx context.Context) (net.Listener, error) {
			return t.c.Ports.Listen(ctx, "tcp", t.c.Ports.Pairing)
		},
		Addresses: func() []netip.Addr { return addresses(t.net.list()) },
		Sessions:  t.sessions, Leased: t.leased, Clock: t.c.Clock, Rand: t.c.Rand, Refused: t.pairingRefused,
	})
}

// leased returns the name of another till that holds the terminal and is there: one that has gone, for a while or for good,
// must not keep its successor from pairing.
func (t *Terminal) leased(posID string) string {
	owner := t.lease.Now().Owner
	for _, till := range t.server.Tills() {
		if _, listens := till.Heard(); listens && till.PosID == owner {
			return t.lease.Holder(posID)
		}
	}
	return ""
}

// act is what a page of the display was told to do.
func (t *Terminal) act(a display.Action) {
	switch a.Kind {
	case display.ActStart, display.ActRestore:
		if t.shift.mode() != dock.Docked {
			t.screen.put(display.Note{Text: "undocked"})
			return
		}
		t.pairs.ask()
	case display.ActForward:
		t.c.Log.Info("sent at once, as asked for at the terminal")
		t.engine.Forward()
	default:
		t.screen.answered(a)
	}
}
