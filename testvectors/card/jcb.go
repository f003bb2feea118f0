package card

import "github.com/cardwright/emv/tlv"

// The data objects of JCB's cards (C-5, Annex A). What tags 9F50 to 9F60 mean elsewhere is another matter.
const (
	tagCVStatus   tlv.Tag = 0x9F50 // Cardholder Verification Status
	tagCompatible tlv.Tag = 0x9F52 // Terminal Compatibility Indicator
	tagTIP        tlv.Tag = 0x9F53 // Terminal Interchange Profile
	tagMDOL       tlv.Tag = 0x9F5C // Magstripe Data Object List
	tagJCBBalance tlv.Tag = 0x9F5F // Offline Balance
	tagUpdate     tlv.Tag = 0x9F60 // Issuer Update Parameter
	tagDeviceInfo tlv.Tag = 0x9F6E // Device Information
)

// Terminal Interchange Profile (9F53; C-5, Annex A).
const (
	tipRequired  = bit(1<<8 | 0x80)
	tipSignature = bit(1<<8 | 0x40)
	tipOnlinePIN = bit(1<<8 | 0x20)
	tipDevice    = bit(1<<8 | 0x10)
)

// cvmChoice is a method that a card may choose, and what it says then.
type cvmChoice struct {
	by     bit // of 9F53: the reader has it
	status byte
}

var (
	choosesSignature = cvmChoice{tipSignature, 0x10}
	choosesOnlinePIN = cvmChoice{tipOnlinePIN, 0x20}
	choosesDevice    = cvmChoice{tipDevice, 0x30}
)

// jcb is a card or phone of JCB. In EMV mode it decides in GENERATE AC, and remembers its answer for ECHO.
type jcb struct {
	refusal  uint16      // what GET PROCESSING OPTIONS always answers, 0 for none
	switches bool        // GENERATE AC answers 6984
	offline  bool        // it may approve offline
	declines bool        // it gives an AAC whatever it is asked for
	methods  []cvmChoice // that it has, best first
	device   owner       // a phone, and what its owner does
	tears    bool        // it leaves the field with its first cryptogram
	legacy   bool        // a card of Legacy mode
	stripe   bool        // a card of Mag-stripe mode

	torn      answered // the answer to the last GENERATE AC, until another transaction begins
	recovered bool     // it was given again in this session
	tornOnce  bool     // what a card that tears remembers
}

func (m *jcb) layout() layout {
	l := layout{
		fci:           []tlv.Tag{tagLabel, tagPriority, tagPDOL, tagLanguage, tagCodeTable, tagPreferredName},
		discretionary: []tlv.Tag{tagDeviceInfo},
		options:       []tlv.Tag{tagAIP, tagAFL},
		records: []recordPlan{
			{sfi: 1, number: 1, signed: true, tags: []tlv.Tag{
				tagTrack2, tagPAN, tagExpiry, tagEffective, tagIssuerCountry, tagPSN, tagUsage, tagVersion, tagIACDefault,
				tagIACDenial, tagIACOnline, tagCDOL1, tagCDOL2, tagCVMList, tagSDATagList,
			}},
			{sfi: 1, number: 2, signed: true, tags: []tlv.Tag{tagName, tagTokenRequestor, tagPAR, tagLastFour}},
			{sfi: 2, number: 1, tags: []tlv.Tag{tagIssuerCert}},
			{sfi: 2, number: 2, tags: []tlv.Tag{tagCAIndex, tagIssuerExponent, tagIssuerRemainder}},
			{sfi: 2, number: 3, tags: []tlv.Tag{tagICCCert, tagICCExponent, tagICCRemainder}},
		},
		internal: []tlv.Tag{
			tagIAD, tagCryptogram, tagCID, tagATC, tagSDAD, tagCVStatus, tagUpdate, tagJCBBalance, tagKernel, tagAppCurrency,
			tagFundsLimit, tagSingleLimit, tagFunds,
		},
	}
	if m.stripe {
		l.records = []recordPlan{{sfi: 1, number: 1, tags: []tlv.Tag{tagMDOL, tagName}}}
		l.internal = append(l.internal, tagTrack2, tagPAN, tagExpiry)
	}
	return l
}

// initiate answers GET PROCESSING OPTIONS (C-5, 3.3): the profile, the files, and the certificates over the signed records.
func (m *jcb) initiate(c *Card) (response, error) {
	if m.refusal != 0 {
		return status(m.refusal), nil
	}
	if !c.nextATC() {
		return status(swConditions), nil
	}
	if m.recovered {
		c.tx.signed = m.torn.signed
	} else { // another transaction: nobody will ask for the last one again
		m.torn = answered{}
	}
	c.compute(tagAIP, c.own.get(tagAIP))
	c.plan(func(p *recordPlan) bool { return c.profile.icc != "" || p.sfi == 1 })
	c.tx.records = withObjects(c.tx.records)
	c.lengthen(true)
	if c.profile.icc != "" {
		if err := m.certify(c); err != nil {
			return response{}, err
		}
	}
	c.lengthen(false)
	if len(c.tx.records) > 0 {
		c.compute(tagAFL, c.locator())
	}
	return m.optionsAnswer(c), nil
}

// optionsAnswer is format 1 of a card of Legacy mode, otherwise format 2 (C-5, 3.3.3).
func (m *jcb) optionsAnswer(c *Card) response {
	if m.legacy {
		b := append(c.sent(tagAIP), c.sent(tagAFL)...)
		return response{body: tlv.Append(nil, tagResponse1, b), sw: swOK}
	}
	var b []byte
	for _, t := range c.layout.options {
		b = c.appendObject(b, t, c.value(t))
	}
	b = c.appendAdditions(b, placeOptions)
	return response{body: tlv.Append(nil, tagFormat2, b), sw: swOK}
}

// certify computes the certificates and puts them into their records (Book 2, 6).
func (m *jcb) certify(c *Card) error {
	if err := c.certifyIssuer(); err != nil {
		return err
	}
	if err := c.certifyICC(); err != nil {
		return err
	}
	for _, p := range c.layout.records {
		if p.sfi == 2 {
			c.completeRecords(p.tags...)
		}
	}
	return nil
}

// The commands that only these cards have.
const (
	insMagstripeData = 0xD0
	insEcho          = 0xDF
)

// command answers GENERATE AC, the first and the second one, ECHO, GET MAGSTRIPE DATA and issuer script commands.
func (m *jcb) command(c *Card, cmd *command) (response, bool, error) {
	switch {
	case cmd.cla == 0x80 && cmd.ins == insEcho && !m.legacy && !m.stripe:
		return m.echo(c, cmd), true, nil
	case cmd.cla == 0x80 && cmd.ins == insMagstripeData && m.stripe:
		r, err := m.magstripeData(c, cmd)
		return r, true, err
	case cmd.cla == 0x80 && cmd.ins == insGenerateAC && !m.stripe:
		r, err := m.generateAC(c, cmd)
		return r, true, err
	case c.own.has(tagUpdate) && isScript(cmd):
		c.scripts = append(c.scripts, append([]byte{}, cmd.raw...))
		return status(swOK), true, nil
	}
	return response{}, false, nil
}

// echo answers ECHO (C-5, 3.14.2): once more the answer that the reader may not have got.
func (m *jcb) echo(c *Card, cmd *command) response {
	switch {
	case cmd.p1 != 0 || cmd.p2 != 0:
		return status(swWrongP1P2)
	case len(m.torn.objects) == 0 || c.session.started:
		return status(swConditions)
	}
	m.recovered = true
	return m.answer(c)
}

// reset is what happens while a card is out of the field.
func (m *jcb) reset(*Card) {
	m.device.reset()
	m.recovered = false
}
