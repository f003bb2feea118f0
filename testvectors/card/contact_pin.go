package card

import (
	"crypto/subtle"
	"math/big"

	"github.com/cardwright/emv/crypto/pin"
)

// Status words of VERIFY (Book 3, 6.5.12.5).
const (
	swTries      = 0x63C0
	swPINBlocked = 0x6983
)

// Ways of VERIFY, in its P2 (Book 3, table 24).
const (
	verifyPlain      = 0x80
	verifyEnciphered = 0x88
)

// tries returns the PIN Try Counter.
func (c *Card) tries() byte {
	if v := c.own.get(tagTryCounter); len(v) == 1 {
		return v[0]
	}
	return 0
}

// verify answers VERIFY (Book 3, 6.5.12): the PIN in the clear or enciphered, as the card has it.
func (a *contactCard) verify(c *Card, cmd *command) (response, error) {
	switch {
	case cmd.p1 != 0, cmd.p2 == verifyPlain && !a.plain, cmd.p2 == verifyEnciphered && !a.encipher,
		cmd.p2 != verifyPlain && cmd.p2 != verifyEnciphered:
		return status(swWrongP1P2), nil
	case c.tries() == 0:
		return status(swPINBlocked), nil
	}
	var entered pin.PIN
	defer entered.Wipe()
	enciphered := cmd.p2 == verifyEnciphered
	if enciphered {
		size, err := a.decipher(c, &entered, cmd.data)
		switch {
		case err != nil:
			return response{}, err
		case size != len(cmd.data):
			return status(swWrongLength), nil
		case a.at.challenge == nil: // Book 2, 7.2: the card's number is part of what is enciphered
			return status(swConditions), nil
		}
		a.at.challenge = nil
	} else {
		if len(cmd.data) != len(pin.Block{}) {
			return status(swWrongLength), nil
		}
		block := pin.Block(cmd.data)
		defer block.Wipe()
		_ = block.Decode2(&entered) // what is no PIN block has no PIN, which is the wrong one
	}
	a.at.pinDone, a.at.pinEnciphered = true, enciphered
	if a.at.pinOK = same(&entered, &a.code); a.at.pinOK {
		c.own.set(tagTryCounter, []byte{pinTries})
		return status(swOK), nil
	}
	left := c.tries() - 1
	c.own.set(tagTryCounter, []byte{left})
	return status(swTries | uint16(left&0x0F)), nil
}

// same compares two PINs.
func same(a, b *pin.PIN) bool {
	var x, y [pin.MaxLength]byte
	left, right := a.AppendDigits(x[:0]), b.AppendDigits(y[:0])
	equal := len(left) == len(right) && len(left) > 0 && subtle.ConstantTimeCompare(left, right) == 1
	clear(x[:])
	clear(y[:])
	return equal
}

// decipher reads an enciphered PIN (Book 2, 7.2) and returns how long it has to be. What is none leaves dst without a PIN.
func (a *contactCard) decipher(c *Card, dst *pin.PIN, data []byte) (size int, err error) {
	name := c.profile.icc
	if a.pinKey {
		name = keyPIN
	}
	key, err := c.keys.find(name)
	if err != nil {
		return 0, err
	}
	if len(data) != key.size || new(big.Int).SetBytes(data).Cmp(key.n) >= 0 || a.at.challenge == nil {
		return key.size, nil
	}
	text := key.power(data)
	defer clear(text)
	_ = pin.DecodeOffline(dst, text, [8]byte(a.at.challenge))
	return key.size, nil
}

// getChallenge answers GET CHALLENGE (Book 3, 6.5.6) with 8 bytes, which are good for one VERIFY.
func (a *contactCard) getChallenge(c *Card, cmd *command) (response, error) {
	if cmd.p1 != 0 || cmd.p2 != 0 {
		return status(swWrongP1P2), nil
	}
	number, err := a.number(c, "challenge")
	if err != nil {
		return response{}, err
	}
	a.at.challenge = number
	return response{body: append([]byte{}, number...), sw: swOK}, nil
}
