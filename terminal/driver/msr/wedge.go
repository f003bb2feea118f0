package msr

import (
	"encoding/binary"
	"strconv"
)

// Layout is the size of an input event: its time has two words of the machine (linux/input.h, struct input_event).
type Layout int

// The layouts. Native is that of this build: a 32-bit program gets Layout32 from a 64-bit system too.
const (
	Native   Layout = 0
	Layout32 Layout = 16
	Layout64 Layout = 24
)

// size returns the bytes of an event.
func (l Layout) size() int {
	if l != Native {
		return int(l)
	}
	if strconv.IntSize == 64 {
		return int(Layout64)
	}
	return int(Layout32)
}

// Event types, codes and values (linux/input-event-codes.h).
const (
	eventSync  = 0x00
	eventKey   = 0x01
	syncDrop   = 3 // SYN_DROPPED: the system lost events
	keyPressed = 1
)

// end stands for Enter, lost for events that are missing.
const (
	end  = '\r'
	lost = 0xFF
)

// wedge turns input events into characters.
type wedge struct {
	size  int
	shift [2]bool // left and right
	rest  []byte  // of an event that has not come whole
}

// decode calls typed for each character of what was read.
func (w *wedge) decode(b []byte, typed func(byte)) {
	w.rest = append(w.rest, b...)
	at := 0
	for ; len(w.rest)-at >= w.size; at += w.size {
		e := w.rest[at : at+w.size]
		e = e[w.size-8:] // behind the time
		w.event(binary.NativeEndian.Uint16(e), binary.NativeEndian.Uint16(e[2:]), int32(binary.NativeEndian.Uint32(e[4:])), typed)
	}
	n := copy(w.rest, w.rest[at:])
	clear(w.rest[n:])
	w.rest = w.rest[:n]
}

func (w *wedge) event(kind, code uint16, value int32, typed func(byte)) {
	switch {
	case kind == eventSync && code == syncDrop:
		w.shift = [2]bool{}
		typed(lost)
	case kind != eventKey:
	case code == keyLeftShift:
		w.shift[0] = value != 0
	case code == keyRightShift:
		w.shift[1] = value != 0
	case value != keyPressed: // released, or repeated because it was held, which no reader does
	case code == keyEnter || code == keyKeypadEnt:
		typed(end)
	default:
		if c := character(code, w.shift[0] || w.shift[1]); c != 0 {
			typed(c)
		}
	}
}
