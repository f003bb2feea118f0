package card

import (
	"github.com/cardwright/emv/crypto/issuer"
	"github.com/cardwright/emv/crypto/pin"
	"github.com/cardwright/emv/tlv"
)

// The data objects of contact applications that other cards of this package do not have (Book 3, Annex A).
const (
	tagIssuerAuth   tlv.Tag = 0x91   // Issuer Authentication Data
	tagResponse1    tlv.Tag = 0x80   // Response Message Template Format 1
	tagDirectory    tlv.Tag = 0x88   // Short File Identifier
	tagARC          tlv.Tag = 0x8A   // Authorisation Response Code
	tagCDOL2        tlv.Tag = 0x8D   // Card Risk Management Data Object List 2
	tagServiceCode  tlv.Tag = 0x5F30 // Service Code
	tagLastOnline   tlv.Tag = 0x9F13 // Last Online ATC Register
	tagTermLower    tlv.Tag = 0x9F14 // Lower Consecutive Offline Limit
	tagTryCounter   tlv.Tag = 0x9F17 // PIN Try Counter
	tagTermUpper    tlv.Tag = 0x9F23 // Upper Consecutive Offline Limit
	tagPINCert      tlv.Tag = 0x9F2D // ICC PIN Encipherment Public Key Certificate
	tagPINExponent  tlv.Tag = 0x9F2E // ICC PIN Encipherment Public Key Exponent
	tagPINRemainder tlv.Tag = 0x9F2F // ICC PIN Encipherment Public Key Remainder
	tagDDOL         tlv.Tag = 0x9F49 // Dynamic Data Authentication Data Object List
	tagLogEntry     tlv.Tag = 0x9F4D // Log Entry
	tagLogFormat    tlv.Tag = 0x9F4F // Log Format
	tagCardLower    tlv.Tag = 0x9F58 // Consecutive Transaction Counter Limit, lower (VIS)
	tagCardUpper    tlv.Tag = 0x9F59 // Consecutive Transaction Counter Upper Limit (VIS)
)

// Application Interchange Profile (82; Book 3, Annex C1).
const (
	aipSDA        = bit(1<<8 | 0x40)
	aipDDA        = bit(1<<8 | 0x20)
	aipIssuerAuth = bit(1<<8 | 0x04)
	aipCDA        = bit(1<<8 | 0x01)
)

// contactCard is a card with contacts: EMV Books 1 to 3, from SELECT to issuer scripts.
type contactCard struct {
	atr   []string // answers to reset in hexadecimal: cold, and warm where that differs; none for a mute card
	noPSE bool

	format1   bool // answers in format 1 where it may
	offline   bool // it may approve offline
	declines  bool // it gives an AAC whatever it is asked for
	mandatory bool // it approves online only when the issuer has proved itself
	plain     bool // VERIFY with the PIN in the clear
	encipher  bool // VERIFY with an enciphered PIN
	pinKey    bool // under a key of its own

	// What is there from transaction to transaction.
	blocked      map[int]bool // applications, by entry
	cardBlocked  bool
	code         pin.PIN
	opened       bool // the state above has been set up
	incomplete   bool // an online transaction did not get its second GENERATE AC
	failedAuth   bool // issuer authentication failed in the last online transaction
	scriptCount  int
	scriptFailed bool
	log          [][]byte

	// What a reset ends.
	pse bool // the directory is selected

	at progress
	t0 held
}

// progress is how far a transaction has come.
type progress struct {
	brand    *brand
	data     issuerData
	values   [][]byte // of PDOL, CDOL1 and CDOL2
	first    byte     // type of the first cryptogram
	answered int      // how often GENERATE AC was

	challenge     []byte // GET CHALLENGE, for the next VERIFY
	pinDone       bool
	pinEnciphered bool
	pinOK         bool

	dda, cdaFirst bool

	arqc       issuer.Cryptogram
	un         []byte
	authDone   bool
	authOK     bool
	issuerSays issuer.Response
	unable     bool
	script     *issuer.Script
}

// setUp makes the state of a new card.
func (a *contactCard) setUp() error {
	if a.opened {
		return nil
	}
	a.opened = true
	if a.blocked == nil {
		a.blocked = map[int]bool{}
	}
	if err := pin.Parse(&a.code, []byte(TestPIN)); err != nil {
		return &Error{CodeData, err.Error()}
	}
	return nil
}

// TestPIN is the PIN of the contact cards, and no secret.
const TestPIN = "1234"

// pinTries is what the PIN Try Counter is set to.
const pinTries = 3

func (a *contactCard) layout() layout {
	return layout{
		fci:           []tlv.Tag{tagLabel, tagPriority, tagPDOL, tagLanguage, tagCodeTable, tagPreferredName},
		discretionary: []tlv.Tag{tagLogEntry},
		options:       []tlv.Tag{tagAIP, tagAFL},
		records: []recordPlan{
			{sfi: 1, number: 1, signed: true, tags: []tlv.Tag{tagTrack2, tagName, tagServiceCode}},
			{sfi: 2, number: 1, tags: []tlv.Tag{tagIssuerCert}},
			{sfi: 2, number: 2, tags: []tlv.Tag{tagCAIndex, tagIssuerExponent, tagIssuerRemainder}},
			{sfi: 2, number: 3, tags: []tlv.Tag{tagICCCert, tagICCExponent, tagICCRemainder, tagSSAD}},
			{sfi: 3, number: 1, signed: true, tags: []tlv.Tag{
				tagPAN, tagPSN, tagExpiry, tagEffective, tagIssuerCountry, tagUsage, tagVersion, tagIACDefault, tagIACDenial,
				tagIACOnline, tagAppCurrency, tagCDOL1, tagCDOL2, tagCVMList, tagSDATagList,
			}},
			{sfi: 3, number: 2, signed: true, tags: []tlv.Tag{tagDDOL, tagTermLower, tagTermUpper}},
			{sfi: 3, number: 3, signed: true, tags: []tlv.Tag{tagPINCert, tagPINExponent, tagPINRemainder}},
		},
		internal: []tlv.Tag{
			tagIAD, tagCryptogram, tagCID, tagATC, tagSDAD, tagLastOnline, tagTryCounter, tagLogFormat, tagCardLower,
			tagCardUpper, tagKernel, tagSingleLimit,
		},
	}
}

// reset is what happens when the card loses its power.
func (a *contactCard) reset(*Card) {
	a.pse, a.t0 = false, held{}
	a.end()
}

// end forgets the transaction at hand, but that it did not get its second GENERATE AC where it wanted one.
func (a *contactCard) end() {
	a.incomplete = a.incomplete || a.at.answered == 1 && a.at.first == cidARQC
	if a.at.script != nil {
		a.at.script.Wipe()
	}
	a.at = progress{}
}

// answer answers every command: what cards without contacts do is not enough here.
func (a *contactCard) answer(c *Card, cmd *command) (response, error) {
	if err := a.setUp(); err != nil {
		return response{}, err
	}
	switch {
	case cmd.cla == 0x00 && cmd.ins == insSelect:
		return a.selectFile(c, cmd), nil
	case cmd.cla == 0x00 && cmd.ins == insReadRecord:
		return a.readRecord(c, cmd), nil
	case cmd.cla == 0x80 && cmd.ins == insOptions:
		return c.options(cmd)
	case cmd.cla == 0x80 && cmd.ins == insGetData:
		return a.getData(c, cmd), nil
	case isScript(cmd):
		return a.takeScript(c, cmd)
	case cmd.cla == 0x00 || cmd.cla == 0x80:
		return a.process(c, cmd)
	case cmd.cla == 0x84 || cmd.cla == 0x8C:
		return status(swUnknownINS), nil
	}
	return status(swUnknownCLA), nil
}

// The instructions of a transaction (Book 3, 6.5).
const (
	insVerify       = 0x20
	insGetChallenge = 0x84
	insInternalAuth = 0x88
	insGetResponse  = 0xC0
)

// process answers what comes behind GET PROCESSING OPTIONS.
func (a *contactCard) process(c *Card, cmd *command) (response, error) {
	var do func(*Card, *command) (response, error)
	switch uint16(cmd.cla)<<8 | uint16(cmd.ins) {
	case insVerify:
		do = a.verify
	case insGetChallenge:
		do = a.getChallenge
	case insInternalAuth:
		do = a.internalAuthenticate
	case insExternalAuthenticate:
		do = a.externalAuthenticate
	case 0x8000 | insGenerateAC:
		do = a.generateAC
	default:
		return status(swUnknownINS), nil
	}
	if !c.session.started {
		return status(swConditions), nil
	}
	return do(c, cmd)
}

// command is not used: answer takes everything.
func (a *contactCard) command(*Card, *command) (response, bool, error) { return response{}, false, nil }

// initiate answers GET PROCESSING OPTIONS (Book 3, 10.1): the transaction is counted, its records are made.
func (a *contactCard) initiate(c *Card) (response, error) {
	a.end()
	if !c.nextATC() {
		return status(swConditions), nil
	}
	aid := c.aids[c.session.selected]
	a.at.brand = brandOf(aid, c.own.get(tagIAD))
	a.at.values = append(a.at.values, inOrder(c.own.get(tagPDOL), c.tx.terminal))
	var err error
	if a.at.data, _, err = a.at.brand.issuerData(c.own.get(tagIAD)); err != nil {
		return response{}, err
	}
	c.compute(tagAIP, c.own.get(tagAIP))
	if err := a.records(c); err != nil {
		return response{}, err
	}
	c.compute(tagAFL, c.locator())
	a.listSigned(c)
	if a.format1 { // Book 3, 6.5.8.4
		return response{body: tlv.Append(nil, tagResponse1, append(c.sent(tagAIP), c.sent(tagAFL)...)), sw: swOK}, nil
	}
	var b []byte
	for _, t := range c.layout.options {
		b = c.appendObject(b, t, c.value(t))
	}
	b = c.appendAdditions(b, placeOptions)
	return response{body: tlv.Append(nil, tagFormat2, b), sw: swOK}, nil
}

// inOrder returns the values of a data object list as they stood in the command.
func inOrder(list []byte, values store) []byte {
	var b []byte
	for d := tlv.ReadDOL(list); d.Next(); {
		b = append(b, values.get(d.Tag())...)
	}
	return b
}

// sent returns a value as faults leave it, for an answer in format 1.
func (c *Card) sent(t tlv.Tag) []byte {
	v, _ := tlv.Find(c.appendObject(nil, t, c.value(t)), t)
	return append([]byte{}, v...)
}

// records plans the records of the AFL and signs what is signed in them (Book 2, 5 and 6).
func (a *contactCard) records(c *Card) error {
	aip := c.value(tagAIP)
	dynamic, static := aipDDA.in(aip) || aipCDA.in(aip), aipSDA.in(aip)
	if a.pinKey {
		if err := a.certifyPINKey(c); err != nil {
			return err
		}
	}
	c.plan(func(p *recordPlan) bool {
		return p.sfi != 2 && (p.sfi != 3 || p.number != 3 || a.pinKey) || p.sfi == 2 && (dynamic || static || a.encipher)
	})
	c.lengthen(true)
	if !dynamic && !static && !a.encipher {
		return nil
	}
	if err := c.certifyIssuer(); err != nil {
		return err
	}
	if dynamic || a.encipher {
		if err := c.certifyICC(); err != nil {
			return err
		}
	}
	if static {
		if err := c.signStatic(formatStatic); err != nil {
			return err
		}
	}
	for _, p := range c.layout.records {
		if !p.signed {
			c.completeRecords(p.tags...)
		}
	}
	c.lengthen(false)
	return nil
}

// keyPIN is the key for the encipherment of PINs, of those cards that have one.
const keyPIN = "icc-pin"

// certifyPINKey computes the objects with which a terminal finds the key for PINs (Book 2, 7.1). The certificate does not
// cover the Static Data to be Authenticated.
func (a *contactCard) certifyPINKey(c *Card) error {
	by, err := c.keys.find(keyIssuer)
	if err != nil {
		return err
	}
	key, err := c.keys.find(keyPIN)
	if err != nil {
		return err
	}
	subject := fit(c.pan(), 10)
	for i := len(c.pan()); i < len(subject); i++ {
		subject[i] = 0xFF
	}
	certificate, remainder := issueICC(by, key, certificateFacts{subject: subject, expiry: certificateExpiry, serial: iccSerial}, nil)
	c.compute(tagPINCert, certificate)
	c.compute(tagPINExponent, exponent())
	c.compute(tagPINRemainder, remainder)
	return nil
}

// getData answers GET DATA for the counters and the log's format (Book 3, 6.5.7 and D2).
func (a *contactCard) getData(c *Card, cmd *command) response {
	if c.session.selected < 0 {
		return status(swConditions)
	}
	t := tlv.Tag(cmd.p1)<<8 | tlv.Tag(cmd.p2)
	switch t {
	case tagATC:
		return response{body: c.appendObject(nil, t, []byte{byte(c.atc >> 8), byte(c.atc)}), sw: swOK}
	case tagLastOnline, tagTryCounter, tagLogFormat:
		if v := c.own.get(t); len(v) > 0 {
			return response{body: c.appendObject(nil, t, v), sw: swOK}
		}
	}
	return status(swDataMissing)
}

// listSigned lists what signatures and cryptograms cover, as far as the transaction has come.
func (a *contactCard) listSigned(c *Card) {
	c.tx.signed = nil
	if a.at.answered > 0 {
		c.cover(tagAIP, len(c.value(tagAIP)), CoverCryptogram)
		c.coverNumber()
		c.cover(tagPSN, len(c.value(tagPSN)), CoverCryptogram)
		a.coverIssuerData(c)
		c.cover(tagATC, len(c.value(tagATC)), CoverCryptogram)
		if !a.at.cdaFirst {
			c.cover(tagCryptogram, len(c.value(tagCryptogram)), CoverCryptogram)
		}
	}
	aip := c.value(tagAIP)
	switch {
	case a.at.cdaFirst:
		c.coverOffline(tagCID, tagATC, tagSDAD, tagIAD)
	case a.at.dda:
		c.coverOffline(tagSDAD)
	case aipSDA.in(aip) && !aipDDA.in(aip) && !aipCDA.in(aip):
		c.coverOffline()
	}
}

// coverIssuerData adds the bytes of the Issuer Application Data that enter the cryptogram.
func (a *contactCard) coverIssuerData(c *Card) {
	for _, item := range a.at.data.profile.Input {
		if item.Tag != tagIAD {
			continue
		}
		to := item.To
		if to == 0 {
			to = len(a.at.data.value)
		}
		c.coverPart(tagIAD, item.From, to, CoverCryptogram)
	}
}
