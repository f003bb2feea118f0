package main

import (
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cardwright/emv/cmd/emv/internal/decode"
	"github.com/cardwright/emv/cmd/emv/internal/iso"
	"github.com/cardwright/emv/cmd/emv/internal/pay"
	"github.com/cardwright/emv/cmd/emv/internal/style"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/profile"
	"github.com/cardwright/emv/tlv"
)

type payFlags struct {
	card, amount, other, currency, country, profile string
	kind, floor, date, arc                          string
	faults, set, pins                               []string
	seed                                            uint64
	tap, contact, swipe                             bool
	real                                            payReader
	trace, json, decline, unable                    bool
}

func payCommand() *cobra.Command {
	var f payFlags
	cmd := &cobra.Command{
		Use:   "pay",
		Short: "Take a payment with a simulated card",
		Long: `pay takes one payment: a simulated card is presented to a demonstration terminal,
the kernel processes it as in a shop, a simulated issuer verifies the card's
cryptogram and decides, and a receipt is printed.

Without flags it takes 12.50 US dollars with the card visa-credit in the United
States. emv card list names the other cards and what can be wrong with them.

What the terminal accepts, its limits and its ways to verify the cardholder are
those of the country's profile: AU, CA, GB, IE and US come with emv, others are
files for --profile. The card is tapped or inserted, whichever it is made for;
--tap, --contact and --swipe say otherwise. Where several are given the customer
begins with the first of swipe, tap and contact, and follows the terminal to the
others: to the chip after a tap that the card refused, to the stripe after a chip
that can't be read.

With --reader a real card pays, at a PC/SC or NFC reader, at one that reads
stripes (msr:PATH, an input device or a serial port), or at an app's socket
(device:PATH); --reader is repeatable, for a terminal of several. All interfaces
of the readers are armed at once, or what of them --tap, --contact and --swipe
name, and the first card counts; a card that lies in the slot already is taken as
it is. pay waits until a card comes: Ctrl-C ends that. A stripe that can't be read
is asked for again; one that the reader enciphers is refused (swipe.enciphered).
Whether the stripe may take the place of a chip that can't be read is the country's
rule, as for simulated cards. A PN532 named pn532:PORT,ecp also sends Apple's polling
frame, whose use is subject to Apple's terms. A real card is verified with the CA
public keys of --capk; the simulated issuer does not know its keys and finds its
cryptogram wrong.

At the PIN pad the customer enters 1234, the PIN of the simulated cards; each
--pin is for one prompt, the last one for all that follow. With --reader the PIN
pad is broken for the chip unless there is --pin: wrong PINs would block a real
card. The contactless reader has no PIN pad: where the card asks for an online PIN,
pay says so and goes on as if it had been entered and were right.

Exit status: 0 approved; 1 declined, or ended without a result; 2 the command
line is wrong.`,
		Example: `  emv pay
  emv pay --trace
  emv pay --amount 180 --country AU
  emv pay --card visa-offline --floor-limit 20 --amount 8.40
  emv pay --card visa-contact --country GB --pin 9999 --pin 1234
  emv pay --card visa-contact --swipe --contact
  emv pay --fault flip=9F26 --seed 1 --json
  emv pay --reader msr:/dev/input/by-id/usb-reader-event-kbd --reader pcsc:contactless
  emv pay --reader pcsc:ACS --capk production`,
		Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error { return runPay(cmd, &f) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.card, "card", "visa-credit", "profile of the simulated card")
	flags.StringVar(&f.amount, "amount", "12.50", "amount in major units, cashback included")
	flags.StringVar(&f.currency, "currency", "", "currency, as USD or 840 (default: the country's)")
	flags.StringVar(&f.country, "country", "US", "country of the terminal, as US, USA or 840")
	flags.StringVar(&f.profile, "profile", "", "file with the profile of another country")
	flags.BoolVar(&f.tap, "tap", false, "the customer may tap")
	flags.BoolVar(&f.contact, "contact", false, "the customer may insert the card")
	flags.BoolVar(&f.swipe, "swipe", false, "the customer may swipe the card")
	flags.StringArrayVar(&f.pins, "pin", nil, "what the customer enters: a PIN, "+strings.Join(pay.PINWords, ", ")+"; repeatable")
	flags.StringVar(&f.kind, "type", "purchase", "purchase, cashback, refund or cash")
	flags.StringVar(&f.other, "other", "", "the cash in a purchase with cashback, in major units")
	flags.StringVar(&f.floor, "floor-limit", "", "amount up to which the card may approve offline, in major units (default: the\ncountry's)")
	flags.StringArrayVar(&f.faults, "fault", nil, "what is wrong with the card, as emv card list writes it; repeatable")
	flags.StringArrayVar(&f.set, "set", nil, "TAG=HEX: change a data object of the card; repeatable")
	flags.StringVar(&f.date, "date", "", "date and time of the payment, as 2026-11-23 or 2026-11-23T14:05:00")
	flags.Uint64Var(&f.seed, "seed", 0, "make the run repeatable: random numbers from this number, a clock that stands at\n"+
		pay.SeededTime.Format("2006-01-02 15:04"))
	flags.BoolVar(&f.decline, "decline", false, "the issuer declines (05)")
	flags.StringVar(&f.arc, "arc", "", "the issuer's response code: 00, 10 and 11 approve, all others decline")
	flags.BoolVar(&f.unable, "unable", false, "the issuer can't be reached")
	f.real.flags(cmd, &f.trace)
	flags.BoolVar(&f.json, "json", false, "print one JSON document")
	cmd.MarkFlagsMutuallyExclusive("decline", "arc", "unable")
	cmd.MarkFlagsMutuallyExclusive("country", "profile")
	return cmd
}

func runPay(cmd *cobra.Command, f *payFlags) error {
	order, err := f.order(cmd.Flags().Changed("seed"))
	if err != nil {
		return err
	}
	end, err := f.real.prepare(cmd.Context(), order, cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	defer end()
	out := cmd.OutOrStdout()
	var watch pay.Watch
	p := payPrinter{w: out, s: style.For(out)}
	if f.trace {
		watch.Exchange = func(decode.Part, decode.Part, pay.Exchanged) {}
	}
	if !f.json {
		watch = p.watch(order, f.trace)
	}
	report, err := pay.Run(cmd.Context(), order, watch)
	if err != nil {
		return err
	}
	if f.json {
		err = writeJSON(out, report)
	} else {
		p.result(report)
		err = p.err
	}
	if e := f.real.write(cmd, report); err == nil {
		err = e
	}
	if err == nil && !report.Approved {
		return &endError{status: exitBad}
	}
	return err
}

// order reads the flags. Its errors name what is wrong by a stable code.
func (f *payFlags) order(seeded bool) (*pay.Order, error) {
	o := &pay.Order{
		Card: f.card, Faults: f.faults, PINs: f.pins, Use: f.use(), Unable: f.unable, ARC: [2]byte{'0', '0'},
	}
	var err error
	if o.Profile, err = f.terminal(); err != nil {
		return nil, err
	}
	for _, p := range f.pins {
		if err = pay.CheckPIN(p); err != nil {
			return nil, err
		}
	}
	if f.currency == "" {
		f.currency = o.Profile.Currency.Alpha
	}
	if o.Currency, err = iso.ParseCurrency(f.currency); err != nil {
		return nil, err
	}
	if o.Type, err = pay.ParseType(f.kind); err != nil {
		return nil, err
	}
	if o.Amount, err = iso.ParseAmount(f.amount, o.Currency); err != nil {
		return nil, err
	}
	if f.floor != "" {
		floor, err := iso.ParseAmount(f.floor, o.Currency)
		if err != nil {
			return nil, err
		}
		o.FloorLimit = &floor
	}
	if f.other != "" {
		if o.Other, err = iso.ParseAmount(f.other, o.Currency); err != nil {
			return nil, err
		}
	}
	if o.Other > 0 && o.Type != kernel.PurchaseWithCashback {
		return nil, &kernel.Error{Code: "input.other", Text: "--other is for --type cashback"}
	}
	if o.Set, err = parseSet(f.set); err != nil {
		return nil, err
	}
	if f.date != "" {
		if o.When, err = parseDate(f.date); err != nil {
			return nil, err
		}
	}
	if seeded {
		o.Seed = &f.seed
	}
	if f.decline {
		o.ARC = [2]byte{'0', '5'}
	}
	if f.arc != "" {
		if !regexp.MustCompile(`^[0-9A-Za-z]{2}$`).MatchString(f.arc) {
			return nil, &kernel.Error{Code: "input.arc", Text: fmt.Sprintf("%q is not two letters or digits", f.arc)}
		}
		o.ARC = [2]byte([]byte(f.arc))
	}
	return o, nil
}

// use lists the interfaces of the flags, the one that the customer begins with first.
func (f *payFlags) use() []profile.Interface {
	var list []profile.Interface
	for _, i := range []struct {
		may bool
		on  profile.Interface
	}{{f.swipe, profile.Stripe}, {f.tap, profile.Tap}, {f.contact, profile.Insert}} {
		if i.may {
			list = append(list, i.on)
		}
	}
	return list
}

// terminal reads the profile of the flags.
func (f *payFlags) terminal() (*profile.Profile, error) {
	if f.profile == "" {
		c, err := iso.ParseCountry(f.country)
		if err != nil {
			return nil, err
		}
		return profile.Builtin(c.Alpha2)
	}
	file, err := os.Open(f.profile)
	if err != nil {
		return nil, &kernel.Error{Code: "input.profile", Text: err.Error()}
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, profile.MaxFile+1))
	if err != nil {
		return nil, &kernel.Error{Code: "input.profile", Text: err.Error()}
	}
	return profile.Load(text)
}

// parseSet reads TAG=HEX.
func parseSet(list []string) (map[tlv.Tag][]byte, error) {
	set := map[tlv.Tag][]byte{}
	for _, s := range list {
		name, value, ok := strings.Cut(s, "=")
		t, err := tlv.ParseTag(name)
		v, bad := hex.DecodeString(value)
		if !ok || err != nil || bad != nil {
			return nil, &kernel.Error{Code: "input.set", Text: fmt.Sprintf("%q is not TAG=HEX, as in 9F6C=0080", s)}
		}
		set[t] = v
	}
	return set, nil
}

func parseDate(s string) (time.Time, error) {
	for _, layout := range []string{time.DateOnly, "2006-01-02T15:04", "2006-01-02T15:04:05", time.DateTime} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, &kernel.Error{
		Code: "input.date", Text: fmt.Sprintf("%q is not a date such as 2026-11-23 or 2026-11-23T14:05:00", s),
	}
}
