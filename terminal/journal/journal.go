package journal

import (
	"encoding/binary"
	"errors"
	"io"
	"sync"
)

// Options are how a journal is kept. The zero value is good.
type Options struct {
	SegmentSize int64 // from which on a new segment begins; 0 is 4 MiB
}

// Journal is an open journal. It is safe for concurrent use.
type Journal struct {
	fs      FS
	options Options

	mu       sync.Mutex
	lock     io.Closer
	current  File
	segments []uint64
	next     uint64
	link     hash
	end      int64 // of the current segment
	total    int64 // bytes of records since the last base segment
	err      error // why nothing can be appended
	scratch  []byte
}

// Open opens the journal of a folder, or begins one, and hands every record to replay, oldest first. Records that are not
// whole at the end are cut off. Where the journal is damaged, Err says so and replay has seen what was before.
//
// The error is the file system's, that of replay, or one with the code "journal_locked".
func Open(fs FS, options Options, replay func(Record) error) (*Journal, error) {
	if options.SegmentSize == 0 {
		options.SegmentSize = 4 << 20
	}
	lock, err := fs.Lock()
	if err != nil {
		return nil, err
	}
	j := &Journal{fs: fs, options: options, lock: lock}
	if err := j.open(replay); err != nil {
		_ = j.Close()
		return nil, err
	}
	return j, nil
}

func (j *Journal) open(replay func(Record) error) error {
	s, err := read(j.fs, replay)
	if err != nil {
		return err
	}
	j.segments, j.next, j.link, j.end, j.total = s.segments, s.next, s.link, s.end, s.grown
	if s.damage != nil {
		j.err = s.damage
		return nil // nothing is changed: whoever looks into it finds all as it was
	}
	if err := j.tidy(&s); err != nil {
		return err
	}
	if len(j.segments) == 0 {
		return j.begin(header{kind: plain, number: 1, seq: firstSeq})
	}
	last := nameOf(j.segments[len(j.segments)-1])
	if j.current, err = j.fs.Open(last); err != nil {
		return failed("the last segment can't be opened", err)
	}
	if s.torn {
		if err := j.current.Truncate(j.end); err != nil {
			return failed("the last segment can't be cut", err)
		}
	}
	// What was read may be in the machine's memory only, where the process before this one was killed: what is answered
	// from it must last.
	if err := errors.Join(j.current.Sync(), j.fs.SyncDir()); err != nil {
		return failed("the last segment can't be synced", err)
	}
	return nil
}

// tidy removes what a loss of power left behind.
func (j *Journal) tidy(s *scan) error {
	remove := s.leftover
	if s.headless {
		n := len(j.segments) - 1
		remove = append(remove, nameOf(j.segments[n]))
		j.segments, j.end = j.segments[:n], s.before
	}
	for _, n := range s.replaced {
		remove = append(remove, nameOf(n))
	}
	if remove == nil {
		return nil
	}
	if err := j.fs.SyncDir(); err != nil { // the base segment's name must last before what it replaces goes
		return failed("the folder can't be synced", err)
	}
	for _, name := range remove {
		if err := j.fs.Remove(name); err != nil {
			return failed("a segment can't be removed", err)
		}
	}
	if err := j.fs.SyncDir(); err != nil {
		return failed("the folder can't be synced", err)
	}
	return nil
}

// begin makes a new segment the current one.
func (j *Journal) begin(h header) error {
	f, err := j.fs.Create(nameOf(h.number))
	if err != nil {
		return failed("a segment can't be made", err)
	}
	if _, err := f.WriteAt(h.bytes(), 0); err != nil {
		return errors.Join(failed("a segment can't be begun", err), f.Close())
	}
	if err := errors.Join(f.Sync(), j.fs.SyncDir()); err != nil {
		return errors.Join(failed("a segment can't be synced", err), f.Close())
	}
	if j.current != nil {
		_ = j.current.Close()
	}
	j.current, j.segments = f, append(j.segments, h.number)
	j.next, j.link, j.end = h.seq, h.start(), headerSize
	return nil
}

// Append adds a record and returns where it is, once it is on the disk. payload has at most MaxPayload bytes, kind is not 0.
// After an error other than "journal_too_large" the record may be there or not, and every further Append fails.
func (j *Journal) Append(kind Kind, payload []byte) (At, error) {
	if len(payload) > MaxPayload || kind == markBase {
		return At{}, &Error{Code: CodeTooLarge, Text: "a payload of more than 64 KiB, or of no kind"}
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.err != nil {
		return At{}, j.err
	}
	at, err := j.add(kind, payload)
	if err != nil {
		j.err = err
		return At{}, err
	}
	return at, nil
}

func (j *Journal) add(kind Kind, payload []byte) (At, error) {
	if j.end >= j.options.SegmentSize {
		number := j.segments[len(j.segments)-1] + 1
		if err := j.begin(header{kind: plain, number: number, seq: j.next, prev: j.link}); err != nil {
			return At{}, err
		}
	}
	b, link := appendRecord(j.scratch[:0], j.link, kind, payload)
	j.scratch = b
	if n, err := j.current.WriteAt(b, j.end); err != nil || n < len(b) {
		return At{}, failed("a record can't be written", err)
	}
	if err := j.current.Sync(); err != nil {
		return At{}, failed("a record can't be synced", err)
	}
	at := At{j.segments[len(j.segments)-1], j.end}
	j.end += int64(len(b))
	j.total += int64(len(b))
	j.link = link
	j.next++
	return at, nil
}

// Read returns the kind and the payload of the record at a place. It works on a damaged journal, and during Compact.
func (j *Journal) Read(at At) (Kind, []byte, error) {
	absent := &Error{Code: CodeAbsent, Text: "there is no record", At: at}
	if at.Segment == 0 || at.Segment > maxNumber || at.Offset < headerSize {
		return 0, nil, absent
	}
	f, err := j.fs.Open(nameOf(at.Segment))
	if err != nil {
		absent.Err = err
		return 0, nil, absent
	}
	defer func() { _ = f.Close() }()
	front := make([]byte, frontSize)
	if _, err := f.ReadAt(front, at.Offset); err != nil {
		absent.Err = err
		return 0, nil, absent
	}
	n := binary.BigEndian.Uint32(front)
	if n > MaxPayload {
		return 0, nil, absent
	}
	b := make([]byte, overhead+int(n))
	if read, err := f.ReadAt(b, at.Offset); read < len(b) {
		absent.Err = err
		return 0, nil, absent
	}
	p, ok := parseRecord(b)
	if !ok {
		return 0, nil, absent
	}
	return p.kind, p.payload, nil
}

// Err returns why nothing can be appended, nil while all is well.
func (j *Journal) Err() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.err
}

// Grown returns how many bytes of records came after the last compaction: what the next one could save.
func (j *Journal) Grown() int64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.total
}

// Close lets the folder go. A second Close does nothing.
func (j *Journal) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.lock == nil {
		return nil
	}
	var err error
	if j.current != nil {
		err = j.current.Close()
	}
	err = errors.Join(err, j.lock.Close())
	j.lock, j.current = nil, nil
	if j.err == nil {
		j.err = &Error{Code: CodeClosed, Text: "the journal was closed"}
	}
	return err
}
