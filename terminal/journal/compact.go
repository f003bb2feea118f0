package journal

import (
	"encoding/binary"
	"errors"
)

// Compact replaces everything by the records that write keeps, in their order, in a new base segment. Other calls wait
// until it is done, so it is for quiet moments; write must not call the journal, Read aside. keep returns where the record will be.
//
// An error of write, or one of the file system before the new segment counts, leaves the journal as it was. The place of
// every record has changed after a Compact without an error.
func (j *Journal) Compact(write func(keep func(Kind, []byte) (At, error)) error) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.err != nil {
		return j.err
	}
	number := j.segments[len(j.segments)-1] + 1
	temporary := nameOf(number) + fresh
	f, err := j.fs.Create(temporary)
	if err != nil {
		return failed("a base segment can't be made", err)
	}
	h := header{kind: base, number: number, seq: j.next, prev: j.link}
	b := &baseWriter{file: f, number: number, link: h.start(), buffer: h.bytes()}
	if err := b.all(write); err != nil {
		return errors.Join(err, f.Close(), j.fs.Remove(temporary))
	}
	old := j.segments
	if err := errors.Join(j.fs.Rename(temporary, nameOf(number)), j.fs.SyncDir()); err != nil {
		_ = f.Close()
		j.err = failed("a base segment can't be put into its place", err)
		return j.err
	}
	_ = j.current.Close()
	j.current, j.segments = f, []uint64{number}
	j.next, j.link, j.end, j.total = h.seq+b.count, b.link, b.written, 0
	// The new segment counts from here on. What it has replaced is removed at the next Open if that fails now.
	for _, n := range old {
		_ = j.fs.Remove(nameOf(n))
	}
	return nil
}

// bufferSize is how much of a base segment is written at a time.
const bufferSize = 256 << 10

// baseWriter writes a base segment.
type baseWriter struct {
	file    File
	number  uint64
	link    hash
	count   uint64
	written int64
	buffer  []byte
}

func (b *baseWriter) all(write func(func(Kind, []byte) (At, error)) error) error {
	err := write(func(kind Kind, payload []byte) (At, error) {
		if len(payload) > MaxPayload || kind == markBase {
			return At{}, &Error{Code: CodeTooLarge, Text: "a payload of more than 64 KiB, or of no kind"}
		}
		return b.add(kind, payload)
	})
	if err != nil {
		return err
	}
	if _, err := b.add(markBase, binary.BigEndian.AppendUint64(nil, b.count)); err != nil {
		return err
	}
	if err := b.flush(); err != nil {
		return err
	}
	if err := b.file.Sync(); err != nil {
		return failed("a base segment can't be synced", err)
	}
	return nil
}

func (b *baseWriter) add(kind Kind, payload []byte) (At, error) {
	at := At{b.number, b.written + int64(len(b.buffer))}
	b.buffer, b.link = appendRecord(b.buffer, b.link, kind, payload)
	b.count++
	if len(b.buffer) < bufferSize {
		return at, nil
	}
	return at, b.flush()
}

func (b *baseWriter) flush() error {
	n, err := b.file.WriteAt(b.buffer, b.written)
	if err != nil || n < len(b.buffer) {
		return failed("a base segment can't be written", err)
	}
	b.written += int64(n)
	b.buffer = b.buffer[:0]
	return nil
}
