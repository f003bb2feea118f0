package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/cardwright/emv/cmd/emv/internal/style"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/card"
	"github.com/cardwright/emv/testvectors/runner"
	"github.com/cardwright/emv/testvectors/serve"
)

// cardServeFlags are the flags of emv card serve.
type cardServeFlags struct {
	card, script, id, reader, listen, atr, protocol string
	faults, set                                     []string
	pullAfter                                       int
	reinsert, retry, delay                          time.Duration
	quiet                                           bool
}

func cardServeCommand() *cobra.Command {
	var f cardServeFlags
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Put a simulated or scripted card into a PC/SC reader, or behind a socket",
		Long: `serve puts a card into a slot: that of a virtual reader of pcscd (vpcd), where any
PC/SC program finds it, or one of its own at --listen, for programs that speak
vpcd's protocol: frames of a length of two bytes and that many bytes, and control
bytes 0 power off, 1 power on, 2 reset, 4 "send your answer to reset".

The card is a profile of emv card list, or with --script the card of a test vector
or of a capture. A strict script pulls the card when it is asked something else.

A card with contacts has its own answer to reset, and speaks T=0 or T=1 as it
says. Another one gets the answer to reset that PC/SC makes up for contactless
cards; --protocol t0 and t1 give it contacts. Under T=0 answers wait for GET
RESPONSE and have 256 bytes at most; otherwise they are whole, long ones too.

A card that a fault takes away is pulled; one that does not answer stays silent.

Exit status: 0 when the card was pulled for good; 1 when a script was asked what
it does not expect; 2 the command line is wrong, or no reader listens there.`,
		Example: `  emv card serve --card visa-credit
  emv card serve --card visa-contact --reader 127.0.0.1:35964 --pull-after 3 --reinsert 2s
  emv card serve --script capture.json --case tap-1 --listen unix:/run/card.sock`,
		Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error { return runCardServe(cmd, &f) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.card, "card", "visa-credit", "profile of the simulated card")
	flags.StringArrayVar(&f.faults, "fault", nil, "what is wrong with the card, as emv card list writes it; repeatable")
	flags.StringArrayVar(&f.set, "set", nil, "TAG=HEX: change a data object of the card; repeatable")
	flags.StringVar(&f.script, "script", "", "suite of vectors, or capture, whose card is served")
	flags.StringVar(&f.id, "case", "", "id of its case (default: the first)")
	flags.StringVar(&f.reader, "reader", "127.0.0.1:35963", "where the reader's slot listens: HOST:PORT or unix:PATH")
	flags.StringVar(&f.listen, "listen", "", "wait for readers at HOST:PORT or unix:PATH instead")
	flags.StringVar(&f.atr, "atr", "", "answer to reset, in hexadecimal")
	flags.StringVar(&f.protocol, "protocol", "", "t0, t1 or contactless (default: the card's own)")
	flags.IntVar(&f.pullAfter, "pull-after", 0, "pull the card when it has answered so many commands")
	flags.DurationVar(&f.reinsert, "reinsert", 0, "put a card that was pulled back after so long")
	flags.DurationVar(&f.retry, "retry", 0, "look for a reader that is not there again after so long")
	flags.DurationVar(&f.delay, "delay", 0, "what the card takes for each answer")
	flags.BoolVar(&f.quiet, "quiet", false, "do not print what happens")
	for _, other := range []string{"card", "fault", "set"} {
		cmd.MarkFlagsMutuallyExclusive("script", other)
	}
	cmd.MarkFlagsMutuallyExclusive("reader", "listen")
	cmd.MarkFlagsMutuallyExclusive("atr", "protocol")
	return cmd
}

func runCardServe(cmd *cobra.Command, f *cardServeFlags) error {
	if f.id != "" && f.script == "" {
		return usage("--case is for --script")
	}
	c, options, err := f.slot()
	if err != nil {
		return err
	}
	if f.pullAfter < 0 || f.reinsert < 0 || f.retry < 0 || f.delay < 0 {
		return usage("--pull-after, --reinsert, --retry and --delay are not negative")
	}
	options.PullAfter, options.Delay = f.pullAfter, f.delay
	if !f.quiet {
		out := cmd.OutOrStdout()
		s := style.For(out)
		options.Watch = func(e serve.Event) { fmt.Fprintln(out, eventText(s, e)) }
	}
	ctx := cmd.Context()
	again := serve.Insertion{Again: f.reinsert, Retry: f.retry}
	if f.listen != "" {
		err = f.serveAt(ctx, cmd, c, options, again)
	} else {
		var to serve.Address
		if to, err = serve.ParseAddress(f.reader); err == nil {
			err = serve.Into(ctx, to, c, options, again)
		}
	}
	if errors.Is(err, serve.ErrScript) {
		return &endError{exitBad, err}
	}
	return err
}

func (f *cardServeFlags) serveAt(ctx context.Context, cmd *cobra.Command, c serve.Card, o serve.Options, i serve.Insertion) error {
	at, err := serve.ParseAddress(f.listen)
	if err != nil {
		return err
	}
	l, err := serve.Listen(ctx, at)
	if err != nil {
		return &kernel.Error{Code: "input.listen", Text: err.Error()}
	}
	if !f.quiet {
		fmt.Fprintf(cmd.OutOrStdout(), "listening at %s\n", l.Addr())
	}
	return serve.At(ctx, l, c, o, i)
}

func eventText(s style.Style, e serve.Event) string {
	if e.Kind != "command" {
		return s.Faint(e.Kind)
	}
	text := fmt.Sprintf("command %02X", e.INS)
	if e.SW == 0 {
		return text + "  " + s.Bad("no answer")
	}
	return fmt.Sprintf("%s  %04X  %s", text, e.SW, s.Faint(e.Took.Round(time.Microsecond).String()))
}

// slot makes the card and says what it answers a reset with.
func (f *cardServeFlags) slot() (serve.Card, serve.Options, error) {
	var o serve.Options
	var c serve.Card
	contacts := false
	if f.script != "" {
		script, err := f.scripted()
		if err != nil {
			return nil, o, err
		}
		c, o.ATR = script, script.ATR
		if o.ATR == nil && script.TPDU {
			o.ATR = serve.ATRT0(nil)
		}
	} else {
		set, err := parseSet(f.set)
		if err != nil {
			return nil, o, err
		}
		simulated, err := serve.NewSimulated(card.Config{Profile: f.card, Set: set, Faults: f.faults})
		if err != nil {
			return nil, o, err
		}
		c, contacts = simulated, simulated.Contacts()
	}
	return f.protocolOf(c, o, contacts)
}

// protocolOf puts the flags about the answer to reset over what the card has.
func (f *cardServeFlags) protocolOf(c serve.Card, o serve.Options, contacts bool) (serve.Card, serve.Options, error) {
	if f.atr != "" {
		atr, err := hex.DecodeString(f.atr)
		if err != nil || len(atr) < 2 || len(atr) > 33 {
			return nil, o, &kernel.Error{Code: "input.atr", Text: "an answer to reset has 2 to 33 bytes in hexadecimal"}
		}
		o.ATR = atr
		return c, o, nil
	}
	if f.protocol != "" && contacts {
		return nil, o, usage("--protocol is for cards without contacts: this one has its own")
	}
	switch f.protocol {
	case "t0":
		c, o.ATR = serve.T0(c), serve.ATRT0(nil)
	case "t1":
		o.ATR = serve.ATRT1(nil)
	case "contactless":
		o.ATR = serve.ATRContactless(nil)
	case "":
		if o.ATR == nil && !contacts {
			o.ATR = serve.ATRContactless(nil)
		}
	default:
		return nil, o, &kernel.Error{Code: "input.protocol", Text: fmt.Sprintf("%q is not t0, t1 or contactless", f.protocol)}
	}
	return c, o, nil
}

// scripted finds the case whose card is served.
func (f *cardServeFlags) scripted() (*serve.Script, error) {
	suites, err := runner.Load(f.script)
	if err != nil {
		return nil, err
	}
	for _, s := range suites {
		for i := range s.Cases {
			if f.id == "" || s.Cases[i].ID == f.id {
				return serve.FromCase(&s.Cases[i])
			}
		}
	}
	return nil, &kernel.Error{Code: "input.case", Text: fmt.Sprintf("%s has no case %q", f.script, f.id)}
}
