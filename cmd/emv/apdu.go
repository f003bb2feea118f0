package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cardwright/emv/cmd/emv/internal/devices"
	"github.com/cardwright/emv/cmd/emv/internal/style"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
	"github.com/cardwright/emv/terminal/driver"
	"github.com/cardwright/emv/tlv/dict"
)

// apduFlags are the flags of emv apdu.
type apduFlags struct {
	reader                         string
	contact, contactless, unmasked bool
	wait                           time.Duration
}

func apduCommand() *cobra.Command {
	var f apduFlags
	cmd := &cobra.Command{
		Use:   "apdu --reader NAME HEX...",
		Short: "Send commands to the card in a reader and print its answers",
		Long: `apdu waits for a card in the reader, sends the commands one after the other, and
prints what the card answers and how long that took. Blanks and colons in HEX do
not count.

Card numbers and what else is confidential are hidden, answers that are no TLV
entirely; --unmasked shows all.

Exit status: 0 the card answered each command, whatever its status word; 1 it did
not; 2 the command line is wrong, or the reader can't be used.`,
		Example: `  emv apdu --reader contactless 00A404000E325041592E5359532E444446303100
  emv apdu --reader pcsc:ACS --contact 00A404000E315041592E5359532E444446303100 00B2010C00`,
		Args: atLeastOne("command"),
		RunE: func(cmd *cobra.Command, args []string) error { return runAPDU(cmd, &f, args) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.reader, "reader", "", "name of the reader, as emv readers has it")
	flags.BoolVar(&f.contact, "contact", false, "the card in the slot (default: where a card is)")
	flags.BoolVar(&f.contactless, "contactless", false, "the card in the field")
	flags.DurationVar(&f.wait, "wait", 30*time.Second, "how long to wait for a card")
	flags.BoolVar(&f.unmasked, "unmasked", false, "show card numbers and what else is confidential")
	cmd.MarkFlagsMutuallyExclusive("contact", "contactless")
	return cmd
}

func runAPDU(cmd *cobra.Command, f *apduFlags, args []string) error {
	if f.reader == "" {
		return usage("missing --reader; see emv readers")
	}
	var commands [][]byte
	for _, a := range args {
		b, err := hex.DecodeString(strings.NewReplacer(" ", "", ":", "").Replace(a))
		if err != nil {
			return &kernel.Error{Code: "input.hex", Text: "a command is hexadecimal"}
		}
		if _, err := apdu.ParseCommand(b); err != nil {
			return err
		}
		commands = append(commands, b)
	}
	ctx := cmd.Context()
	r, err := devices.Open(ctx, f.reader)
	if err != nil {
		return err
	}
	defer r.Close()
	kind, err := devices.Choose(ctx, r, f.kind())
	if err != nil {
		return err
	}
	session, err := f.connect(ctx, r, kind)
	if err != nil {
		return err
	}
	defer session.Close()
	return f.exchange(ctx, cmd.OutOrStdout(), session, commands)
}

func (f *apduFlags) kind() driver.Kind {
	switch {
	case f.contact:
		return driver.Contact
	case f.contactless:
		return driver.Contactless
	}
	return 0
}

// connect waits for a card, but not for ever.
func (f *apduFlags) connect(ctx context.Context, r driver.Reader, kind driver.Kind) (driver.Session, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, f.wait, errNoCard)
	defer cancel()
	session, err := devices.Connect(ctx, r, kind)
	switch {
	case err == nil:
		return session, nil
	case errors.Is(err, context.DeadlineExceeded):
		return nil, &endError{exitBad, errNoCard}
	case kernel.IsCardError(err):
		return nil, &endError{exitBad, err}
	}
	return nil, err
}

// errNoCard ends a wait.
var errNoCard = &kernel.Error{Code: "card.none", Text: "no card came"}

func (f *apduFlags) exchange(ctx context.Context, w io.Writer, session driver.Session, commands [][]byte) error {
	s := style.For(w)
	if atr := answerOf(session); atr != nil {
		fmt.Fprintf(w, "%s %X\n", s.Faint("card"), atr)
	}
	for _, c := range commands {
		p, _ := apdu.ParseCommand(c)
		fmt.Fprintf(w, "%s    %s  %s\n", s.Faint(">"), f.command(c), s.Faint(p.Name()))
		begin := time.Now()
		answer, err := session.Transmit(ctx, nil, c)
		took := time.Since(begin)
		if err != nil {
			if kernel.IsCardError(err) {
				return &endError{exitBad, err}
			}
			return err
		}
		r, ok := apdu.ParseResponse(answer)
		if !ok {
			return &endError{exitBad, kernel.ErrProtocol}
		}
		fmt.Fprintf(w, "%s    %s  %s\n", s.Faint("<"), f.answer(answer, r),
			s.Faint(fmt.Sprintf("%s, %v", r.SW.Meaning(), took.Round(time.Microsecond))))
		clear(answer)
	}
	return nil
}

// command hides what VERIFY and PIN CHANGE carry.
func (f *apduFlags) command(c []byte) string {
	s := strings.ToUpper(hex.EncodeToString(c))
	if !f.unmasked && len(c) > 5 && (c[1] == apdu.InsVerify || c[1] == apdu.InsPINChangeUnblock) {
		return s[:10] + strings.Repeat("*", len(s)-10)
	}
	return s
}

func (f *apduFlags) answer(raw []byte, r apdu.Response) string {
	if f.unmasked {
		return strings.ToUpper(hex.EncodeToString(raw))
	}
	return string(dict.MaskObjects(r.Data, nil)) + r.SW.String()
}

// answerOf returns what the card introduced itself with, as far as the driver tells.
func answerOf(s driver.Session) []byte {
	if own, ok := s.(interface{ ATR() []byte }); ok {
		return own.ATR()
	}
	return s.Answer()
}
