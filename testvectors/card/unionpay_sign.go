package card

import "crypto/sha256"

// relate makes the Card Authentication Related Data (9F69): version, card unpredictable number, copy of the CTQ, a byte that
// is reserved. Cards of version 00 have none.
func (u *unionpay) relate(c *Card) error {
	if u.bare || u.signs != version01 && u.signs != smAlgorithms {
		return nil
	}
	number, err := c.draw("number", c.tx.terminal.get(tagUN), 4)
	if err != nil {
		return err
	}
	related := append([]byte{cardVersion}, number...)
	related = append(related, fit(c.value(tagCTQ), 2)...)
	c.compute(tagCARD, append(related, 0x00))
	return nil
}

// authenticate computes the certificates (Book 2, 6) and the signature, and puts them into their records.
func (u *unionpay) authenticate(c *Card) error {
	err := error(nil)
	if u.signs == smAlgorithms {
		u.makeUp(c)
	} else if err = c.certifyIssuer(); err == nil {
		if err = c.certifyICC(); err == nil {
			err = u.sign(c)
		}
	}
	if err != nil {
		return err
	}
	for _, p := range c.layout.records {
		if !p.signed {
			c.completeRecords(p.tags...)
		}
	}
	return nil
}

// sign is fDDA (C-7, 3.7.3): version 01 over the terminal's unpredictable number, amount and currency, and 9F69; version 00
// over the number alone.
func (u *unionpay) sign(c *Card) error {
	un := fit(c.tx.terminal.get(tagUN), 4)
	if c.fault(faultReplay) != nil {
		for i := range un {
			un[i] ^= 0x5A
		}
	}
	if u.signs == version00 {
		return c.signDynamic(formatDynamic, un)
	}
	return c.signDynamic(formatDynamic,
		un, fit(c.tx.terminal.get(tagAmount), 6), fit(c.tx.terminal.get(tagCurrency), 2), c.value(tagCARD))
}

// The certificates of SM2 (JR/T 0025.17): format, subject, expiry MMYY, serial number, algorithm of the signature, of the
// key and its parameters, length of the key, key of 64 bytes, signature of 64 bytes.
const (
	smIssuerFormat = 0x12
	smICCFormat    = 0x14
	smAlgorithm    = 0x04
	smParameters   = 0x11
)

// makeUp makes certificates and a signature that have the shape of SM2 and are otherwise made up: no reader of these tests
// can verify them.
func (u *unionpay) makeUp(c *Card) {
	noise := func(what string) []byte {
		a, b := sha256.Sum256([]byte(what+"1")), sha256.Sum256([]byte(what+"2"))
		return append(a[:], b[:]...)
	}
	certificate := func(format byte, subject []byte, what string) []byte {
		b := append([]byte{format}, subject...)
		b = append(b, 0x12, 0x49, 0x00, 0x00, 0x01, smAlgorithm, smAlgorithm, smParameters, 64)
		return append(append(b, noise(what+" key")...), noise(what+" signature")...)
	}
	pan := c.pan()
	c.compute(tagCAIndex, []byte{c.profile.authority})
	c.compute(tagIssuerCert, certificate(smIssuerFormat, fit(pan, 4), "issuer"))
	c.compute(tagICCCert, certificate(smICCFormat, append(fit(pan, 8), 0xFF, 0xFF), "card"))
	c.compute(tagSDAD, noise("dynamic data"))
}
