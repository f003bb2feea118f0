package iso

import (
	"cmp"
	"context"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/moov-io/iso8583"

	"github.com/cardwright/emv/crypto/dukpt"
	"github.com/cardwright/emv/testvectors/issuer"
)

// DefaultPIN is the PIN of cards that Config does not list. It is that of the simulated cards, and no secret.
const DefaultPIN = "1234"

// Config is what a server decides by. The zero Config approves what the issuer's zero Config approves.
type Config struct {
	Issuer  issuer.Config     // decides what has a chip
	BDK     []byte            // base derivation key, AES; nil is TestBDK
	PINs    map[string]string // by card number
	Limit   uint64            // of stripes, in minor units; 0 is none
	HotList []string          // of stripes

	Faults []Fault
	Now    func() time.Time // nil is time.Now
	Watch  func(Event)      // nil is silent; called from several goroutines
}

// Event tells of a message. It carries nothing secret.
type Event struct {
	MTI      string // of the request
	STAN     string
	Amount   uint64
	Currency string
	Code     string // of the answer; empty for none
	Note     string // what was done with it besides
}

// Server is a simulated acquirer.
type Server struct {
	config Config
	issuer *issuer.Host
	bdk    dukpt.Key
	spec   *iso8583.MessageSpec

	mu          sync.Mutex
	entries     []*Entry
	known       map[identity]*Entry
	again       map[identity]*message // answers that were given
	byReference map[reference]*Entry
	tombs       map[reference]bool // reversed before they came
	tries       map[string]int     // wrong PINs by card number
	used        map[string]string  // key serial numbers, and whose they are
	faults      []*Fault
	approvals   int
	period      int
	issued      uint32
}

// New returns a server that has seen nothing. The errors are those of issuer.New and dukpt.SetKey.
func New(c Config) (*Server, error) {
	if c.BDK == nil {
		c.BDK = TestBDK()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Watch == nil {
		c.Watch = func(Event) {}
	}
	s := &Server{
		config: c, spec: spec(), known: map[identity]*Entry{}, again: map[identity]*message{},
		byReference: map[reference]*Entry{}, tombs: map[reference]bool{}, tries: map[string]int{}, used: map[string]string{},
	}
	var err error
	if s.issuer, err = issuer.New(c.Issuer); err != nil {
		return nil, err
	}
	if err := dukpt.SetKey(&s.bdk, c.BDK); err != nil {
		return nil, err
	}
	s.Misbehave(c.Faults...)
	return s, nil
}

// Serve answers on every connection of a listener until ctx ends, and closes it. It returns when no connection is left; the
// error is the listener's, nil where ctx ended.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = l.Close() })
	defer stop()
	var connections sync.WaitGroup
	defer connections.Wait()
	for {
		conn, err := l.Accept()
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			cancel()
			return err
		}
		connections.Go(func() { s.serve(ctx, conn) })
	}
}

// session is one connection.
type session struct {
	conn    net.Conn
	mu      sync.Mutex
	held    [][]byte // answers that wait for the next one
	delayed sync.WaitGroup
}

// serve answers on one connection.
func (s *Server) serve(ctx context.Context, conn net.Conn) {
	c := &session{conn: conn}
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer func() {
		cancel()
		stop()
		_ = conn.Close()
		c.delayed.Wait()
	}()
	for {
		var header [2]byte
		if _, err := io.ReadFull(conn, header[:]); err != nil {
			return
		}
		n := int(binary.BigEndian.Uint16(header[:]))
		if n > maxFrame {
			return
		}
		frame := make([]byte, n)
		if _, err := io.ReadFull(conn, frame); err != nil {
			return
		}
		if s.take(ctx, c, frame) != nil {
			return
		}
	}
}

var errCut = errors.New("iso: cut")

// take processes one message.
func (s *Server) take(ctx context.Context, c *session, frame []byte) error {
	m, err := s.read(frame)
	if err != nil || len(m.mti) != 4 {
		s.config.Watch(Event{Note: "not a message"})
		return nil
	}
	e := Event{MTI: m.mti, STAN: m.fields[11], Currency: m.fields[49]}
	e.Amount, _ = digits(m.fields[4])
	f := s.due(m.mti)
	if _, lost := f[Lose]; lost {
		e.Note = "lost"
		s.config.Watch(e)
		return nil
	}
	var t dukpt.AESTransaction
	defer t.Wipe()
	if s.transaction(&t, m.fields[61]) != nil {
		e.Note = "no such key"
		s.config.Watch(e)
		return nil
	}
	a := s.answer(m, &t, frame, f)
	if a == nil {
		e.Note = "no answer"
		s.config.Watch(e)
		return nil
	}
	e.Code = a.fields[39]
	e.Note = noteOf(f)
	s.config.Watch(e)
	return s.reply(ctx, c, a, &t, f)
}

// noteOf names the faults that an answer has.
func noteOf(f map[FaultKind]Fault) string {
	var note string
	for _, k := range faultKinds {
		if _, has := f[k]; has {
			note += " " + string(k)
		}
	}
	return note
}

// answer checks who asks, and decides.
func (s *Server) answer(m *message, t *dukpt.AESTransaction, frame []byte, f map[FaultKind]Fault) *message {
	s.mu.Lock()
	defer s.mu.Unlock()
	received := m.fields[64] + m.fields[128]
	computed, err := sum(t, dukpt.MACGeneration, frame)
	owner := m.fields[41] + m.fields[11] + m.fields[37]
	by, reused := s.used[m.fields[61]]
	if err != nil || subtle.ConstantTimeCompare(computed, []byte(received)) != 1 || reused && by != owner {
		return m.answer(4, 49, 70).with(39, codeMAC)
	}
	s.used[m.fields[61]] = owner
	if fault, bad := f[Decline]; bad && m.mti[:3] != "010" && m.mti[:3] != "020" { // a request is decided with it, see request
		return m.answer(4, 49, 70, 90).with(39, cmp.Or(fault.Code, codeDecline))
	}
	switch m.mti {
	case "0100", "0101", "0200", "0201":
		return s.request(m, f)
	case "0220", "0221":
		return s.advice(m)
	case "0400", "0401", "0420", "0421":
		return s.reversal(m)
	case "0500", "0501":
		return s.settle(m)
	case "0800", "0801":
		return s.network(m)
	}
	return nil
}

// seal gives an answer its MAC, under the key of the request.
func (s *Server) seal(a *message, t *dukpt.AESTransaction) ([]byte, error) {
	a = a.clone()
	delete(a.fields, 64)
	delete(a.fields, 128)
	a.fields[61] = string(t.KSN[:])
	at := 64
	for n := range a.fields {
		if n > 64 {
			at = 128
		}
	}
	a.fields[at] = string(make([]byte, 8))
	b, err := s.write(a)
	if err != nil {
		return nil, err
	}
	mac, err := sum(t, dukpt.MACVerification, b)
	if err != nil {
		return nil, err
	}
	copy(b[len(b)-8:], mac)
	return b, nil
}

// reply sends an answer, as its faults will have it.
func (s *Server) reply(ctx context.Context, c *session, a *message, t *dukpt.AESTransaction, f map[FaultKind]Fault) error {
	has := func(k FaultKind) bool { _, has := f[k]; return has }
	if has(Drop) {
		return nil
	}
	if has(Wrong) {
		a = a.clone()
		if a.has(37) {
			a.with(37, "999999999999")
		}
		if a.has(4) {
			a.with(4, "000000000001")
		}
	}
	b, err := s.seal(a, t)
	if err != nil {
		return nil
	}
	if has(MAC) {
		b[len(b)-1] ^= 0x01
	}
	if has(Mangle) {
		for i := len(b) / 2; i < len(b); i++ {
			b[i] ^= 0x80
		}
	}
	frames := [][]byte{framed(b)}
	if has(Stray) {
		stray := a.clone()
		if stray.fields[11] = "999999"; a.fields[11] == "999999" {
			stray.fields[11] = "999998"
		}
		if other, err := s.seal(stray, t); err == nil {
			frames = append([][]byte{framed(other)}, frames...)
		}
	}
	if has(Double) {
		frames = append(frames, frames[len(frames)-1])
	}
	if has(Reorder) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.held = append(c.held, slices.Concat(frames...))
		return nil
	}
	all := slices.Concat(frames...)
	if has(Cut) {
		_ = c.send(all[:len(all)/2])
		return errCut
	}
	if d, late := f[Delay]; late {
		c.delayed.Go(func() {
			select {
			case <-time.After(d.Delay):
				_ = c.send(all)
			case <-ctx.Done():
			}
		})
		return nil
	}
	return c.send(all)
}

// send writes, and behind it what was held back.
func (c *session) send(b []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := slices.Concat(append([][]byte{b}, c.held...)...)
	c.held = nil
	_, err := c.conn.Write(all)
	return err
}

// framed puts the length in front.
func framed(b []byte) []byte {
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(b))), b...)
}
