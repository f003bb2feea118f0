package terminal

import (
	"errors"
	"strings"
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

// beat is what a heartbeat tells: what waits to be sent to the host.
func (t *Terminal) beat() wire.Heartbeat {
	var h wire.Heartbeat
	now := t.c.Clock.Now()
	for _, s := range t.engine.Pending() {
		h.Queued++
		h.QueuedSum += int64(s.Amounts.Total)
		since := askedAt(s.RequestID)
		if s.Final != nil {
			since = s.Final.At
		}
		h.OldestAge = max(h.OldestAge, int64(now.Sub(since)/time.Second))
	}
	return h
}

// crockford are the digits of a ULID.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// askedAt returns when a request was made, as its ULID says.
func askedAt(id string) time.Time {
	var ms int64
	for i := range min(len(id), 10) {
		ms = ms<<5 | int64(max(0, strings.IndexByte(crockford, id[i])))
	}
	return time.UnixMilli(ms)
}
