package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cardwright/emv/cmd/emv/internal/style"
	"github.com/cardwright/emv/cmd/emv/internal/till"
	"github.com/cardwright/emv/terminal/pairing"
)

func posPairCommand() *cobra.Command {
	var f posFlags
	cmd := &cobra.Command{
		Use:   "pair CODE | ADDRESS DIGITS",
		Short: "Pair with the terminal whose code is on its screen",
		Long: `pair takes the text of a pairing code, or a PNG or JPEG picture in which it can be
seen; - reads either from standard input. Without a camera it takes the terminal's
address and the eight digits, both as they stand on its screen. The terminal shows the
same two words and four digits afterwards.

Exit status: 0 paired; 1 refused; 2 the command line is wrong.`,
		Example: `  emv pos pair 'CARDWRIGHT1:…'
  emv pos pair photo.jpg
  emv pos pair 192.168.1.20 '1234 5678'`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 2 {
				return usage("emv pos pair takes one code, or an address and eight digits; see emv pos pair --help")
			}
			return atLeastOne("the code, or a picture of it")(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			join := func(t *till.Till) (*pairing.Paired, error) { return t.PairCode(cmd.Context(), args[0], args[1]) }
			if len(args) == 1 {
				code, err := readCode(cmd, args[0])
				if err != nil {
					return f.explain(err)
				}
				join = func(t *till.Till) (*pairing.Paired, error) { return t.Pair(cmd.Context(), code) }
			}
			return f.with(cmd, func(_ context.Context, t *till.Till) error {
				p, err := join(t)
				if err != nil {
					return err
				}
				s := style.For(cmd.OutOrStdout())
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s %s\n%s  %s\n", s.Good("paired with"), style.Clean(p.Record.Name),
					s.Strong(p.Confirmation.String()), s.Faint(p.Record.ID))
				return err
			})
		},
	}
	f.add(cmd)
	return cmd
}

// readCode returns the text of a code: as it stands, or out of a picture.
func readCode(cmd *cobra.Command, arg string) (string, error) {
	if arg != "-" && strings.Contains(arg, ":") {
		if _, err := os.Stat(arg); err != nil {
			return strings.TrimSpace(arg), nil
		}
	}
	const most = 12 << 20
	in := cmd.InOrStdin()
	if arg != "-" {
		file, err := os.Open(arg)
		if err != nil {
			return "", usage("neither a code nor a picture: " + err.Error())
		}
		defer file.Close()
		in = file
	}
	b, err := io.ReadAll(io.LimitReader(in, most))
	if err != nil {
		return "", err
	}
	if text := bytes.TrimSpace(b); bytes.HasPrefix(text, []byte("CARDWRIGHT")) {
		return string(text), nil
	}
	return till.ReadPicture(b)
}
