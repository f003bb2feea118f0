package pos

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
	"sync"

	"github.com/cardwright/emv/terminal/pairing"
	"github.com/cardwright/emv/terminal/wire"
)

// Entry is a payment that a till has asked for.
type Entry struct {
	Terminal string              `json:"terminal"`
	Request  wire.PaymentRequest `json:"request"`
	Final    *wire.Final         `json:"final,omitempty"` // nil while it is not known

	// Late says that the host has refused what the card had approved: the Final stands, and nobody has paid.
	Late *wire.PaymentLate `json:"late,omitempty"`
}

// Paid reports whether the payment was approved, and not refused by the host later.
func (e *Entry) Paid() bool {
	return e.Final != nil && e.Final.Result == wire.Approved && e.Late == nil
}

const (
	maxEntries  = 512 // those with a final go first
	maxOpen     = 256
	maxBookFile = 4 << 20
)

// Book remembers payments across crashes of the till: a request before it is sent, its final before it is acknowledged.
type Book struct {
	mu    sync.Mutex
	path  string
	list  []Entry
	texts map[string]written // of the file, by request id
}

// written is an entry as the file has it. It is good for as long as the entry has that Final and Late: nothing else of it
// changes but the lease, and renew says so.
type written struct {
	final *wire.Final
	late  *wire.PaymentLate
	json  []byte
}

// NewBook keeps a book in memory, for tests: a till that crashes has lost it.
func NewBook() *Book { return &Book{} }

// OpenBook keeps a book in a file of mode 0600. The error is CodeInternal; a damaged file is not overwritten.
func OpenBook(path string) (*Book, error) {
	b := &Book{path: path}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return b, nil
	}
	if err != nil {
		return nil, bookFault("open", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxBookFile+1))
	if err != nil || len(text) > maxBookFile {
		return nil, bookFault("read", err)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	if err := d.Decode(&b.list); err != nil || len(b.list) > maxEntries {
		return nil, bookFault("the file is damaged", err)
	}
	for i := range b.list {
		e := &b.list[i]
		if err := e.Request.Check(); err != nil {
			return nil, bookFault("the file is damaged", err)
		}
		if e.Final != nil {
			if err := e.Final.Check(); err != nil {
				return nil, bookFault("the file is damaged", err)
			}
		}
		if e.Late != nil {
			if err := e.Late.Check(); err != nil {
				return nil, bookFault("the file is damaged", err)
			}
		}
	}
	return b, nil
}

func bookFault(what string, err error) error {
	return &wire.Error{Code: wire.CodeInternal, Detail: "payment book: " + what, Err: err}
}

// Open returns the payments whose final is not known.
func (b *Book) Open() []Entry {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []Entry
	for _, e := range b.list {
		if e.Final == nil {
			list = append(list, e)
		}
	}
	return list
}

// All returns every payment that the book still has, the oldest first: what a till lists, and what it gives back.
func (b *Book) All() []Entry {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.list)
}

// Find returns a payment by its request id.
func (b *Book) Find(requestID string) (Entry, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if i := b.index(requestID); i >= 0 {
		return b.list[i], true
	}
	return Entry{}, false
}

func (b *Book) index(requestID string) int {
	return slices.IndexFunc(b.list, func(e Entry) bool { return e.Request.RequestID == requestID })
}

// begin stores a request that is about to be sent. If the order has an open one, that is returned and
// nothing is stored; if it has an approved one of the kind, that is CodeOrderHasOutcome unless a further one is asked for.
func (b *Book) begin(e Entry) (open *Entry, err error) {
	err = b.change(func(list []Entry) ([]Entry, error) {
		n := 0
		for i := range list {
			if f := list[i].Final; f != nil {
				if f.OrderRef == e.Request.OrderRef && f.Kind == e.Request.Kind && list[i].Paid() && !e.Request.ForceAdditional {
					return nil, &wire.Error{Code: wire.CodeOrderHasOutcome, RequestID: f.RequestID, Final: f}
				}
				continue
			}
			n++
			if list[i].Request.OrderRef == e.Request.OrderRef {
				open = &list[i]
				return nil, nil
			}
		}
		if n >= maxOpen {
			return nil, wire.Refuse(wire.CodePendingFull, "%d payments without a known final", n)
		}
		if len(list) >= maxEntries {
			i := slices.IndexFunc(list, func(e Entry) bool { return e.Final != nil && !e.Final.Offline })
			if i < 0 { // those that the host may refuse later go last
				i = slices.IndexFunc(list, func(e Entry) bool { return e.Final != nil })
			}
			list = slices.Delete(list, i, i+1)
		}
		return append(list, e), nil
	})
	return open, err
}

// known returns the entry that answers a request without the terminal: that of its order which is open, or which it was paid
// with; nil for none.
func (b *Book) known(r *wire.PaymentRequest) *Entry {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.list {
		paid := e.Paid() && e.Final.Kind == r.Kind && !r.ForceAdditional
		if e.Request.OrderRef == r.OrderRef && (e.Final == nil || paid) {
			return &e
		}
	}
	return nil
}

// settle stores a final; fresh says whether the book did not have it. One that this book never asked for, or asked another
// terminal for, is CodeNotFound: it is not acknowledged, so the terminal keeps it until someone looks.
func (b *Book) settle(terminal string, f *wire.Final) (fresh bool, err error) {
	err = b.change(func(list []Entry) ([]Entry, error) {
		i := slices.IndexFunc(list, func(e Entry) bool { return e.Request.RequestID == f.RequestID })
		switch {
		case i < 0 || list[i].Terminal != terminal:
			return nil, wire.Refuse(wire.CodeNotFound, "a final of %s for a request that the book does not have", terminal)
		case list[i].Final != nil:
			return nil, nil
		}
		list[i].Final, fresh = f, true
		return list, nil
	})
	return fresh && err == nil, err
}

// refuse stores that the host has refused a payment later; fresh says whether the book did not know it. One that it never
// asked for, or has no approval of, is CodeNotFound, and is not noted: the terminal keeps it until someone looks.
func (b *Book) refuse(terminal string, l *wire.PaymentLate) (fresh bool, err error) {
	err = b.change(func(list []Entry) ([]Entry, error) {
		i := slices.IndexFunc(list, func(e Entry) bool { return e.Request.RequestID == l.RequestID })
		switch {
		case i < 0 || list[i].Terminal != terminal || list[i].Final == nil || list[i].Final.Result != wire.Approved:
			return nil, &wire.Error{
				Code: wire.CodeNotFound, Detail: "refused later by the host, and no approval in the book", RequestID: l.RequestID,
			}
		case list[i].Late != nil:
			return nil, nil
		}
		list[i].Late, fresh = l, true
		return list, nil
	})
	return fresh && err == nil, err
}

// renew gives a request that was provably never accepted another lease. It is no other request: what is asked for is the same.
func (b *Book) renew(requestID string, epoch uint64) error {
	return b.change(func(list []Entry) ([]Entry, error) {
		i := slices.IndexFunc(list, func(e Entry) bool { return e.Request.RequestID == requestID && e.Final == nil })
		if i < 0 {
			return nil, wire.Refuse(wire.CodeNotFound, "not in the book, or ended")
		}
		list[i].Request.LeaseEpoch = epoch
		delete(b.texts, requestID)
		return list, nil
	})
}

// drop takes out a request that was provably never accepted.
func (b *Book) drop(requestID string) error {
	return b.change(func(list []Entry) ([]Entry, error) {
		return slices.DeleteFunc(list, func(e Entry) bool { return e.Request.RequestID == requestID && e.Final == nil }), nil
	})
}

// change stores what f makes of a copy, and takes it over then; nil is no change.
func (b *Book) change(f func([]Entry) ([]Entry, error)) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	list, err := f(slices.Clone(b.list))
	if err != nil || list == nil {
		return err
	}
	if b.path != "" {
		file, err := b.encode(list)
		if err != nil {
			return bookFault("encode", err)
		}
		if err := pairing.WritePrivate(b.path, file); err != nil {
			return bookFault("write", err)
		}
	}
	b.list = list
	return nil
}

// encode returns the file of a list. A change is about one entry of hundreds: the others are not encoded again.
func (b *Book) encode(list []Entry) ([]byte, error) {
	texts := make(map[string]written, len(list))
	size := 2
	for i := range list {
		e := &list[i]
		t, ok := b.texts[e.Request.RequestID]
		if !ok || t.final != e.Final || t.late != e.Late {
			var err error
			if t.json, err = json.Marshal(e); err != nil {
				return nil, err
			}
			t.final, t.late = e.Final, e.Late
		}
		texts[e.Request.RequestID] = t
		size += len(t.json) + 1
	}
	b.texts = texts
	file := append(make([]byte, 0, size), '[')
	for i := range list {
		if i > 0 {
			file = append(file, ',')
		}
		file = append(file, texts[list[i].Request.RequestID].json...)
	}
	return append(file, ']'), nil
}
