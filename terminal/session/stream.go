package session

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"io"
	"slices"
	"sync"

	"github.com/cardwright/emv/terminal/wire"
)

// What a stream keeps for a side that does not acknowledge.
const (
	MaxQueue      = 1024
	MaxQueueBytes = 4 << 20
)

// MaxBody is the longest body of a frame: a longer one would end each connection that it is sent over.
const MaxBody = wire.MaxFrame - 512 // for the rest of the frame

func fits(t wire.Type, body json.RawMessage) error {
	if len(body) > MaxBody {
		return wire.Refuse(wire.CodeTooLarge, "a %s of %d bytes", t, len(body))
	}
	return nil
}

// Stream numbers what one side sends to another, keeps it until it is acknowledged, and knows what was received. It
// outlives connections and ends with the process: the other side sees a new name then.
type Stream struct {
	mu    sync.Mutex
	name  string
	next  uint64       // number of the next frame
	queue []wire.Frame // not acknowledged, ascending
	bytes int
	peer  string // the stream that the other side sends
	last  uint64 // of which this frame was received
	wake  chan struct{}
}

// NewStream makes a stream with a random name.
func NewStream(random io.Reader) (*Stream, error) {
	var b [12]byte
	if random == nil {
		random = rand.Reader
	}
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return nil, err
	}
	return &Stream{name: hex.EncodeToString(b[:]), next: 1, wake: make(chan struct{}, 1)}, nil
}

// Name returns the stream's name.
func (s *Stream) Name() string { return s.name }

// Add queues a frame. The errors are CodeOverflow, and CodeTooLarge for more than MaxBody.
func (s *Stream) Add(t wire.Type, id string, body json.RawMessage) error {
	if err := fits(t, body); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue) >= MaxQueue || s.bytes+len(body) > MaxQueueBytes {
		return wire.Refuse(wire.CodeOverflow, "%d frames wait", len(s.queue))
	}
	s.queue = append(s.queue, wire.Frame{Seq: s.next, Type: t, ID: id, Body: body})
	s.next++
	s.bytes += len(body)
	s.poke()
	return nil
}

func (s *Stream) poke() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Seen returns the other side's stream and the number of its last frame that was received.
func (s *Stream) Seen() (peer string, last uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.peer, s.last
}

// Resume begins a connection: the other side sends the stream theirs, and has received frames of the stream knows up to
// last. It returns the number after which this side sends again. A side that does not know this stream is new: it gets
// all that waits. The error is CodeBadMessage for a number that was never sent.
func (s *Stream) Resume(theirs, knows string, last uint64) (after uint64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if knows == s.name {
		if last >= s.next {
			return 0, wire.Refuse(wire.CodeBadMessage, "last_seq %d was never sent", last)
		}
		s.acked(last)
		after = last
	}
	if theirs != s.peer {
		s.peer, s.last = theirs, 0
	}
	s.poke()
	return after, nil
}

// Acked takes away what the other side has. The error is CodeBadMessage for a number that was never sent.
func (s *Stream) Acked(n uint64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n >= s.next {
		return wire.Refuse(wire.CodeBadMessage, "ack %d was never sent", n)
	}
	s.acked(n)
	return nil
}

func (s *Stream) acked(n uint64) {
	i := 0
	for ; i < len(s.queue) && s.queue[i].Seq <= n; i++ {
		s.bytes -= len(s.queue[i].Body)
	}
	s.queue = slices.Delete(s.queue, 0, i)
}

// Accept notes a frame that came and reports whether it is new; an old one was sent twice. The first of a new stream may
// have any number: what came before it was acknowledged by this side's former life. A gap is CodeBadMessage: frames come
// in order on a connection, so this is another stream than it says.
func (s *Stream) Accept(seq uint64) (fresh bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.last != 0 && seq <= s.last:
		return false, nil
	case s.last != 0 && seq != s.last+1:
		return false, wire.Refuse(wire.CodeBadMessage, "frame %d after %d", seq, s.last)
	}
	s.last = seq
	return true, nil
}

// after returns copies of what waits behind a number, with the acknowledgement that they carry.
func (s *Stream) after(n uint64) []wire.Frame {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []wire.Frame
	for _, f := range s.queue {
		if f.Seq > n {
			f.Ack = s.last
			list = append(list, f)
		}
	}
	return list
}

// Waiting returns how many frames are not acknowledged.
func (s *Stream) Waiting() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.queue)
}
