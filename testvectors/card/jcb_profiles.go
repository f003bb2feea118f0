package card

import "encoding/hex"

// aidJCB is the name that JCB's cards are selected by.
const aidJCB = "A0000000651010"

const (
	// jcbPDOL asks for 9F52 9F53; a card of Legacy mode asks for neither.
	jcbPDOL       = "9F52019F5303"
	jcbLegacyPDOL = "9F1A025F2A02"
	// jcbCDOL1 asks for 9F02 9F03 9F1A 95 5F2A 9A 9C 9F37 9F53, jcbLegacyCDOL1 for all but the last.
	jcbLegacyCDOL1 = "9F02069F03069F1A0295055F2A029A039C019F3704"
	jcbCDOL1       = jcbLegacyCDOL1 + "9F5303"
	// jcbCDOL2 asks for 8A 91 and what the cryptogram covers.
	jcbCDOL2 = "8A02910A" + jcbLegacyCDOL1
	// jcbMDOL asks for 9F02 5F2A 9A 9C 9F37 9F53.
	jcbMDOL = "9F02065F2A029A039C019F37049F5303"
	// Issuer Application Data of versions 1 and 4, without what the card decides.
	iadJCB1 = "06010103000000"
	iadJCB4 = "06010403000000"
)

// Application Interchange Profiles (82; C-5, Annex A): cardholder verification, terminal risk management, and EMV mode.
const (
	jcbCDA    = "1980"
	jcbNoCDA  = "1880"
	jcbLegacy = "1800"
	jcbStripe = "0000"
)

// jcbData are the data objects of a card with a 16-digit number that expires in YYMM, and of others that replace or extend
// them. The account is in US dollars, the issuer in Japan.
func jcbData(pan, expiry string, others ...text) []text {
	return replaceTexts([]text{
		{tagPDOL, jcbPDOL},
		{tagLanguage, "6A61656E"}, // ja en
		{tagCodeTable, "01"},
		{tagPreferredName, hex.EncodeToString([]byte("JCB TEST CARD"))},
		{tagAIP, jcbCDA},
		{tagTrack2, pan + "D" + expiry + "2010000000000000F"},
		{tagPAN, pan},
		{tagPSN, "01"},
		{tagName, hex.EncodeToString([]byte("CARDHOLDER/TEST"))},
		{tagExpiry, expiry + "31"},
		{tagEffective, "200101"},
		{tagIssuerCountry, "0392"},
		{tagUsage, "FFC0"}, // everything, everywhere
		{tagVersion, "0200"},
		{tagIACDefault, "FC50ACA800"},
		{tagIACDenial, "0000000000"},
		{tagIACOnline, "FC68ACF800"},
		{tagAppCurrency, "0840"},
		{tagCDOL1, jcbCDOL1},
		{tagCDOL2, jcbCDOL2},
		{tagCVMList, noLimits + "4203" + "1E03" + "1F03"}, // of Legacy mode: online PIN, signature, none
		{tagSDATagList, "82"},
		{tagIAD, iadJCB1},
	}, others...)
}

// jcbToken are the data objects of a token in a phone, which verifies its owner itself. Number and PAR are made up.
func jcbToken(pan string) []text {
	return jcbData(pan, farOff,
		text{tagIAD, iadJCB4}, text{tagTokenRequestor, "065099900001"}, text{tagLastFour, "2119"},
		text{tagPAR, hex.EncodeToString([]byte("J0010000000000000000000000001"))},
	)
}

// jcbProfiles lists the profiles of JCB's cards.
func jcbProfiles() []profile {
	const key = "icc-jcb"
	usual := []cvmChoice{choosesSignature, choosesOnlinePIN}
	pin := []cvmChoice{choosesOnlinePIN, choosesSignature}
	list := []profile{
		{
			Profile: Profile{"jcb-credit", "online with CDA; signature or online PIN; version 1"},
			scheme:  &jcb{methods: usual}, authority: AuthorityLong, icc: key, data: jcbData("3541599999020010", farOff),
		},
		{
			Profile: Profile{"jcb-plain", "online without offline data authentication; online PIN or signature; version 4"},
			scheme:  &jcb{methods: pin},
			data:    jcbData("3541599999020028", farOff, text{tagAIP, jcbNoCDA}, text{tagSDATagList, ""}, text{tagIAD, iadJCB4}),
		},
		{
			Profile: Profile{"jcb-offline", "approves up to 50.00 USD offline, 100.00 in all, with CDA; gives its balance"},
			scheme:  &jcb{offline: true, methods: usual}, authority: AuthorityShort, icc: key,
			data: jcbData("3541599999020036", farOff, offlineLimits()...),
		},
		{
			Profile: Profile{"jcb-torn", "jcb-offline that leaves the field with its first cryptogram, and gives it again when it is asked (ECHO)"},
			scheme:  &jcb{offline: true, tears: true, methods: usual}, authority: AuthorityShort, icc: key,
			data: jcbData("3541599999020044", farOff, offlineLimits()...),
		},
		{
			Profile: Profile{"jcb-expired", "jcb-offline that expired in December 2020"},
			scheme:  &jcb{offline: true, methods: usual}, authority: AuthorityLong, icc: key,
			data: jcbData("3541599999020051", "2012", append(offlineLimits(), text{tagEffective, "170101"})...),
		},
		{
			Profile: Profile{"jcb-declines", "gives an AAC whatever it is asked for"},
			scheme:  &jcb{declines: true, methods: usual}, authority: AuthorityLong, icc: key,
			data: jcbData("3541599999020069", farOff),
		},
		{
			Profile: Profile{"jcb-no-cvm", "chooses no CVM whatever the reader asks for"},
			scheme:  &jcb{}, authority: AuthorityLong, icc: key, data: jcbData("3541599999020077", farOff),
		},
		{
			Profile: Profile{"jcb-legacy", "a card of Legacy mode: online, CVM List, no offline data authentication"},
			scheme:  &jcb{legacy: true},
			data: jcbData("3541599999020085", farOff, text{tagPDOL, jcbLegacyPDOL}, text{tagCDOL1, jcbLegacyCDOL1},
				text{tagAIP, jcbLegacy}, text{tagSDATagList, ""}),
		},
		{
			Profile: Profile{"jcb-magstripe", "a card of Mag-stripe mode, for readers that still have it"},
			scheme:  &jcb{stripe: true, methods: usual},
			data:    jcbData("3541599999020093", farOff, text{tagAIP, jcbStripe}, text{tagMDOL, jcbMDOL}),
		},
		{
			Profile: Profile{"jcb-issuer-update", "has no funds left offline; takes the issuer's answer in a second presentment"},
			scheme:  &jcb{offline: true, methods: usual}, authority: AuthorityLong, icc: key,
			data: jcbData("3541599999020101", farOff, append(offlineLimits(), text{tagFunds, "000000000000"}, text{tagUpdate, "02"})...),
		},
		{
			Profile: Profile{"jcb-issuer-hold", "the same, stays in the field until the issuer has answered"},
			scheme:  &jcb{offline: true, methods: usual}, authority: AuthorityLong, icc: key,
			data: jcbData("3541599999020119", farOff, append(offlineLimits(), text{tagFunds, "000000000000"}, text{tagUpdate, "01"})...),
		},
		{
			Profile: Profile{"jcb-blocked", "no taps: GET PROCESSING OPTIONS answers 6985"},
			scheme:  &jcb{refusal: swConditions}, data: jcbData("3541599999020127", farOff),
		},
		{
			Profile: Profile{"jcb-switch", "wants the other interface: GENERATE AC answers 6984"},
			scheme:  &jcb{switches: true}, authority: AuthorityLong, icc: key, data: jcbData("3541599999020135", farOff),
		},
	}
	device := []cvmChoice{choosesDevice}
	for _, d := range []struct {
		name, about, pan string
		scheme           *jcb
	}{
		{"jcb-phone", "phone with a token, unlocked by its owner: on-device CVM where the reader asks for one; version 4", "3541599999020143", &jcb{device: owner{is: true}}},
		{"jcb-phone-always", "the same, says that its owner was verified whatever the amount", "3541599999020150", &jcb{device: owner{is: true, always: true}}},
		{"jcb-phone-locked", "the same, answers 6986 in its first tap; its owner unlocks it before the second", "3541599999020168", &jcb{device: owner{is: true, always: true, locked: true}}},
		{"jcb-phone-refuses", "a phone that gives an AAC", "3541599999020176", &jcb{device: owner{is: true}, declines: true}},
	} {
		d.scheme.methods = device
		list = append(list, profile{
			Profile: Profile{d.name, d.about}, scheme: d.scheme, authority: AuthorityLong, icc: key, data: jcbToken(d.pan),
		})
	}
	for i := range list {
		list[i].entries = []entry{{aid: aidJCB, label: "JCB", priority: 1}}
	}
	return list
}
