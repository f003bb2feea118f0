package pairing

import (
	"encoding/binary"
	"errors"
	"io"

	"github.com/cardwright/emv/terminal/wire"
)

// maxMessage bounds a message of the pairing port, in bytes.
const maxMessage = 32 << 10

// writeMessage writes four bytes of length, most significant first, and a body.
func writeMessage(w io.Writer, v wire.Body) error {
	body, err := wire.Encode(v)
	if err != nil {
		return err
	}
	defer clear(body)
	if len(body) > maxMessage {
		return wire.Refuse(wire.CodeTooLarge, "message has %d bytes of %d", len(body), maxMessage)
	}
	b := append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), body...)
	defer clear(b)
	_, err = w.Write(b)
	return err
}

// readMessage is the way back. The errors are CodeTooLarge, CodeBadMessage and CodeInterrupted.
func readMessage(r io.Reader, v wire.Body) error {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return &wire.Error{Code: wire.CodeInterrupted, Err: err}
	}
	n := binary.BigEndian.Uint32(head[:])
	if n > maxMessage {
		return wire.Refuse(wire.CodeTooLarge, "message of %d bytes", n)
	}
	b, err := io.ReadAll(io.LimitReader(r, int64(n))) // grows with what comes, not with what is announced
	defer clear(b)
	if err != nil || len(b) != int(n) {
		return &wire.Error{Code: wire.CodeInterrupted, Err: err}
	}
	return wire.Decode(b, v)
}

// refusal returns err as an *wire.Error that may travel.
func refusal(err error) *wire.Error {
	var e *wire.Error
	if errors.As(err, &e) {
		return e
	}
	// Nothing of a foreign error travels: Err stays on this side.
	return &wire.Error{Code: wire.CodeInternal, Err: err}
}
