package main

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cardwright/emv/crypto/keyblock"
	"github.com/cardwright/emv/crypto/keystore"
)

func keysInjectCommand() *cobra.Command {
	var f storeFlags
	var kek, block, header string
	var components []string
	cmd := &cobra.Command{
		Use:   "inject LABEL",
		Short: "Bring a key in: a key block, or the components of a key",
		Long: `inject keeps a key under a label.

A key comes in a TR-31 / X9.143 key block that is wrapped under a key of the
store (--kek), and may do what the block's header says. An initial DUKPT key (B1)
brings its key serial number in the optional block KS (TDES) or IK (AES).

The first key encrypting key comes in components, two or more, each in a file of
its own as hexadecimal digits; the key is their XOR. No one person should have
two of them. Then --header says what the key may do: usage, algorithm, mode of use
and exportability, as a block writes them (K1ADN: key block protection key, AES,
decrypt only, not exportable).

Files with components must be readable by their owner alone; - is standard input.`,
		Example: `  emv keys inject kek --component-file one --component-file two --header K1ADN
  emv keys inject dukpt --kek kek --block-file initial-key.txt`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("inject takes one label; see " + cmd.CommandPath() + " --help")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			byBlock, byComponents := kek != "" || block != "", len(components) > 0 || header != ""
			switch {
			case byBlock == byComponents:
				return usage("a key comes by --kek and --block-file, or by --component-file and --header")
			case byBlock && (kek == "" || block == ""):
				return usage("--kek and --block-file go together")
			case byComponents && (len(components) == 0 || header == ""):
				return usage("--component-file and --header go together")
			}
			return f.with(cmd, func(p keystore.Provider) error {
				var info keystore.Info
				var err error
				if byBlock {
					info, err = injectBlock(cmd, p, args[0], kek, block)
				} else {
					info, err = injectComponents(cmd, p, args[0], header, components)
				}
				if err != nil {
					return err
				}
				where := "software"
				if p.Hardware() {
					where = "hardware"
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: %s, check value %s, kept by %s\n", info.Label, info.Header.Usage,
					upperHex(info.Check), where)
				return err
			})
		},
	}
	f.add(cmd)
	flags := cmd.Flags()
	flags.StringVar(&kek, "kek", "", "label of the key that the block is wrapped under")
	flags.StringVar(&block, "block-file", "", "file with a key block, - for standard input")
	flags.StringArrayVar(&components, "component-file", nil, "file with a component in hexadecimal; once for each")
	flags.StringVar(&header, "header", "", "usage, algorithm, mode of use and exportability of a key in components")
	return cmd
}

func injectBlock(cmd *cobra.Command, p keystore.Provider, label, kek, path string) (keystore.Info, error) {
	b, err := readSmallFile(cmd, path) // it is enciphered
	if err != nil {
		return keystore.Info{}, err
	}
	return p.Import(label, kek, bytes.TrimSpace(b))
}

func injectComponents(cmd *cobra.Command, p keystore.Provider, label, header string, paths []string) (keystore.Info, error) {
	if len(header) != 5 {
		return keystore.Info{}, usage("--header is five characters: K1ADN")
	}
	h := keyblock.Header{
		Usage: keyblock.Usage(header[:2]), Algorithm: keyblock.Algorithm(header[2:3]), Mode: keyblock.Mode(header[3:4]),
		KeyVersion: keyblock.NoKeyVersion, Exportability: keyblock.Exportability(header[4:5]),
	}
	var components [][]byte
	defer func() {
		for _, c := range components {
			clear(c)
		}
	}()
	for _, path := range paths {
		text, err := readSecretFile(cmd, path)
		if err != nil {
			return keystore.Info{}, err
		}
		c := make([]byte, hex.DecodedLen(len(text)))
		digits := bytes.Map(func(r rune) rune {
			if strings.ContainsRune(" \t\r\n", r) {
				return -1
			}
			return r
		}, text)
		n, err := hex.Decode(c, digits)
		clear(text)
		clear(digits)
		components = append(components, c[:n])
		if err != nil {
			return keystore.Info{}, usage(path + " is not hexadecimal") // what hex says would quote a digit
		}
	}
	return p.Compose(label, h, components...)
}
