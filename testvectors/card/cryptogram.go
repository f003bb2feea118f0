package card

import (
	"github.com/cardwright/emv/crypto/issuer"
	"github.com/cardwright/emv/tlv"
)

// pending is a cryptogram that went online and has no answer yet.
type pending struct {
	open    bool
	arqc    issuer.Cryptogram
	profile issuer.Profile
	atc     []byte
}

// cryptogram computes an application cryptogram (Book 2, 8.1) by the steps of p, over what the terminal sent and the
// card has; iad is the Issuer Application Data that enters it.
func (c *Card) cryptogram(p *issuer.Profile, iad []byte) (issuer.Cryptogram, error) {
	var master issuer.Key
	defer master.Wipe()
	if err := c.masterKey(&master); err != nil {
		return issuer.Cryptogram{}, err
	}
	ac, err := p.Generate(&master, func(t tlv.Tag) []byte { return c.cryptogramInput(p, t, iad) })
	if err != nil {
		return ac, &Error{CodeData, err.Error()}
	}
	return ac, nil
}

// cryptogramInput returns an object of the input in the length that it must have: what the PDOL did not ask for is zeros
// to the card.
func (c *Card) cryptogramInput(p *issuer.Profile, t tlv.Tag, iad []byte) []byte {
	if t == tagIAD {
		return iad
	}
	value := c.value(t)
	if c.tx.terminal.has(t) {
		value = c.tx.terminal.get(t)
	}
	for _, item := range p.Input {
		if item.Tag == t && item.Size > 0 {
			return fit(value, item.Size)
		}
	}
	return value
}

// masterKey derives the card's key (Book 2, A1.4.1) from the number and sequence number that it sends. Where
// Config.Set made these unreadable, it is that of the profile's own.
func (c *Card) masterKey(dst *issuer.Key) error {
	imk := TestMasterKey()
	if c.fault(faultWrongCrypto) != nil {
		for i := range imk {
			imk[i] ^= 0xFF
		}
	}
	key, err := issuer.NewKey(imk)
	if err != nil {
		return &Error{CodeData, err.Error()}
	}
	defer key.Wipe()
	for _, from := range []store{c.own, c.base} {
		var psn byte
		if v := from.get(tagPSN); len(v) == 1 {
			psn = v[0]
		}
		pan, err := issuer.PANDigits(accountNumber(from))
		if err == nil {
			err = issuer.MasterKey(dst, &key, issuer.OptionA, pan, psn)
		}
		if err == nil {
			return nil
		}
	}
	return &Error{CodeData, "no card number to derive the card's key from"}
}

// accountNumber returns the PAN of Track 2 Equivalent Data, which every transaction sends, or else 5A. It ends with 'F'.
func accountNumber(s store) []byte {
	pan, digits := digitsBefore(s.get(tagTrack2))
	if digits == 0 {
		return s.get(tagPAN)
	}
	return pan
}

// digitsBefore returns the digits of Track 2 Equivalent Data in front of its separator 'D' (ISO/IEC 7813), and how many
// they are: 0 where there is no separator.
func digitsBefore(track2 []byte) ([]byte, int) {
	for i, b := range track2 {
		switch {
		case b>>4 == 0xD:
			return track2[:i], 2 * i
		case b&0x0F == 0xD:
			return append(append([]byte{}, track2[:i]...), b|0x0F), 2*i + 1
		}
	}
	return nil, 0
}

// verifyIssuer is issuer authentication (Book 2, 8.2): it reports whether value is the answer to the pending cryptogram.
func (c *Card) verifyIssuer(value []byte) (bool, error) {
	var master issuer.Key
	defer master.Wipe()
	if err := c.masterKey(&master); err != nil {
		return false, err
	}
	ok, err := c.last.profile.VerifyAuthData(&master, func(t tlv.Tag) []byte {
		if t == tagATC {
			return c.last.atc
		}
		return nil
	}, c.last.arqc, value)
	if err != nil {
		return false, &Error{CodeData, err.Error()}
	}
	return ok, nil
}
