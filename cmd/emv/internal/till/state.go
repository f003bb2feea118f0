package till

import (
	"context"
	"crypto"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/cardwright/emv/crypto/keystore"
	"github.com/cardwright/emv/crypto/keystore/file"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/pairing"
	"github.com/cardwright/emv/terminal/pos"
	"github.com/cardwright/emv/terminal/wire"
)

// Codes of a folder that can't be used.
const (
	CodeInUse = "till.in_use" // another process has the folder
	CodeState = "till.state"  // the folder can't be read or written, or holds something else
)

// Options say where a till keeps what it knows, and what it is.
type Options struct {
	Dir     string
	Name    string       // as terminals show it; "" keeps the one that the folder has, or "Till 1"
	Country string       // ISO 3166-1, two letters: currency, prices and taxes; "" is that of the default terminal, or GB
	Version wire.Version // of the app; the zero Version is this till's own

	// Key is the device key; nil takes the one of the folder's file store, which is made if there is none.
	Key crypto.Signer

	// Passphrase is that of the file store; empty takes one from the file "passphrase" in the folder, which is made if
	// there is none. Who can read the folder then has the key: a till that matters gives the passphrase itself.
	Passphrase []byte

	// Discover looks for a terminal whose address has changed; nil is package discovery: SSDP, DNS-SD and the beacon. S23
	Discover func(ctx context.Context, r *pairing.Record, found func(address string))

	Clock pairing.Clock // nil is the machine's
	Rand  io.Reader     // nil is crypto/rand
}

// State is an open folder. One process has it at a time.
type State struct {
	dir      string
	lock     *os.File
	settings settings
	country  string
	version  wire.Version
	key      crypto.Signer
	keys     keystore.Provider // nil where the key was given
	records  *pairing.Records
	book     *pos.Book
	clock    pairing.Clock
	random   io.Reader
	discover func(context.Context, *pairing.Record, func(string))
}

// settings are what a till is, for good.
type settings struct {
	PosID string `json:"pos_id"`
	Name  string `json:"name"`
}

// ownVersion is that of this till as an app: terminals ask for 8.16 at least. PRODUCT S9
func ownVersion() wire.Version { return wire.Version{Major: 8, Minor: 16} }

func fault(text string, err error) error {
	if err != nil {
		text += ": " + err.Error()
	}
	return &kernel.Error{Code: CodeState, Text: text}
}

// Open opens a folder, and makes it if it is not there. The errors have the codes CodeInUse and CodeState, those of the
// key store, and E_INTERNAL for pair records or a book that are damaged: none of these is overwritten.
func Open(o Options) (*State, error) {
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fault("the state folder can't be made", err)
	}
	s := &State{dir: o.Dir, country: o.Country, version: o.Version, key: o.Key, clock: o.Clock, random: o.Rand, discover: o.Discover}
	if s.clock == nil {
		s.clock = pairing.SystemClock{}
	}
	if s.random == nil {
		s.random = rand.Reader
	}
	if s.version == (wire.Version{}) {
		s.version = ownVersion()
	}
	if err := s.take(); err != nil {
		return nil, err
	}
	if err := s.read(o); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// read reads what the folder has, and makes what it lacks.
func (s *State) read(o Options) (err error) {
	if err := s.readSettings(o.Name); err != nil {
		return err
	}
	if s.records, err = pairing.OpenRecords(s.path("terminals.json")); err != nil {
		return fmt.Errorf("%s: %w", s.path("terminals.json"), err)
	}
	if s.book, err = pos.OpenBook(s.path("book.json")); err != nil {
		return fmt.Errorf("%s: %w", s.path("book.json"), err)
	}
	if s.key != nil {
		return nil
	}
	return s.openKey(o.Passphrase)
}

func (s *State) path(name string) string { return filepath.Join(s.dir, name) }

// take takes the folder for this process, and says which process has it otherwise.
func (s *State) take() error {
	f, err := os.OpenFile(s.path("lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fault("the state folder can't be locked", err)
	}
	if err := lock(f); err != nil {
		who, _ := io.ReadAll(io.LimitReader(f, 16))
		_ = f.Close()
		text := s.dir + " is in use by another emv pos"
		if n := strings.TrimSpace(string(who)); n != "" && strings.Trim(n, "0123456789") == "" {
			text += " (process " + n + ")"
		}
		return &kernel.Error{Code: CodeInUse, Text: text + "; give this one another folder with --state"}
	}
	if err := f.Truncate(0); err == nil {
		_, _ = fmt.Fprintf(f, "%d\n", os.Getpid()) // for the text above alone
	}
	s.lock = f
	return nil
}

// readSettings reads what the till is, and makes it up in a new folder.
func (s *State) readSettings(name string) error {
	b, err := readFile(s.path("till.json"))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		var id [6]byte
		if _, err := io.ReadFull(s.random, id[:]); err != nil {
			return err
		}
		s.settings = settings{PosID: "till-" + hex.EncodeToString(id[:]), Name: "Till 1"}
	case err != nil:
		return fault("till.json can't be read", err)
	default:
		if json.Unmarshal(b, &s.settings) != nil || !strings.HasPrefix(s.settings.PosID, "till-") || len(s.settings.PosID) > 32 {
			return fault("till.json is damaged", nil)
		}
	}
	if name != "" {
		s.settings.Name = name
	}
	return s.write("till.json", s.settings)
}

// openKey opens the folder's key store and takes the device key from it.
func (s *State) openKey(passphrase []byte) error {
	var cost file.Options
	if len(passphrase) == 0 {
		cost = file.Options{Time: 1, MemoryKiB: 8 << 10} // of 160 random bits: there is nothing to guess
		var err error
		if passphrase, err = s.ownPassphrase(); err != nil {
			return err
		}
		defer clear(passphrase)
	}
	dir := s.path("keys")
	p, err := file.Open(dir, passphrase, file.Options{})
	if errors.Is(err, &keystore.Error{Code: keystore.CodeNoStore}) {
		p, err = file.Create(dir, passphrase, cost)
	}
	if err != nil {
		return err
	}
	s.keys = p
	s.key, err = pairing.DeviceKey(p, "device")
	return err
}

func (s *State) ownPassphrase() ([]byte, error) {
	b, err := readFile(s.path("passphrase"))
	if err == nil {
		return b, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, fault("the passphrase can't be read", err)
	}
	var random [20]byte
	if _, err := io.ReadFull(s.random, random[:]); err != nil {
		return nil, err
	}
	b = hex.AppendEncode(nil, random[:])
	if err := pairing.WritePrivate(s.path("passphrase"), b); err != nil {
		return nil, fault("the passphrase can't be written", err)
	}
	return b, nil
}

// write replaces a file of the folder as a whole.
func (s *State) write(name string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fault(name, err)
	}
	if err := pairing.WritePrivate(s.path(name), b); err != nil {
		return fault(name+" can't be written", err)
	}
	return nil
}

// readFile reads a small file.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	const most = 1 << 20
	b, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && len(b) > most {
		err = fs.ErrInvalid
	}
	return b, err
}

// Close gives the folder back.
func (s *State) Close() error {
	var err error
	if s.keys != nil {
		err = s.keys.Close()
	}
	return errors.Join(err, s.lock.Close())
}
