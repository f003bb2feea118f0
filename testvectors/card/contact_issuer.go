package card

import (
	"slices"

	"github.com/cardwright/emv/crypto/pin"
	"github.com/cardwright/emv/tlv"
)

// externalAuthenticate answers EXTERNAL AUTHENTICATE (Book 3, 6.5.4): once, behind an ARQC and before the second
// GENERATE AC.
func (a *contactCard) externalAuthenticate(c *Card, cmd *command) (response, error) {
	switch {
	case cmd.p1 != 0 || cmd.p2 != 0:
		return status(swWrongP1P2), nil
	case len(cmd.data) < 8 || len(cmd.data) > 16:
		return status(swWrongLength), nil
	case !aipIssuerAuth.in(c.value(tagAIP)), a.at.answered != 1, a.at.first != cidARQC, a.at.authDone:
		return status(swConditions), nil
	}
	if err := a.authenticateIssuer(c, cmd.data); err != nil {
		return response{}, err
	}
	if !a.at.authOK {
		return status(swAuthFailed), nil
	}
	return status(swOK), nil
}

// authenticateIssuer verifies Issuer Authentication Data (Book 2, 8.2).
func (a *contactCard) authenticateIssuer(c *Card, value []byte) error {
	p := &a.at.data.profile
	key, err := c.derived(TestMasterKey(), p, false)
	if err != nil {
		return err
	}
	defer key.Wipe()
	a.at.authDone = true
	a.at.authOK, err = p.VerifyAuthData(key, func(t tlv.Tag) []byte {
		switch t {
		case tagATC:
			return fit(c.value(tagATC), 2)
		case tagUN:
			return fit(a.at.un, 4)
		}
		return nil
	}, a.at.arqc, value)
	if err == nil && a.at.authOK {
		a.at.issuerSays, err = p.ParseAuthData(value)
		a.at.issuerSays.Proprietary = slices.Clone(a.at.issuerSays.Proprietary)
	}
	if err != nil {
		return &Error{CodeData, err.Error()}
	}
	return nil
}

// Status words of secure messaging (ISO/IEC 7816-4).
const swWrongMAC = 0x6988

// takeScript answers issuer script commands (Book 3, 6.5; Book 2, 9), from the first GENERATE AC on: the message
// authentication code is verified, and the card does what the command says. Every command is kept for Card.Scripts.
func (a *contactCard) takeScript(c *Card, cmd *command) (response, error) {
	c.scripts = append(c.scripts, slices.Clone(cmd.raw))
	if !c.session.started || a.at.answered == 0 {
		return status(swConditions), nil
	}
	sw, err := a.runScript(c, cmd)
	if err != nil {
		return response{}, err
	}
	a.scriptCount++
	if sw != swOK {
		a.scriptFailed = true
	}
	return status(sw), nil
}

func (a *contactCard) runScript(c *Card, cmd *command) (uint16, error) {
	if a.at.script == nil {
		if err := a.beginScript(c); err != nil {
			return 0, err
		}
	}
	enciphered := cmd.ins == 0x24 && cmd.p2 != 0
	data, ok, err := a.at.script.Open(nil, cmd.raw, enciphered)
	defer clear(data)
	if err != nil || !ok { // a command that has not the form is as good as one of another issuer
		return swWrongMAC, nil
	}
	return a.obey(c, cmd, data)
}

// beginScript begins the secure messaging of this transaction: session keys come from its first cryptogram.
func (a *contactCard) beginScript(c *Card) error {
	p := &a.at.data.profile
	messaging, err := a.at.brand.messagingOf(p)
	if err != nil {
		return err
	}
	smi, err := c.derived(TestMACKey(), p, false)
	if err != nil {
		return err
	}
	defer smi.Wipe()
	smc, err := c.derived(TestEncipherKey(), p, false)
	if err != nil {
		return err
	}
	defer smc.Wipe()
	a.at.script, err = messaging.NewScript(smi, smc, [2]byte(fit(c.value(tagATC), 2)), a.at.arqc)
	if err != nil {
		return &Error{CodeData, err.Error()}
	}
	return nil
}

// obey does what a script command says.
func (a *contactCard) obey(c *Card, cmd *command, data []byte) (uint16, error) {
	switch cmd.ins {
	case 0x1E: // APPLICATION BLOCK
		a.blocked[c.session.selected] = true
		return swOK, nil
	case 0x18: // APPLICATION UNBLOCK
		delete(a.blocked, c.session.selected)
		return swOK, nil
	case 0x16: // CARD BLOCK
		a.cardBlocked = true
		return swOK, nil
	case 0x24: // PIN CHANGE/UNBLOCK
		return a.changePIN(c, cmd, data)
	case insPutData:
		return a.putData(c, cmd, data), nil
	}
	return swUnknownINS, nil
}

// changePIN is PIN CHANGE/UNBLOCK (Book 3, 6.5.10): P2 '00' unblocks, '02' changes the PIN without telling the old one.
func (a *contactCard) changePIN(c *Card, cmd *command, data []byte) (uint16, error) {
	switch {
	case cmd.p1 != 0 || cmd.p2 != 0 && cmd.p2 != 2:
		return swWrongP1P2, nil
	case cmd.p2 == 2:
		p := &a.at.data.profile
		key, err := c.derived(TestMasterKey(), p, false)
		if err != nil {
			return 0, err
		}
		defer key.Wipe()
		var chosen pin.PIN
		defer chosen.Wipe()
		if !a.at.brand.newPIN(&chosen, p, key, data) {
			return swWrongData, nil
		}
		a.code = chosen
	}
	c.own.set(tagTryCounter, []byte{pinTries})
	return swOK, nil
}

// putData is PUT DATA for the limits that an issuer may change.
func (a *contactCard) putData(c *Card, cmd *command, data []byte) uint16 {
	t := tlv.Tag(cmd.p1)<<8 | tlv.Tag(cmd.p2)
	switch {
	case t != tagCardLower && t != tagCardUpper:
		return swDataMissing
	case len(data) != 1:
		return swWrongLength
	}
	c.own.set(t, slices.Clone(data))
	return swOK
}

// TestMACKey returns the issuer master key for the message authentication codes of scripts, 16 bytes, and TestEncipherKey
// the one for what they encipher. They are published, and no secrets.
func TestMACKey() []byte {
	return []byte{
		0x45, 0x76, 0x8A, 0xBC, 0xDF, 0x13, 0x25, 0x46,
		0x98, 0xBA, 0xDC, 0xFE, 0x10, 0x32, 0x54, 0x76,
	}
}

// TestEncipherKey is explained at TestMACKey.
func TestEncipherKey() []byte {
	return []byte{
		0x89, 0xAB, 0xCD, 0xEF, 0x01, 0x23, 0x45, 0x67,
		0x32, 0x54, 0x76, 0x98, 0xBA, 0xDC, 0xFE, 0x10,
	}
}
