package journal

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"strconv"
	"strings"
)

// Sizes of the format, in bytes.
const (
	MaxPayload = 64 << 10

	headerSize = 64
	frontSize  = 5                       // length, kind
	backSize   = 4 + sha256.Size         // CRC, chain
	overhead   = frontSize + backSize    // of a record
	maxRecord  = overhead + MaxPayload   // the longest one
	magic      = "CWJRNL\x00\x01"        // name and version
	suffix     = ".journal"              // of a segment
	fresh      = ".new"                  // of a base segment that is being written
	digits     = 10                      // in a segment's name
	plain      = byte('J')               // a segment that follows another
	base       = byte('B')               // one that replaces all before it
	markBase   = Kind(0)                 // the record that ends what a base segment took over
	crcAt      = headerSize - crc32.Size // of the header
	maxNumber  = uint64(9_999_999_999)   // that a name holds
	firstSeq   = uint64(1)               // the first record's number
	markLength = 8                       // of the payload of markBase: how many records there were
)

// castagnoli is the table of CRC32C (RFC 3720, B.4).
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Kind says what a record is to the caller. 0 is the journal's own.
type Kind uint8

// Record is one record. Payload is good until the function that was given it returns.
type Record struct {
	Seq     uint64 // 1 for the first one of the journal's life; compaction gives new numbers to what it keeps
	Kind    Kind
	Payload []byte
	At      At
}

// At is where a record begins.
type At struct {
	Segment uint64
	Offset  int64
}

// hash is a link of the chain.
type hash [sha256.Size]byte

// header begins a segment.
type header struct {
	kind   byte
	number uint64
	seq    uint64 // of its first record
	prev   hash   // the chain's last link before it
}

func (h *header) bytes() []byte {
	b := make([]byte, headerSize)
	copy(b, magic)
	b[8] = h.kind
	binary.BigEndian.PutUint64(b[12:], h.number)
	binary.BigEndian.PutUint64(b[20:], h.seq)
	copy(b[28:], h.prev[:])
	binary.BigEndian.PutUint32(b[crcAt:], crc32.Checksum(b[:crcAt], castagnoli))
	return b
}

// start is the chain's first link in a segment.
func (h *header) start() hash { return sha256.Sum256(h.bytes()[:crcAt]) }

// parseHeader reads a header that is whole, and reports whether it is one.
func parseHeader(b []byte) (header, bool) {
	if len(b) != headerSize || string(b[:8]) != magic || b[8] != plain && b[8] != base ||
		!bytes.Equal(b[9:12], []byte{0, 0, 0}) ||
		binary.BigEndian.Uint32(b[crcAt:]) != crc32.Checksum(b[:crcAt], castagnoli) {
		return header{}, false
	}
	return header{
		kind: b[8], number: binary.BigEndian.Uint64(b[12:]), seq: binary.BigEndian.Uint64(b[20:]), prev: hash(b[28:crcAt]),
	}, true
}

// next is the link behind prev of a record whose front and payload are given.
func (prev hash) next(front []byte) hash {
	var scratch [sha256.Size + frontSize + 1024]byte
	return sha256.Sum256(append(append(scratch[:0], prev[:]...), front...))
}

// appendRecord appends a record to dst and returns the chain's new last link.
func appendRecord(dst []byte, prev hash, kind Kind, payload []byte) ([]byte, hash) {
	from := len(dst)
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(payload)))
	dst = append(dst, byte(kind))
	dst = append(dst, payload...)
	front := dst[from:]
	link := prev.next(front)
	dst = append(dst, link[:]...)
	return binary.BigEndian.AppendUint32(dst, crc32.Checksum(dst[from:], castagnoli)), link
}

// parsed is a record whose CRC is right.
type parsed struct {
	kind    Kind
	payload []byte
	front   []byte // what the link covers beside the one before
	link    hash
	size    int
}

// parseRecord reads the record that b begins with. It reports false where that is none, or not all of it.
func parseRecord(b []byte) (parsed, bool) {
	if len(b) < overhead {
		return parsed{}, false
	}
	n := binary.BigEndian.Uint32(b)
	if n > MaxPayload || int(n) > len(b)-overhead {
		return parsed{}, false
	}
	end := frontSize + int(n)
	p := parsed{kind: Kind(b[4]), payload: b[frontSize:end], front: b[:end], size: end + backSize}
	sum := p.size - crc32.Size
	if binary.BigEndian.Uint32(b[sum:]) != crc32.Checksum(b[:sum], castagnoli) {
		return parsed{}, false
	}
	p.link = hash(b[end:sum])
	return p, true
}

// holdsRecord reports whether a whole record begins anywhere in b.
func holdsRecord(b []byte) bool {
	for i := range b {
		if _, ok := parseRecord(b[i:]); ok {
			return true
		}
	}
	return false
}

func nameOf(number uint64) string { return fmt.Sprintf("%0*d%s", digits, number, suffix) }

// numberOf reads a segment's name.
func numberOf(name string) (uint64, bool) {
	s, ok := strings.CutSuffix(name, suffix)
	if !ok || len(s) != digits {
		return 0, false
	}
	n, err := strconv.ParseUint(s, 10, 64)
	return n, err == nil && n > 0 && n <= maxNumber && nameOf(n) == name
}
