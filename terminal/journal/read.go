package journal

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"strings"
)

// scan is what a reading found.
type scan struct {
	segments []uint64 // that count, ascending
	replaced []uint64 // before the last base segment
	leftover []string // base segments that were never finished
	next     uint64   // of the next record
	link     hash     // the chain's last
	grown    int64    // bytes of records that no base segment has taken over
	end      int64    // in the last segment: behind the last whole record
	torn     bool     // there is something behind it that is to be cut
	headless bool     // the last segment's header is not whole: it is to be removed
	before   int64    // where headless: the end of the segment before
	damage   *Error
}

// read goes through a folder and hands each record to visit. An error is the file system's or visit's; damage is in scan.
func read(fs FS, visit func(Record) error) (scan, error) {
	s := scan{next: firstSeq}
	names, err := fs.List()
	if err != nil {
		return s, failed("the folder can't be read", err)
	}
	for _, name := range names {
		if n, ok := numberOf(name); ok {
			s.segments = append(s.segments, n)
		} else if strings.HasSuffix(name, fresh) {
			s.leftover = append(s.leftover, name)
		}
	}
	slices.Sort(s.segments)
	s.findBase(fs)
	for i, n := range s.segments {
		if i > 0 && n != s.segments[i-1]+1 {
			s.damaged(n, 0, "a segment before this one is missing")
			return s, nil
		}
		if err := s.segment(fs, n, i == 0, i == len(s.segments)-1, visit); err != nil || s.damage != nil {
			return s, err
		}
	}
	return s, nil
}

// findBase drops the segments that a later base segment has replaced.
func (s *scan) findBase(fs FS) {
	for i := len(s.segments) - 1; i > 0; i-- {
		if based(fs, s.segments[i]) {
			s.replaced, s.segments = s.segments[:i:i], s.segments[i:]
			return
		}
	}
}

// based reports whether a segment is a base segment.
func based(fs FS, n uint64) bool {
	f, err := fs.Open(nameOf(n))
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }()
	b := make([]byte, headerSize)
	if _, err := f.ReadAt(b, 0); err != nil && !errors.Is(err, io.EOF) {
		return false
	}
	h, ok := parseHeader(b)
	return ok && h.kind == base && h.number == n
}

func (s *scan) damaged(segment uint64, offset int64, text string) {
	s.damage = &Error{Code: CodeDamaged, Text: text, At: At{segment, offset}}
}

// segment reads one segment.
func (s *scan) segment(fs FS, number uint64, first, last bool, visit func(Record) error) error {
	f, err := fs.Open(nameOf(number))
	if err != nil {
		return failed("a segment can't be opened", err)
	}
	defer func() { _ = f.Close() }()
	size, err := f.Size()
	if err != nil {
		return failed("a segment can't be read", err)
	}
	in := bufio.NewReaderSize(io.NewSectionReader(f, 0, size), 2*maxRecord)
	head, err := in.Peek(int(min(size, headerSize)))
	if err != nil {
		return failed("a segment can't be read", err)
	}
	h, ok := parseHeader(head)
	switch {
	case !ok && last && size <= headerSize && (number == 1 || !first): // power went while it was begun: nothing can be in it
		s.headless, s.before = true, s.end
		return nil
	case !ok:
		s.damaged(number, 0, "the segment's header is not one")
		return nil
	case h.number != number, !first && (h.kind != plain || h.seq != s.next || h.prev != s.link),
		first && h.kind == plain && (number != 1 || h.seq != firstSeq || h.prev != hash{}):
		s.damaged(number, 0, "the segment does not follow the one before it")
		return nil
	}
	_, _ = in.Discard(headerSize)
	s.next, s.link, s.end = h.seq, h.start(), headerSize
	return s.records(in, size, h, last, visit)
}

// records reads the records of a segment.
func (s *scan) records(in *bufio.Reader, size int64, h header, last bool, visit func(Record) error) error {
	kept, complete := uint64(0), h.kind == plain
	for s.end < size {
		window, err := in.Peek(int(min(size-s.end, maxRecord)))
		if err != nil {
			return failed("a segment can't be read", err)
		}
		p, ok := parseRecord(window)
		at := At{h.number, s.end}
		if !ok {
			// Only one record at a time is not synced. What is longer than that, or has a whole record behind it, is not
			// what a loss of power leaves.
			if !last || !complete || size-s.end > maxRecord || holdsRecord(window) {
				s.damaged(h.number, s.end, "a record is not whole")
			}
			s.torn = s.damage == nil
			return nil
		}
		if link := s.link.next(p.front); link != p.link {
			s.damaged(h.number, s.end, "the hash chain breaks")
			return nil
		}
		if p.kind == markBase {
			if complete || len(p.payload) != markLength || binary.BigEndian.Uint64(p.payload) != kept {
				s.damaged(h.number, s.end, "a record of the journal's own is where it must not be")
				return nil
			}
			complete = true
		} else if err := visit(Record{Seq: s.next, Kind: p.kind, Payload: p.payload, At: at}); err != nil {
			return err
		}
		if complete && p.kind != markBase {
			s.grown += int64(p.size)
		}
		kept++
		s.next++
		s.link = p.link
		s.end += int64(p.size)
		_, _ = in.Discard(p.size)
	}
	if !complete {
		s.damaged(h.number, s.end, "what a base segment took over is not all there")
	}
	return nil
}
