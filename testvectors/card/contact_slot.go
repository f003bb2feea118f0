package card

import (
	"bytes"
	"context"
	"slices"
)

// Power resets a card in a slot, cold or warm, and returns its answer to reset (Book 1, 8.2). The session is forgotten as
// by Reset; warm makes a difference for cards that answer better the second time. A card without contacts, or whose chip
// is dead, does not answer: the error has CodeTimeout.
func (c *Card) Power(warm bool) (atr []byte, err error) {
	c.Reset()
	a, ok := c.profile.scheme.(*contactCard)
	if !ok || len(a.atr) == 0 {
		return nil, &Error{CodeTimeout, "no answer to reset"}
	}
	if warm {
		return unhex(a.atr[len(a.atr)-1]), nil
	}
	return unhex(a.atr[0]), nil
}

// held is what a card that speaks T=0 keeps of its last answer.
type held struct {
	command []byte // header of the case 2 command that was asked with a wrong length
	answer  []byte // what GET RESPONSE, or the same command again, fetches
	sw      []byte // of it
}

// TransmitTPDU answers a command as a T=0 card does, procedure bytes aside (Book 1, 9.3.1): a command with data and an
// answer gets 61xx, and GET RESPONSE the answer; one that asks for another length than the card has gets 6Cxx, and gets
// its answer when it comes again. It is Transmit otherwise, of which only commands count that are no repetition; faults
// number these. A card without contacts has no TPDUs: the error has CodeProtocol.
func (c *Card) TransmitTPDU(ctx context.Context, dst, tpdu []byte) ([]byte, error) {
	a, ok := c.profile.scheme.(*contactCard)
	if !ok || len(tpdu) < 5 {
		return dst, &Error{CodeProtocol, "no TPDU of T=0"}
	}
	if a.t0.answer != nil && isResponse(tpdu, a.t0.command) {
		return a.t0.fetch(dst, tpdu[4]), nil
	}
	a.t0 = held{}
	kind := caseOf(tpdu)
	apdu := slices.Clone(tpdu)
	switch kind {
	case 1:
		apdu = apdu[:4]
	case 4:
		apdu = append(apdu, 0x00)
	}
	answer, err := c.Transmit(ctx, nil, apdu)
	if err != nil {
		return dst, err
	}
	n := len(answer) - 2
	if n <= 0 || n > 256 || kind == 1 || kind == 3 {
		return append(dst, answer...), nil
	}
	body, sw := answer[:n], answer[n:]
	if kind == 2 {
		if byte(n) == tpdu[4] {
			return append(dst, answer...), nil
		}
		a.t0 = held{command: slices.Clone(tpdu[:4]), answer: body, sw: sw}
		return append(dst, 0x6C, byte(n)), nil
	}
	a.t0 = held{answer: body, sw: sw}
	if sw[0] != 0x90 || sw[1] != 0 { // Book 1, 9.3.1.1.4: the warning comes first, and the data can be fetched
		a.t0.sw = []byte{0x90, 0x00}
		return append(dst, sw...), nil
	}
	return append(dst, 0x61, byte(n)), nil
}

// isResponse reports whether a command fetches what is kept: GET RESPONSE, or the case 2 command again.
func isResponse(tpdu, command []byte) bool {
	if command != nil {
		return len(tpdu) == 5 && bytes.Equal(tpdu[:4], command)
	}
	return len(tpdu) == 5 && tpdu[0] == 0x00 && tpdu[1] == insGetResponse && tpdu[2] == 0 && tpdu[3] == 0
}

// fetch gives what is kept where the length is right, and says which one is otherwise.
func (h *held) fetch(dst []byte, length byte) []byte {
	if int(length) != len(h.answer)&0xFF {
		return append(dst, 0x6C, byte(len(h.answer)))
	}
	dst = append(append(dst, h.answer...), h.sw...)
	*h = held{}
	return dst
}

// caseOf returns the case of a command (ISO/IEC 7816-3, 12.1), which T=0 itself does not show: the card knows it by the
// instruction.
func caseOf(tpdu []byte) int {
	switch ins := tpdu[1]; {
	case len(tpdu) == 5 && (ins == insReadRecord || ins == insGetData || ins == insGetChallenge && tpdu[0] == 0x00):
		return 2
	case len(tpdu) == 5:
		return 1
	case ins == insSelect || ins == insOptions || ins == insGenerateAC || ins == insInternalAuth:
		return 4
	}
	return 3
}
