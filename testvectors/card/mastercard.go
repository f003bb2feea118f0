package card

import (
	"time"

	"github.com/cardwright/emv/tlv"
)

// The data objects of Mastercard's cards (C-2, Annex A; those that stay in the card: M/Chip).
const (
	tagTrack1        tlv.Tag = 0x56     // Track 1 Data
	tagCDOL1         tlv.Tag = 0x8C     // Card Risk Management Data Object List 1
	tagCVMList       tlv.Tag = 0x8E     // CVM List
	tagVersion       tlv.Tag = 0x9F08   // Application Version Number (Card)
	tagIACDefault    tlv.Tag = 0x9F0D   // Issuer Action Code - Default
	tagIACDenial     tlv.Tag = 0x9F0E   // Issuer Action Code - Denial
	tagIACOnline     tlv.Tag = 0x9F0F   // Issuer Action Code - Online
	tagCountry       tlv.Tag = 0x9F1A   // Terminal Country Code
	tagCVMResults    tlv.Tag = 0x9F34   // CVM Results
	tagTerminalType  tlv.Tag = 0x9F35   // Terminal Type
	tagAppCurrency   tlv.Tag = 0x9F42   // Application Currency Code
	tagBalance       tlv.Tag = 0x9F50   // Offline Accumulator Balance
	tagDRDOL         tlv.Tag = 0x9F51   // DRDOL
	tagODSCard       tlv.Tag = 0x9F54   // DS ODS Card
	tagDSDOL         tlv.Tag = 0x9F5B   // DSDOL
	tagOperator      tlv.Tag = 0x9F5C   // DS Requested Operator ID
	tagCapabilities  tlv.Tag = 0x9F5D   // Application Capabilities Information
	tagDSID          tlv.Tag = 0x9F5E   // DS ID
	tagSlots         tlv.Tag = 0x9F5F   // DS Slot Availability
	tagCVC3Track1    tlv.Tag = 0x9F60   // CVC3 (Track1)
	tagCVC3Track2    tlv.Tag = 0x9F61   // CVC3 (Track2)
	tagPCVC3Track1   tlv.Tag = 0x9F62   // PCVC3 (Track1)
	tagPUNATCTrack1  tlv.Tag = 0x9F63   // PUNATC (Track1)
	tagNATCTrack1    tlv.Tag = 0x9F64   // NATC (Track1)
	tagPCVC3Track2   tlv.Tag = 0x9F65   // PCVC3 (Track2)
	tagPUNATCTrack2  tlv.Tag = 0x9F66   // PUNATC (Track2)
	tagNATCTrack2    tlv.Tag = 0x9F67   // NATC (Track2)
	tagUDOL          tlv.Tag = 0x9F69   // UDOL
	tagUNNumeric     tlv.Tag = 0x9F6A   // Unpredictable Number (Numeric)
	tagMagTrack2     tlv.Tag = 0x9F6B   // Track 2 Data
	tagMagVersion    tlv.Tag = 0x9F6C   // Mag-stripe Application Version Number (Card)
	tagThirdParty    tlv.Tag = 0x9F6E   // Third Party Data
	tagSlotControl   tlv.Tag = 0x9F6F   // DS Slot Management Control
	tagSummary       tlv.Tag = 0x9F7D   // DS Summary 1
	tagMobileSupport tlv.Tag = 0x9F7E   // Mobile Support Indicator
	tagDSUN          tlv.Tag = 0x9F7F   // DS Unpredictable Number
	tagPCII          tlv.Tag = 0xDF4B   // POS Cardholder Interaction Information
	tagDSInput       tlv.Tag = 0xDF60   // DS Input (Card)
	tagDSDigest      tlv.Tag = 0xDF61   // DS Digest H
	tagODSInfo       tlv.Tag = 0xDF62   // DS ODS Info
	tagODSTerm       tlv.Tag = 0xDF63   // DS ODS Term
	tagMinTime       tlv.Tag = 0xDF8303 // Min Time For Processing Relay Resistance APDU
	tagMaxTime       tlv.Tag = 0xDF8304 // Max Time For Processing Relay Resistance APDU
	tagEstimate      tlv.Tag = 0xDF8305 // Device Estimated Transmission Time For Relay Resistance R-APDU
)

// The instructions of C-2, and PUT DATA.
const (
	insChecksum   = 0x2A // COMPUTE CRYPTOGRAPHIC CHECKSUM
	insGenerateAC = 0xAE
	insRecoverAC  = 0xD0
	insPutData    = 0xDA
	insRelay      = 0xEA // EXCHANGE RELAY RESISTANCE DATA
)

// Application Interchange Profile (82; C-2, Annex A).
const (
	aipEMVMode = bit(2<<8 | 0x80)
	aipRelay   = bit(2<<8 | 0x01)
)

// mastercard is an M/Chip card as Kernel 2 meets it: both modes, CDA, relay resistance, recovery and data storage as far
// as the data objects of the profile go.
type mastercard struct {
	refusal  uint16 // what GET PROCESSING OPTIONS always answers, 0 for none
	offline  bool   // it may approve offline
	declines bool   // it gives an AAC whatever it is asked for
	device   owner  // a phone or watch, and what its owner does

	relay relay
	torn  answered // the last cryptogram, for RECOVER AC
	store storage

	exchanges int      // of relay resistance data in this transaction
	exchanged []byte   // the data of the last one, as they are signed
	number    []byte   // ICC Dynamic Number of this transaction
	covered   [][2]int // bytes of the Issuer Application Data that the cryptogram covers
	ids       *idsRead // integrated data storage in this transaction, nil where it is not used
}

func (m *mastercard) layout() layout {
	return layout{
		fci: []tlv.Tag{tagLabel, tagPriority, tagPDOL, tagLanguage, tagCodeTable, tagPreferredName},
		// C-2, Annex A: where the objects that Kernel 2 knows from the FCI stand.
		discretionary: []tlv.Tag{tagCapabilities, tagDSID},
		options:       []tlv.Tag{tagAIP, tagAFL, tagSlots, tagSummary, tagDSUN, tagSlotControl, tagODSCard},
		records: []recordPlan{
			// C-2, S3: the first file of mag-stripe mode is record 1 of file 1, by itself and not signed.
			{sfi: 1, number: 1, tags: magstripeObjects},
			{sfi: 2, number: 1, signed: true, tags: []tlv.Tag{
				tagTrack2, tagPAN, tagExpiry, tagEffective, tagIssuerCountry, tagPSN, tagUsage, tagVersion, tagIACDefault,
				tagIACDenial, tagIACOnline, tagAppCurrency, tagCDOL1, tagCVMList, tagSDATagList,
			}},
			{sfi: 2, number: 2, signed: true, tags: []tlv.Tag{
				tagName, tagThirdParty, tagTokenRequestor, tagPAR, tagLastFour, tagDRDOL, tagDSDOL,
			}},
			{sfi: 3, number: 1, tags: []tlv.Tag{tagIssuerCert}},
			{sfi: 3, number: 2, tags: []tlv.Tag{tagCAIndex, tagIssuerExponent, tagIssuerRemainder}},
			{sfi: 3, number: 3, tags: []tlv.Tag{tagICCCert, tagICCExponent, tagICCRemainder}},
		},
		internal: []tlv.Tag{
			tagIAD, tagCryptogram, tagCID, tagATC, tagSDAD, tagPCII, tagCVC3Track1, tagCVC3Track2, tagFundsLimit,
			tagSingleLimit, tagFunds, tagKernel, tagMinTime, tagMaxTime, tagEstimate, tagBalance,
			0x9F70, 0x9F71, 0x9F72, 0x9F73, 0x9F74, 0x9F75, 0x9F76, // envelopes; the other three are the limits above
		},
	}
}

// initiate answers GET PROCESSING OPTIONS (C-2, S3): the profile, the files of both modes, and the certificates over the
// signed records. The counter counts the transaction here.
func (m *mastercard) initiate(c *Card) (response, error) {
	m.exchanges, m.exchanged, m.ids = 0, nil, nil
	if m.refusal != 0 {
		return status(m.refusal), nil
	}
	if !c.nextATC() {
		return status(swConditions), nil
	}
	c.compute(tagAIP, c.own.get(tagAIP))
	emv := aipEMVMode.in(c.value(tagAIP))
	c.plan(func(p *recordPlan) bool { return p.sfi != 1 && emv })
	c.lengthen(true)
	if emv && c.profile.icc != "" {
		if err := m.certify(c); err != nil {
			return response{}, err
		}
	}
	c.lengthen(false)
	c.planFirst(&c.layout.records[0])
	c.compute(tagAFL, c.locator())
	if err := m.readStorage(c); err != nil {
		return response{}, err
	}
	var b []byte
	for _, t := range c.layout.options {
		b = c.appendObject(b, t, c.value(t))
	}
	if !emv { // no signed record takes what Config.Set adds
		for _, t := range c.extra {
			b = c.appendObject(b, t, c.value(t))
		}
	}
	b = c.appendAdditions(b, placeOptions)
	return response{body: tlv.Append(nil, tagFormat2, b), sw: swOK}, nil
}

// certify computes the certificates and puts them into their records (Book 2, 6).
func (m *mastercard) certify(c *Card) error {
	if err := c.certifyIssuer(); err != nil {
		return err
	}
	if err := c.certifyICC(); err != nil {
		return err
	}
	for _, p := range c.layout.records {
		if p.sfi == 3 {
			c.completeRecords(p.tags...)
		}
	}
	return nil
}

// command answers the commands of C-2. All come after GET PROCESSING OPTIONS.
func (m *mastercard) command(c *Card, cmd *command) (response, bool, error) {
	var answer func(*Card, *command) (response, error)
	switch {
	case cmd.cla != 0x80:
		return response{}, false, nil
	case cmd.ins == insRelay && aipRelay.in(c.own.get(tagAIP)):
		answer = m.exchangeRelayData
	case cmd.ins == insGenerateAC:
		answer = m.generateAC
	case cmd.ins == insRecoverAC && c.own.has(tagDRDOL):
		answer = m.recoverAC
	case cmd.ins == insChecksum && c.own.has(tagMagTrack2):
		answer = m.computeChecksum
	case cmd.ins == insPutData:
		answer = m.putData
	default:
		return response{}, false, nil
	}
	if !c.session.started {
		return status(swConditions), true, nil
	}
	r, err := answer(c, cmd)
	return r, true, err
}

// reset is what happens while the card is out of the field.
func (m *mastercard) reset(*Card) { m.device.reset() }

// relay is how a card takes part in the relay resistance protocol; the times that it declares are data objects.
type relay struct {
	processing time.Duration // how long the card works on an exchange
	detour     time.Duration // what a relay in between adds
}

// Times of the relay resistance protocol on a line without detour: what Kernel 2 expects for command and answer by
// default (C-2, Annex A: DF8134 and DF8135, '0012' and '0018' in units of 100 microseconds).
const relayLine = (0x12 + 0x18) * 100 * time.Microsecond

// mostExchanges is how often relay resistance data are exchanged in a transaction (C-2, SR1.22: two retries).
const mostExchanges = 3

// exchangeRelayData answers EXCHANGE RELAY RESISTANCE DATA (C-2, SR1): the card's entropy, and the times that it says.
func (m *mastercard) exchangeRelayData(c *Card, cmd *command) (response, error) {
	switch {
	case cmd.p1 != 0 || cmd.p2 != 0:
		return status(swWrongP1P2), nil
	case len(cmd.data) != 4:
		return status(swWrongLength), nil
	case m.exchanges == mostExchanges:
		return status(swConditions), nil
	}
	m.exchanges++
	entropy, err := c.draw("relay", cmd.data, 4)
	if err != nil {
		return response{}, err
	}
	says := entropy
	for _, t := range []tlv.Tag{tagMinTime, tagMaxTime, tagEstimate} {
		says = append(says, fit(c.own.get(t), 2)...)
	}
	m.exchanged = append(append([]byte{}, cmd.data...), says...)
	c.took = relayLine + m.relay.processing + m.relay.detour
	return response{body: tlv.Append(nil, 0x80, says), sw: swOK}, nil
}
