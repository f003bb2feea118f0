package main

import (
	"encoding/hex"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/cardwright/emv/cmd/emv/internal/style"
	"github.com/cardwright/emv/crypto/keystore"
)

func keysListCommand() *cobra.Command {
	var f storeFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the keys, what each may do, and whether they are in hardware",
		Long: `list opens every record and says what the key may do: usage, algorithm, mode of use
and exportability are those of its key block's header (ANSI X9.143).

A key check value tells keys apart without giving them away. "counted" is a DUKPT
key whose old states the TPM keeps from being put back.

Exit status 1 means that a record does not open.`,
		Example: `  emv keys list
  emv keys list --json`,
		Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return f.with(cmd, func(p keystore.Provider) error { return printKeys(cmd, p, asJSON) })
		},
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON document")
	return cmd
}

// keyList is the JSON form of the list. It is stable: keys may be added, none renamed.
type keyList struct {
	Provider string     `json:"provider"`
	Hardware bool       `json:"hardware"`
	Attestor string     `json:"attestor,omitempty"` // the name of the key that attests, hex
	Keys     []keyEntry `json:"keys"`
}

type keyEntry struct {
	Label         string        `json:"label"`
	Kind          keystore.Kind `json:"kind"`
	Usage         string        `json:"usage,omitempty"`
	Algorithm     string        `json:"algorithm,omitempty"`
	Mode          string        `json:"mode,omitempty"`
	Exportability string        `json:"exportability,omitempty"`
	Bits          int           `json:"bits,omitempty"`
	Created       time.Time     `json:"created"`
	KCV           string        `json:"kcv,omitempty"` // key check value, hex
	KSN           string        `json:"ksn,omitempty"` // of the initial key, hex
	Counted       bool          `json:"counted,omitempty"`
	Public        []byte        `json:"public,omitempty"` // PKIX, base64
	Fault         string        `json:"fault,omitempty"`
}

func entryOf(i keystore.Info) keyEntry {
	e := keyEntry{
		Label: i.Label, Kind: i.Kind, Usage: string(i.Header.Usage), Algorithm: string(i.Header.Algorithm),
		Mode: string(i.Header.Mode), Exportability: string(i.Header.Exportability), Bits: i.Bits, Created: i.Created,
		KCV: upperHex(i.Check), KSN: upperHex(i.KSN), Counted: i.Counter, Public: i.Public,
	}
	if i.Fault != nil {
		// What a record that does not open says of itself is not to be believed.
		e = keyEntry{Label: i.Label, Fault: i.Fault.Error()}
	}
	return e
}

func upperHex(b []byte) string { return strings.ToUpper(hex.EncodeToString(b)) }

// printKeys prints what a store holds. A record that does not open ends the command badly.
func printKeys(cmd *cobra.Command, p keystore.Provider, asJSON bool) error {
	infos, err := p.List()
	if err != nil {
		return err
	}
	l := keyList{Provider: p.Name(), Hardware: p.Hardware(), Keys: []keyEntry{}}
	if a, ok := p.(interface{ Attestor() ([]byte, error) }); ok {
		name, err := a.Attestor()
		if err != nil {
			return err
		}
		l.Attestor = upperHex(name)
	}
	bad := false
	for _, i := range infos {
		l.Keys = append(l.Keys, entryOf(i))
		bad = bad || i.Fault != nil
	}
	if asJSON {
		err = writeJSON(cmd.OutOrStdout(), l)
	} else {
		err = l.print(cmd)
	}
	if err == nil && bad {
		err = &endError{status: exitBad}
	}
	return err
}

func (l *keyList) print(cmd *cobra.Command) error {
	out := cmd.OutOrStdout()
	s := style.For(out)
	where := s.Bad("in software") + ": who has the folder and the passphrase has the keys"
	if l.Hardware {
		where = s.Good("in hardware") + ": a copy of the folder is of no use without this TPM"
	}
	fmt.Fprintf(out, "keys are %s\n", where)
	if l.Attestor != "" {
		fmt.Fprintf(out, "attestor %s\n", l.Attestor)
	}
	if len(l.Keys) == 0 {
		fmt.Fprintln(out, "there are none")
		return nil
	}
	fmt.Fprintln(out)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "LABEL\tKIND\tUSAGE\tALGORITHM\tMODE\tEXPORT\tBITS\tKCV\tKSN\tNOTE")
	for _, k := range l.Keys {
		note := k.Fault
		if k.Counted {
			note = "counted"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", k.Label, dash(string(k.Kind)), dash(k.Usage), dash(k.Algorithm),
			dash(k.Mode), dash(k.Exportability), dash(number(k.Bits)), dash(k.KCV), dash(k.KSN), note)
	}
	return w.Flush()
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
