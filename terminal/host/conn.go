package host

import (
	"encoding/binary"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// frameTime is how long the rest of a message may take when its first byte is there: a host that stops in the middle of one
// must not keep the connection.
const frameTime = 10 * time.Second

// link is one connection. Its reader ends when it breaks.
type link struct {
	conn  net.Conn
	write sync.Mutex
	dead  chan struct{} // closed when the connection is gone
	once  sync.Once
	err   error         // why; set before dead is closed
	heard atomic.Uint64 // messages that came
}

func newLink(conn net.Conn) *link { return &link{conn: conn, dead: make(chan struct{})} }

// end closes the connection, for a reason that counts the first time.
func (l *link) end(err error) {
	l.once.Do(func() {
		l.err = err
		_ = l.conn.Close()
		close(l.dead)
	})
}

func (l *link) alive() bool {
	select {
	case <-l.dead:
		return false
	default:
		return true
	}
}

// send writes a message with its length in front, as one piece.
func (l *link) send(message []byte, until time.Time) error {
	frame := binary.BigEndian.AppendUint16(make([]byte, 0, 2+len(message)), uint16(len(message)))
	frame = append(frame, message...)
	l.write.Lock()
	defer l.write.Unlock()
	_ = l.conn.SetWriteDeadline(until)
	_, err := l.conn.Write(frame)
	if err != nil {
		l.end(err) // a message that went half way: what follows would be read as its rest
	}
	return err
}

// receive reads the next message, of most bytes at most. What it returns is good until the next call.
func (l *link) receive(buffer []byte, most int) ([]byte, error) {
	var header [2]byte
	_ = l.conn.SetReadDeadline(time.Time{})
	if _, err := io.ReadFull(l.conn, header[:1]); err != nil {
		return nil, err
	}
	_ = l.conn.SetReadDeadline(time.Now().Add(frameTime))
	if _, err := io.ReadFull(l.conn, header[1:]); err != nil {
		return nil, err
	}
	n := int(binary.BigEndian.Uint16(header[:]))
	if n > most {
		return nil, &Error{Code: CodeTooLong}
	}
	_, err := io.ReadFull(l.conn, buffer[:n])
	return buffer[:n], err
}
