package card

import (
	"crypto/sha1"

	"github.com/cardwright/emv/tlv"
)

// The data objects of Discover's cards that others do not have (C-6, Annex A).
const (
	tagOffBalance tlv.Tag = 0xD1   // Offline Balance
	tagCPR        tlv.Tag = 0x9F71 // Card Processing Requirements
	tagMSVersion  tlv.Tag = 0x9F7D // Mag-stripe Mode Application Version Number
	tagDCVV       tlv.Tag = 0x9F7E // Dynamic Card Verification Value
)

// Card Processing Requirements (9F71; C-6, Annex A).
const (
	cprOnlinePIN = bit(1<<8 | 0x80)
	cprSignature = bit(1<<8 | 0x40)
	cprPIDLimit  = bit(1<<8 | 0x20) // the limit of a loyalty programme is reached
	cprDeviceCVM = bit(1<<8 | 0x10)

	ttqMagstripe = bit(1<<8 | 0x80)
)

// stripeMode is how a card without EMV mode gives its tracks.
type stripeMode uint8

const (
	noStripe  stripeMode = iota
	dpasTrack            // D-PAS mag-stripe mode: 9F7D in the FCI asks for it
	zipTrack             // the older application, A0000003241010
)

// discover is a card of C-6: it decides in GET PROCESSING OPTIONS, and what the reader may make of that it says in its Card
// Processing Requirements.
type discover struct {
	refusal  uint16     // what GET PROCESSING OPTIONS always answers, 0 for none
	locked   bool       // a phone that its owner must unlock between two taps
	offline  bool       // it may approve offline, with a combined signature
	declines bool       // it gives an AAC always
	loyalty  bool       // that AAC is of a loyalty transaction, and signed
	bare     bool       // no records: all that the reader needs comes with the answer
	methods  []bit      // the CVMs that it has, as bits of 9F71, best first
	verified bool       // its owner verifies always, not only where a reader asks
	policy   byte       // byte 2 of 9F71
	stripe   stripeMode // instead of EMV mode
	update   bool       // takes issuer scripts in a second tap

	asked, unlocked bool // what a locked phone remembers
}

func (d *discover) layout() layout {
	l := layout{
		fci:           []tlv.Tag{tagLabel, tagPriority, tagPDOL, tagLanguage, tagCodeTable, tagPreferredName, tagMSVersion},
		discretionary: []tlv.Tag{tagFormFactor},
		options: []tlv.Tag{
			tagAIP, tagAFL, tagATC, tagCID, tagIAD, tagCryptogram, tagCPR, tagSDAD, tagOffBalance,
		},
		internal: []tlv.Tag{tagAppCurrency, tagCVMLimit, tagFundsLimit, tagSingleLimit, tagFunds, tagKernel},
	}
	switch {
	case d.stripe != noStripe:
		l.options = []tlv.Tag{tagAIP, tagAFL}
		l.records = []recordPlan{{sfi: 1, number: 1, tags: []tlv.Tag{tagTrack1, tagTrack2, tagDCVV}}}
	case d.bare: // C-6, 3.2.7: without records these must come here
		l.options = append(l.options, tagTrack2, tagPSN, tagUsage, tagEffective, tagVersion, tagIssuerCountry, tagName)
	default:
		// The certificates are of use to a reader that verifies a signature, and to no other.
		l.records = []recordPlan{
			{sfi: 1, number: 1, tags: []tlv.Tag{tagIssuerCert}},
			{sfi: 1, number: 2, tags: []tlv.Tag{tagCAIndex, tagIssuerExponent, tagIssuerRemainder}},
			{sfi: 1, number: 3, tags: []tlv.Tag{tagICCCert, tagICCExponent, tagICCRemainder}},
			{sfi: 2, number: 1, signed: true, tags: []tlv.Tag{
				tagTrack2, tagPAN, tagExpiry, tagEffective, tagIssuerCountry, tagPSN, tagUsage, tagVersion, tagName,
				tagTokenRequestor, tagPAR, tagLastFour, tagSDATagList,
			}},
		}
	}
	return l
}

// initiate is the whole transaction (C-6, 3.2): decision, cryptogram, signature.
func (d *discover) initiate(c *Card) (response, error) {
	if sw := d.refuse(c); sw != swOK {
		return status(sw), nil
	}
	if !c.nextATC() {
		return status(swConditions), nil
	}
	c.compute(tagAIP, c.own.get(tagAIP))
	if d.stripe != noStripe {
		return d.giveTracks(c)
	}
	m, err := d.decide(c)
	if err != nil {
		return response{}, err
	}
	d.spend(c, &m)
	c.plan(func(p *recordPlan) bool { return m.signed || p.signed })
	c.lengthen(true)
	if m.signed {
		if err := d.certify(c); err != nil {
			return response{}, err
		}
	}
	c.lengthen(false)
	if len(c.tx.records) > 0 {
		c.compute(tagAFL, c.locator())
	}
	if m.signed {
		if err := d.sign(c); err != nil {
			return response{}, err
		}
	}
	d.listSigned(c, &m)
	return d.answer(c, &m), nil
}

// refuse returns the status word of a card that does not begin a transaction, otherwise 9000.
func (d *discover) refuse(c *Card) uint16 {
	ttq := c.tx.terminal.get(tagTTQ)
	switch {
	case d.refusal != 0:
		return d.refusal
	case d.locked && !d.unlocked: // C-6, 3.2.3: the owner is asked to look at the phone
		d.asked = true
		return swNotAllowed
	case d.stripe == noStripe && !ttqEMVMode.in(ttq), d.stripe != noStripe && !ttqMagstripe.in(ttq):
		return swConditions
	}
	return swOK
}

// reset is what happens while a card is out of the field: the owner of a phone that asked for it unlocks it.
func (d *discover) reset(*Card) { d.unlocked = d.unlocked || d.asked }

// certify computes the certificates and puts them into their records (Book 2, 6).
func (d *discover) certify(c *Card) error {
	if err := c.certifyIssuer(); err != nil {
		return err
	}
	if err := c.certifyICC(); err != nil {
		return err
	}
	for _, p := range c.layout.records {
		if !p.signed {
			c.completeRecords(p.tags...)
		}
	}
	return nil
}

// sign is the combined signature over the answer (C-6, 3.4.2; Book 2, 6.6.1): its hash covers the values that came by the
// PDOL, and every object of the answer but the signature.
func (d *discover) sign(c *Card) error {
	number, err := c.draw("number", c.tx.terminal.get(tagUN), 8)
	if err != nil {
		return err
	}
	h := sha1.New()
	h.Write(c.tx.options)
	for _, o := range d.objects(c, true) {
		if o.tag != tagSDAD {
			h.Write(tlv.Append(nil, o.tag, o.value))
		}
	}
	dynamic := append([]byte{byte(len(number))}, number...)
	dynamic = append(dynamic, fit(c.value(tagCID), 1)...)
	dynamic = append(dynamic, fit(c.value(tagCryptogram), 8)...)
	un := fit(c.tx.terminal.get(tagUN), 4)
	if c.fault(faultReplay) != nil {
		for i := range un {
			un[i] ^= 0x5A
		}
	}
	return c.signCombined(h.Sum(dynamic), un)
}

// objects returns what the answer to GET PROCESSING OPTIONS consists of. A cryptogram that the signature holds is not
// among them.
func (d *discover) objects(c *Card, signed bool) store {
	var s store
	tags := c.layout.options
	if len(c.tx.records) == 0 {
		tags = append(append([]tlv.Tag{}, tags...), c.extra...)
	}
	for _, t := range tags {
		if v := c.value(t); len(v) > 0 && (t != tagCryptogram || !signed) {
			s.set(t, v)
		}
	}
	return s
}

// answer returns the answer to GET PROCESSING OPTIONS, in format 2 (Book 3, 6.5.8.4), with the faults of the card.
func (d *discover) answer(c *Card, m *made) response {
	var b []byte
	for _, o := range d.objects(c, m.signed) {
		b = c.appendObject(b, o.tag, o.value)
	}
	b = c.appendAdditions(b, placeOptions)
	return response{body: tlv.Append(nil, tagFormat2, b), sw: swOK}
}

// listSigned lists what the transaction's signature and cryptogram cover.
func (d *discover) listSigned(c *Card, m *made) {
	c.cover(tagAIP, len(c.value(tagAIP)), CoverCryptogram)
	c.coverNumber()
	c.cover(tagPSN, len(c.value(tagPSN)), CoverCryptogram)
	c.cover(tagIAD, c.tx.iadCovered, CoverCryptogram)
	c.cover(tagATC, len(c.value(tagATC)), CoverCryptogram)
	if !m.signed {
		c.cover(tagCryptogram, len(c.value(tagCryptogram)), CoverCryptogram)
		return
	}
	var options []tlv.Tag
	for _, o := range d.objects(c, true) {
		options = append(options, o.tag)
	}
	c.coverOffline(options...)
}

// command takes issuer script commands, where the card supports issuer updates (C-6, 3.9): after a SELECT, without GET
// PROCESSING OPTIONS and without EXTERNAL AUTHENTICATE.
func (d *discover) command(c *Card, cmd *command) (response, bool, error) {
	if !d.update || !isScript(cmd) {
		return response{}, false, nil
	}
	c.scripts = append(c.scripts, append([]byte{}, cmd.raw...))
	return status(swOK), true, nil
}
