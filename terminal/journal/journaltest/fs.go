// Package journaltest has a file system for tests that loses power at any operation, and then shows what a disk may have
// kept: nothing that was not synced, all of it, or any part of it in any order.
package journaltest

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/cardwright/emv/terminal/journal"
)

// ErrPower is what every operation returns once power is gone.
var ErrPower = errors.New("journaltest: no power")

// ErrFull is a write that found no room.
var ErrFull = errors.New("journaltest: no room")

// sector is the part of a write that lasts or is lost as a whole.
const sector = 512

// FS is a folder in memory. Its operations that change something are counted; power goes at one of them where CrashAt says
// so. It is safe for concurrent use.
type FS struct {
	mu      sync.Mutex
	names   map[string]*node // as programs see them
	durable map[string]*node // as they are after the last SyncDir
	changes []change         // since then
	ops     int
	crashAt int
	fullAt  int
	dead    bool
	locked  bool
	lying   bool
	crashed chan struct{}
}

// change is one of the folder: a file made (from is nil), renamed or removed (to is empty).
type change struct {
	from, to string
	node     *node
}

// node is a file.
type node struct {
	now    []byte  // as programs see it
	synced []byte  // as it was at the last Sync
	writes []write // since then
}

// write is a part of a file that was written, or where it was cut.
type write struct {
	at   int64
	data []byte
	cut  bool
}

// New returns an empty folder.
func New() *FS {
	return &FS{names: map[string]*node{}, durable: map[string]*node{}, crashed: make(chan struct{})}
}

// CrashAt lets power go at the n-th operation from now on, the first one being 1: it may have begun, and none follows.
func (f *FS) CrashAt(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.crashAt = f.ops + n
}

// FullAt lets the n-th operation from now on find no room: half of it is written.
func (f *FS) FullAt(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fullAt = f.ops + n
}

// IgnoreSync lets every Sync and SyncDir return without doing anything: what a program that forgets them has.
func (f *FS) IgnoreSync() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lying = true
}

// Crash lets power go now.
func (f *FS) Crash() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.die()
}

// Crashed is closed when power goes.
func (f *FS) Crashed() <-chan struct{} { return f.crashed }

// Dead reports whether power is gone.
func (f *FS) Dead() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.dead
}

// Ops returns how many operations there were.
func (f *FS) Ops() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.ops
}

func (f *FS) die() {
	if !f.dead {
		f.dead = true
		close(f.crashed)
	}
}

// step counts an operation. It reports whether this one is the last, half done.
func (f *FS) step() (half bool, err error) {
	if f.dead {
		return false, ErrPower
	}
	f.ops++
	switch f.ops {
	case f.crashAt:
		f.die()
		return true, ErrPower
	case f.fullAt:
		return true, ErrFull
	}
	return false, nil
}

// Kept is what a disk kept when power went.
type Kept uint8

// What may be kept.
const (
	Synced Kept = iota // only what was synced
	All                // everything that was written
	Some               // what was synced, and of the rest whatever chance says, sector by sector
)

// After returns the folder as it is found when power is back. random is for Some.
func (f *FS) After(kept Kept, random *rand.Rand) *FS {
	f.mu.Lock()
	defer f.mu.Unlock()
	g := New()
	g.lying = f.lying
	names := maps.Clone(f.durable)
	switch kept {
	case All:
		names = maps.Clone(f.names)
	case Some:
		for _, c := range f.changes {
			if random.IntN(2) == 0 {
				continue
			}
			delete(names, c.from)
			if c.to != "" {
				names[c.to] = c.node
			}
		}
	default:
	}
	for name, n := range names {
		data := n.synced
		switch kept {
		case All:
			data = n.now
		case Some:
			data = n.some(random)
		default:
		}
		g.names[name] = &node{now: bytes.Clone(data), synced: bytes.Clone(data)}
	}
	g.durable = maps.Clone(g.names)
	return g
}

// some is the file with whatever sectors chance has kept.
func (n *node) some(random *rand.Rand) []byte {
	data := bytes.Clone(n.synced)
	for _, w := range n.writes {
		if w.cut {
			if random.IntN(2) == 0 && int64(len(data)) > w.at {
				data = data[:w.at]
			}
			continue
		}
		for from := 0; from < len(w.data); {
			to := min(len(w.data), from+sector-int((w.at+int64(from))%sector))
			if random.IntN(2) == 0 {
				data = put(data, w.at+int64(from), w.data[from:to])
			}
			from = to
		}
		if random.IntN(4) == 0 { // the size was kept, what is in it was not
			data = put(data, w.at+int64(len(w.data)), nil)
		}
	}
	return data
}

func put(data []byte, at int64, b []byte) []byte {
	if need := int(at) + len(b); need > len(data) {
		data = append(data, make([]byte, need-len(data))...)
	}
	copy(data[at:], b)
	return data
}

// Lock keeps a second journal out.
func (f *FS) Lock() (io.Closer, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.locked {
		return nil, &journal.Error{Code: journal.CodeLocked, Text: "another process has the journal open"}
	}
	f.locked = true
	return unlock{f}, nil
}

type unlock struct{ *FS }

func (u unlock) Close() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.locked = false
	return nil
}

// List returns the names of the files.
func (f *FS) List() ([]string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.dead {
		return nil, ErrPower
	}
	return slices.Collect(maps.Keys(f.names)), nil
}

// Bytes returns what a program would read of a file.
func (f *FS) Bytes(name string) []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	if n := f.names[name]; n != nil {
		return bytes.Clone(n.now)
	}
	return nil
}

// Put makes a file of these bytes, synced.
func (f *FS) Put(name string, b []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := &node{now: bytes.Clone(b), synced: bytes.Clone(b)}
	f.names[name], f.durable[name] = n, n
}

// Delete removes a file, for good.
func (f *FS) Delete(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.names, name)
	delete(f.durable, name)
}

// Open opens a file.
func (f *FS) Open(name string) (journal.File, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.dead {
		return nil, ErrPower
	}
	if f.names[name] == nil {
		return nil, fs.ErrNotExist
	}
	return &file{f, f.names[name]}, nil
}

// Create makes a file.
func (f *FS) Create(name string) (journal.File, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.names[name] != nil {
		return nil, fs.ErrExist
	}
	half, err := f.step()
	n := &node{}
	if err == nil || half && errors.Is(err, ErrPower) {
		f.names[name] = n
		f.changes = append(f.changes, change{to: name, node: n})
	}
	return &file{f, n}, err
}

// Rename renames a file, in place of another one if there is one.
func (f *FS) Rename(from, to string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := f.names[from]
	if n == nil {
		return fs.ErrNotExist
	}
	half, err := f.step()
	if err == nil || half && errors.Is(err, ErrPower) {
		delete(f.names, from)
		f.names[to] = n
		f.changes = append(f.changes, change{from, to, n})
	}
	return err
}

// Remove removes a file.
func (f *FS) Remove(name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.names[name] == nil {
		return fs.ErrNotExist
	}
	half, err := f.step()
	if err == nil || half && errors.Is(err, ErrPower) {
		f.changes = append(f.changes, change{from: name})
		delete(f.names, name)
	}
	return err
}

// SyncDir makes the names last.
func (f *FS) SyncDir() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, err := f.step(); err != nil {
		return err
	}
	if !f.lying {
		f.durable, f.changes = maps.Clone(f.names), nil
	}
	return nil
}

type file struct {
	fs   *FS
	node *node
}

func (f *file) ReadAt(p []byte, off int64) (int, error) {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if f.fs.dead {
		return 0, ErrPower
	}
	return bytes.NewReader(f.node.now).ReadAt(p, off)
}

func (f *file) WriteAt(p []byte, off int64) (int, error) {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	half, err := f.fs.step()
	switch {
	case half && errors.Is(err, ErrFull):
		p = p[:len(p)/2]
	case half: // all of it may be on its way to the disk
	case err != nil:
		return 0, err
	}
	f.node.now = put(f.node.now, off, p)
	f.node.writes = append(f.node.writes, write{at: off, data: bytes.Clone(p)})
	return len(p), err
}

func (f *file) Truncate(size int64) error {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	half, err := f.fs.step()
	if err != nil && !half {
		return err
	}
	if int64(len(f.node.now)) > size {
		f.node.now = f.node.now[:size:size]
	}
	f.node.writes = append(f.node.writes, write{at: size, cut: true})
	return err
}

func (f *file) Sync() error {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if _, err := f.fs.step(); err != nil {
		return err
	}
	if !f.fs.lying {
		f.node.synced, f.node.writes = bytes.Clone(f.node.now), nil
	}
	return nil
}

func (f *file) Size() (int64, error) {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if f.fs.dead {
		return 0, ErrPower
	}
	return int64(len(f.node.now)), nil
}

func (f *file) Close() error { return nil }
