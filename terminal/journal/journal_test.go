package journal_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/journal"
	"github.com/cardwright/emv/terminal/journal/journaltest"
)

const first = "0000000001.journal"

// open opens a journal and returns what it replayed.
func open(t testing.TB, fs journal.FS, o journal.Options) (*journal.Journal, []string) {
	t.Helper()
	var seen []string
	j, err := journal.Open(fs, o, func(r journal.Record) error {
		seen = append(seen, string(r.Payload))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	return j, seen
}

func add(t testing.TB, j *journal.Journal, payloads ...string) (at journal.At) {
	t.Helper()
	for _, p := range payloads {
		var err error
		if at, err = j.Append(1, []byte(p)); err != nil {
			t.Fatal(err)
		}
	}
	return at
}

func numbered(n int) (list []string) {
	for i := range n {
		list = append(list, fmt.Sprintf(`{"n":%d}`, i))
	}
	return list
}

// TestFormat builds a segment by hand, from the README alone, and compares.
func TestFormat(t *testing.T) {
	fs := journaltest.New()
	j, _ := open(t, fs, journal.Options{})
	if _, err := j.Append(7, []byte("first")); err != nil {
		t.Fatal(err)
	}
	if _, err := j.Append(255, nil); err != nil {
		t.Fatal(err)
	}

	crc := func(b []byte) []byte { // CRC32C bit by bit: reflected 1EDC6F41
		c := ^uint32(0)
		for _, x := range b {
			c ^= uint32(x)
			for range 8 {
				if c&1 != 0 {
					c = c>>1 ^ 0x82F63B78
				} else {
					c >>= 1
				}
			}
		}
		return binary.BigEndian.AppendUint32(nil, ^c)
	}
	if !bytes.Equal(crc([]byte("123456789")), []byte{0xE3, 0x06, 0x92, 0x83}) { // RFC 3720, B.4
		t.Fatal("the test's own CRC is wrong")
	}
	head := []byte("CWJRNL\x00\x01J\x00\x00\x00" + "\x00\x00\x00\x00\x00\x00\x00\x01" + "\x00\x00\x00\x00\x00\x00\x00\x01")
	head = append(head, make([]byte, 32)...)
	link := sha256.Sum256(head)
	want := slices.Concat(head, crc(head))
	for _, front := range []string{"\x00\x00\x00\x05\x07first", "\x00\x00\x00\x00\xFF"} {
		link = sha256.Sum256(append(link[:], front...))
		record := append([]byte(front), link[:]...)
		want = slices.Concat(want, record, crc(record))
	}
	if got := fs.Bytes(first); !bytes.Equal(got, want) {
		t.Errorf("% X\nwant\n% X", got, want)
	}
}

func TestReopen(t *testing.T) {
	fs := journaltest.New()
	o := journal.Options{SegmentSize: 300} // several segments
	want := numbered(50)
	j, seen := open(t, fs, o)
	if len(seen) != 0 {
		t.Fatalf("a new journal has %q", seen)
	}
	at := add(t, j, want...)
	if kind, p, err := j.Read(at); err != nil || kind != 1 || string(p) != want[49] {
		t.Errorf("%d %q %v", kind, p, err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if names, _ := fs.List(); len(names) < 10 {
		t.Errorf("only %q", names)
	}
	j, seen = open(t, fs, o)
	if !slices.Equal(seen, want) {
		t.Errorf("%q", seen)
	}
	add(t, j, "more")
	_ = j.Close()
	if _, seen = open(t, fs, o); !slices.Equal(seen, append(want, "more")) {
		t.Errorf("%q", seen)
	}
}

// TestDir is the same on the machine's disk.
func TestDir(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	fs, err := journal.Dir(path)
	if err != nil {
		t.Fatal(err)
	}
	o := journal.Options{SegmentSize: 200}
	j, _ := open(t, fs, o)
	add(t, j, numbered(9)...)
	again, err := journal.Dir(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := journal.Open(again, o, nil); kernel.CodeOf(err) != journal.CodeLocked {
		t.Errorf("a second process: %v", err)
	}
	if err := j.Compact(func(keep func(journal.Kind, []byte) (journal.At, error)) error {
		_, err := keep(1, []byte("kept"))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	_ = j.Close()
	if _, seen := open(t, again, o); !slices.Equal(seen, []string{"kept"}) {
		t.Errorf("%q", seen)
	}
}

func TestRefusals(t *testing.T) {
	fs := journaltest.New()
	j, _ := open(t, fs, journal.Options{})
	for _, c := range []struct {
		kind journal.Kind
		n    int
	}{{1, journal.MaxPayload + 1}, {0, 1}} {
		if _, err := j.Append(c.kind, make([]byte, c.n)); kernel.CodeOf(err) != journal.CodeTooLarge {
			t.Errorf("%+v: %v", c, err)
		}
	}
	add(t, j, strings.Repeat("x", journal.MaxPayload))
	for _, at := range []journal.At{{}, {1, 0}, {1, 65}, {2, 64}, {1, 1 << 40}, {1 << 60, 64}} {
		if _, _, err := j.Read(at); kernel.CodeOf(err) != journal.CodeAbsent {
			t.Errorf("%+v: %v", at, err)
		}
	}
	_ = j.Close()
	if _, err := j.Append(1, nil); kernel.CodeOf(err) != journal.CodeClosed {
		t.Errorf("after Close: %v", err)
	}
	if err := j.Compact(nil); kernel.CodeOf(err) != journal.CodeClosed {
		t.Errorf("after Close: %v", err)
	}
}

// TestNoRoom: a write that failed stops the journal; opened again, what was acknowledged is there.
func TestNoRoom(t *testing.T) {
	for op := 1; op <= 2; op++ { // the write, the sync
		fs := journaltest.New()
		j, _ := open(t, fs, journal.Options{})
		add(t, j, "a", "b")
		fs.FullAt(op)
		if _, err := j.Append(1, []byte("c")); kernel.CodeOf(err) != journal.CodeFailed || !errors.Is(err, journaltest.ErrFull) {
			t.Fatalf("%v", err)
		}
		if _, err := j.Append(1, []byte("d")); kernel.CodeOf(err) != journal.CodeFailed {
			t.Errorf("after a failure: %v", err)
		}
		_ = j.Close()
		j, seen := open(t, fs, journal.Options{})
		if j.Err() != nil || len(seen) < 2 || !slices.Equal(seen[:2], []string{"a", "b"}) || slices.Contains(seen, "d") {
			t.Errorf("%v %q", j.Err(), seen)
		}
	}
}

// TestTorn cuts the file at every byte: no record is lost but the one that is cut, and none is invented.
func TestTorn(t *testing.T) {
	fs := journaltest.New()
	j, _ := open(t, fs, journal.Options{})
	want := numbered(3)
	var ends []int
	for _, p := range want {
		add(t, j, p)
		ends = append(ends, len(fs.Bytes(first)))
	}
	whole := fs.Bytes(first)
	for n := range whole {
		cut := journaltest.New()
		cut.Put(first, whole[:n])
		j, seen := open(t, cut, journal.Options{})
		full := 0
		for full < len(ends) && ends[full] <= n {
			full++
		}
		if j.Err() != nil || !slices.Equal(seen, want[:full]) {
			t.Fatalf("cut at %d: %v, %q", n, j.Err(), seen)
		}
		add(t, j, "new")
		_ = j.Close()
		if _, seen = open(t, cut, journal.Options{}); !slices.Equal(seen, append(want[:full:full], "new")) {
			t.Fatalf("cut at %d, then: %q", n, seen)
		}
	}
}

// TestFlipped changes every bit: before the last record that is damage, and nothing behind it is believed.
func TestFlipped(t *testing.T) {
	fs := journaltest.New()
	j, _ := open(t, fs, journal.Options{})
	want := numbered(3)
	add(t, j, want[:2]...)
	last := len(fs.Bytes(first))
	add(t, j, want[2])
	whole := fs.Bytes(first)
	for bit := range 8 * len(whole) {
		b := bytes.Clone(whole)
		b[bit/8] ^= 1 << (bit % 8)
		f := journaltest.New()
		f.Put(first, b)
		j, seen := open(t, f, journal.Options{})
		if bit/8 >= last {
			if j.Err() != nil || !slices.Equal(seen, want[:2]) {
				t.Fatalf("bit %d: %v, %q", bit, j.Err(), seen)
			}
			continue
		}
		if kernel.CodeOf(j.Err()) != journal.CodeDamaged || len(seen) > 2 || !slices.Equal(seen, want[:len(seen)]) {
			t.Fatalf("bit %d: %v, %q", bit, j.Err(), seen)
		}
		if _, err := j.Append(1, nil); kernel.CodeOf(err) != journal.CodeDamaged {
			t.Fatalf("bit %d: appended to a damaged journal: %v", bit, err)
		}
		_ = j.Close()
		if !bytes.Equal(f.Bytes(first), b) {
			t.Fatalf("bit %d: the damaged file was changed", bit)
		}
	}
}

// TestForged: a record that was replaced by another one with a right CRC breaks the chain.
func TestForged(t *testing.T) {
	fs := journaltest.New()
	j, _ := open(t, fs, journal.Options{})
	add(t, j, `{"amount":100}`, `{"amount":200}`)
	b := fs.Bytes(first)
	i := bytes.Index(b, []byte(`100`))
	copy(b[i:], "900")
	end := i + len(`100}`) + sha256.Size
	binary.BigEndian.PutUint32(b[end:], crc32.Checksum(b[64:end], crc32.MakeTable(crc32.Castagnoli)))
	fs.Put(first, b)
	_ = j.Close()
	j, seen := open(t, fs, journal.Options{})
	if kernel.CodeOf(j.Err()) != journal.CodeDamaged || len(seen) != 0 {
		t.Errorf("%v %q", j.Err(), seen)
	}
}

func TestSegmentsMissing(t *testing.T) {
	o := journal.Options{SegmentSize: 200}
	for _, gone := range []string{first, "0000000002.journal"} {
		fs := journaltest.New()
		j, _ := open(t, fs, o)
		add(t, j, numbered(12)...)
		_ = j.Close()
		fs.Delete(gone)
		j, _ = open(t, fs, o)
		if kernel.CodeOf(j.Err()) != journal.CodeDamaged {
			t.Errorf("without %s: %v", gone, j.Err())
		}
	}
}

func TestExport(t *testing.T) {
	fs := journaltest.New()
	j, _ := open(t, fs, journal.Options{})
	add(t, j, `{"a":1}`, "no JSON")
	for _, c := range []struct {
		do   func()
		want string
	}{
		{func() {}, "whole"},
		{func() { fs.Put(first, append(fs.Bytes(first), 1, 2, 3)) }, "torn"},
		{func() { b := fs.Bytes(first); b[70] ^= 1; fs.Put(first, b) }, journal.CodeDamaged},
	} {
		c.do()
		var out bytes.Buffer
		if err := journal.Export(fs, &out); err != nil {
			t.Fatal(err)
		}
		lines := bytes.Split(bytes.TrimSpace(out.Bytes()), []byte("\n"))
		var last struct{ Verdict string }
		if err := json.Unmarshal(lines[len(lines)-1], &last); err != nil || last.Verdict != c.want {
			t.Errorf("%s: %v", out.String(), err)
		}
		if c.want == "whole" && (len(lines) != 3 || !bytes.Contains(lines[0], []byte(`"payload":{"a":1}`))) {
			t.Errorf("%s", out.String())
		}
	}
}

// history is a run on a disk that may lose power: what was acknowledged, and what may be there besides.
type history struct {
	sure  []string // acknowledged
	maybe string   // was being appended
	kept  []string // what a compaction that was under way keeps; nil where there was none
}

// play runs appends, rotations and compactions until it is done or power goes.
func play(fs journal.FS, o journal.Options, h history, more int) (history, error) {
	j, err := journal.Open(fs, o, func(journal.Record) error { return nil })
	if err != nil {
		return h, err
	}
	defer func() { _ = j.Close() }()
	if j.Err() != nil {
		return h, j.Err()
	}
	for i := range more {
		if i%7 == 6 {
			h.kept = append([]string{}, h.sure[len(h.sure)/2:]...)
			err := j.Compact(func(keep func(journal.Kind, []byte) (journal.At, error)) error {
				for _, p := range h.kept {
					if _, err := keep(1, []byte(p)); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return h, err
			}
			h.sure, h.kept = h.kept, nil
		}
		h.maybe = fmt.Sprintf(`{"i":%d,"of":%d}`, i, len(h.sure))
		if _, err := j.Append(1, []byte(h.maybe)); err != nil {
			return h, err
		}
		h.sure, h.maybe = append(h.sure, h.maybe), ""
	}
	return h, nil
}

// explains says what is wrong with what was found after a crash, "" for nothing.
func (h history) explains(err error, seen []string) string {
	switch {
	case err != nil:
		return err.Error()
	case slices.Equal(seen, h.sure),
		h.maybe != "" && slices.Equal(seen, append(slices.Clone(h.sure), h.maybe)),
		h.kept != nil && slices.Equal(seen, h.kept):
		return ""
	}
	return fmt.Sprintf("found %q after %+v", seen, h)
}

// crashes runs play with a crash at every operation, twice in a row, and returns what is wrong the first time.
func crashes(o journal.Options, lying bool) string {
	count := journaltest.New()
	if _, err := play(count, o, history{}, 16); err != nil {
		return err.Error()
	}
	for at := 1; at <= count.Ops(); at++ {
		for seed := range uint64(6) {
			kept := journaltest.Kept(min(seed, 2))
			random := rand.New(rand.NewPCG(seed, uint64(at)))
			fs := journaltest.New()
			if lying {
				fs.IgnoreSync()
			}
			fs.CrashAt(at)
			h, _ := play(fs, o, history{}, 16)
			for again := range 2 {
				fs = fs.After(kept, random)
				var seen []string
				j, err := journal.Open(fs, o, func(r journal.Record) error {
					seen = append(seen, string(r.Payload))
					return nil
				})
				if err == nil {
					err = j.Err()
					_ = j.Close()
				}
				if why := h.explains(err, seen); why != "" {
					return fmt.Sprintf("crash %d at operation %d, kept %d, seed %d: %s", again+1, at, kept, seed, why)
				}
				h = history{sure: seen}
				fs.CrashAt(1 + random.IntN(20))
				h, _ = play(fs, o, h, 16)
			}
		}
	}
	return ""
}

// TestCrashEverywhere loses power at every operation of appends, rotations and compactions: what was acknowledged is there.
func TestCrashEverywhere(t *testing.T) {
	if why := crashes(journal.Options{SegmentSize: 250}, false); why != "" {
		t.Error(why)
	}
}

// TestCrashTestNotices: without syncs the same test fails.
func TestCrashTestNotices(t *testing.T) {
	if why := crashes(journal.Options{SegmentSize: 250}, true); why == "" {
		t.Error("nobody noticed that nothing was synced")
	}
}

// TestCrashesProperty is the same with random sizes, lengths and crashes.
func TestCrashesProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := journal.Options{SegmentSize: rapid.Int64Range(64, 2000).Draw(t, "segment")}
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		fs, h := journaltest.New(), history{}
		for range rapid.IntRange(1, 6).Draw(t, "lives") {
			fs.CrashAt(rapid.IntRange(1, 90).Draw(t, "crash"))
			h, _ = play(fs, o, h, rapid.IntRange(0, 30).Draw(t, "appends"))
			fs = fs.After(journaltest.Kept(rapid.IntRange(0, 2).Draw(t, "kept")), random)
			var seen []string
			j, err := journal.Open(fs, o, func(r journal.Record) error {
				seen = append(seen, string(r.Payload))
				return nil
			})
			if err == nil {
				err = j.Err()
				_ = j.Close()
			}
			if why := h.explains(err, seen); why != "" {
				t.Fatal(why)
			}
			h = history{sure: seen}
		}
	})
}

func TestReplayError(t *testing.T) {
	fs := journaltest.New()
	j, _ := open(t, fs, journal.Options{})
	add(t, j, "a")
	_ = j.Close()
	want := errors.New("stop")
	if _, err := journal.Open(fs, journal.Options{}, func(journal.Record) error { return want }); !errors.Is(err, want) {
		t.Error(err)
	}
	open(t, fs, journal.Options{}) // the lock was given back
}

// TestCompactFails: an error of the writer leaves everything as it was.
func TestCompactFails(t *testing.T) {
	fs := journaltest.New()
	j, _ := open(t, fs, journal.Options{})
	add(t, j, "a")
	want := errors.New("stop")
	if err := j.Compact(func(func(journal.Kind, []byte) (journal.At, error)) error { return want }); !errors.Is(err, want) {
		t.Error(err)
	}
	add(t, j, "b")
	_ = j.Close()
	if _, seen := open(t, fs, journal.Options{}); !slices.Equal(seen, []string{"a", "b"}) {
		t.Errorf("%q", seen)
	}
}
