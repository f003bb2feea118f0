package journal_test

import (
	"bytes"
	"io"
	"slices"
	"testing"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/journal"
	"github.com/cardwright/emv/terminal/journal/journaltest"
)

// FuzzReader reads a segment of any bytes. Whatever is believed of it is believed again after one more record; where it is
// damaged nothing changes.
func FuzzReader(f *testing.F) {
	fs := journaltest.New()
	j, err := journal.Open(fs, journal.Options{}, nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(fs.Bytes(first))
	for _, p := range []string{`{"a":1}`, "", string(bytes.Repeat([]byte{0}, 100))} {
		if _, err := j.Append(3, []byte(p)); err != nil {
			f.Fatal(err)
		}
		f.Add(fs.Bytes(first))
	}
	whole := fs.Bytes(first)
	f.Add(whole[:len(whole)-7])
	f.Add(whole[:63])
	f.Add(append(bytes.Clone(whole), make([]byte, 64)...))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		fs := journaltest.New()
		fs.Put(first, b)
		j, seen := open(t, fs, journal.Options{})
		if err := journal.Export(fs, io.Discard); err != nil {
			t.Fatal(err)
		}
		if err := j.Err(); err != nil {
			if kernel.CodeOf(err) != journal.CodeDamaged || !bytes.Equal(fs.Bytes(first), b) {
				t.Fatal(err)
			}
			return
		}
		add(t, j, "one more")
		_ = j.Close()
		again, then := open(t, fs, journal.Options{})
		if again.Err() != nil || !slices.Equal(then, append(seen, "one more")) {
			t.Fatalf("%v: %q, then %q", again.Err(), seen, then)
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	payload := bytes.Repeat([]byte("x"), 300)
	for _, where := range []string{"memory", "disk"} {
		b.Run(where, func(b *testing.B) {
			var fs journal.FS = quick{journaltest.New()}
			if where == "disk" {
				var err error
				if fs, err = journal.Dir(b.TempDir()); err != nil {
					b.Fatal(err)
				}
			}
			j, _ := open(b, fs, journal.Options{})
			b.ReportAllocs()
			for b.Loop() {
				if _, err := j.Append(1, payload); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// quick forgets what it is given: it costs nothing.
type quick struct{ *journaltest.FS }

func (q quick) Create(name string) (journal.File, error) {
	f, err := q.FS.Create(name)
	return nothing{f}, err
}

type nothing struct{ journal.File }

func (nothing) WriteAt(p []byte, _ int64) (int, error) { return len(p), nil }
func (nothing) Sync() error                            { return nil }

// BenchmarkReplay reads 10,000 records of 300 bytes.
func BenchmarkReplay(b *testing.B) {
	fs, err := journal.Dir(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	j, _ := open(b, fs, journal.Options{})
	payload := bytes.Repeat([]byte("x"), 300)
	if err := j.Compact(func(keep func(journal.Kind, []byte) (journal.At, error)) error {
		for range 10_000 {
			if _, err := keep(1, payload); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		b.Fatal(err)
	}
	_ = j.Close()
	for b.Loop() {
		n := 0
		j, err := journal.Open(fs, journal.Options{}, func(journal.Record) error { n++; return nil })
		if err != nil || n != 10_000 {
			b.Fatal(n, err)
		}
		_ = j.Close()
	}
}
