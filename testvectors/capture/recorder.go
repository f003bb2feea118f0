package capture

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/cardwright/emv/contact"
	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/amex"
	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/kernel"
)

// exchange is one command and what came of it.
type exchange struct {
	command, answer []byte
	err             error
	took            time.Duration
}

// tap is what happened from one activation or insertion to the next.
type tap struct {
	exchanges []exchange
	collision bool
}

// maxExchanges bounds what is kept: more than any card is asked, and little enough for memory.
const maxExchanges = 4096

// ErrWhole means that a transaction was not taken down to its end, or was longer than one can be.
var ErrWhole = &kernel.Error{Code: "capture.incomplete", Text: "the transaction was not taken down to its end"}

// runTap is the run of a contactless transaction.
const runTap = "contactless.transaction"

// Recorder takes one transaction down. It is for the goroutine that makes the transaction.
type Recorder struct {
	run string

	random []byte
	taps   []tap
	count  int
	failed bool // something happened that the format can't say

	atr     []byte
	hosts   []kernel.OnlineAnswer
	pins    []string
	choices []any

	given map[string]any // of the configuration
	left  []string       // what of it the format can't say
	want  map[string]any
}

// New begins a recording of a run of the format: "contactless.transaction" or "contact.transaction".
func New(run string) *Recorder { return &Recorder{run: run, given: map[string]any{}} }

// Env returns an environment whose random bytes are taken down.
func (r *Recorder) Env(env kernel.Env) kernel.Env {
	env.Rand = io.TeeReader(env.Rand, (*randomLog)(r))
	return env
}

type randomLog Recorder

func (l *randomLog) Write(b []byte) (int, error) {
	l.random = append(l.random, b...)
	return len(b), nil
}

// Host takes down an answer of the issuer, in their order.
func (r *Recorder) Host(a *kernel.OnlineAnswer) {
	a = &kernel.OnlineAnswer{
		Unable: a.Unable, ARC: a.ARC, AuthCode: bytes.Clone(a.AuthCode), IssuerAuth: bytes.Clone(a.IssuerAuth),
		Scripts: bytes.Clone(a.Scripts),
	}
	r.hosts = append(r.hosts, *a)
}

// PIN takes down what happened at the PIN pad: "bypass", "cancel", "timeout" or "broken"; any other word stands for digits,
// which are not kept.
func (r *Recorder) PIN(entry string) {
	switch entry {
	case "bypass", "cancel", "timeout", "broken":
	default:
		entry = "0000"
	}
	r.pins = append(r.pins, entry)
}

// Chose takes down what the cardholder picked: an index, negative for "cancel".
func (r *Recorder) Chose(i int) {
	if i < 0 {
		r.choices = append(r.choices, "cancel")
		return
	}
	r.choices = append(r.choices, i)
}

// Card returns the card with its exchanges taken down. It has what the card has of kernel.Field and contact.Slot, and is a
// kernel.Timed whose times are whole microseconds, as they are written.
func (r *Recorder) Card(c kernel.Card) kernel.Card {
	one := &recorded{card: c, to: r}
	one.timed, _ = c.(kernel.Timed)
	field, isField := c.(kernel.Field)
	slot, isSlot := c.(contact.Slot)
	taps := r.run == runTap // a simulated reader may be both
	switch {
	case isField && taps:
		return &recordedField{one, field}
	case isSlot && !taps:
		r.present(tap{})
		return &recordedSlot{one, slot}
	}
	r.present(tap{})
	return one
}

func (r *Recorder) present(t tap) { r.taps = append(r.taps, t) }

// keep takes one exchange down.
func (r *Recorder) keep(x exchange) {
	if r.count++; r.count > maxExchanges || len(r.taps) == 0 || x.err != nil && !kernel.IsCardError(x.err) {
		r.failed = true
		return
	}
	t := &r.taps[len(r.taps)-1]
	t.exchanges = append(t.exchanges, x)
}

type recorded struct {
	card  kernel.Card
	timed kernel.Timed
	to    *Recorder
	took  time.Duration
}

// Transmit passes a command on.
func (c *recorded) Transmit(ctx context.Context, dst, command []byte) ([]byte, error) {
	x := exchange{command: bytes.Clone(command)}
	begin, start := time.Now(), len(dst)
	answer, err := c.card.Transmit(ctx, dst, command)
	c.took = time.Since(begin)
	if c.timed != nil {
		c.took = c.timed.ExchangeTime()
	}
	c.took = c.took.Round(time.Microsecond)
	x.took, x.err = c.took, err
	if err == nil && len(answer) >= start {
		x.answer = bytes.Clone(answer[start:])
	}
	c.to.keep(x)
	return answer, err
}

// ExchangeTime returns the time of the last exchange (kernel.Timed).
func (c *recorded) ExchangeTime() time.Duration { return c.took }

type recordedField struct {
	*recorded
	field kernel.Field
}

// Activate passes on; each card that comes is a tap.
func (c *recordedField) Activate(ctx context.Context) error {
	err := c.field.Activate(ctx)
	switch {
	case err == nil:
		c.to.present(tap{})
	case errors.Is(err, kernel.ErrCollision):
		c.to.present(tap{collision: true})
	case !errors.Is(err, ctx.Err()):
		c.to.failed = true
	}
	return err
}

// Deactivate passes on.
func (c *recordedField) Deactivate(ctx context.Context, hold time.Duration) error {
	return c.field.Deactivate(ctx, hold)
}

type recordedSlot struct {
	*recorded
	slot contact.Slot
}

// Reset passes on and keeps the answer.
func (c *recordedSlot) Reset(ctx context.Context, warm bool) ([]byte, error) {
	atr, err := c.slot.Reset(ctx, warm)
	switch {
	case err == nil:
		c.to.atr = bytes.Clone(atr)
	case kernel.IsCardError(err): // no answer is the empty one, until a warm reset gives another
		c.to.atr = []byte{}
	default:
		c.to.failed = true
	}
	return atr, err
}

// Contactless takes down how a contactless terminal is set up and what it is asked for.
func (r *Recorder) Contactless(config *contactless.Config, tx *kernel.Transaction) {
	r.setUp(config.Terminal, tx)
	var list, preferences []any
	for i := range config.Combinations {
		c := &config.Combinations[i]
		one := combination(c)
		r.leave(options(one, c)...)
		list = append(list, one)
		if o, ok := c.Options.(*amex.Options); ok && o.Line != nil && o.Line.Down {
			r.does([]string{"unable-to-go-online"}, nil)
		}
	}
	r.given["applications"] = list
	for i := range config.Preferences {
		preferences = append(preferences, preference(&config.Preferences[i]))
	}
	if preferences != nil {
		r.given["preferences"] = preferences
	}
	if config.Restarts != 0 {
		r.leave("the bound of restarts")
	}
}

// leave takes down what the format has no key for: who reads the capture must know.
func (r *Recorder) leave(what ...string) {
	for _, w := range what {
		if !slices.Contains(r.left, w) {
			r.left = append(r.left, w)
		}
	}
}

// Contact takes down how a contact terminal is set up and what it is asked for. pinPad says whether it has one.
func (r *Recorder) Contact(config *contact.Config, tx *kernel.Transaction, pinPad bool) {
	r.setUp(config.Terminal, tx)
	var list []any
	for i := range config.Applications {
		list = append(list, application(&config.Applications[i]))
	}
	r.given["applications"] = list
	var does, lacks []string
	if m := config.CDAMode; m > contact.CDAMode1 {
		does = append(does, "cda-mode-"+string(rune('0'+m)))
	}
	if config.NoPSE {
		lacks = append(lacks, "pse")
	}
	if !pinPad {
		lacks = append(lacks, "pin-pad")
	}
	r.does(does, lacks)
}

// CAPKs names the set of CA public keys that the terminal has: "test" or "production".
func (r *Recorder) CAPKs(name string) { r.given["capks"] = name }

// CAPKSet lists the CA public keys that the terminal has, where they are no set with a name.
func (r *Recorder) CAPKSet(set *capk.Set) {
	list := []any{}
	for k := range set.All() {
		list = append(list, map[string]any{
			"rid": k.RID.String(), "index": upper([]byte{k.Index}), "modulus": upper(k.Modulus), "exponent": upper(k.Exponent),
		})
	}
	r.given["capks"] = list
}

// Next returns what was taken down, and begins to take down the next transaction of the same terminal, with the same request.
func (r *Recorder) Next() *Recorder {
	done := *r
	*r = Recorder{run: r.run, given: r.given, left: r.left}
	return &done
}

// Ended takes down how the transaction ended. data are the terminal's data objects at that moment.
func (r *Recorder) Ended(out *kernel.Outcome, data *kernel.Data) {
	r.want = wanted(r.run, out, data)
}
