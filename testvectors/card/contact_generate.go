package card

import (
	"slices"

	"github.com/cardwright/emv/crypto/issuer"
	"github.com/cardwright/emv/tlv"
)

// generateAC answers GENERATE AC, the first and the second one (Book 3, 6.5.5).
func (a *contactCard) generateAC(c *Card, cmd *command) (response, error) {
	asked := cmd.p1 & cidMask
	second := a.at.answered == 1
	switch {
	case cmd.p1&^(cidMask|refControlCDA) != 0 || asked == cidMask || cmd.p2 != 0:
		return status(swWrongP1P2), nil
	case a.at.answered > 1, second && (a.at.first != cidARQC || asked == cidARQC):
		return status(swConditions), nil
	}
	list := c.own.get(tagCDOL1)
	if second {
		list = c.own.get(tagCDOL2)
	}
	values, rest, ok := splitDOL(list, cmd.data)
	if !ok || len(rest) > 0 {
		return status(swWrongLength), nil
	}
	for _, o := range values {
		c.tx.terminal.set(o.tag, o.value)
	}
	a.at.values = append(a.at.values, slices.Clone(cmd.data))
	cid := byte(0)
	var err error
	if second {
		cid, err = a.completion(c, asked)
	} else {
		cid = a.action(c, asked)
	}
	if err != nil {
		return response{}, err
	}
	if forced := c.compute(tagCID, []byte{cid}); len(forced) > 0 {
		cid = forced[0] & cidMask
	}
	combined := cmd.p1&refControlCDA != 0 && aipCDA.in(c.value(tagAIP)) && cid != cidAAC
	return a.generated(c, cid, second, combined)
}

// generated makes the cryptogram and the answer.
func (a *contactCard) generated(c *Card, cid byte, second, combined bool) (response, error) {
	if !second {
		a.at.first = cid
		a.at.cdaFirst = combined
	}
	a.at.answered++
	a.report(c, cid, second, combined)
	if err := a.makeCryptogram(c, cid, second); err != nil {
		return response{}, err
	}
	switch {
	case cid == cidTC:
		a.keepLog(c)
		if second {
			a.settled(c)
		}
	case second:
		a.settled(c)
	}
	if !combined {
		a.listSigned(c)
		return a.plainAnswer(c), nil
	}
	c.compute(tagSDAD, nil)
	if err := a.combine(c, tagCID, tagATC, tagIAD); err != nil {
		return response{}, err
	}
	a.listSigned(c)
	var b []byte
	for _, t := range []tlv.Tag{tagCID, tagATC, tagSDAD, tagIAD} {
		b = c.appendObject(b, t, c.value(t))
	}
	return response{body: tlv.Append(nil, tagFormat2, b), sw: swOK}, nil
}

// plainAnswer is the answer without a signature, in format 1 or 2 (Book 3, 6.5.5.4).
func (a *contactCard) plainAnswer(c *Card) response {
	objects := []tlv.Tag{tagCID, tagATC, tagCryptogram, tagIAD}
	var b []byte
	if a.format1 {
		for _, t := range objects {
			b = append(b, c.sent(t)...)
		}
		return response{body: tlv.Append(nil, tagResponse1, b), sw: swOK}
	}
	for _, t := range objects {
		b = c.appendObject(b, t, c.value(t))
	}
	return response{body: tlv.Append(nil, tagFormat2, b), sw: swOK}
}

// action is card action analysis (Book 3, 10.8), for which the card's risk management is as VIS describes it: never more
// than was asked for.
func (a *contactCard) action(c *Card, asked byte) byte {
	switch {
	case asked == cidAAC, a.declines, a.isBlocked(c):
		return cidAAC
	case asked == cidTC && a.mayApprove(c):
		return cidTC
	}
	return cidARQC
}

// isBlocked reports whether the application gives nothing but an AAC (Book 3, 6.5.1 and 6.5.3).
func (a *contactCard) isBlocked(c *Card) bool { return a.cardBlocked || a.blocked[c.session.selected] }

// mayApprove reports whether the card may give a TC without the issuer: it can, no PIN went wrong, nothing is left open
// with the issuer, and neither the number of transactions since the last online one nor the amount is over its limit.
func (a *contactCard) mayApprove(c *Card) bool {
	wrongPIN := a.at.pinDone && !a.at.pinOK || (a.plain || a.encipher) && c.tries() == 0
	return a.offline && !wrongPIN && !a.incomplete && !a.failedAuth && !a.scriptFailed && !a.over(c, tagCardLower) &&
		!a.overAmount(c)
}

// over reports whether there were more transactions since the last online one than a limit says.
func (a *contactCard) over(c *Card, limit tlv.Tag) bool {
	most := c.own.get(limit)
	return len(most) == 1 && int(c.atc)-a.lastOnline(c) > int(most[0])
}

func (a *contactCard) overAmount(c *Card) bool {
	most := c.own.get(tagSingleLimit)
	return len(most) > 0 && amount(c.tx.terminal.get(tagAmount)) > amount(most)
}

// lastOnline returns the Last Online ATC Register.
func (a *contactCard) lastOnline(c *Card) int {
	if v := c.own.get(tagLastOnline); len(v) == 2 {
		return int(v[0])<<8 | int(v[1])
	}
	return 0
}

// completion is what the card makes of the second GENERATE AC (Book 3, 10.11). The Authorisation Response Code says
// whether the terminal was online (Book 4, Annex A6: Y3 and Z3 are its own).
func (a *contactCard) completion(c *Card, asked byte) (byte, error) {
	arc := string(c.tx.terminal.get(tagARC))
	a.at.unable = arc == "Y3" || arc == "Z3"
	if data := c.tx.terminal.get(tagIssuerAuth); !a.at.authDone && !a.at.unable && len(data) > 0 && !zero(data) {
		if err := a.authenticateIssuer(c, trimmed(data, &a.at.data.profile)); err != nil {
			return 0, err
		}
	}
	switch {
	case asked != cidTC || a.isBlocked(c):
		return cidAAC, nil
	case a.at.unable:
		if a.offline && !a.over(c, tagCardUpper) && !a.overAmount(c) {
			return cidTC, nil
		}
		return cidAAC, nil
	case a.at.authDone && (!a.at.authOK || !a.at.brand.approves(&a.at.data.profile, a.at.issuerSays)):
		return cidAAC, nil
	case !a.at.authDone && a.mandatory:
		return cidAAC, nil
	}
	return cidTC, nil
}

// zero reports whether a value is what a terminal puts for an object that it does not have (Book 3, 5.4).
func zero(v []byte) bool {
	return !slices.ContainsFunc(v, func(b byte) bool { return b != 0 })
}

// trimmed takes off what a data object list has put behind Issuer Authentication Data that are shorter than it asks for.
func trimmed(v []byte, p *issuer.Profile) []byte {
	n := 10
	if p.ARPC == issuer.Method2 {
		n = 8
	}
	if len(v) > n && zero(v[n:]) {
		return v[:n]
	}
	return v
}

// settled is what an online transaction leaves behind when its second cryptogram is made.
func (a *contactCard) settled(c *Card) {
	a.incomplete = false
	if a.at.unable {
		return
	}
	a.failedAuth = a.at.authDone && !a.at.authOK
	if a.failedAuth || a.mandatory && !a.at.authDone {
		return
	}
	c.own.set(tagLastOnline, []byte{byte(c.atc >> 8), byte(c.atc)})
	a.scriptCount, a.scriptFailed = 0, false
}

// report writes what happened into the Card Verification Results.
func (a *contactCard) report(c *Card, cid byte, second, combined bool) {
	cvr, r := a.at.data.cvr, a.at.brand.results
	if cvr == nil {
		a.reportPlain(cid, second)
		return
	}
	if r.types >= 0 && !second {
		cvr[r.types] = cvr[r.types]&0x0F | cvrSecondNotAsked | cid>>2
	} else if r.types >= 0 {
		cvr[r.types] = cvr[r.types]&0x0F | cid | a.at.first>>2
	}
	for _, mark := range []struct {
		at bit
		is bool
	}{
		{r.pinDone, a.at.pinDone},
		{r.pinEnciphered, a.at.pinDone && a.at.pinEnciphered},
		{r.pinOK, a.at.pinOK},
		{r.noPIN, !a.at.pinDone},
		{r.pinFailed, a.at.pinDone && !a.at.pinOK},
		{r.tryLimit, (a.plain || a.encipher) && c.tries() == 0},
		{r.unable, a.at.unable},
		{r.incomplete, a.incomplete},
		{r.overLower, a.over(c, tagCardLower)},
		{r.overUpper, a.over(c, tagCardUpper)},
		{r.authDone, a.at.authDone},
		{r.authFailed, a.at.authDone && !a.at.authOK},
		{r.authNotDone, second && !a.at.unable && !a.at.authDone},
		{r.scriptFailed, a.scriptFailed},
		{r.dda, a.at.dda},
		{r.cdaFirst, !second && combined || a.at.cdaFirst},
		{r.cdaSecond, second && combined},
	} {
		if mark.at != 0 && mark.is {
			mark.at.set(cvr)
		}
	}
	if r.scripts > 0 {
		cvr[r.scripts-1] = cvr[r.scripts-1]&0x0F | byte(min(a.scriptCount, 15))<<4
	}
	switch {
	case r.tries > 0 && r.triesLeft:
		cvr[r.tries-1] = cvr[r.tries-1]&0x0F | c.tries()<<4
	case r.tries > 0:
		cvr[r.tries-1] = cvr[r.tries-1]&0xF0 | c.tries()&0x0F
	}
}

// reportPlain is for a layout that is not public: its last byte has the types, so that no two cryptograms of a transaction
// are over the same data.
func (a *contactCard) reportPlain(cid byte, second bool) {
	last := len(a.at.data.value) - 1
	if last < 2 {
		return
	}
	if second {
		a.at.data.value[last] = cid | a.at.first>>2
	} else {
		a.at.data.value[last] = cvrSecondNotAsked | cid>>2
	}
}

// makeCryptogram computes the application cryptogram (Book 2, 8.1), and keeps what belongs to the first one.
func (a *contactCard) makeCryptogram(c *Card, cid byte, second bool) error {
	d := &a.at.data
	c.tx.computed.set(tagIAD, d.value)
	key, err := c.derived(TestMasterKey(), &d.profile, c.fault(faultWrongCrypto) != nil)
	if err != nil {
		return err
	}
	defer key.Wipe()
	ac, err := d.profile.Generate(key, func(t tlv.Tag) []byte { return c.cryptogramInput(&d.profile, t, d.value) })
	if err != nil {
		return &Error{CodeData, err.Error()}
	}
	c.compute(tagCryptogram, ac[:])
	if !second {
		a.at.arqc, a.at.un = ac, slices.Clone(c.tx.terminal.get(tagUN))
	}
	if _, usable, err := a.at.brand.issuerData(c.own.get(tagIAD)); err == nil && !usable {
		c.tx.computed.set(tagIAD, c.own.get(tagIAD))
	}
	return nil
}

// derived returns the card's key that an issuer master key gives, by the option of the cryptogram version's cipher: from
// the number that the card sends or, where Config.Set made that unreadable, from the profile's own. The caller wipes it.
func (c *Card) derived(master []byte, p *issuer.Profile, wrong bool) (*issuer.Key, error) {
	if wrong {
		for i := range master {
			master[i] ^= 0xFF
		}
	}
	imk, err := issuer.NewKey(master)
	if err != nil {
		return nil, &Error{CodeData, err.Error()}
	}
	defer imk.Wipe()
	option := issuer.OptionA
	if p.Cipher == issuer.AES {
		option = issuer.OptionC
	}
	var key issuer.Key
	for _, from := range []store{c.own, c.base} {
		var psn byte
		if v := from.get(tagPSN); len(v) == 1 {
			psn = v[0]
		}
		pan, err := issuer.PANDigits(accountNumber(from))
		if err == nil {
			err = issuer.MasterKey(&key, &imk, option, pan, psn)
		}
		if err == nil {
			return &key, nil
		}
	}
	return nil, &Error{CodeData, "no card number to derive the card's key from"}
}
