package terminal

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/cardwright/emv/crypto/keystore"
	"github.com/cardwright/emv/terminal/journal"
	"github.com/cardwright/emv/terminal/pairing"
)

// state is the terminal's folder:
//
//	terminal.json   its id, and the location of one that stands alone; made at the first start
//	lease.json      the epoch of the lease that was stored last
//	tills.json      the pair records
//	journal/        the payments
//
// The key of card tokens is sealed in the key store, beside the device key.
type state struct {
	dir      string
	id       pairing.TerminalID
	location string
	epoch    uint64
	records  *pairing.Records
	journal  journal.FS
	token    keystore.Secret
}

// identity is terminal.json.
type identity struct {
	Version  int    `json:"version"`
	ID       string `json:"id"`       // 32 hex digits
	Location string `json:"location"` // of a terminal that stands alone
}

type leased struct {
	Epoch uint64 `json:"epoch"`
}

func openState(c *Config) (*state, error) {
	fault := func(text string, err error) error {
		return &Error{Code: CodeState, Field: c.State, Text: text, Err: err}
	}
	if err := os.MkdirAll(c.State, 0o700); err != nil {
		return nil, fault("can't be made", err)
	}
	if i, err := os.Stat(c.State); err != nil || !i.IsDir() || runtime.GOOS != "windows" && i.Mode().Perm()&0o077 != 0 {
		return nil, fault("is not a folder for its owner alone", err)
	}
	s := &state{dir: c.State, journal: c.FS}
	if err := s.identify(c.Rand); err != nil {
		return nil, fault("terminal.json", err)
	}
	var l leased
	if err := s.read("lease.json", &l); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fault("lease.json", err)
	}
	s.epoch = l.Epoch
	var err error
	if s.records, err = pairing.OpenRecords(filepath.Join(c.State, "tills.json")); err != nil {
		return nil, fault("tills.json", err)
	}
	if err := s.sealed(c); err != nil {
		return nil, err
	}
	if s.journal == nil {
		if s.journal, err = journal.Dir(filepath.Join(c.State, "journal")); err != nil {
			return nil, errors.Join(fault("journal", err), s.close())
		}
	}
	return s, nil
}

// maxState is the size of the largest of the small files.
const maxState = 4 << 10

func (s *state) read(name string, v any) error {
	f, err := os.Open(filepath.Join(s.dir, name))
	if err != nil {
		return err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxState))
	if err != nil {
		return err
	}
	return json.Unmarshal(b, v)
}

func (s *state) write(name string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return pairing.WritePrivate(filepath.Join(s.dir, name), append(b, '\n'))
}

// identify reads who the terminal is, or makes it up.
func (s *state) identify(random io.Reader) error {
	var i identity
	err := s.read("terminal.json", &i)
	if errors.Is(err, fs.ErrNotExist) {
		var location [16]byte
		if _, err := io.ReadFull(random, s.id[:]); err != nil {
			return err
		}
		if _, err := io.ReadFull(random, location[:]); err != nil {
			return err
		}
		s.location = hex.EncodeToString(location[:])
		return s.write("terminal.json", identity{1, hex.EncodeToString(s.id[:]), s.location})
	}
	if err != nil {
		return err
	}
	id, err := hex.DecodeString(i.ID)
	if err != nil || len(id) != len(s.id) || i.Version != 1 || !isLabel(i.Location) {
		return errors.New("it is not as it was written")
	}
	s.id, s.location = pairing.TerminalID(id), i.Location
	return nil
}

// sealed reads the key of card tokens, or makes one: the same card has the same token as long as the store has it.
func (s *state) sealed(c *Config) error {
	label := c.Label + "-token"
	err := c.Store.Unseal(&s.token, label)
	if !errors.Is(err, &keystore.Error{Code: keystore.CodeNotFound}) {
		return err
	}
	key := make([]byte, 32)
	defer clear(key)
	if _, err := io.ReadFull(c.Rand, key); err != nil {
		return err
	}
	if _, err := c.Store.Seal(label, key); err != nil {
		return err
	}
	return c.Store.Unseal(&s.token, label)
}

// save stores the lease's epoch.
func (s *state) save(epoch uint64) error { return s.write("lease.json", leased{epoch}) }

func (s *state) close() error {
	s.token.Wipe()
	return nil
}
