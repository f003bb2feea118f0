package device

import (
	"encoding/binary"
	"fmt"
	"io"
	"time"
	"unicode/utf8"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/driver"
)

// Version is that of the protocol.
const Version = 1

// The bounds of a frame's parts, in bytes.
const (
	maxFrame   = 65600 // behind the length
	maxName    = 64
	maxATS     = 254
	maxCommand = 65544 // extended length: header, Lc of 3, 65,535 bytes, Le of 2
)

// frameType is the type of a frame.
type frameType uint8

const (
	typeHello   frameType = 0x01
	typeOn      frameType = 0x02
	typeOff     frameType = 0x03
	typeCommand frameType = 0x04
	typeAbort   frameType = 0x05
	typeCard    frameType = 0x81
	typeDone    frameType = 0x82
	typeAnswer  frameType = 0x84
	typeFailed  frameType = 0x85
	typeLeft    frameType = 0x86
)

const flagExtended = 0x01

// frame is a message, taken apart. Data aliases what was read.
type frame struct {
	kind     frameType
	number   uint32
	code     byte // failed
	extended bool // card
	took     time.Duration
	data     []byte // name, APDU, ATS
}

var errFrame = fmt.Errorf("%w: the frame breaks the protocol", driver.ErrDevice)

// parseFrame reads what stands behind the length of a frame.
func parseFrame(b []byte) (frame, error) {
	if len(b) == 0 || len(b) > maxFrame {
		return frame{}, errFrame
	}
	f, body := frame{kind: frameType(b[0])}, b[1:]
	switch f.kind {
	case typeHello:
		if len(body) < 1 || len(body) > 1+maxName || !utf8.Valid(body[1:]) {
			return frame{}, errFrame
		}
		f.code, f.data = body[0], body[1:]
		return f, nil
	case typeLeft:
		if len(body) != 0 {
			return frame{}, errFrame
		}
		return f, nil
	default: // all others have a number
	}
	if len(body) < 4 {
		return frame{}, errFrame
	}
	f.number, body = binary.BigEndian.Uint32(body), body[4:]
	switch f.kind {
	case typeOn, typeOff, typeAbort, typeDone:
		if len(body) != 0 {
			return frame{}, errFrame
		}
	case typeCommand:
		if len(body) == 0 || len(body) > maxCommand {
			return frame{}, errFrame
		}
		f.data = body
	case typeCard:
		if len(body) < 1 || len(body) > 1+maxATS || body[0]&^flagExtended != 0 {
			return frame{}, errFrame
		}
		f.extended, f.data = body[0]&flagExtended != 0, body[1:]
	case typeAnswer:
		if len(body) < 8+2 || binary.BigEndian.Uint64(body) > uint64(time.Hour) {
			return frame{}, errFrame
		}
		f.took, f.data = time.Duration(binary.BigEndian.Uint64(body)), body[8:]
	case typeFailed:
		if len(body) != 1 {
			return frame{}, errFrame
		}
		f.code = body[0]
	default:
		return frame{}, errFrame
	}
	return f, nil
}

// appendFrame appends the frame with its length.
func appendFrame(dst []byte, f frame) []byte {
	start := len(dst)
	dst = append(dst, 0, 0, 0, 0, byte(f.kind))
	switch f.kind {
	case typeHello:
		dst = append(dst, f.code)
	case typeLeft:
	default:
		dst = binary.BigEndian.AppendUint32(dst, f.number)
	}
	switch f.kind {
	case typeCard:
		flags := byte(0)
		if f.extended {
			flags = flagExtended
		}
		dst = append(dst, flags)
	case typeAnswer:
		dst = binary.BigEndian.AppendUint64(dst, uint64(f.took))
	case typeFailed:
		dst = append(dst, f.code)
	default:
	}
	dst = append(dst, f.data...)
	binary.BigEndian.PutUint32(dst[start:], uint32(len(dst)-start-4))
	return dst
}

// readFrame reads one frame into buf, which grows only as bytes come: a length alone reserves nothing.
func readFrame(r io.Reader, buf []byte) (frame, []byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return frame{}, buf, err
	}
	n := binary.BigEndian.Uint32(head[:])
	if n == 0 || n > maxFrame {
		return frame{}, buf, errFrame
	}
	buf = buf[:0]
	for len(buf) < int(n) {
		step := min(int(n)-len(buf), 4096)
		start := len(buf)
		buf = append(buf, make([]byte, step)...)
		if _, err := io.ReadFull(r, buf[start:]); err != nil {
			return frame{}, buf, err
		}
	}
	f, err := parseFrame(buf)
	return f, buf, err
}

// codes are those of "failed", by what they stand for.
var codes = [...]*kernel.Error{
	0x01: kernel.ErrRemoved, 0x02: kernel.ErrTimeout, 0x03: kernel.ErrTransmission, 0x04: kernel.ErrProtocol,
	0x05: kernel.ErrCollision, 0x06: driver.ErrBusy, 0x07: driver.ErrUnsupported, 0x08: driver.ErrGone,
}

func codeError(code byte) error {
	if int(code) < len(codes) && codes[code] != nil {
		return codes[code]
	}
	return fmt.Errorf("%w: code %02X", driver.ErrDevice, code)
}
