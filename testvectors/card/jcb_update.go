package card

import "github.com/cardwright/emv/tlv"

// generateSecond answers the second GENERATE AC (C-5, 3.11.4), of a card that was held in the field or that came back: it
// still knows the cryptogram that this answers.
func (m *jcb) generateSecond(c *Card, cmd *command, asked byte) (response, error) {
	if asked == cidARQC || cmd.p1 != asked {
		return status(swWrongP1P2), nil
	}
	if sw := takeValues(c, tagCDOL2, cmd.data); sw != swOK {
		return status(sw), nil
	}
	c.compute(tagATC, c.last.atc)
	c.compute(tagAIP, c.own.get(tagAIP))
	ok := true
	if data := c.tx.terminal.get(tagIssuerAuth); len(data) > 0 && !zero(data) {
		var err error
		if ok, err = c.verifyIssuer(data); err != nil {
			return response{}, err
		}
	}
	cid := byte(cidAAC)
	if asked == cidTC && ok {
		cid = cidTC
	}
	if ok { // the funds for offline transactions are those of a new card again
		if limit := c.own.get(tagFundsLimit); len(limit) > 0 {
			c.own.set(tagFunds, limit)
			c.compute(tagJCBBalance, limit)
		}
	}
	c.compute(tagCID, []byte{cid})
	if err := m.makeCryptogram(c, cid, cid|cidARQC>>2); err != nil {
		return response{}, err
	}
	c.last = pending{}
	var b []byte
	for _, t := range []tlv.Tag{tagCID, tagATC, tagCryptogram, tagIAD, tagJCBBalance} {
		b = c.appendObject(b, t, c.value(t))
	}
	return response{body: tlv.Append(nil, tagFormat2, b), sw: swOK}, nil
}

// magstripeData answers GET MAGSTRIPE DATA (C-5, 3.9): track 2 with the counter, a code and the CVM in its last eight digits.
// How JCB's issuers compute the code is not public: here it is made of card, counter and the terminal's data, and verified
// by nobody.
func (m *jcb) magstripeData(c *Card, cmd *command) (response, error) {
	asked := cmd.p1
	switch {
	case asked != cidARQC && asked != cidAAC || cmd.p2 != 0:
		return status(swWrongP1P2), nil
	case !c.session.started:
		return status(swConditions), nil
	case asked == cidAAC || m.declines:
		return status(swAuthFailed), nil
	}
	if sw := takeValues(c, tagMDOL, cmd.data); sw != swOK {
		return status(sw), nil
	}
	profile := c.tx.terminal.get(tagTIP)
	required := tipRequired.in(profile)
	if m.device.is && m.device.refuses(required) && (required || m.device.always) {
		return status(swNotAllowed), nil
	}
	code, err := c.draw("code", cmd.data, 3)
	if err != nil {
		return response{}, err
	}
	digits := make([]byte, 0, 8)
	for i, n := 0, int(c.atc); i < 4; i, n = i+1, n/10 {
		digits = append([]byte{byte(n % 10)}, digits...)
	}
	for _, b := range code {
		digits = append(digits, b%10)
	}
	digits = append(digits, m.choose(required, profile)>>4+1) // C-5, 3.9.4
	track := append([]byte{}, c.own.get(tagTrack2)...)
	at := 2*len(track) - 1 - len(digits) // in front of the padding
	for i, d := range digits {
		setDigit(track, at+i, d)
	}
	c.compute(tagTrack2, track)
	b := c.appendObject(nil, tagTrack2, track)
	return response{body: tlv.Append(nil, tagFormat2, b), sw: swOK}, nil
}

// setDigit writes a digit into format cn.
func setDigit(cn []byte, i int, d byte) {
	if i%2 == 0 {
		cn[i/2] = cn[i/2]&0x0F | d<<4
	} else {
		cn[i/2] = cn[i/2]&0xF0 | d
	}
}
