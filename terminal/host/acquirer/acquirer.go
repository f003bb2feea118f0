// Package acquirer is the payment engine's way to the host: payment.Host over a host.Client.
//
//	h, err := acquirer.New(client, acquirer.Config{PIN: true})
//	engine, err := payment.Open(payment.Config{Host: h, …})
//
// A Sale and a Refund are a financial transaction (0200), a Preauth is an authorisation (0100), a Capture and an Adjust are
// advices (0220), and what is undone is named by field 90 as it was sent. A Sale that the card approved is an advice without an
// original: with its TC in field 55 and the reason in 39. Errors that say that nothing has left wrap
// payment.ErrNotSent; any other leaves open what the host did.
//
// Sealed card data and PIN blocks have the form of host.AppendValues: Seal and SealPIN make them.
package acquirer

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/cardwright/emv/crypto/p2pe"
	"github.com/cardwright/emv/terminal/host"
	"github.com/cardwright/emv/terminal/payment"
	"github.com/cardwright/emv/tlv"
)

// Config is what a payment does not say.
type Config struct {
	PIN bool // a PIN can be entered for the host: last digit of field 22

	// Stripe are the brands, by their keys, whose stripe in place of a chip is written 90 in field 22; others write 80. Nil
	// is Visa, Discover and Diners Club.
	Stripe []string
}

// Host is a payment.Host.
type Host struct {
	client *host.Client
	config Config
}

// New returns a payment.Host over a client.
func New(c *host.Client, config Config) *Host {
	if config.Stripe == nil {
		config.Stripe = []string{"visa", "discover", "diners"}
	}
	return &Host{c, config}
}

// Seal makes of a record of crypto/p2pe what a payment keeps and a message carries. The error is host.CodeValues.
func Seal(values []*p2pe.Value) (payment.Sealed, error) { return host.AppendValues(nil, values...) }

// SealPIN does it for a PIN block. The error is host.CodeValues.
func SealPIN(v *p2pe.Value) (*payment.PINBlock, error) {
	b, err := host.AppendValues(nil, v)
	if err != nil {
		return nil, err
	}
	return &payment.PINBlock{Block: b}, nil
}

// The first two digits of the processing code: field 3. ISO 8583:1987, 4.3.
const (
	purchase = "000000"
	refund   = "200000"
)

// operation returns what a kind of payment sends.
func operation(k payment.Kind) host.Operation {
	switch k {
	case payment.Preauth:
		return host.OpAuthorise
	case payment.Capture, payment.Adjust:
		return host.OpAdvice
	default:
		return host.OpFinancial
	}
}

func processing(k payment.Kind) string {
	if k == payment.Refund {
		return refund
	}
	return purchase
}

// Authorise sends a 0100 or a 0200.
func (h *Host) Authorise(ctx context.Context, a *payment.Authorisation) (payment.Answer, error) {
	d := h.client.Dialect()
	r := &host.Request{
		Trace: trace(a.Trace), Processing: processing(a.Kind), Amount: a.Amounts.Total, Currency: a.Currency,
		Tip: a.Amounts.Tip, Surcharge: a.Amounts.Surcharge, Entry: h.entry(&a.Card, a.Chip), Sequence: sequence(&a.Card),
	}
	var err error
	if len(a.Chip) > 0 && chip(a.Chip) {
		if r.Chip, err = d.Chip(a.Chip); err != nil {
			return payment.Answer{}, unsent(err)
		}
	}
	if r.Values, err = open(a.Sealed); err != nil {
		return payment.Answer{}, unsent(err)
	}
	if a.PIN != nil {
		values, err := host.ParseValues(a.PIN.Block)
		if err != nil || len(values) != 1 {
			return payment.Answer{}, unsent(&host.Error{Code: host.CodeValues, Text: "not a PIN block"})
		}
		r.PIN = values[0]
	}
	if a.Original != nil {
		r.Original = h.original(a.Original)
	}
	if operation(a.Kind) == host.OpAuthorise {
		return answer(r)(h.client.Authorise(ctx, r))
	}
	return answer(r)(h.client.Financial(ctx, r))
}

// Reverse sends a 0400 or 0420, or its repeat.
func (h *Host) Reverse(ctx context.Context, v *payment.Reversal) (payment.Answer, error) {
	values, err := open(v.Of.Sealed)
	if err != nil {
		return payment.Answer{}, err
	}
	r := &host.Request{
		Trace: trace(v.Trace), Processing: processing(v.Of.Kind), Amount: v.Of.Total, Currency: v.Of.Currency,
		Entry: h.entry(&payment.Card{Entry: v.Of.Entry}, nil), Approval: v.Of.AuthCode, Values: values,
		Original: h.original(&v.Of),
	}
	return answer(r)(h.client.Reverse(ctx, r, v.Repeat))
}

// Advise sends a 0220, or its repeat.
func (h *Host) Advise(ctx context.Context, a *payment.Advice) (payment.Answer, error) {
	if a.Kind == payment.Sale {
		return h.forward(ctx, a)
	}
	values, err := open(a.Of.Sealed)
	if err != nil {
		return payment.Answer{}, err
	}
	r := &host.Request{
		Trace: trace(a.Trace), Processing: processing(a.Of.Kind), Amount: a.Total, Currency: a.Currency,
		Approval: a.Of.AuthCode, Values: values, Original: h.original(&a.Of),
	}
	return answer(r)(h.client.Advice(ctx, r, a.Repeat))
}

// forward tells of a sale that the card approved.
func (h *Host) forward(ctx context.Context, a *payment.Advice) (payment.Answer, error) {
	r := &host.Request{
		Trace: trace(a.Trace), Processing: purchase, Amount: a.Total, Currency: a.Currency, Tip: a.Amounts.Tip,
		Surcharge: a.Amounts.Surcharge, Entry: h.entry(&a.Card, a.Chip), Sequence: sequence(&a.Card), Code: a.ARC,
	}
	var err error
	if r.Chip, err = h.client.Dialect().Chip(a.Chip); err != nil {
		return payment.Answer{}, unsent(err)
	}
	if r.Values, err = open(a.Sealed); err != nil {
		return payment.Answer{}, unsent(err)
	}
	return answer(r)(h.client.Advice(ctx, r, a.Repeat))
}

// sequence is field 23, of tag 5F34.
func sequence(c *payment.Card) string {
	if s, err := hex.DecodeString(c.Sequence); err == nil && len(s) == 1 {
		return "0" + c.Sequence
	}
	return ""
}

func trace(t payment.Trace) host.Trace { return host.Trace{STAN: t.STAN, RRN: t.RRN, Time: t.Time} }

// original names what was sent.
func (h *Host) original(s *payment.Sent) *host.Original {
	o := operation(s.Kind)
	if s.Offline {
		o = host.OpAdvice
	}
	return &host.Original{MTI: h.client.Dialect().MTI(o), Trace: trace(s.Trace)}
}

// open reads sealed card data; there may be none.
func open(s payment.Sealed) ([]*p2pe.Value, error) {
	if len(s) == 0 {
		return nil, nil
	}
	return host.ParseValues(s)
}

// tagCryptogram is what the record of a chip has, and that of a stripe or of contactless mag-stripe mode has not.
const tagCryptogram tlv.Tag = 0x9F26

func chip(objects []byte) bool {
	_, found := tlv.Find(objects, tagCryptogram)
	return found
}

// entry is field 22: how the card came in, and whether a PIN can be entered.
func (h *Host) entry(c *payment.Card, objects []byte) string {
	ability := "2"
	if h.config.PIN {
		ability = "1"
	}
	mode := "00"
	switch c.Entry {
	case payment.Tap:
		if mode = "07"; objects != nil && !chip(objects) {
			mode = "91"
		}
	case payment.Insert:
		mode = "05"
	case payment.Swipe:
		if mode = "90"; c.Fallback && !slices.Contains(h.config.Stripe, c.Brand) {
			mode = "80"
		}
	case payment.Manual:
		mode = "01"
	default:
	}
	return mode + ability
}

// answer makes of the client's answer that of a payment.
func answer(r *host.Request) func(*host.Answer, error) (payment.Answer, error) {
	return func(a *host.Answer, err error) (payment.Answer, error) {
		if err != nil {
			return payment.Answer{}, unsent(err)
		}
		out := payment.Answer{Code: a.Code, AuthCode: a.Approval, Text: a.Text, IssuerAuth: a.IssuerAuth(), Scripts: a.Scripts()}
		if a.RRN != r.RRN {
			out.RRN = a.RRN
		}
		if a.Amount != r.Amount {
			out.Amount = a.Amount
		}
		return out, nil
	}
}

// unsent marks an error after which nothing is to be reversed.
func unsent(err error) error {
	var e *host.Error
	if errors.As(err, &e) && !e.Sent {
		return fmt.Errorf("%w: %w", payment.ErrNotSent, err)
	}
	return err
}
