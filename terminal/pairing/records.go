package pairing

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/cardwright/emv/terminal/wire"
)

// Record is what one side keeps of the other: enough to find and recognise it without a code.
type Record struct {
	ID        string    `json:"id"` // pos_id or terminal_id
	Name      string    `json:"name"`
	Pin       [32]byte  `json:"-"`
	Merchant  string    `json:"merchant"`
	Location  string    `json:"location"`
	Country   string    `json:"country"`
	Addresses []string  `json:"addresses,omitempty"` // where a terminal was last, ADDRESS:PORT, best first
	ResumeKey wire.Key  `json:"resume_key"`
	Paired    time.Time `json:"paired"`
	Default   bool      `json:"default,omitempty"` // of a till's terminals, the one that is used unless another is chosen. S46
}

const (
	maxRecords     = 64
	maxRecordsFile = 1 << 20
)

// Records are a side's pair records. With a file every change is on the disk when the method returns: a new file beside
// the old one, synced, renamed over it, and the folder synced. The file has mode 0600 and holds the resume keys.
type Records struct {
	mu   sync.Mutex
	path string
	list []Record
}

// NewRecords keeps records in memory.
func NewRecords() *Records { return &Records{} }

// OpenRecords keeps records in a file, which need not be there yet. A file that others may read or write, or that is not
// as written, is CodeInternal: it is not overwritten.
func OpenRecords(path string) (*Records, error) {
	r := &Records{path: path}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	if err != nil {
		return nil, recordsFault("open", err)
	}
	defer f.Close()
	if s, err := f.Stat(); err != nil || !s.Mode().IsRegular() || !windows && s.Mode().Perm()&0o077 != 0 {
		return nil, recordsFault("the file is not private", err)
	}
	b, err := io.ReadAll(io.LimitReader(f, maxRecordsFile+1))
	if err != nil || len(b) > maxRecordsFile {
		return nil, recordsFault("read", err)
	}
	defer clear(b)
	var stored recordsFile
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&stored); err != nil || stored.Version != 1 || len(stored.Records) > maxRecords {
		return nil, recordsFault("the file is damaged", nil) // what the reader says may quote a key
	}
	for _, s := range stored.Records {
		if len(s.Pin) != 32 || len(s.ResumeKey) != 32 || s.ID == "" || r.index(s.ID) >= 0 {
			return nil, recordsFault("the file is damaged", nil)
		}
		s.Record.Pin = [32]byte(s.Pin)
		r.list = append(r.list, s.Record)
	}
	return r, nil
}

type recordsFile struct {
	Version int            `json:"version"`
	Records []storedRecord `json:"records"`
}

type storedRecord struct {
	Record
	Pin wire.Bytes `json:"pin"`
}

func recordsFault(what string, err error) error {
	return &wire.Error{Code: wire.CodeInternal, Detail: "pair records: " + what, Err: err}
}

// All returns copies of the records, in the order in which they were made.
func (r *Records) All() []Record {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := make([]Record, len(r.list))
	for i := range r.list {
		list[i] = r.list[i].copy()
	}
	return list
}

func (r *Record) copy() Record {
	c := *r
	c.Addresses, c.ResumeKey = slices.Clone(r.Addresses), slices.Clone(r.ResumeKey)
	return c
}

// ByID returns the record of that id.
func (r *Records) ByID(id string) (Record, bool) {
	return r.find(func(c *Record) bool { return c.ID == id })
}

// ByPin returns the record of whoever has that key.
func (r *Records) ByPin(p Pin) (Record, bool) {
	return r.find(func(c *Record) bool { return c.Pin == p })
}

func (r *Records) find(is func(*Record) bool) (Record, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.list {
		if is(&r.list[i]) {
			return r.list[i].copy(), true
		}
	}
	return Record{}, false
}

// Put adds a record or replaces the one of that id. The first record becomes the default, and a replaced one stays it.
func (r *Records) Put(n Record) error {
	return r.change(func(list []Record) ([]Record, error) {
		// A key is that of one device: whoever had it under another name is the same device.
		list = slices.DeleteFunc(list, func(c Record) bool { return c.Pin == n.Pin && c.ID != n.ID })
		n = n.copy()
		if i := slices.IndexFunc(list, func(c Record) bool { return c.ID == n.ID }); i >= 0 {
			n.Default = n.Default || list[i].Default
			list[i] = n
		} else {
			list = append(list, n)
		}
		if len(list) > maxRecords {
			return nil, wire.Refuse(wire.CodeTooLarge, "pair records: more than %d", maxRecords)
		}
		return list, nil
	}, n.ID)
}

// Delete forgets a record. Forgetting one that is not there is no error.
func (r *Records) Delete(id string) error {
	return r.change(func(list []Record) ([]Record, error) {
		return slices.DeleteFunc(list, func(c Record) bool { return c.ID == id }), nil
	}, "")
}

// SetDefault makes a record the default. The error is CodeNoReader.
func (r *Records) SetDefault(id string) error {
	return r.change(func(list []Record) ([]Record, error) {
		if !slices.ContainsFunc(list, func(c Record) bool { return c.ID == id }) {
			return nil, wire.Refuse(wire.CodeNoReader, "no record of that id")
		}
		for i := range list {
			list[i].Default = list[i].ID == id
		}
		return list, nil
	}, id)
}

// SetAddresses notes where a terminal is.
func (r *Records) SetAddresses(id string, addresses []string) error {
	return r.change(func(list []Record) ([]Record, error) {
		for i := range list {
			if list[i].ID == id {
				list[i].Addresses = slices.Clone(addresses)
			}
		}
		return list, nil
	}, "")
}

// change applies f to a copy, stores it and only then takes it over. There is one default as long as there are records:
// prefer, if several claim it.
func (r *Records) change(f func([]Record) ([]Record, error), prefer string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	list, err := f(slices.Clone(r.list))
	if err != nil {
		return err
	}
	chosen := -1
	for i := range list {
		if list[i].Default && (chosen < 0 || list[i].ID == prefer) {
			chosen = i
		}
	}
	for i := range list {
		list[i].Default = i == max(chosen, 0)
	}
	if r.path != "" {
		if err := r.store(list); err != nil {
			return err
		}
	}
	r.list = list
	return nil
}

func (r *Records) index(id string) int {
	return slices.IndexFunc(r.list, func(c Record) bool { return c.ID == id })
}

func (r *Records) store(list []Record) error {
	file := recordsFile{Version: 1}
	for _, c := range list {
		file.Records = append(file.Records, storedRecord{c, c.Pin[:]})
	}
	b, err := json.MarshalIndent(file, "", "\t")
	if err != nil {
		return recordsFault("encode", err)
	}
	defer clear(b)
	if err := WritePrivate(r.path, b); err != nil {
		return recordsFault("write", err)
	}
	return nil
}

// WritePrivate replaces a file of mode 0600 as a whole: it is on the disk, or the old one is, when the method returns.
func WritePrivate(path string, b []byte) error {
	f, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err = errors.Join(err, f.Chmod(0o600), f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// windows has no modes, and folders that cannot be synced: what a file's folder inherits decides there.
const windows = runtime.GOOS == "windows"

// syncFolder makes a rename durable, where folders can be synced at all.
func syncFolder(dir string) error {
	if windows {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, fs.ErrInvalid) {
		return err
	}
	return nil
}
