package serve

import (
	"bytes"
	"context"

	"github.com/cardwright/emv/kernel/apdu"
)

// T0 returns a card that answers as one under T=0 does (Book 1, 9.3.1.1): it takes commands of a header of five bytes with
// the data behind it, lets a response with data wait behind 61xx for GET RESPONSE, and refuses an Le that is not the length
// of what it has with 6Cxx.
func T0(c Card) Card { return &t0{card: c} }

type t0 struct {
	card    Card
	waiting []byte  // response data that GET RESPONSE fetches
	status  apdu.SW // what follows the last of them
	asked   [4]byte // header of the case 2 command that was refused with 6Cxx
	held    []byte  // its response
}

// Reset forgets what waits.
func (t *t0) Reset() {
	t.forget()
	t.card.Reset()
}

func (t *t0) forget() {
	clear(t.waiting)
	clear(t.held)
	t.waiting, t.held = nil, nil
}

// Transmit answers one command of T=0.
func (t *t0) Transmit(ctx context.Context, dst, command []byte) ([]byte, error) {
	if len(command) < 5 || len(command) > 5 && len(command) != 5+int(command[4]) {
		return append(dst, 0x67, 0x00), nil // wrong length: no header, or not the data that it announces
	}
	if command[1] == apdu.InsGetResponse {
		return t.getResponse(dst, command), nil
	}
	if len(command) == 5 {
		return t.fetch(ctx, dst, command)
	}
	t.forget()
	send := bytes.Clone(command)
	defer clear(send)
	if answersWithData(command[1]) {
		send = append(send, 0x00) // case 4: T=0 has no place for Le
	}
	answer, err := t.card.Transmit(ctx, nil, send)
	if err != nil {
		return dst, err
	}
	r, ok := apdu.ParseResponse(answer)
	if !ok || len(r.Data) == 0 {
		return append(dst, answer...), nil
	}
	t.waiting, t.status = r.Data, r.SW
	if r.SW.Warning() { // 9.3.1.1.4: the warning first, the data behind it
		t.status = apdu.OK
		return append(dst, r.SW.SW1(), r.SW.SW2()), nil
	}
	return append(dst, 0x61, left(t.waiting)), nil
}

// fetch answers commands without data: case 2, and case 1, whose fifth byte is zero.
func (t *t0) fetch(ctx context.Context, dst, command []byte) ([]byte, error) {
	answer := t.held
	if answer == nil || [4]byte(command) != t.asked {
		t.forget()
		var err error
		if answer, err = t.card.Transmit(ctx, nil, []byte{command[0], command[1], command[2], command[3], 0x00}); err != nil {
			return dst, err
		}
	}
	r, ok := apdu.ParseResponse(answer)
	// Le 00 asks for 256 bytes. A card that has fewer says how many.
	if ok && len(r.Data) > 0 && len(r.Data) <= 256 && left(r.Data) != command[4] {
		t.asked, t.held = [4]byte(command), answer
		return append(dst, 0x6C, left(r.Data)), nil
	}
	t.held = nil
	return append(dst, answer...), nil
}

// getResponse gives what waits (Book 1, 9.3.1.3).
func (t *t0) getResponse(dst, command []byte) []byte {
	if len(t.waiting) == 0 {
		return append(dst, 0x69, 0x85) // there is nothing to be had
	}
	n := int(command[4])
	if n == 0 {
		n = 256
	}
	if n > len(t.waiting) {
		return append(dst, 0x6C, left(t.waiting))
	}
	dst = append(dst, t.waiting[:n]...)
	if t.waiting = t.waiting[n:]; len(t.waiting) > 0 {
		return append(dst, 0x61, left(t.waiting))
	}
	return append(dst, t.status.SW1(), t.status.SW2())
}

// left is how SW2 counts bytes: 00 stands for 256 or more.
func left(b []byte) byte {
	if len(b) > 255 {
		return 0
	}
	return byte(len(b))
}

// answersWithData reports whether a command that carries data is one of case 4: its response has data (Book 3, table 6;
// C-2, 5.1).
func answersWithData(ins byte) bool {
	switch ins {
	case apdu.InsSelect, apdu.InsGetProcessingOptions, apdu.InsGenerateAC, apdu.InsInternalAuthenticate,
		apdu.InsComputeCryptographicChecksum, apdu.InsExchangeRelayResistance, apdu.InsRecoverAC:
		return true
	}
	return false
}
