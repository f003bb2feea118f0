package terminal

import (
	"errors"
	"time"

	"github.com/cardwright/emv/terminal/dock"
	"github.com/cardwright/emv/terminal/driver"
	"github.com/cardwright/emv/terminal/payment"
	"github.com/cardwright/emv/terminal/wire"
)

// ready says why no payment can be taken now. The engine asks with its lock held.
func (t *Terminal) ready() error {
	if t.shift.mode() != dock.Docked || t.leaving.Load() {
		return wire.Refuse(wire.CodeNotDocked, "the terminal is not in its dock")
	}
	if err := t.countries(); err != nil {
		return err
	}
	if p := t.host.power.Load(); p != nil {
		if err := p.Refuse(); err != nil {
			return err
		}
	}
	if !t.host.answered.Load() {
		return &wire.Error{Code: "E_PROVIDER", Detail: "the host has not answered since the start", Err: payment.ErrHostAway}
	}
	return nil
}

// countries compares the country of the location with the store's, and with the one that the profile is for. S7
func (t *Terminal) countries() error {
	c := &t.c
	if c.Country != c.StoreCountry || c.Country != c.Profile.Country.Alpha2 {
		return wire.Refuse(wire.CodeCountry, "location %s, store %s, profile %s", c.Country, c.StoreCountry, c.Profile.Country.Alpha2)
	}
	return nil
}

// status is what tills are told.
func (t *Terminal) status() wire.Status {
	s := wire.Status{
		State: "ready", Docked: t.shift.mode() == dock.Docked, Holder: t.lease.Now().Name,
		CardIn: t.reader.Present().Has(driver.Contact),
	}
	if p := t.host.power.Load(); p != nil && p.Battery && p.Percent >= 0 {
		percent := min(p.Percent, 100)
		s.Battery, s.Charging = &percent, p.Charging
	}
	if id := t.active.id(); id != "" {
		s.State, s.RequestID = "busy", id
		return s
	}
	if err := errors.Join(t.engine.Err(), t.ready()); err != nil {
		s.State, s.Cause = "not_ready", t.cause(err)
	}
	return s
}

// cause is the code of the first thing that keeps the terminal from being ready.
func (t *Terminal) cause(err error) wire.Code {
	var r *payment.Refusal
	if errors.As(err, &r) {
		return wire.Code(r.Code)
	}
	return t.refusal(err).Code
}

// word is the status for everybody, on the plain port.
func (t *Terminal) word() string { return t.status().State }

// beat is what a heartbeat tells: what waits to be sent to the host. P6
func (t *Terminal) beat() wire.Heartbeat {
	q := t.engine.Queue()
	h := wire.Heartbeat{Queued: q.Count, QueuedSum: min(int64(q.Sum), wire.MaxAmount), QueueFull: q.Full}
	if q.Count > 0 {
		h.OldestAge = max(0, int64(t.c.Clock.Now().Sub(q.Oldest)/time.Second))
	}
	for _, s := range t.engine.Pending() {
		if !s.Offline {
			h.Unanswered++
		}
	}
	return h
}
