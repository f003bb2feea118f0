package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cardwright/emv/cmd/emv/internal/decode"
	"github.com/cardwright/emv/cmd/emv/internal/style"
	"github.com/cardwright/emv/kernel"
)

// maxInput is how much decode reads: a long trace, but no disk image.
const maxInput = 4 << 20

type decodeFlags struct {
	as, kernel             string
	tolerant, json, unmask bool
}

func decodeCommand() *cobra.Command {
	var f decodeFlags
	cmd := &cobra.Command{
		Use:   "decode HEX | FILE | -",
		Short: "Print TLV data, lists, commands and answers as a readable tree",
		Long: `decode prints what card data mean: every object with its name, format and
length, and its bits, lists and rules spelled out.

The argument is hexadecimal, the name of a file that holds some, or - for
standard input; several arguments are several lines. Blanks and empty lines mean
nothing, a line that begins with # is a remark. What reads as hexadecimal is
taken so: write ./6F for a file of that name.

What it understands (--as):
  tlv    BER-TLV data objects
  dol    a data object list: tags and lengths
  apdu   a command, an answer, or a dialogue, one a line; lines may begin
         with > (to the card) and < (from it). What the card asked for with
         its PDOL and CDOLs names the values in the commands that follow
  de55   field 55 of an ISO 8583 message, with or without its length
  tag    TAG:VALUE, as in 82:1980; a tag alone prints its dictionary entry
Without --as the kind is guessed, and the first line says so.

Tags mean what the kernel's book says. Without --kernel an AID in the data
decides, otherwise the books that are common to all.

Card numbers, track data and names are masked, and what nobody knows is hidden
where it is long enough to hold a card number, unless --unmask is given. PINs and
keys are never shown.

Where the input breaks its rules, what stood before the fault is printed, the
error tells code and offset, and the exit status is 2.`,
		Example: `  emv decode 9F66:36804000
  emv decode --kernel C2 9F6E:08400000303000
  emv decode 9F38
  emv decode 00A404000E325041592E5359532E444446303100
  emv decode --json trace.txt
  echo '82 02 20 00 94 04 08 01 01 00' | emv decode -`,
		Args: atLeastOne("what is to be decoded: HEX, FILE or -"),
		RunE: func(cmd *cobra.Command, args []string) error { return runDecode(cmd, &f, args) },
	}
	cmd.Flags().StringVar(&f.as, "as", "", "what the input is: tlv, dol, apdu, de55 or tag (default: guessed)")
	cmd.Flags().StringVar(&f.kernel, "kernel", "", "whose tags: C2 to C8, INTERAC, EMV (default: by the AID)")
	cmd.Flags().BoolVar(&f.tolerant, "tolerant", false, "take FF between objects for padding, as some cards do")
	cmd.Flags().BoolVar(&f.json, "json", false, "print one JSON document")
	cmd.Flags().BoolVar(&f.unmask, "unmask", false, "show card numbers, track data and names")
	return cmd
}

func runDecode(cmd *cobra.Command, f *decodeFlags, args []string) error {
	d := decode.Decoder{Tolerant: f.tolerant, Unmask: f.unmask}
	if f.as != "" {
		kind, err := decode.ParseKind(f.as)
		if err != nil {
			return err
		}
		d.As = kind
	}
	if f.kernel != "" {
		scope, err := decode.ParseKernel(f.kernel)
		if err != nil {
			return err
		}
		d.Kernel = &scope
	}
	text, err := readInput(cmd.InOrStdin(), args)
	if err != nil {
		return err
	}
	doc, fault := d.Decode(text)
	if f.json {
		err = writeJSON(cmd.OutOrStdout(), struct {
			*decode.Document
			Error *jsonError `json:"error,omitempty"`
		}{doc, errorOf(fault)})
	} else if len(doc.Parts) > 0 {
		s := style.For(cmd.OutOrStdout())
		fmt.Fprintln(cmd.OutOrStdout(), s.Faint(headline(doc)))
		err = doc.Write(cmd.OutOrStdout(), s)
	}
	return errors.Join(fault, err)
}

// headline says what the input was taken for and how to have it otherwise.
func headline(doc *decode.Document) string {
	kinds := map[decode.Kind]string{
		decode.TLV: "TLV data", decode.DOL: "data object list", decode.APDU: "APDU", decode.DE55: "field 55",
		decode.Tag: "tag",
	}
	s := kinds[doc.Kind]
	if doc.Guessed {
		s += " (a guess, --as decides)"
	}
	s += ", tags of " + doc.Book
	switch doc.BookBy {
	case "asked":
	case "default":
		s += " (--kernel decides)"
	default:
		s += " (by " + doc.BookBy + ", --kernel decides)"
	}
	return "# " + s
}

// readInput returns the text that the arguments stand for.
func readInput(stdin io.Reader, args []string) (string, error) {
	var lines []string
	for _, a := range args {
		switch {
		case a == "-":
			text, err := readAll(stdin, "standard input")
			if err != nil {
				return "", err
			}
			lines = append(lines, text)
		case isHex(a):
			lines = append(lines, a)
		default:
			file, err := os.Open(a)
			if errors.Is(err, fs.ErrNotExist) {
				return "", &kernel.Error{Code: "input.not_found", Text: fmt.Sprintf("%q is neither hexadecimal nor a file", a)}
			}
			if err != nil {
				return "", &kernel.Error{Code: "input.read", Text: err.Error()}
			}
			text, err := readAll(file, a)
			_ = file.Close()
			if err != nil {
				return "", err
			}
			lines = append(lines, text)
		}
	}
	return strings.Join(lines, "\n"), nil
}

func readAll(r io.Reader, name string) (string, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxInput+1))
	switch {
	case err != nil:
		return "", &kernel.Error{Code: "input.read", Text: err.Error()}
	case len(b) > maxInput:
		return "", &kernel.Error{Code: "input.too_long", Text: name + " has more than 4 MiB"}
	}
	return string(b), nil
}

// isHex reports whether an argument is data and not the name of a file: digits and blanks, in any of the forms of a
// line.
func isHex(s string) bool {
	s = strings.TrimLeft(s, "<> ")
	return s != "" && strings.Trim(s, "0123456789abcdefABCDEF: \t\r\n") == ""
}

// jsonError is an error in a JSON document.
type jsonError struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

func errorOf(err error) *jsonError {
	if err == nil {
		return nil
	}
	return &jsonError{kernel.CodeOf(err), err.Error()}
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
