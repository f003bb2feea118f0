package reader

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/cardwright/emv/contact"
	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/jcb"
	"github.com/cardwright/emv/contactless/mastercard"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/driver"
	"github.com/cardwright/emv/terminal/payment"
	"github.com/cardwright/emv/terminal/profile"
)

// The codes of what is the reader's own: of errors, and of Taken.Why.
const (
	CodeConfig   = "reader.config"          // the configuration is wrong
	CodeBusy     = "reader.busy"            // a payment is being taken already
	CodeEnvelope = "reader.envelope"        // a stripe that its reader enciphered for somebody else
	CodeNumber   = "reader.number"          // the card gave no card number, or none that a message can carry
	CodePINPad   = "reader.pin_pad"         // a PIN is asked for, and there is no PIN pad that works
	CodePINTime  = "reader.pin_timeout"     // nobody entered a PIN in time
	CodeTries    = "reader.presentations"   // the card was presented too often
	CodeApproved = "reader.host_approved"   // the host decided, and no kernel does after it
	CodeDeclined = "reader.host_declined"   //
	CodeUnable   = "reader.host_unable"     // no answer came
	CodeChip     = "reader.host_wants_chip" // the host declined a tap and wants the chip
)

// minTokenKey is the shortest Config.TokenKey, in bytes.
const minTokenKey = 16

// aside bounds what a payment, or Present, waits for a driver in what is beside the card: status, lights, tones.
const aside = time.Second

// Reader is a payment.Reader. It takes one payment at a time; Present may be called at any time.
type Reader struct {
	config Config
	kinds  driver.Kind           // what the profile takes
	online *contactless.Terminal // sends every tap online
	tap    *contactless.Terminal // with the floor limits for an approval by the card alone
	limits []contactless.Combination
	chip   *contact.Terminal
	alone  *contact.Terminal // with the floor limits for an approval by the card alone
	unsure *contact.Terminal // the same, but the host is asked first
	torn   []tornLog

	busy sync.Mutex
	now  *sale // the payment under way, while busy is held
}

var _ payment.Reader = (*Reader)(nil)

// New checks the whole configuration and returns a Reader for it, or a *kernel.ConfigError.
func New(c Config) (*Reader, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if c.SecondTap == 0 {
		c.SecondTap = DefaultSecondTap
	}
	c.TokenKey = slices.Clone(c.TokenKey)
	r := &Reader{config: c}
	env := c.Env
	env.UI = kernel.UIFunc(func(q kernel.UIRequest) {
		if r.now != nil {
			r.now.show(q)
		}
	})
	env.Events = r.event
	kernels := profile.Kernels()
	taps := c.Profile.ContactlessAway(kernels...)
	if len(taps.Combinations) > 0 {
		taps.Terminal = slices.Concat(taps.Terminal, c.Terminal)
		var err error
		if r.tap, err = contactless.New(taps, env, kernels...); err != nil {
			return nil, err
		}
		forced := c.Profile.Contactless(kernels...)
		forced.Terminal = taps.Terminal
		profile.SetFloor(&forced, 0)
		if r.online, err = contactless.New(forced, env, kernels...); err != nil {
			return nil, err
		}
		r.kinds |= driver.Contactless
		r.limits = taps.Combinations
		r.keepTorn(taps.Combinations)
		r.keepTorn(forced.Combinations)
	}
	chips := c.Profile.Contact()
	if len(chips.Applications) > 0 {
		chips.Terminal = slices.Concat(chips.Terminal, c.Terminal)
		parties := contact.Parties{Host: issuer{r}, Chooser: chooser{r}}
		if cvm := c.Profile.CVM; c.PINPad != nil && (cvm.OnlinePIN || cvm.OfflinePIN) {
			parties.PINPad = pinPad{r}
		}
		var err error
		if r.chip, err = contact.New(chips, env, parties); err != nil {
			return nil, err
		}
		for _, other := range []struct {
			to     **contact.Terminal
			config contact.Config
		}{{&r.alone, c.Profile.ContactAway()}, {&r.unsure, c.Profile.ContactUnsure()}} {
			other.config.Terminal = chips.Terminal
			if *other.to, err = contact.New(other.config, env, parties); err != nil {
				return nil, err
			}
		}
		r.kinds |= driver.Contact
	}
	if len(c.Profile.Brands()) > 0 {
		r.kinds |= driver.Stripe
	}
	return r, nil
}

// event is what happens inside the kernels: what a card lists is kept, to say why none of it is taken.
func (r *Reader) event(e kernel.Event) {
	if x, ok := e.(kernel.ExchangeEvent); ok && r.now != nil {
		r.now.offers.Take(x.Response.Unmasked())
	}
	if events := r.config.Env.Events; events != nil {
		events(e)
	}
}

// check returns what is wrong with the configuration, nil for nothing.
func (c *Config) check() error {
	var faults []kernel.Fault
	for _, f := range []struct {
		wrong      bool
		path, text string
	}{
		{len(c.Readers) == 0 || slices.Contains(c.Readers, nil), "readers", "at least one is required"},
		{c.Profile == nil, "profile", "is required"},
		{c.Keys == nil, "keys", "is required"},
		{c.Env.Clock == nil, "env.clock", "is required"},
		{c.Env.Rand == nil, "env.rand", "is required"},
		{len(c.TokenKey) < minTokenKey, "token_key", "at least 16 bytes"},
		{c.SecondTap < 0, "second_tap", "must not be negative"},
		{c.Removal < 0, "removal", "must not be negative"},
	} {
		if f.wrong {
			faults = append(faults, kernel.Fault{Path: f.path, Code: CodeConfig, Text: f.text})
		}
	}
	if faults != nil {
		return &kernel.ConfigError{Faults: faults}
	}
	return nil
}

// tornLog is what a kernel keeps of transactions that were torn.
type tornLog interface {
	Empty() bool
	Wipe()
}

// memoryLog is that of Kernel 2.
type memoryLog struct{ mastercard.TornLog }

func (l memoryLog) Empty() bool { return l.Len() == 0 }

func (l memoryLog) Wipe() {
	for l.Len() > 0 {
		l.Remove(l.Len() - 1)
	}
}

// keepTorn finds the logs of torn transactions, which hold a card number until they are wiped (C-2, 4.2; C-5, 3.14).
func (r *Reader) keepTorn(combinations []contactless.Combination) {
	for i := range combinations {
		switch o := combinations[i].Options.(type) {
		case *mastercard.Options:
			if o.TornLog != nil {
				r.torn = append(r.torn, memoryLog{o.TornLog})
			}
		case *jcb.Options:
			if o.Torn != nil {
				r.torn = append(r.torn, o.Torn)
			}
		}
	}
}

func (r *Reader) tornKept() bool {
	return slices.ContainsFunc(r.torn, func(l tornLog) bool { return !l.Empty() })
}

// Take is that of payment.Reader. A second payment at the same time is refused with CodeBusy.
func (r *Reader) Take(ctx context.Context, o payment.Order, d payment.Desk) (payment.Taken, error) {
	if !r.busy.TryLock() {
		return payment.Taken{}, &kernel.Error{Code: CodeBusy, Text: "a payment is being taken"}
	}
	defer r.busy.Unlock()
	s := &sale{
		r: r, order: o, desk: d,
		tx: kernel.Transaction{
			Amount: o.Amounts.Total, Type: o.Type(), Currency: o.Currency, Time: r.config.Env.Clock.Now(),
			Online: true,
		},
	}
	s.field, s.slot = r.online, r.chip
	if o.Offline {
		s.slot = r.unsure
		if away := r.config.Away; away == nil || away() {
			s.field, s.slot, s.tx.Online = r.tap, r.alone, false
		}
	}
	r.now = s
	defer s.end()
	return s.run(ctx)
}

// Present tells where a card is known to be now, at any of the readers.
func (r *Reader) Present() (k driver.Kind) {
	ctx, cancel := context.WithTimeout(context.Background(), aside)
	defer cancel()
	for _, reader := range r.config.Readers {
		if status, err := reader.Status(ctx); err == nil && !status.Gone {
			k |= status.Present
		}
	}
	return k
}

// Close waits for a payment to end, and wipes what is secret. The readers stay the caller's.
func (r *Reader) Close() error {
	r.busy.Lock()
	defer r.busy.Unlock()
	r.wipe()
	clear(r.config.TokenKey)
	return nil
}

// wipe forgets everything of a card.
func (r *Reader) wipe() {
	if r.tap != nil {
		r.tap.Wipe()
		r.online.Wipe()
	}
	if r.chip != nil {
		r.chip.Wipe()
		r.alone.Wipe()
		r.unsure.Wipe()
	}
	for _, log := range r.torn {
		log.Wipe()
	}
}
