package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/cardwright/emv/cmd/emv/internal/iso"
	"github.com/cardwright/emv/cmd/emv/internal/style"
	"github.com/cardwright/emv/cmd/emv/internal/till"
	texts "github.com/cardwright/emv/terminal/text"
	"github.com/cardwright/emv/terminal/wire"
)

func posCommand() *cobra.Command {
	cmd := group("pos", "Run a till: pair with terminals, take payments",
		posServeCommand(), posPairCommand(), posTerminalsCommand(), posPayCommand(), posRefundCommand(), posVoidCommand(),
		posCaptureCommand(), posCancelCommand(), posStatusCommand())
	cmd.Long = `pos is a small till on the library terminal/pos: a page with products and a cart, and
the same from the command line. What it knows (paired terminals, payments, its key)
is in one folder, which one process has at a time.`
	return cmd
}

// posFlags are those of every command of the till.
type posFlags struct {
	state, name, country, language, version, passphrase string
	wait                                                time.Duration
	takeOver                                            bool
}

func (f *posFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.state, "state", "", "the till's folder (default cardwright/pos in ~/.local/state, or in $XDG_STATE_HOME)")
	flags.StringVar(&f.name, "name", "", "the till's name, as terminals show it; kept in the folder")
	flags.StringVar(&f.country, "country", "", "country of prices and taxes (default that of the default terminal, or GB)")
	flags.StringVar(&f.language, "lang", "en", "language of what is refused: en, sv, fr")
	flags.StringVar(&f.version, "app-version", "", "version that the till says it has: terminals ask for a least one")
	flags.StringVar(&f.passphrase, "passphrase-file", "", "file with the passphrase of the till's key (default one in the folder)")
	flags.DurationVar(&f.wait, "wait", 15*time.Second, "how long to wait for a terminal")
}

// addTakeOver is for commands that need the terminal for themselves.
func (f *posFlags) addTakeOver(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.takeOver, "take-over", false, "take the terminal from another till that has it, unless a payment is under way there")
}

// reach waits for a terminal, "" for the default one, and takes it from another till if that is asked for.
func (f *posFlags) reach(ctx context.Context, cmd *cobra.Command, t *till.Till, id string) error {
	if err := t.Online(cmd.Context(), id, f.wait); err != nil || !f.takeOver {
		return err
	}
	return t.Lease(ctx, id, true, false)
}

// open opens the till's folder.
func (f *posFlags) open(cmd *cobra.Command) (*till.State, error) {
	o := till.Options{Dir: f.state, Name: f.name}
	if o.Dir == "" {
		dir := os.Getenv("XDG_STATE_HOME")
		if dir == "" {
			home, err := os.UserHomeDir()
			if err != nil {
				return nil, usage("--state is needed: " + err.Error())
			}
			dir = filepath.Join(home, ".local", "state")
		}
		o.Dir = filepath.Join(dir, "cardwright", "pos")
	}
	if len(f.name) > wire.MaxID {
		return nil, usage("--name is too long")
	}
	if texts.Pick(f.language) != f.language {
		return nil, usage("--lang is en, sv or fr")
	}
	if f.country != "" {
		c, err := iso.ParseCountry(f.country)
		if err != nil {
			return nil, err
		}
		o.Country = c.Alpha2
	}
	if f.version != "" {
		v, err := wire.ParseVersion(f.version)
		if err != nil {
			return nil, usage("--app-version is as 8.16.0")
		}
		o.Version = v
	}
	if f.passphrase != "" {
		b, err := (&storeFlags{passphrase: f.passphrase}).readPassphrase(cmd)
		if err != nil {
			return nil, err
		}
		defer clear(b)
		o.Passphrase = b
	}
	return till.Open(o)
}

// with runs a till for f. The till outlives an interrupt, so that what is under way can be ended in order.
func (f *posFlags) with(cmd *cobra.Command, use func(ctx context.Context, t *till.Till) error) error {
	s, err := f.open(cmd)
	if err != nil {
		return err
	}
	t, err := till.New(s)
	if err != nil {
		return errors.Join(err, s.Close())
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(cmd.Context()))
	started, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		_ = t.Run(ctx, started) // ends with ctx
	}()
	<-started
	err = use(ctx, t)
	cancel()
	<-stopped
	return errors.Join(f.explain(err), s.Close())
}

// explain puts the catalogue's text behind the code of a refusal.
func (f *posFlags) explain(err error) error {
	var e *wire.Error
	if !errors.As(err, &e) {
		return err
	}
	said := string(e.Code) + ": " + till.Text(string(e.Code), f.language, "holder", e.Holder, "least", e.Least)
	if e.Detail != "" {
		said += " (" + e.Detail + ")"
	}
	if e.RequestID != "" {
		said += " [" + e.RequestID + "]"
	}
	return &endError{exitBad, errors.New(style.Clean(said))} // it may quote the terminal
}

// terminal finds a terminal by its id, the beginning of it, or its name; "" is left as it is.
func findTerminal(t *till.Till, name string) (string, error) {
	if name == "" {
		return "", nil
	}
	found := ""
	for _, i := range t.Terminals() {
		if i.ID == name || i.Name == name {
			return i.ID, nil
		}
		if len(name) >= 4 && len(name) < len(i.ID) && i.ID[:len(name)] == name {
			if found != "" {
				return "", usage("--terminal " + name + " begins the ids of several terminals")
			}
			found = i.ID
		}
	}
	if found == "" {
		return "", wire.Refuse(wire.CodeNoReader, "no terminal %s", name)
	}
	return found, nil
}

// parseAmount reads an amount of the till's market.
func parseAmount(t *till.Till, s string) (int64, error) {
	c, err := iso.ParseCurrency(t.Market().Currency)
	if err != nil {
		return 0, err
	}
	n, err := iso.ParseAmount(s, c)
	if err != nil {
		return 0, err
	}
	if n == 0 || n > wire.MaxAmount {
		return 0, usage("the amount is not from 1 to 999999999999 minor units")
	}
	return int64(n), nil
}

// money writes an amount of a currency.
func money(minor int64, currency string) string {
	c, err := iso.ParseCurrency(currency)
	if err != nil || minor < 0 {
		return fmt.Sprintf("%d %s", minor, currency)
	}
	return c.Format(uint64(minor))
}
