package kernel

import (
	"context"
	"fmt"
	"time"

	"github.com/cardwright/emv/kernel/apdu"
)

// Link is a card as a kernel talks to it: it keeps the buffers, takes answers apart, measures and reports exchanges.
type Link struct {
	Took time.Duration // how long the last exchange took, as the driver measured it or else by Env.Clock

	card    Card
	timed   Timed
	env     *Env
	command []byte
	answer  []byte
}

// Open connects the link to a card. Buffers are kept from the card before.
func (l *Link) Open(env *Env, card Card) {
	l.env, l.card = env, card
	l.timed, _ = card.(Timed)
	if l.command == nil {
		l.command, l.answer = make([]byte, 0, 262), make([]byte, 0, 1024)
	}
}

// Card returns the card.
func (l *Link) Card() Card { return l.card }

// Buffer returns the empty buffer to build the next command in.
func (l *Link) Buffer() []byte { return l.command[:0] }

// Close forgets the card and wipes the buffers.
func (l *Link) Close() {
	clear(l.command[:cap(l.command)])
	clear(l.answer[:cap(l.answer)])
	l.card, l.timed = nil, nil
}

// Send transmits a command, best built in Buffer, and returns the answer, which is good until the next Send. A driver's
// answer of less than two bytes is ErrProtocol. Every error wraps one of the card errors, or is ctx's, or is a bug of the
// driver.
func (l *Link) Send(ctx context.Context, command []byte) (apdu.Response, error) {
	if err := ctx.Err(); err != nil {
		return apdu.Response{}, err
	}
	begin := l.env.Clock.Now()
	answer, err := l.card.Transmit(ctx, l.answer[:0], command)
	if l.timed != nil {
		l.Took = l.timed.ExchangeTime()
	} else {
		l.Took = l.env.Clock.Since(begin)
	}
	if cap(answer) > cap(l.answer) {
		clear(l.answer[:cap(l.answer)])
		l.answer = answer
	}
	var r apdu.Response
	if err == nil {
		r, err = parse(command, answer)
	}
	if l.env.Watched() {
		l.env.Emit(ExchangeEvent{CommandAPDU{command}, ResponseAPDU{answer}, l.Took, err})
	}
	return r, err
}

// The most that a command in short form can be and be answered with (ISO/IEC 7816-4, 5.1): header, Lc, 255 bytes, Le; and
// 256 bytes with a status word.
const (
	maxShortCommand = 261
	maxShortAnswer  = 258
)

func parse(command, answer []byte) (apdu.Response, error) {
	if len(command) <= maxShortCommand && len(answer) > maxShortAnswer {
		return apdu.Response{}, fmt.Errorf("%w: %d bytes in answer to a short command", ErrProtocol, len(answer))
	}
	r, ok := apdu.ParseResponse(answer)
	if !ok {
		return r, fmt.Errorf("%w: %d bytes, no status word", ErrProtocol, len(answer))
	}
	return r, nil
}
