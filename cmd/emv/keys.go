package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/cardwright/emv/crypto/keyblock"
	"github.com/cardwright/emv/crypto/keystore"
	"github.com/cardwright/emv/crypto/keystore/file"
	"github.com/cardwright/emv/crypto/keystore/tpm"
)

func keysCommand() *cobra.Command {
	return group("keys", "Keep the terminal's own keys: in a TPM, or in a sealed folder",
		keysInitCommand(), keysInjectCommand(), keysListCommand(), keysAttestCommand(), keysWipeCommand())
}

const (
	providerAuto = "auto"
	providerTPM  = "tpm"
	providerFile = "file"
)

// deviceLabel is the key pair that init makes: what the terminal is known by.
const deviceLabel = "device"

// storeFlags say which store a command works on.
type storeFlags struct {
	provider, tpm, dir, passphrase string
}

func (f *storeFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.provider, "provider", providerAuto,
		"where keys are: tpm, file, or auto (what the store is; a new one: the TPM if there is one)")
	flags.StringVar(&f.tpm, "tpm", "", "the TPM's device or socket (default "+tpm.DefaultPath+")")
	flags.StringVar(&f.dir, "dir", "", "the store's folder (default cardwright/keys in the user's configuration folder)")
	flags.StringVar(&f.passphrase, "passphrase-file", "", "file with the passphrase of a file store, - for standard input")
}

// resolve checks the flags and completes the folder.
func (f *storeFlags) resolve() error {
	switch f.provider {
	case providerAuto, providerTPM, providerFile:
	default:
		return usage("--provider is auto, tpm or file")
	}
	if f.dir == "" {
		config, err := os.UserConfigDir()
		if err != nil {
			return usage("--dir is needed: " + err.Error())
		}
		f.dir = filepath.Join(config, "cardwright", "keys")
	}
	return nil
}

// open opens the store.
func (f *storeFlags) open(cmd *cobra.Command) (keystore.Provider, error) {
	if err := f.resolve(); err != nil {
		return nil, err
	}
	name, err := keystore.ProviderOf(f.dir)
	if errors.Is(err, &keystore.Error{Code: keystore.CodeNoStore}) {
		return nil, &keystore.Error{Code: keystore.CodeNoStore, Text: f.dir + "; emv keys init makes one"}
	}
	if err != nil {
		return nil, err
	}
	if f.provider != providerAuto && f.provider != name {
		return nil, &keystore.Error{Code: keystore.CodeUnsupported, Text: "the store is of provider " + name}
	}
	if name == providerTPM {
		s, err := tpm.Open(f.dir, tpm.Options{Path: f.tpm})
		if err != nil {
			return nil, err
		}
		return s, nil
	}
	passphrase, err := f.readPassphrase(cmd)
	if err != nil {
		return nil, err
	}
	defer clear(passphrase)
	s, err := file.Open(f.dir, passphrase, file.Options{})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// readPassphrase reads the passphrase, without the end of its line. A command line has none: others see it.
func (f *storeFlags) readPassphrase(cmd *cobra.Command) ([]byte, error) {
	if f.passphrase == "" {
		return nil, usage("a store of files has a passphrase: --passphrase-file FILE, or - for standard input")
	}
	b, err := readSecretFile(cmd, f.passphrase)
	if err != nil {
		return nil, err
	}
	return bytes.TrimRight(b, "\r\n"), nil
}

// readSecretFile reads a small file that nobody else may read, or standard input.
func readSecretFile(cmd *cobra.Command, path string) ([]byte, error) {
	if path != "-" && os.PathSeparator == '/' {
		info, err := os.Stat(path)
		if err != nil {
			return nil, usage(err.Error())
		}
		if info.Mode().Perm()&0o077 != 0 {
			return nil, &keystore.Error{Code: keystore.CodePermission, Text: path + " can be read by others; chmod 600 it"}
		}
	}
	return readSmallFile(cmd, path)
}

// readSmallFile reads a file, or standard input.
func readSmallFile(cmd *cobra.Command, path string) ([]byte, error) {
	const most = 64 << 10
	if path == "-" {
		return io.ReadAll(io.LimitReader(cmd.InOrStdin(), most))
	}
	in, err := os.Open(path)
	if err != nil {
		return nil, usage(err.Error())
	}
	defer in.Close()
	return io.ReadAll(io.LimitReader(in, most))
}

// with opens the store for f, and closes it.
func (f *storeFlags) with(cmd *cobra.Command, use func(keystore.Provider) error) error {
	p, err := f.open(cmd)
	if err != nil {
		return err
	}
	return errors.Join(use(p), p.Close())
}

// deviceHeader is the header of the terminal's own key pair.
func deviceHeader() keyblock.Header {
	return keyblock.Header{
		Usage: keyblock.UsageSignature, Algorithm: keyblock.AlgorithmEC, Mode: keyblock.ModeSign,
		KeyVersion: keyblock.NoKeyVersion, Exportability: keyblock.NonExportable,
	}
}
