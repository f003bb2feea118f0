package contact

import (
	"context"
	"fmt"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
)

// Reader is a driver that exchanges TPDUs of T=0: five bytes of header with the data behind them where there are any, and
// what the card answers, procedure bytes aside.
type Reader interface {
	// TransmitTPDU is Card.Transmit for one TPDU.
	TransmitTPDU(ctx context.Context, dst, command []byte) ([]byte, error)
}

// TPDU turns a reader of TPDUs into a kernel.Card: it is the transport layer of T=0 as Book 1, 9.3.1 has it, with 61xx,
// 6Cxx and GET RESPONSE. The Card is for one transaction at a time.
func TPDU(r Reader) kernel.Card { return &transport{reader: r} }

// transport keeps its buffers from command to command. They hold what passed to and from the card: Wipe of the Link above
// does not reach them, so each command ends with clearing them.
type transport struct {
	reader  Reader
	command [261]byte
	answer  [2 * 258]byte
}

// maxParts bounds the answers that one command is put together from. The data field of a response has 256 bytes at most
// and each part must bring one.
const maxParts = 256

// Transmit sends one command APDU (Book 1, 9.3.1.1).
func (t *transport) Transmit(ctx context.Context, dst, command []byte) ([]byte, error) {
	defer clear(t.command[:])
	defer clear(t.answer[:])
	c, err := apdu.ParseCommand(command)
	if err != nil || len(command) > len(t.command) {
		return dst, fmt.Errorf("%w: no command APDU in short form", kernel.ErrProtocol)
	}
	send := append(t.command[:0], command...)
	switch {
	case c.Data == nil && c.Le < 0: // case 1: a fifth byte of zero
		send = append(send, 0x00)
	case c.Data != nil && c.Le >= 0: // case 4: without Le
		send = send[:len(send)-1]
	}
	r, err := t.exchange(ctx, send)
	if err != nil {
		return dst, err
	}
	// Case 2: the card wants another Le, once (9.3.1.1.2).
	if r.SW.SW1() == 0x6C && c.Data == nil && c.Le >= 0 {
		send[4] = r.SW.SW2()
		if r, err = t.exchange(ctx, send); err != nil {
			return dst, err
		}
	}
	if c.Data == nil && c.Le < 0 || c.Data != nil && c.Le < 0 {
		if r.SW.SW1() != 0x61 { // cases 1 and 3 end here (9.3.1.1.1 and 9.3.1.1.3)
			return appendResponse(dst, r.Data, r.SW), nil
		}
	}
	start := len(dst)
	dst = append(dst, r.Data...)
	status := r.SW
	if warns(status) && c.Data != nil && c.Le >= 0 {
		// Case 4 with a warning: the data are fetched all the same, and the warning is what counts (9.3.1.1.4).
		if r, err = t.getResponse(ctx, 0x00); err != nil {
			return dst[:start], err
		}
		if r.SW != apdu.OK && r.SW.SW1() != 0x61 { // there are none
			return appendResponse(dst, nil, status), nil
		}
		dst = append(dst, r.Data...)
	}
	for range maxParts {
		if r.SW.SW1() != 0x61 {
			break
		}
		if r, err = t.getResponse(ctx, r.SW.SW2()); err != nil {
			return dst[:start], err
		}
		if r.SW.SW1() == 0x61 && len(r.Data) == 0 {
			return dst[:start], fmt.Errorf("%w: 61xx without data", kernel.ErrProtocol)
		}
		if dst = append(dst, r.Data...); len(dst)-start > 256 {
			return dst[:start], fmt.Errorf("%w: more than 256 bytes of response", kernel.ErrProtocol)
		}
	}
	if !warns(status) {
		status = r.SW
	}
	return appendResponse(dst, nil, status), nil
}

// warns reports whether a status is a warning or 9xxx other than 9000, behind which data may wait (Book 1, 9.3.1.1.4).
func warns(s apdu.SW) bool { return s.Warning() || s.SW1()>>4 == 9 && s != apdu.OK }

// getResponse fetches n bytes, 0 standing for 256. A card that knows the length better says so with 6Cxx, once.
func (t *transport) getResponse(ctx context.Context, n byte) (apdu.Response, error) {
	get := [5]byte{0x00, apdu.InsGetResponse, 0x00, 0x00, n}
	r, err := t.exchange(ctx, get[:])
	if err == nil && r.SW.SW1() == 0x6C {
		get[4] = r.SW.SW2()
		r, err = t.exchange(ctx, get[:])
	}
	return r, err
}

func (t *transport) exchange(ctx context.Context, command []byte) (apdu.Response, error) {
	answer, err := t.reader.TransmitTPDU(ctx, t.answer[:0], command)
	if err != nil {
		return apdu.Response{}, err
	}
	r, ok := apdu.ParseResponse(answer)
	if !ok || len(r.Data) > 256 {
		return r, fmt.Errorf("%w: %d bytes of answer to a TPDU", kernel.ErrProtocol, len(answer))
	}
	return r, nil
}

func appendResponse(dst, data []byte, s apdu.SW) []byte {
	return append(append(dst, data...), s.SW1(), s.SW2())
}
