// Command emv is the one binary of cardwright: it decodes card data, pays with a simulated card, and runs test vectors.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cardwright/emv/cmd/emv/internal/style"
)

// Exit statuses.
const (
	exitOK    = 0
	exitBad   = 1 // what was asked for ended badly: declined, failed
	exitUsage = 2 // the input, the command line or the configuration is wrong
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// run executes one command line and returns its exit status. An interrupt cancels it; a second one kills.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop)
	defer stop()

	cmd := rootCommand()
	cmd.SetArgs(args)
	cmd.SetIn(stdin)
	cmd.SetOut(stdout)
	cmd.SetErr(stderr)
	err := cmd.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	if strings.HasPrefix(err.Error(), "unknown command ") { // the library asks nobody about it
		err = usage(err.Error() + "; see emv --help")
	}
	var ended *endError
	if errors.As(err, &ended) && ended.err == nil {
		return ended.status
	}
	s := style.For(stderr)
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		fmt.Fprintln(stderr, s.Bad("emv:"), "interrupted")
		return exitBad
	}
	fmt.Fprintln(stderr, s.Bad("emv:"), err)
	if ended != nil {
		return ended.status
	}
	return exitUsage
}

// endError ends a command with a status of its own; err is printed, nil when everything has been said. Every other error
// is one of usage.
type endError struct {
	status int
	err    error
}

func (e *endError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit status %d", e.status)
	}
	return e.err.Error()
}

func (e *endError) Unwrap() error { return e.err }

func rootCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "emv",
		Short: "EMV card processing: decode, pay, run test vectors",
		Long: `emv takes card data apart, pays with a simulated card, and runs test vectors.

Exit status: 0 when all went well; 1 when what was asked for ended badly (a
payment was declined, a vector failed); 2 when the input, the command line or
the configuration is wrong. Errors begin with a stable code.

Output has colours on a terminal only, and never when NO_COLOR is set.`,
		Example: `  emv pay
  emv decode 6F1A840E325041592E5359532E4444463031A5088801025F2D02656E
  emv vectors run`,
		SilenceUsage:      true,
		SilenceErrors:     true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
	}
	cmd.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usage(err.Error() + "; see " + c.CommandPath() + " --help")
	})
	cmd.PersistentPreRunE = func(c *cobra.Command, _ []string) error {
		if err := c.ValidateFlagGroups(); err != nil {
			return usage(err.Error())
		}
		return nil
	}
	cmd.AddCommand(payCommand(), decodeCommand(), vectorsCommand(), cardCommand(), versionCommand())
	cmd.AddCommand(keysCommand())
	cmd.AddCommand(readersCommand(), apduCommand(), issuerCommand())
	cmd.AddCommand(terminalCommand())
	cmd.AddCommand(posCommand())
	return cmd
}
