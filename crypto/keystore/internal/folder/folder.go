// Package folder keeps the records of a store as files: a folder of mode 0700, files of mode 0600, each written whole or
// not at all. What is in them is sealed before it comes here.
package folder

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/cardwright/emv/crypto/keystore"
)

const (
	storeFile = "store.json" // what the provider needs to open the rest
	lockFile  = "lock"
	recordExt = ".key"
	newExt    = ".new" // a file that is being written: never read

	maxFile = 64 << 10 // bytes; records have a few thousand
)

// Folder is an open store folder.
type Folder struct{ dir string }

// Create makes a folder for a new store, with the provider's own record in it. The errors are CodeExists,
// CodePermission and CodeStorage.
func Create(dir string, store []byte) (*Folder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, storage(err)
	}
	f := &Folder{dir}
	if err := f.private(dir, fs.ModeDir); err != nil {
		return nil, err
	}
	unlock, err := f.Lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	if _, err := os.Lstat(f.path(storeFile)); err == nil {
		return nil, &keystore.Error{Code: keystore.CodeExists, Text: "there is a store in " + dir}
	}
	return f, f.write(storeFile, store)
}

// Open opens the folder of a store and returns the provider's own record. The errors are CodeNoStore, CodePermission
// and CodeStorage.
func Open(dir string) (*Folder, []byte, error) {
	f := &Folder{dir}
	store, err := f.read(storeFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, &keystore.Error{Code: keystore.CodeNoStore, Text: dir}
	}
	if err != nil {
		return nil, nil, err
	}
	if err := f.private(dir, fs.ModeDir); err != nil {
		return nil, nil, err
	}
	return f, store, nil
}

// Exists reports whether there is a store in a folder.
func Exists(dir string) bool {
	_, err := os.Lstat(filepath.Join(dir, storeFile))
	return err == nil
}

// Read returns a record. The error is CodeNotFound, CodePermission or CodeStorage.
func (f *Folder) Read(label string) ([]byte, error) {
	b, err := f.read(label + recordExt)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &keystore.Error{Code: keystore.CodeNotFound, Label: label}
	}
	return b, err
}

// Write makes a record durable before it returns: the file is synced under another name, renamed, and the folder synced.
// After a crash there is the old record or the new one.
func (f *Folder) Write(label string, b []byte) error { return f.write(label+recordExt, b) }

// Remove overwrites a record and removes it. What a file system or a flash controller keeps elsewhere is not reached.
func (f *Folder) Remove(label string) error { return f.erase(label + recordExt) }

// Labels returns the labels of all records, in order.
func (f *Folder) Labels() ([]string, error) {
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return nil, storage(err)
	}
	var labels []string
	for _, e := range entries {
		if label, ok := strings.CutSuffix(e.Name(), recordExt); ok {
			labels = append(labels, label)
		}
	}
	slices.Sort(labels)
	return labels, nil
}

// Wipe erases all records, last the provider's own. Files that are not of a store stay, and then the folder does.
func (f *Folder) Wipe() error {
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return storage(err)
	}
	for _, e := range entries {
		name := e.Name()
		if strings.HasSuffix(name, recordExt) || strings.HasSuffix(name, newExt) {
			if err := f.erase(name); err != nil {
				return err
			}
		}
	}
	if err := f.erase(storeFile); err != nil {
		return err
	}
	_ = os.Remove(f.path(lockFile))
	_ = os.Remove(f.dir) // succeeds when it is empty
	return nil
}

func (f *Folder) path(name string) string { return filepath.Join(f.dir, name) }

func (f *Folder) read(name string) ([]byte, error) {
	file, err := os.Open(f.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err != nil {
		return nil, storage(err)
	}
	defer file.Close()
	if err := f.private(f.path(name), 0); err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return nil, storage(err)
	}
	if len(b) > maxFile {
		return nil, &keystore.Error{Code: keystore.CodeTampered, Text: name + " is too long"}
	}
	return b, nil
}

func (f *Folder) write(name string, b []byte) error {
	temporary := f.path(name + newExt)
	// One that a crash left may have another mode or owner.
	if err := os.Remove(temporary); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return storage(err)
	}
	file, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return storage(err)
	}
	_, err = file.Write(b)
	if err == nil {
		err = file.Sync()
	}
	if e := file.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(temporary, f.path(name))
	}
	if err != nil {
		_ = os.Remove(temporary)
		return storage(err)
	}
	return f.sync()
}

func (f *Folder) erase(name string) error {
	file, err := os.OpenFile(f.path(name), os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return &keystore.Error{Code: keystore.CodeNotFound, Label: strings.TrimSuffix(name, recordExt)}
	}
	if err != nil {
		return storage(err)
	}
	info, err := file.Stat()
	if err == nil {
		_, err = file.Write(make([]byte, min(info.Size(), maxFile)))
	}
	if err == nil {
		err = file.Sync()
	}
	if e := file.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Remove(f.path(name))
	}
	if err != nil {
		return storage(err)
	}
	return f.sync()
}

// sync makes names durable. Windows and WASI have no such call for a folder.
func (f *Folder) sync() error {
	if runtime.GOOS == "windows" || runtime.GOOS == "wasip1" {
		return nil
	}
	d, err := os.Open(f.dir)
	if err != nil {
		return storage(err)
	}
	err = d.Sync()
	if e := d.Close(); err == nil {
		err = e
	}
	if err != nil {
		return storage(err)
	}
	return nil
}

// private refuses a file or folder of another type, or that others than its owner may read or write. Windows and WASI
// have no such bits.
func (f *Folder) private(path string, kind fs.FileMode) error {
	info, err := os.Lstat(path)
	if err != nil {
		return storage(err)
	}
	if info.Mode().Type() != kind {
		return &keystore.Error{Code: keystore.CodeStorage, Text: path + " is a " + info.Mode().Type().String()}
	}
	if runtime.GOOS != "windows" && runtime.GOOS != "wasip1" && info.Mode().Perm()&0o077 != 0 {
		return &keystore.Error{
			Code: keystore.CodePermission,
			Text: path + " has mode " + info.Mode().Perm().String() + "; it must be its owner's alone",
		}
	}
	return nil
}

func storage(err error) error { return &keystore.Error{Code: keystore.CodeStorage, Err: err} }
