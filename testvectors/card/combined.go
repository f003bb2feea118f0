package card

import (
	"crypto/sha256"
	"io"
)

// signCombined computes Signed Dynamic Application Data (9F4B) over whole ICC Dynamic Data and what the terminal adds to
// them (Book 2, Table 19): for combined signatures that is its unpredictable number.
func (c *Card) signCombined(dynamic []byte, following ...[]byte) error {
	name := c.profile.icc
	if c.fault(faultWrongICCKey) != nil {
		name = keyWrongICC
	}
	key, err := c.keys.find(name)
	if err != nil {
		return err
	}
	format := byte(formatDynamic)
	if f := c.fault(faultSDADFormat); f != nil {
		format = f.value[0]
	}
	fields := append([]byte{format, hashSHA1, byte(len(dynamic))}, dynamic...)
	if len(fields) > key.size-blockTail-1 {
		return &Error{CodeData, "the dynamic data do not fit the card's key"}
	}
	c.compute(tagSDAD, key.sign(seal(key.size, fields, following...)))
	return nil
}

// draw returns n unpredictable bytes, at most 32, for a use: from Config.Rand, or else of the card, its counter and what
// the terminal sent.
func (c *Card) draw(use string, from []byte, n int) ([]byte, error) {
	if c.rand == nil {
		h := sha256.New()
		for _, b := range [][]byte{[]byte(use), c.pan(), c.value(tagATC), from} {
			h.Write(b)
		}
		return h.Sum(nil)[:n:n], nil
	}
	number := make([]byte, n)
	if _, err := io.ReadFull(c.rand, number); err != nil {
		return nil, &Error{CodeRandom, err.Error()}
	}
	return number, nil
}
