package pn532_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/driver"
	"github.com/cardwright/emv/terminal/driver/pn532"
)

func codeOf(err error) string { return kernel.CodeOf(err) }

// field is what a contactless session is to a kernel.
type field interface {
	driver.Session
	kernel.Field
	kernel.Timed
}

// start returns a reader on a wire, and its field.
func start(t testing.TB, w *wire, change func(*pn532.Config)) (*pn532.Reader, field) {
	t.Helper()
	c := pn532.Config{Clock: w, Sleep: w.sleep}
	if change != nil {
		change(&c)
	}
	r, err := pn532.New(context.Background(), w, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	s, err := r.Open(context.Background(), driver.Contactless)
	if err != nil {
		t.Fatal(err)
	}
	return r, s.(field)
}

// count is a card that counts what it is asked.
type count struct {
	commands [][]byte
	answer   []byte
	err      error
}

func (c *count) ask(command []byte) ([]byte, error) {
	c.commands = append(c.commands, bytes.Clone(command))
	if c.answer == nil {
		return []byte{0x90, 0x00}, c.err
	}
	return c.answer, c.err
}

var read = []byte{0x00, 0xB2, 0x01, 0x0C, 0x00}

func activated(t testing.TB, w *wire, change func(*pn532.Config)) (*pn532.Reader, field, *count) {
	t.Helper()
	c := &count{}
	w.chip.tap(&air{answer: c.ask})
	r, f := start(t, w, change)
	if err := f.Activate(context.Background()); err != nil {
		t.Fatal(err)
	}
	return r, f, c
}

func TestTypeAAndB(t *testing.T) {
	for name, a := range map[string]*air{"A": {}, "B": {typeB: true}} {
		t.Run(name, func(t *testing.T) {
			w, c := newWire(), &count{}
			a.answer = c.ask
			w.chip.tap(a)
			_, f := start(t, w, nil)
			if f.Answer() != nil {
				t.Error("an answer before there is a card")
			}
			if err := f.Activate(context.Background()); err != nil {
				t.Fatal(err)
			}
			if got := f.Answer(); !bytes.Equal(got, map[bool][]byte{false: ats, true: atqb}[a.typeB]) {
				t.Errorf("%X", got)
			}
			if got, err := f.Transmit(context.Background(), nil, read); err != nil || !bytes.Equal(got, []byte{0x90, 0x00}) {
				t.Errorf("%X, %v", got, err)
			}
		})
	}
}

func TestCollisions(t *testing.T) {
	for name, cards := range map[string][]*air{
		"two of type A": {{}, {}}, "two of type B": {{typeB: true}, {typeB: true}}, "one of each": {{}, {typeB: true}},
		"a key fob and a card": {{plain: true}, {}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWire()
			for _, a := range cards {
				a.answer = (&count{}).ask
				w.chip.tap(a)
			}
			_, f := start(t, w, nil)
			for range 2 {
				if err := f.Activate(context.Background()); !errors.Is(err, kernel.ErrCollision) {
					t.Fatalf("%v", err)
				}
			}
			w.chip.mu.Lock()
			w.chip.cards = w.chip.cards[1:]
			w.chip.mu.Unlock()
			if err := f.Activate(context.Background()); err != nil {
				t.Errorf("the card that stayed: %v", err)
			}
		})
	}
}

// TestAKeyFobDoesNotPay polls on past a card without ISO/IEC 14443-4.
func TestAKeyFobDoesNotPay(t *testing.T) {
	w := newWire()
	w.chip.tap(&air{plain: true})
	_, f := start(t, w, nil)
	ctx, cancel := context.WithCancel(context.Background())
	n := 0
	w.toChip = func(b []byte) []byte {
		if n++; n == 40 {
			cancel()
		}
		return b
	}
	if err := f.Activate(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestChaining(t *testing.T) {
	long := make([]byte, 4096)
	for i := range long {
		long[i] = byte(i * 31)
	}
	for _, split := range []int{1, 16, 251, 252, 262} {
		w := newWire()
		w.chip.split = split
		_, f, c := activated(t, w, nil)
		for _, n := range []int{5, 251, 252, 253, 261, 504, 505, 4000} {
			command := slices.Clone(long[:n])
			c.answer, c.commands = append(slices.Clone(long[n%7:n]), 0x90, 0x00), nil
			got, err := f.Transmit(context.Background(), []byte{0xAA}, command)
			if err != nil || !bytes.Equal(got, append([]byte{0xAA}, c.answer...)) {
				t.Fatalf("%d bytes in parts of %d: %d bytes, %v", n, split, len(got), err)
			}
			if len(c.commands) != 1 || !bytes.Equal(c.commands[0], command) {
				t.Fatalf("%d bytes: the card saw %d commands", n, len(c.commands))
			}
		}
	}
}

func TestECP(t *testing.T) {
	frame := pn532.ECP()
	w := newWire()
	activated(t, w, func(c *pn532.Config) { c.Broadcast = [][]byte{frame} })
	if len(w.chip.raw) != 1 || !bytes.Equal(w.chip.raw[0], frame) {
		t.Errorf("%X", w.chip.raw)
	}
	w = newWire()
	w.chip.noRaw = true // it is polled without
	_, f, _ := activated(t, w, func(c *pn532.Config) { c.Broadcast = [][]byte{frame} })
	if _, err := f.Transmit(context.Background(), nil, read); err != nil {
		t.Error(err)
	}
}

func TestFieldTimes(t *testing.T) {
	w := newWire()
	_, f, _ := activated(t, w, nil)
	for _, hold := range []time.Duration{0, 1300 * time.Millisecond} {
		off := w.now
		if err := f.Deactivate(context.Background(), hold); err != nil {
			t.Fatal(err)
		}
		var on time.Time
		w.toChip = func(b []byte) []byte { // 7.3.1: the field goes on
			if bytes.Contains(b, []byte{0xD4, 0x32, 0x01, 0x01}) {
				on = w.now
			}
			return b
		}
		if err := f.Activate(context.Background()); err != nil {
			t.Fatal(err)
		}
		// Book D: a reset takes 5.1 ms at least.
		if rest := on.Sub(off); rest < max(hold, 5100*time.Microsecond) {
			t.Errorf("the field was off for %v, not %v", rest, hold)
		}
	}
	if want := []string{"on", "off", "on", "off", "on"}; !slices.Equal(w.chip.fields, want) {
		t.Errorf("%v", w.chip.fields)
	}
}

// faultOn changes the chip's frames whose payload begins so, the first times of them.
func faultOn(w *wire, prefix []byte, times int, how func([]byte) []byte) *int {
	n := 0
	w.fromChip = func(b []byte) []byte {
		if bytes.Contains(b, prefix) {
			if n++; n <= times {
				return how(b)
			}
		}
		return b
	}
	return &n
}

var (
	ackBytes = []byte{0x00, 0x00, 0xFF, 0x00, 0xFF, 0x00}
	exchange = []byte{0xD5, 0x41}
)

// TestLineFaults disturbs one exchange: a garbled answer is asked for again, and everything that leaves it open whether
// the card was asked ends the exchange.
func TestLineFaults(t *testing.T) {
	lost := func([]byte) []byte { return nil }
	checksum := func(b []byte) []byte { b[len(b)-2]++; return b }
	half := func(b []byte) []byte { return b[:len(b)/2] }
	noise := func(b []byte) []byte { return append([]byte{0x13, 0x00, 0xFF, 0x77, 0x00}, b...) }
	for _, c := range []struct {
		name   string
		prefix []byte
		times  int
		how    func([]byte) []byte
		want   *kernel.Error // nil: it works
		asked  int           // how often the card was
	}{
		{"lost ACK", ackBytes, 1, lost, kernel.ErrTransmission, 1},
		{"garbled ACK", ackBytes, 1, checksum, kernel.ErrTransmission, 1},
		{"half an ACK", ackBytes, 1, half, kernel.ErrTransmission, 1},
		{"noise before the answer", exchange, 1, noise, nil, 1},
		{"bad checksum", exchange, 1, checksum, nil, 1},
		{"bad checksum three times", exchange, 3, checksum, nil, 1},
		{"bad checksum for ever", exchange, 99, checksum, kernel.ErrTransmission, 1},
		{"half an answer", exchange, 1, half, nil, 1},
		{"half an answer for ever", exchange, 99, half, kernel.ErrTransmission, 1},
		{"lost answer", exchange, 1, lost, kernel.ErrTimeout, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWire()
			_, f, card := activated(t, w, nil)
			faultOn(w, c.prefix, c.times, c.how)
			got, err := f.Transmit(context.Background(), nil, read)
			if len(card.commands) != c.asked {
				t.Errorf("the card was asked %d times", len(card.commands))
			}
			if c.want == nil {
				if err != nil || !bytes.Equal(got, []byte{0x90, 0x00}) {
					t.Fatalf("%X, %v", got, err)
				}
				return
			}
			if !errors.Is(err, c.want) || len(got) != 0 {
				t.Fatalf("%X, %v", got, err)
			}
			w.fromChip = nil
			// What became of the command is not known: nothing more is asked before the card was activated anew.
			if _, err := f.Transmit(context.Background(), nil, read); !kernel.IsCardError(err) || len(card.commands) != c.asked {
				t.Errorf("the next command: %v, asked %d times", err, len(card.commands))
			}
			if err := f.Activate(context.Background()); err != nil {
				t.Fatal(err)
			}
			card.answer = []byte{0x12, 0x90, 0x00}
			if got, err := f.Transmit(context.Background(), nil, read); err != nil || got[0] != 0x12 {
				t.Errorf("after activation: %X, %v", got, err)
			}
		})
	}
}

// tardy is a wire on which everything is right and comes late: so long after what was said before it.
type tardy struct {
	*wire
	ack, answer time.Duration
	due         []due
}

type due struct {
	at    time.Time
	bytes []byte
}

func newTardy(ack, answer time.Duration) *tardy {
	l := &tardy{wire: newWire(), ack: ack, answer: answer}
	l.chip.send = func(b []byte) {
		if l.fromChip != nil {
			b = l.fromChip(bytes.Clone(b))
		}
		d := due{l.now, bytes.Clone(b)}
		if n := len(l.due); n > 0 {
			d.at = l.due[n-1].at
		}
		if bytes.Equal(b, ackBytes) {
			d.at = d.at.Add(l.ack)
		} else {
			d.at = d.at.Add(l.answer)
		}
		l.due = append(l.due, d)
	}
	return l
}

func (l *tardy) Read(p []byte, wait time.Duration) (int, error) {
	if len(l.due) == 0 || l.due[0].at.Sub(l.now) > wait {
		l.now = l.now.Add(wait)
		return 0, nil
	}
	d := l.due[0]
	l.due = l.due[1:]
	if d.at.After(l.now) {
		l.now = d.at
	}
	return copy(p, d.bytes), nil
}

// TestALateChipAnswers waits for each of a chip's words as long as for the others: an ACK that was late takes nothing from the
// answer's time, and a frame that is asked for again may be as late as an ACK.
func TestALateChipAnswers(t *testing.T) {
	for _, c := range []struct {
		name        string
		ack, answer time.Duration
		garbled     int
	}{
		{"at once", 0, 0, 1},
		{"a late ACK", 200 * time.Millisecond, 10 * time.Millisecond, 0},
		{"a late answer", 10 * time.Millisecond, 150 * time.Millisecond, 0},
		{"both", 200 * time.Millisecond, 150 * time.Millisecond, 0},
		{"a late repetition", 10 * time.Millisecond, 150 * time.Millisecond, 1},
		{"late repetitions", 10 * time.Millisecond, 150 * time.Millisecond, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, card := newTardy(c.ack, c.answer), &count{}
			l.chip.tap(&air{answer: card.ask})
			r, err := pn532.New(context.Background(), l, pn532.Config{Clock: l.wire, Sleep: l.sleep})
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			s, err := r.Open(context.Background(), driver.Contactless)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.(field).Activate(context.Background()); err != nil {
				t.Fatal(err)
			}
			faultOn(l.wire, exchange, c.garbled, func(b []byte) []byte { b[len(b)-2]++; return b })
			got, err := s.Transmit(context.Background(), nil, read)
			if err != nil || !bytes.Equal(got, []byte{0x90, 0x00}) || len(card.commands) != 1 {
				t.Errorf("%X, %v; the card was asked %d times", got, err, len(card.commands))
			}
		})
	}
}

// TestALineThatNeverFallsSilent has noise, or frames of no use, come without end once a command is out: the exchange fails,
// and so does what follows, but nothing waits for it to stop.
func TestALineThatNeverFallsSilent(t *testing.T) {
	for name, babble := range map[string][]byte{
		"noise":                  {0xA5, 0x5A, 0x3C},
		"zeros":                  {0x00},
		"ACKs":                   ackBytes,
		"answers to another one": {0x00, 0x00, 0xFF, 0x02, 0xFE, 0xD5, 0x15, 0x16, 0x00},
		"an ACK, and noise":      append(bytes.Clone(ackBytes), bytes.Repeat([]byte{0xA5}, 4000)...),
		"beginnings of frames":   {0x00, 0x00, 0xFF, 0x10, 0xF0},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWire()
			_, f, card := activated(t, w, nil)
			w.fromChip = func(b []byte) []byte {
				w.babble = babble
				return nil
			}
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second) // for the failure: nothing waits for it
			defer cancel()
			if _, err := f.Transmit(ctx, nil, read); !errors.Is(err, kernel.ErrTransmission) && !errors.Is(err, kernel.ErrTimeout) {
				t.Errorf("%v", err)
			}
			if err := f.Activate(ctx); !errors.Is(err, driver.ErrDevice) && !errors.Is(err, driver.ErrGone) {
				t.Errorf("activated: %v", err)
			}
			if len(card.commands) > 1 {
				t.Errorf("the card saw %d commands for one", len(card.commands))
			}
			if err := f.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestALateAnswerIsNobodys lets the answer of an exchange that timed out arrive when the next one has begun.
func TestALateAnswerIsNobodys(t *testing.T) {
	w := newWire()
	_, f, card := activated(t, w, nil)
	var late []byte
	card.answer = []byte{0x66, 0x90, 0x00}
	faultOn(w, exchange, 1, func(b []byte) []byte { late = b; return nil })
	if _, err := f.Transmit(context.Background(), nil, read); !errors.Is(err, kernel.ErrTimeout) {
		t.Fatal(err)
	}
	card.answer = []byte{0x77, 0x90, 0x00}
	if err := f.Activate(context.Background()); err != nil {
		t.Fatal(err)
	}
	w.fromChip = func(b []byte) []byte { // it comes in front of the next ACK
		if bytes.Equal(b, ackBytes) && late != nil {
			b, late = append(late, b...), nil
		}
		return b
	}
	if got, err := f.Transmit(context.Background(), nil, read); err != nil || got[0] != 0x77 {
		t.Errorf("%X, %v", got, err)
	}
}

func TestStatusCodes(t *testing.T) {
	for _, c := range []struct {
		status byte
		want   error
	}{
		{0x02, kernel.ErrTransmission},
		{0x03, kernel.ErrTransmission},
		{0x05, kernel.ErrTransmission},
		{0x06, kernel.ErrCollision},
		{0x0B, kernel.ErrProtocol},
		{0x29, kernel.ErrRemoved},
		{0x2B, kernel.ErrRemoved},
		{0x0D, driver.ErrDevice},
		{0x3F, kernel.ErrProtocol},
		{0x01, kernel.ErrTimeout},
	} {
		w := newWire()
		_, f, _ := activated(t, w, nil)
		faultOn(w, exchange, 1, func([]byte) []byte { return frameOf([]byte{0x41, c.status}) })
		if _, err := f.Transmit(context.Background(), nil, read); !errors.Is(err, c.want) {
			t.Errorf("%02X: %v, want %v", c.status, err, c.want)
		}
	}
}

func TestRemovalIsNotATimeout(t *testing.T) {
	w := newWire()
	r, f, _ := activated(t, w, nil)
	w.chip.leave()
	if _, err := f.Transmit(context.Background(), nil, read); !errors.Is(err, kernel.ErrRemoved) {
		t.Errorf("%v", err)
	}
	for _, want := range []driver.What{driver.InField, driver.Left} {
		if e, err := r.Wait(context.Background()); err != nil || e.What != want {
			t.Errorf("%s, %v", e.What, err)
		}
	}
}

func TestExchangeTime(t *testing.T) {
	w := newWire()
	_, f, c := activated(t, w, nil)
	for _, d := range []time.Duration{3 * time.Millisecond, 40 * time.Millisecond} {
		w.chip.cards[0].answer = func(b []byte) ([]byte, error) { w.slow = d; return c.ask(b) }
		if _, err := f.Transmit(context.Background(), nil, read); err != nil {
			t.Fatal(err)
		}
		if got := f.ExchangeTime(); got < d || got > d+5*time.Millisecond {
			t.Errorf("%v for a card that took %v", got, d)
		}
	}
}

func TestNoChip(t *testing.T) {
	w := newWire()
	w.chip.dead = true
	if _, err := pn532.New(context.Background(), w, pn532.Config{Clock: w, Sleep: w.sleep}); !errors.Is(err, driver.ErrDevice) {
		t.Errorf("silence: %v", err)
	}
	w = newWire()
	w.fromChip = func(b []byte) []byte { // a PN533 says 33
		if bytes.Contains(b, []byte{0xD5, 0x03}) {
			return frameOf([]byte{0x03, 0x33, 0x02, 0x07, 0x07})
		}
		return b
	}
	if _, err := pn532.New(context.Background(), w, pn532.Config{Clock: w, Sleep: w.sleep}); !errors.Is(err, driver.ErrDevice) {
		t.Errorf("another chip: %v", err)
	}
	w = newWire()
	w.err = errors.New("no such device")
	if _, err := pn532.New(context.Background(), w, pn532.Config{Clock: w, Sleep: w.sleep}); !errors.Is(err, driver.ErrGone) {
		t.Errorf("no port: %v", err)
	}
}

// TestTheChipDies takes the chip's power in the middle: the field is gone, and so is the reader.
func TestTheChipDies(t *testing.T) {
	w := newWire()
	r, f, _ := activated(t, w, nil)
	w.chip.mu.Lock()
	w.chip.dead = true
	w.chip.mu.Unlock()
	if _, err := f.Transmit(context.Background(), nil, read); !kernel.IsCardError(err) {
		t.Errorf("%v", err)
	}
	if err := f.Deactivate(context.Background(), 0); err != nil {
		t.Errorf("%v", err)
	}
	if err := f.Activate(context.Background()); !errors.Is(err, driver.ErrGone) && !kernel.IsCardError(err) {
		t.Errorf("%v", err)
	}
	_ = r
}

// TestNoSilentRetries looks at what the chip was told: neither it nor the driver asks a card twice by itself.
func TestNoSilentRetries(t *testing.T) {
	w := newWire()
	w.chip.retries = 0xFF
	activated(t, w, nil)
	if w.chip.retries != 0 {
		t.Errorf("MaxRtyCOM is %d", w.chip.retries)
	}
}
