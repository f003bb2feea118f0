package terminal

import (
	"crypto/tls"
	"crypto/x509"
	"errors"

	"github.com/cardwright/emv/terminal/display"
	"github.com/cardwright/emv/terminal/dock"
	"github.com/cardwright/emv/terminal/driver"
	"github.com/cardwright/emv/terminal/pairing"
	"github.com/cardwright/emv/terminal/payment"
	"github.com/cardwright/emv/terminal/reader"
	"github.com/cardwright/emv/terminal/session"
	"github.com/cardwright/emv/terminal/wire"
)

// Open makes a terminal of its parts. The order matters: who it is, what it has promised (lease, pair records, payments),
// and the end of what was interrupted come before anybody can reach it. After an error nothing is left open but what the
// caller brought.
func Open(c Config) (t *Terminal, err error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	c.fill()
	t = &Terminal{c: c, bound: make(chan struct{}), ended: make(chan struct{})}
	t.events.more, t.events.now = make(chan struct{}, 1), map[string]event{}
	t.told.sent = map[string]map[note]bool{}
	t.pairs.want = make(chan struct{}, 1)
	t.host.lost = make(chan struct{}, 1)
	t.shift.ended = make(chan struct{}, 1)
	t.newPorts()
	if t.state, err = openState(&t.c); err != nil {
		return nil, err
	}
	undo := []func() error{t.state.close}
	defer func() {
		if err != nil {
			for i := len(undo) - 1; i >= 0; i-- {
				err = errors.Join(err, undo[i]())
			}
			t = nil
		}
	}()
	if err := t.identify(); err != nil {
		return t, err
	}
	if err := t.openDisplay(); err != nil {
		return t, err
	}
	undo = append(undo, func() error { t.display.Close(); return nil })
	if err := t.openReader(); err != nil {
		return t, err
	}
	undo = append(undo, t.reader.Close)
	t.lease = session.NewLease(t.state.epoch, t.state.save, t.active.id, t.leaseChanged)
	t.modes, err = dock.New(dock.Config{Dock: t.c.Dock, Staff: t.c.Staff, Hooks: hooks{t}, Clock: t.c.Clock})
	if err != nil {
		return t, err
	}
	if t.server, err = t.newServer(); err != nil {
		return t, err
	}
	if t.desk, err = t.newDesk(); err != nil {
		return t, err
	}
	t.engine, err = payment.Open(payment.Config{
		FS: t.state.journal, Host: watched{t.c.Host, &t.host}, Reader: &taker{t.reader, t.screen}, Screen: t.screen, Lease: holds{t.lease}, Clock: t.c.Clock,
		Notify: t.notify, Ready: t.ready, Policy: t.c.Payment, HostTimeout: t.c.Times.HostReply, Deadline: t.c.Times.Deadline,
		Unclaimed: t.c.Times.Unclaimed,
	})
	if err != nil {
		return t, err
	}
	return t, nil
}

// identify makes the certificate and the policy of the terminal.
func (t *Terminal) identify() error {
	c := &t.c
	t.policy = pairing.Policy{
		Protocol: wire.This, MinApp: c.MinApp, Platforms: c.Platforms, Merchant: c.Merchant, Location: c.Location, Country: c.Country,
		StoreCountry: c.StoreCountry, Roots: c.Roots, SameNetwork: c.SameNetwork,
	}
	if c.Merchant == "" {
		t.policy.Merchant, t.policy.Location = standalone, t.state.location
	}
	if c.Certificate != nil {
		t.cert = *c.Certificate
	} else {
		key, err := pairing.DeviceKey(c.Store, c.Label)
		if err != nil {
			return err
		}
		id := pairing.Identity{Merchant: t.policy.Merchant, Location: t.policy.Location, Kind: pairing.Terminal, ID: t.state.id.String()}
		if t.cert, err = pairing.SelfSigned(key, id, c.Rand, c.Clock.Now()); err != nil {
			return err
		}
	}
	return leaf(&t.cert)
}

// leaf reads the certificate where nobody has.
func leaf(c *tls.Certificate) (err error) {
	if c.Leaf == nil {
		if len(c.Certificate) == 0 {
			return missing("Certificate")
		}
		c.Leaf, err = x509.ParseCertificate(c.Certificate[0])
	}
	return err
}

func (t *Terminal) openDisplay() (err error) {
	k, err := newCoins(t.c.Profile)
	if err != nil {
		return err
	}
	t.display, err = display.New(display.Config{Appearance: t.c.Appearance, Act: t.act, AfterFunc: t.c.Clock.AfterFunc, Rand: t.c.Rand})
	if err != nil {
		return err
	}
	t.pairs.display = t.display
	t.screen = &screen{
		c: &t.c, display: t.display, coins: k, asked: map[string]asked{}, changed: t.pairs.look,
		prompted: func(request, prompt string) {
			t.events.put(event{Event: payment.Event{RequestID: request}, prompt: prompt})
		},
	}
	for _, r := range t.c.Readers {
		t.screen.kinds |= r.Kinds()
	}
	interfaces := t.screen.kinds
	t.caps = wire.Capabilities{
		Contact: interfaces.Has(driver.Contact), NFC: interfaces.Has(driver.Contactless), MSR: interfaces.Has(driver.Stripe), Screen: true,
		Scanner: t.c.Staff != nil, Battery: t.c.Power != nil,
	}
	return nil
}

func (t *Terminal) openReader() (err error) {
	t.reader, err = reader.New(reader.Config{
		Readers: t.c.Readers, Profile: t.c.Profile, Terminal: t.c.Objects, Env: t.c.Env, Screen: cards{t.screen}, PINPad: t.c.PINPad,
		Keys: t.c.Keys, TokenKey: t.state.token.Bytes(), Away: t.host.away, Foreign: t.c.Foreign, SecondTap: t.c.Times.SecondTap, Removal: t.c.Times.Removal,
	})
	return err
}

func (t *Terminal) newServer() (*session.Server, error) {
	return session.NewServer(session.ServerConfig{
		Terminal: t.state.id, Name: t.c.Name, Cert: t.cert, Policy: t.policy, Records: t.state.records, Caps: t.caps,
		Config: func() uint64 { return t.c.Config }, Addresses: t.sessions, Status: t.status, Beat: t.beat, Lease: t.lease,
		Clock: t.c.Clock, Rand: t.c.Rand, Handle: t.handle, Connected: t.connected, Gone: t.gone,
		Refused: func(e *wire.Error) { t.c.Log.Info("till refused", "code", string(e.Code), "detail", e.Detail) },
	})
}
