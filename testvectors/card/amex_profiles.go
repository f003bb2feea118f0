package card

import "encoding/hex"

// aidAmex is the name that cards of American Express are selected by; readers look for its first six bytes.
const aidAmex = "A000000025010402"

const (
	// amexPDOL asks for 9F35, as cards in the field do; a phone asks for 9F6E besides.
	amexPDOL      = "9F3501"
	amexPhonePDOL = "9F35019F6E04"
	// amexCDOL1 asks for 9F02 9F03 9F1A 95 5F2A 9A 9C 9F37.
	amexCDOL1 = "9F02069F03069F1A0295055F2A029A039C019F3704"
	// amexCDOL2 asks for 8A 91 and the same: cards still have it, for readers that hold them.
	amexCDOL2 = "8A02910895059F3704"
	// Issuer Application Data of versions 1 and 2, without what the card decides.
	iadAmex1 = "06010103000000"
	iadAmex2 = "06010203000000"
)

// Application Interchange Profiles (82; C-4, Annex A): cardholder verification, terminal risk management, and the mode.
const (
	amexCDA      = "1980"
	amexSDA      = "5880"
	amexNone     = "1880"
	amexStripe   = "1900" // mag-stripe mode only, with CDA
	amexPhone    = "19C0"
	amexPhoneMSD = "1940" // a phone of mag-stripe mode only
)

// Card Interface and Payment Capabilities (9F70): key entry, stripe, contacts and EMV mode without; of a phone EMV mode and the
// phone itself. No dynamic limit set is named.
const (
	amexPlastic = "F008"
	amexHandset = "1808"
)

// amexData are the data objects of a card with a 15-digit number that expires in YYMM, and of others that replace or extend
// them.
func amexData(pan, expiry string, others ...text) []text {
	return replaceTexts([]text{
		{tagPDOL, amexPDOL},
		{tagLanguage, "656E"}, // en
		{tagCodeTable, "01"},
		{tagPreferredName, hex.EncodeToString([]byte("AMEX TEST CARD"))},
		{tagAIP, amexCDA},
		{tagTrack2, pan + "D" + expiry + "7260000000000000"},
		{tagPAN, pan + "F"},
		{tagPSN, "00"},
		{tagName, hex.EncodeToString([]byte("CARDHOLDER/TEST"))},
		{tagExpiry, expiry + "31"},
		{tagEffective, "200101"},
		{tagIssuerCountry, "0840"},
		{tagUsage, "FFC0"}, // everything, everywhere
		{tagVersion, "0001"},
		{tagIACDefault, "FC50FC9800"},
		{tagIACDenial, "0000000000"},
		{tagIACOnline, "FC68FC9800"},
		{tagAppCurrency, "0840"},
		{tagCDOL1, amexCDOL1},
		{tagCDOL2, amexCDOL2},
		{tagCVMList, noLimits + "4203" + "1E03" + "1F03"}, // online PIN, signature, none
		{tagAmexInterfaces, amexPlastic},
		{tagSDATagList, "82"},
		{tagIAD, iadAmex1},
	}, others...)
}

// amexToken are the data objects of a token in a phone, which verifies its owner itself. 57, 5A and PAR are made up.
func amexToken(pan string, others ...text) []text {
	return replaceTexts(amexData(pan, farOff, text{tagPDOL, amexPhonePDOL}, text{tagAIP, amexPhone}, text{tagIAD, iadAmex2},
		text{tagAmexInterfaces, amexHandset}, text{tagCDOL2, ""},
		text{tagCVMList, noLimits + "4201" + "4103" + "1F02"}, // online PIN for cash, mobile CVM, none
		text{tagTokenRequestor, "037099900001"}, text{tagLastFour, "1009"},
		text{tagPAR, hex.EncodeToString([]byte("A0010000000000000000000000001"))}), others...)
}

// amexProfiles lists the profiles of American Express's cards.
func amexProfiles() []profile {
	const key = "icc-amex"
	list := []profile{
		{
			Profile: Profile{"amex-credit", "online, with CDA; online PIN or signature; membership data; version 1"},
			scheme:  &amex{}, authority: AuthorityLong, icc: key,
			data: amexData("374245000000017", farOff,
				text{tagMembership, hex.EncodeToString([]byte("MEMBER01"))}, text{tagMember, hex.EncodeToString([]byte("12345678"))},
				text{tagAmexForm, "000001"}),
		},
		{
			Profile: Profile{"amex-plain", "online, without offline data authentication; version 2"},
			scheme:  &amex{}, data: amexData("374245000000025", farOff, text{tagAIP, amexNone}, text{tagSDATagList, ""}, text{tagIAD, iadAmex2}),
		},
		{
			Profile: Profile{"amex-offline", "approves up to 50.00 USD offline, 100.00 in all, with CDA; no PIN; version 1"},
			scheme:  &amex{offline: true}, authority: AuthorityShort, icc: key,
			data: amexData("374245000000033", farOff, append(offlineLimits(), text{tagCVMList, noLimits + "1E03" + "1F03"})...),
		},
		{
			Profile: Profile{"amex-sda", "old card that approves offline like amex-offline, with static data authentication"},
			scheme:  &amex{offline: true, static: true}, authority: AuthorityShort,
			data: amexData("374245000000041", farOff, append(offlineLimits(), text{tagAIP, amexSDA},
				text{tagIACDefault, "DC50FC9800"}, text{tagIACOnline, "DC68FC9800"})...),
		},
		{
			Profile: Profile{"amex-magstripe", "mag-stripe mode only, with CDA; version 1"},
			scheme:  &amex{}, authority: AuthorityLong, icc: key,
			data: amexData("374245000000058", farOff, text{tagAIP, amexStripe}),
		},
		{
			Profile: Profile{"amex-expired", "amex-offline that expired in December 2020"},
			scheme:  &amex{offline: true}, authority: AuthorityLong, icc: key,
			data: amexData("374245000000066", "2012", append(offlineLimits(), text{tagEffective, "170101"})...),
		},
		{
			Profile: Profile{"amex-declines", "gives an AAC whatever it is asked for"},
			scheme:  &amex{declines: true}, authority: AuthorityLong, icc: key, data: amexData("374245000000074", farOff),
		},
		{
			Profile: Profile{"amex-no-cvm", "can't verify its cardholder: above the CVM limit it wants its contacts"},
			scheme:  &amex{}, authority: AuthorityLong, icc: key,
			data: amexData("374245000000082", farOff, text{tagAIP, "0980"}),
		},
		{
			Profile: Profile{"amex-blocked", "blocked for good: GET PROCESSING OPTIONS answers 6985"},
			scheme:  &amex{refusal: swConditions}, data: amexData("374245000000090", farOff),
		},
		{
			Profile: Profile{"amex-switch", "wants the other interface: GET PROCESSING OPTIONS answers 6984"},
			scheme:  &amex{refusal: swInvalidated}, data: amexData("374245000000108", farOff),
		},
	}
	for _, d := range []struct {
		name, about, pan string
		scheme           *amex
		data             []text
	}{
		{"amex-phone", "phone with a token, unlocked by its owner: mobile CVM where the reader asks for one; version 2", "374245000000116", &amex{device: owner{is: true}}, nil},
		{"amex-phone-always", "the same, says that its owner was verified whatever the amount", "374245000000124", &amex{device: owner{is: true, always: true}}, nil},
		{"amex-phone-locked", "amex-phone that its owner must unlock for an amount that needs it: see phone in the first tap", "374245000000132", &amex{device: owner{is: true, locked: true}}, nil},
		{"amex-phone-blocked", "a phone whose own verification is blocked", "374245000000140", &amex{device: owner{is: true}, blocked: true}, nil},
		{"amex-phone-refuses", "a phone that gives an AAC", "374245000000157", &amex{device: owner{is: true}, declines: true}, nil},
		{"amex-phone-magstripe", "a phone of mag-stripe mode only", "374245000000165", &amex{device: owner{is: true}}, []text{{tagAIP, amexPhoneMSD}}},
	} {
		list = append(list, profile{
			Profile: Profile{d.name, d.about}, scheme: d.scheme, authority: AuthorityLong, icc: key, data: amexToken(d.pan, d.data...),
		})
	}
	for i := range list {
		list[i].entries = []entry{{aid: aidAmex, label: "AMERICAN EXPRESS", priority: 1}}
	}
	return list
}
