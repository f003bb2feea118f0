package card

import "github.com/cardwright/emv/tlv"

// The data objects of UnionPay's cards that others do not have (C-7, Annex A; PBOC 3.0).
const (
	tagProduct        tlv.Tag = 0x9F63 // Product Identification Information
	tagResetThreshold tlv.Tag = 0x9F6D // Electronic Cash Reset Threshold
	tagFunctions      tlv.Tag = 0xDF61 // Card Additional Function Indicator
)

// fdda is how a card signs.
type fdda uint8

const (
	noSignature  fdda = iota
	version01         // over unpredictable number, amount, currency and 9F69
	version00         // over the unpredictable number alone: cards before application version 0030
	smAlgorithms      // with SM2 and SM3
)

// unionpay is a card of C-7: it decides in GET PROCESSING OPTIONS.
type unionpay struct {
	refusal  uint16 // what GET PROCESSING OPTIONS always answers, 0 for none
	locked   bool   // a phone that its owner must unlock between two taps
	declines bool   // it gives an AAC always

	signs   fdda
	offline bool    // it may approve offline
	methods []bit   // the CVMs that it has, as bits of the CTQ, best first
	always  bool    // it wants one whether the reader does or not
	policy  [2]byte // the bits of the CTQ that do not depend on the transaction
	bare    bool    // sends what it must and nothing else: no CTQ, CID or record
	device  bool    // a phone: 9F69 comes with the answer, to bear out its CTQ
	purse   bool    // tells its balance to GET DATA

	asked, unlocked bool // what a locked phone remembers
}

func (u *unionpay) layout() layout {
	l := layout{
		fci:           []tlv.Tag{tagLabel, tagPriority, tagPDOL, tagLanguage, tagCodeTable, tagPreferredName},
		discretionary: []tlv.Tag{tagFunctions},
		options: []tlv.Tag{
			tagAIP, tagAFL, tagATC, tagTrack2, tagIAD, tagCryptogram, tagCID, tagPSN, tagCTQ, tagSpending, tagProduct,
			tagFormFactor, tagTokenRequestor, tagPAR,
		},
		internal: []tlv.Tag{
			tagOwnCurrency, tagCVMLimit, tagFundsLimit, tagSingleLimit, tagFunds, tagResetThreshold, tagKernel, tagATC,
		},
	}
	if u.bare {
		return l
	}
	// C-7, 3.3: the records are those of offline data authentication. 9F69 and the signature stand in the last one.
	last := []tlv.Tag{tagSDAD}
	if u.device {
		l.options = append(l.options, tagCARD)
	} else {
		last = []tlv.Tag{tagCARD, tagSDAD}
	}
	l.records = []recordPlan{
		{sfi: 1, number: 1, tags: []tlv.Tag{tagIssuerCert}},
		{sfi: 1, number: 2, tags: []tlv.Tag{tagCAIndex, tagIssuerExponent, tagIssuerRemainder}},
		{sfi: 1, number: 3, tags: []tlv.Tag{tagICCCert, tagICCExponent, tagICCRemainder}},
		{sfi: 2, number: 1, signed: true, tags: []tlv.Tag{
			tagPAN, tagExpiry, tagEffective, tagIssuerCountry, tagUsage, tagVersion, tagName, tagSDATagList,
		}},
		{sfi: 3, number: 1, tags: last},
	}
	return l
}

// initiate is the whole transaction (C-7, 3.2): decision, cryptogram, signature.
func (u *unionpay) initiate(c *Card) (response, error) {
	if sw := u.refuse(c); sw != swOK {
		return status(sw), nil
	}
	if !c.nextATC() {
		return status(swConditions), nil
	}
	c.compute(tagAIP, c.own.get(tagAIP))
	d := u.decide(c)
	if u.bare {
		c.compute(tagCID, nil) // the Issuer Application Data say it too
	}
	if err := u.makeCryptogram(c, &d); err != nil {
		return response{}, err
	}
	u.spend(c, &d)
	if err := u.relate(c); err != nil {
		return response{}, err
	}
	c.plan(func(*recordPlan) bool { return d.oda })
	c.lengthen(true)
	if d.oda {
		if err := u.authenticate(c); err != nil {
			return response{}, err
		}
	}
	c.lengthen(false)
	if len(c.tx.records) > 0 {
		c.compute(tagAFL, c.locator())
	}
	u.listSigned(c, &d)
	return response{body: u.options(c), sw: swOK}, nil
}

// refuse returns the status word of a card that does not begin a transaction, otherwise 9000.
func (u *unionpay) refuse(c *Card) uint16 {
	switch {
	case u.refusal != 0:
		return u.refusal
	case u.locked && !u.unlocked: // C-7, 3.2.3: the owner is asked to look at the phone
		u.asked = true
		return swNotAllowed
	case !ttqEMVMode.in(c.tx.terminal.get(tagTTQ)): // the one mode that these cards have
		return swConditions
	}
	return swOK
}

// reset is what happens while a card is out of the field: the owner of a phone that asked for it unlocks it.
func (u *unionpay) reset(*Card) { u.unlocked = u.unlocked || u.asked }

// options returns the answer to GET PROCESSING OPTIONS, in format 2 (Book 3, 6.5.8.4).
func (u *unionpay) options(c *Card) []byte {
	var b []byte
	for _, t := range c.layout.options {
		b = c.appendObject(b, t, c.value(t))
	}
	if len(c.tx.records) == 0 {
		for _, t := range c.extra {
			b = c.appendObject(b, t, c.value(t))
		}
	}
	b = c.appendAdditions(b, placeOptions)
	return tlv.Append(nil, tagFormat2, b)
}

// listSigned lists what the transaction's signature and cryptogram cover. The CTQ is covered by its copy in 9F69.
func (u *unionpay) listSigned(c *Card, d *decision) {
	c.cover(tagAIP, len(c.value(tagAIP)), CoverCryptogram)
	c.coverNumber()
	c.cover(tagPSN, len(c.value(tagPSN)), CoverCryptogram)
	if c.tx.iadCovered > 0 { // its version and its verification results
		c.coverPart(tagIAD, pbocCVN, pbocCVR+pbocCVRLength, CoverCryptogram)
	}
	c.cover(tagCryptogram, len(c.value(tagCryptogram)), CoverCryptogram)
	c.cover(tagATC, len(c.value(tagATC)), CoverCryptogram)
	switch {
	case !d.oda:
	case u.device:
		c.coverOffline(tagCTQ, tagCARD)
	case len(c.value(tagCARD)) > 0:
		c.coverOffline(tagCTQ)
	default:
		c.coverOffline()
	}
}

// data is what GET DATA gives besides the counter: an older purse tells its balance (C-7, 3.3.4).
func (u *unionpay) data(c *Card, t tlv.Tag) []byte {
	if u.purse && t == tagFunds {
		return c.own.get(tagFunds)
	}
	return nil
}

func (u *unionpay) command(*Card, *command) (response, bool, error) { return response{}, false, nil }
