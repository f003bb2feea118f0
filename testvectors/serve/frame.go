package serve

import (
	"encoding/binary"
	"io"
	"net"
)

// Control frames of the reader's side.
const (
	controlOff   = 0
	controlOn    = 1
	controlReset = 2
	controlATR   = 4
)

// maxFrame is the longest frame: what two bytes can count.
const maxFrame = 0xFFFF

// framer reads and writes frames on a connection.
type framer struct {
	conn net.Conn
	buf  []byte
}

// read returns the next frame, good until the next read or write.
//
// A TCP stack that delays its acknowledgements makes a virtual reader, which sends length and payload apart, wait some 40
// milliseconds for each command. Quick acknowledgement is switched off again by the system, so it is asked for each time.
func (f *framer) read() ([]byte, error) {
	quickAck(f.conn)
	var head [2]byte
	if _, err := io.ReadFull(f.conn, head[:]); err != nil {
		return nil, err
	}
	n := int(binary.BigEndian.Uint16(head[:]))
	if cap(f.buf) < n+2 {
		f.buf = make([]byte, n+2, maxFrame+2)
	}
	quickAck(f.conn)
	b := f.buf[:n]
	_, err := io.ReadFull(f.conn, b)
	return b, err
}

// write sends one frame, in one piece.
func (f *framer) write(payload []byte) error {
	out := make([]byte, 2, 2+len(payload))
	binary.BigEndian.PutUint16(out, uint16(len(payload)))
	out = append(out, payload...)
	_, err := f.conn.Write(out)
	clear(out)
	return err
}

// wipe clears what passed.
func (f *framer) wipe() { clear(f.buf[:cap(f.buf)]) }
