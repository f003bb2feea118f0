package station

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/cardwright/emv/cmd/emv/internal/setup"
	"github.com/cardwright/emv/crypto/dukpt"
	"github.com/cardwright/emv/crypto/keyblock"
	"github.com/cardwright/emv/crypto/keystore"
	"github.com/cardwright/emv/crypto/keystore/file"
	"github.com/cardwright/emv/crypto/keystore/tpm"
	"github.com/cardwright/emv/crypto/p2pe"
	"github.com/cardwright/emv/terminal/host"
	"github.com/cardwright/emv/terminal/pairing"
)

// maxPassphrase bounds the file of a passphrase.
const maxPassphrase = 4 << 10

// openStore opens the store of a folder, or makes one.
func openStore(dir string, k *setup.Keystore) (keystore.Provider, error) {
	if k.Provider == "tpm" {
		s, err := tpm.Open(dir, tpm.Options{Path: k.TPM})
		if missing(err) {
			s, err = tpm.Create(dir, tpm.Options{Path: k.TPM})
		}
		if err != nil {
			return nil, err
		}
		return s, nil
	}
	var passphrase []byte
	var options file.Options
	var err error
	if k.Passphrase == "" {
		// Who made 32 random bytes needs no slow way from them to a key (RFC 9106 is for what people think of).
		options.Time, options.MemoryKiB = 1, 1<<10
		passphrase, err = ownPassphrase(dir + ".passphrase")
	} else {
		passphrase, err = readPrivate(k.Passphrase)
	}
	if err != nil {
		return nil, err
	}
	defer clear(passphrase)
	s, err := file.Open(dir, passphrase, options)
	if missing(err) {
		s, err = file.Create(dir, passphrase, options)
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

func missing(err error) bool { return errors.Is(err, &keystore.Error{Code: keystore.CodeNoStore}) }

// ownPassphrase reads the passphrase that the terminal made for itself, or makes it. It lies beside the store: the keys are
// as safe as the folder.
func ownPassphrase(path string) ([]byte, error) {
	b, err := readPrivate(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return b, err
	}
	secret := make([]byte, 32)
	defer clear(secret)
	if _, err := io.ReadFull(rand.Reader, secret); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, &keystore.Error{Code: keystore.CodeStorage, Err: err}
	}
	b = base64.RawStdEncoding.AppendEncode(nil, secret)
	if err := pairing.WritePrivate(path, b); err != nil {
		return nil, &keystore.Error{Code: keystore.CodeStorage, Err: err}
	}
	return b, nil
}

// readPrivate reads a small file that nobody else may read, without the end of its line.
func readPrivate(path string) ([]byte, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, &keystore.Error{Code: keystore.CodeStorage, Err: err}
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return nil, &keystore.Error{Code: keystore.CodeStorage, Err: err}
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return nil, &keystore.Error{Code: keystore.CodePermission, Text: path + " can be read by others; chmod 600 it"}
	}
	b, err := io.ReadAll(io.LimitReader(in, maxPassphrase))
	if err != nil {
		return nil, &keystore.Error{Code: keystore.CodeStorage, Err: err}
	}
	return bytes.TrimRight(b, "\r\n"), nil
}

// transactions give the keys under which a payment's card data leave the reader (reader.Keys).
type transactions struct {
	from  host.Keys
	label string
	tdes  bool
}

// Transaction begins a DUKPT transaction.
func (t *transactions) Transaction(ctx context.Context) (*p2pe.Terminal, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	out := &p2pe.Terminal{}
	if t.tdes {
		var k dukpt.TDESTransaction
		defer k.Wipe()
		if err := t.from.NextTDES(&k, t.label); err != nil {
			return nil, err
		}
		return out, out.UseTDES(&k, rand.Reader)
	}
	var k dukpt.AESTransaction
	defer k.Wipe()
	if err := t.from.NextAES(&k, t.label); err != nil {
		return nil, err
	}
	return out, out.UseAES(&k, 0, rand.Reader)
}

// isTDES finds a DUKPT key in a store and reports whether it is one of TDES.
func isTDES(store keystore.Provider, label string) (bool, error) {
	list, err := store.List()
	if err != nil {
		return false, err
	}
	for _, i := range list {
		switch {
		case i.Label != label:
		case i.Fault != nil:
			return false, i.Fault
		case i.Kind != keystore.KindDUKPT:
			return false, &keystore.Error{Code: keystore.CodeUsage, Label: label, Text: "it is no DUKPT key"}
		default:
			return i.Header.Algorithm == keyblock.AlgorithmTDES, nil
		}
	}
	return false, &keystore.Error{Code: keystore.CodeNotFound, Label: label, Text: "emv keys inject brings the host's DUKPT key"}
}
