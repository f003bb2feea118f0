package card

import "github.com/cardwright/emv/tlv"

// The dates and serial numbers of the certificates. They end with the century's first half, which is as late as two
// digits of a year can say (Book 4, 6.7.3).
var (
	certificateExpiry = [2]byte{0x12, 0x49}
	certificatePast   = [2]byte{0x12, 0x19}
	issuerSerial      = [3]byte{0x00, 0x00, 0x01}
	iccSerial         = [3]byte{0x00, 0x00, 0x02}
)

// certifyIssuer computes the objects with which a terminal finds the issuer's key (Book 2, Table 5): 8F, 90, 92, 9F32.
func (c *Card) certifyIssuer() error {
	ca, err := c.keys.find(authorityName(c.profile.authority))
	if err != nil {
		return err
	}
	key, err := c.keys.find(keyIssuer)
	if err != nil {
		return err
	}
	facts := certificateFacts{subject: c.issuerIdentifier(), expiry: certificateExpiry, serial: issuerSerial}
	if c.fault(faultWrongIssuerID) != nil {
		facts.subject = []byte{0x49, 0x99, 0x99, 0xFF}
	}
	if c.fault(faultIssuerExpired) != nil {
		facts.expiry = certificatePast
	}
	if c.fault(faultIssuerRevoked) != nil {
		facts.serial = RevokedSerial()
	}
	certificate, remainder := issueIssuer(ca, key, facts)
	index := []byte{c.profile.authority}
	if f := c.fault(faultCAIndex); f != nil {
		index = f.value
	}
	c.compute(tagCAIndex, index)
	c.compute(tagIssuerCert, certificate)
	c.compute(tagIssuerRemainder, remainder)
	c.compute(tagIssuerExponent, exponent())
	return nil
}

// issuerIdentifier returns the leftmost six digits of the PAN, padded to eight with 'F' (Book 2, Table 6).
func (c *Card) issuerIdentifier() []byte {
	id := fit(c.pan(), 4)
	id[3] = 0xFF
	return id
}

// pan returns the PAN as the certificates have it.
func (c *Card) pan() []byte {
	if pan := c.value(tagPAN); len(pan) > 0 {
		return pan
	}
	return c.base.get(tagPAN)
}

// certifyICC computes the objects with which a terminal finds the card's key (Book 2, Table 12): 9F46, 9F47, 9F48. The
// signed records must be planned and the issuer certified.
func (c *Card) certifyICC() error {
	issuer, err := c.keys.find(keyIssuer)
	if err != nil {
		return err
	}
	key, err := c.keys.find(c.profile.icc)
	if err != nil {
		return err
	}
	subject := fit(c.pan(), 10)
	for i := len(c.pan()); i < len(subject); i++ {
		subject[i] = 0xFF
	}
	facts := certificateFacts{subject: subject, expiry: certificateExpiry, serial: iccSerial}
	if c.fault(faultWrongPANInCert) != nil {
		subject[7] ^= 0x11
	}
	if c.fault(faultICCExpired) != nil {
		facts.expiry = certificatePast
	}
	certificate, remainder := issueICC(issuer, key, facts, c.staticData())
	c.compute(tagICCCert, certificate)
	c.compute(tagICCExponent, exponent())
	c.compute(tagICCRemainder, remainder)
	return nil
}

// signDynamic computes Signed Dynamic Application Data (9F4B) with the ATC as ICC Dynamic Number.
func (c *Card) signDynamic(format byte, dynamic ...[]byte) error {
	name := c.profile.icc
	if c.fault(faultWrongICCKey) != nil {
		name = keyWrongICC
	}
	key, err := c.keys.find(name)
	if err != nil {
		return err
	}
	if f := c.fault(faultSDADFormat); f != nil {
		format = f.value[0]
	}
	c.compute(tagSDAD, signDynamic(key, format, fit(c.value(tagATC), 2), dynamic...))
	return nil
}

// signStatic computes Signed Static Application Data (93).
func (c *Card) signStatic(format byte) error {
	key, err := c.keys.find(keyIssuer)
	if err != nil {
		return err
	}
	if f := c.fault(faultSDADFormat); f != nil {
		format = f.value[0]
	}
	c.compute(tagSSAD, signStatic(key, format, [2]byte{0xDA, 0xC0}, c.staticData()))
	return nil
}

// completeRecords puts objects that were computed after the records were planned into the records that they belong to.
func (c *Card) completeRecords(tags ...tlv.Tag) {
	for i := range c.tx.records {
		r := &c.tx.records[i]
		for _, p := range c.layout.records {
			if p.sfi != r.sfi || p.number != r.number {
				continue
			}
			for _, t := range p.tags {
				for _, want := range tags {
					if t == want {
						r.put(t, c.value(t))
					}
				}
			}
		}
	}
}
