package dock

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"sync"

	"github.com/cardwright/emv/terminal/wire"
)

// Replay is a Source that plays a recording, from a file or a socket: what `udevadm monitor --kernel --property` prints, that
// is KEY=VALUE lines, a blank line after each event, and lines of other kinds, which are passed over.
type Replay struct {
	from  io.ReadCloser
	lines *bufio.Scanner
	once  sync.Once
	err   error
}

// NewReplay plays a recording and closes it.
func NewReplay(from io.ReadCloser) *Replay {
	lines := bufio.NewScanner(from)
	lines.Buffer(make([]byte, 0, MaxEvent), MaxEvent)
	return &Replay{from: from, lines: lines}
}

// Receive implements Source. A recording ends with io.EOF; an event that is too long is wire.CodeTooLarge.
func (r *Replay) Receive(b []byte) (int, error) {
	var action, path string
	var fields []string
	size := 0
	for r.lines.Scan() {
		line := strings.TrimSuffix(r.lines.Text(), "\r")
		if line == "" && len(fields) > 0 {
			return event(b, action, path, fields)
		}
		key, value, ok := strings.Cut(line, "=")
		if !ok || strings.ContainsAny(key, " \x00") || strings.Contains(value, "\x00") {
			continue
		}
		switch key {
		case "ACTION":
			action = value
		case "DEVPATH":
			path = value
		}
		if size += len(line) + 1; size > MaxEvent {
			return 0, wire.Refuse(wire.CodeTooLarge, "recorded event of more than %d bytes", MaxEvent)
		}
		fields = append(fields, line)
	}
	switch err := r.lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return 0, wire.Refuse(wire.CodeTooLarge, "recorded line of more than %d bytes", MaxEvent)
	case err != nil:
		return 0, err
	case len(fields) > 0:
		return event(b, action, path, fields)
	}
	return 0, io.EOF
}

// event writes a datagram of the kernel's.
func event(b []byte, action, path string, fields []string) (int, error) {
	text := action + "@" + path + "\x00" + strings.Join(fields, "\x00") + "\x00"
	if len(text) > len(b) {
		return 0, wire.Refuse(wire.CodeTooLarge, "recorded event of %d bytes", len(text))
	}
	return copy(b, text), nil
}

// Close implements Source.
func (r *Replay) Close() error {
	r.once.Do(func() { r.err = r.from.Close() })
	return r.err
}
