package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/cardwright/emv/cmd/emv/internal/devices"
	"github.com/cardwright/emv/cmd/emv/internal/style"
	"github.com/cardwright/emv/kernel"
)

func readersCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "readers",
		Short: "List the card readers that are there and that could be",
		Long: `readers asks every driver of this build for its readers. A driver that this build
or this machine lacks says how to get it.

Names, or parts of them that are one reader's alone, are what --reader takes, with
the driver's name and a colon in front or without.`,
		Example: `  emv readers
  emv apdu --reader pcsc:contactless 00A404000E325041592E5359532E444446303100`,
		Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			list := listReaders(devices.List(cmd.Context()))
			if asJSON {
				return writeJSON(cmd.OutOrStdout(), list)
			}
			return printReaders(cmd, list)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON document")
	return cmd
}

// readerList is the JSON form of the list. It is stable: keys may be added, none renamed.
type readerList struct {
	Readers []readerEntry `json:"readers"`
	Lacking []lackEntry   `json:"lacking"`
}

type readerEntry struct {
	Driver   string   `json:"driver"`
	Name     string   `json:"name"`
	Kinds    []string `json:"kinds"`
	Maker    string   `json:"maker,omitempty"`
	Model    string   `json:"model,omitempty"`
	Serial   string   `json:"serial,omitempty"`
	Firmware string   `json:"firmware,omitempty"`
	Note     string   `json:"note,omitempty"`
}

type lackEntry struct {
	Driver string `json:"driver"`
	Code   string `json:"code"`
	Why    string `json:"why"`
}

func listReaders(all []devices.Listed) readerList {
	l := readerList{Readers: []readerEntry{}, Lacking: []lackEntry{}}
	for _, family := range all {
		for _, f := range family.Found {
			id := f.Identity
			l.Readers = append(l.Readers, readerEntry{
				family.Family, id.Name, strings.Split(f.Kinds.String(), "+"), id.Maker, id.Model, id.Serial, id.Firmware, f.Note,
			})
		}
		if family.Err != nil {
			l.Lacking = append(l.Lacking, lackEntry{family.Family, kernel.CodeOf(family.Err), family.Err.Error()})
		}
	}
	return l
}

func printReaders(cmd *cobra.Command, l readerList) error {
	out := cmd.OutOrStdout()
	s := style.For(out)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, r := range l.Readers {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", r.Driver, r.Name, strings.Join(r.Kinds, "+"), r.Note)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if len(l.Readers) == 0 {
		fmt.Fprintln(out, "no reader was found")
	}
	for _, lack := range l.Lacking {
		fmt.Fprintf(out, "%s  %s\n", s.Strong(lack.Driver), lack.Why)
	}
	return nil
}
