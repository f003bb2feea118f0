package card

import (
	"encoding/hex"
	"slices"
)

// The names that Visa's cards are selected by.
const (
	aidVisa     = "A0000000031010"
	aidElectron = "A0000000032010"
)

// visaPDOL asks for 9F66 9F02 9F03 9F1A 95 5F2A 9A 9C 9F37.
const visaPDOL = "9F66049F02069F03069F1A0295055F2A029A039C019F3704"

// Issuer Application Data, without what the card decides (VIS).
const (
	iadCVN10 = "06010A03000000"
	iadCVN18 = "06011203000000"
	iadCVN22 = "1F2201" + "0300000000" + "000000000000000000000000000000000000000000000000"
)

// visaData are the data objects of a Visa card with a 16-digit number that expires in YYMM, and of others that replace
// or extend them. 5F28 and 9F51 are the USA and its dollar.
func visaData(pan, expiry string, others ...text) []text {
	data := []text{
		{tagPDOL, visaPDOL},
		{tagLanguage, "656E"}, // en
		{tagCodeTable, "01"},
		{tagPreferredName, hex.EncodeToString([]byte("VISA TEST CARD"))},
		{tagProgramID, "3102840000000001"},
		{tagAIP, "2000"}, // DDA
		{tagTrack2, pan + "D" + expiry + "2010000000000000F"},
		{tagPAN, pan},
		{tagPSN, "01"},
		{tagExpiry, expiry + "31"},
		{tagEffective, "200101"},
		{tagIssuerCountry, "0840"},
		{tagUsage, "FFC0"}, // everything, everywhere
		{tagIAD, iadCVN10},
		{tagFormFactor, "20700000"}, // standard card: signature panel, hologram, CVV2
		{tagOwnCurrency, "0840"},
	}
	for _, o := range others {
		at := slices.IndexFunc(data, func(d text) bool { return d.tag == o.tag })
		if at < 0 {
			data = append(data, o)
		} else {
			data[at] = o
		}
	}
	return data
}

// farOff is a date of expiry that no test will live to see.
const farOff = "4912"

// offlineLimits let a card approve 50.00 at a time and 100.00 in all.
func offlineLimits() []text {
	return []text{
		{tagSingleLimit, "000000005000"}, {tagFunds, "000000010000"}, {tagFundsLimit, "000000010000"},
	}
}

// phoneData are what a token in a phone has: who asked for it, the account behind it, and the last digits of its number
// for receipts. All are made up.
func phoneData() []text {
	return []text{
		{tagIAD, iadCVN18},
		{tagFormFactor, "238C0000"}, // consumer mobile phone: passcode capable, two-way messaging, cloud based
		{tagTokenRequestor, "040099900001"},
		{tagPAR, hex.EncodeToString([]byte("V0010000000000000000000000001"))},
		{tagLastFour, "1234"},
	}
}

func visaEntry() []entry {
	return []entry{{aid: aidVisa, label: "VISA CREDIT", priority: 1}}
}

func debitEntry() []entry {
	return []entry{{aid: aidVisa, label: "VISA DEBIT", priority: 1}}
}

func phoneEntry() []entry {
	return []entry{{aid: aidVisa, label: "VISA CREDIT", priority: 1, kernel: "03"}}
}

// visaProfiles lists the profiles of Visa's cards.
func visaProfiles() []profile {
	onlineIfODAFails := byte(0x20)
	onlineIfExpired := byte(0x08)
	phoneMethods := []bit{ctqDeviceCVM, ctqOnlinePIN}
	return []profile{
		{
			Profile: Profile{"visa-credit", "online; signature or online PIN; signs for online authorisations (fDDA); CVN 10"},
			scheme:  &visa{auth: dynamicAuthentication, methods: []bit{ctqSignature, ctqOnlinePIN}},
			entries: visaEntry(), authority: AuthorityLong, icc: "icc-visa-credit",
			data: visaData("4761739001010176", farOff, text{tagName, hex.EncodeToString([]byte("CARDHOLDER/TEST"))}),
		},
		{
			Profile: Profile{"visa-debit", "online; online PIN; signs for online authorisations (fDDA); CVN 18"},
			scheme:  &visa{auth: dynamicAuthentication, methods: []bit{ctqOnlinePIN}},
			entries: debitEntry(), authority: AuthorityShort, icc: "icc-visa-debit",
			data: visaData("4761739001010242", farOff, text{tagIAD, iadCVN18}, text{tagExclusive, "0102030405060708"}),
		},
		{
			Profile: Profile{"visa-offline", "approves up to 50.00 USD offline, 100.00 in all, with fDDA; online if that fails; signature"},
			scheme: &visa{
				auth: dynamicAuthentication, offline: true, methods: []bit{ctqSignature, ctqOnlinePIN}, policy: [2]byte{onlineIfODAFails},
			},
			entries: visaEntry(), authority: AuthorityShort, icc: "icc-visa-offline",
			data: visaData("4761739001010317", farOff, append(offlineLimits(), text{tagSDATagList, "82"}, text{tagSpending, "000000000000"})...),
		},
		{
			Profile: Profile{"visa-expired", "visa-offline that expired in December 2020 and goes online for that"},
			scheme: &visa{
				auth: dynamicAuthentication, offline: true, methods: []bit{ctqSignature}, policy: [2]byte{onlineIfExpired},
			},
			entries: visaEntry(), authority: AuthorityLong, icc: "icc-visa-expired",
			data: visaData("4761739001010382", "2012", append(offlineLimits(), text{tagEffective, "170101"})...),
		},
		{
			Profile: Profile{"visa-phone", "phone with a token, unlocked by its owner: consumer device CVM where one is needed; CVN 18"},
			scheme:  &visa{auth: dynamicAuthentication, methods: phoneMethods},
			entries: phoneEntry(), authority: AuthorityLong, icc: "icc-visa-phone",
			data: visaData("4761739001010457", farOff, phoneData()...),
		},
		{
			Profile: Profile{"visa-phone-locked", "visa-phone that answers 6986 in its first tap; its owner unlocks it before the second"},
			scheme:  &visa{auth: dynamicAuthentication, methods: phoneMethods, locked: true},
			entries: phoneEntry(), authority: AuthorityLong, icc: "icc-visa-phone",
			data: visaData("4761739001010523", farOff, append(phoneData(), text{tagIAD, iadCVN22})...),
		},
		{
			Profile: Profile{"visa-issuer-update", "its offline funds are spent, so online; takes the issuer's answer (which fills them) and scripts in a second tap; CVN 10"},
			scheme: &visa{
				auth: dynamicAuthentication, offline: true, methods: []bit{ctqOnlinePIN, ctqSignature}, update: true,
			},
			entries: visaEntry(), authority: AuthorityLong, icc: "icc-visa-issuer-update",
			data: visaData("4761739001010598", farOff, append(offlineLimits(), text{tagFunds, "000000000000"})...),
		},
		{
			Profile: Profile{"visa-sda", "old card that approves offline like visa-offline, with static data authentication"},
			scheme:  &visa{auth: staticAuthentication, offline: true, methods: []bit{ctqSignature}},
			entries: visaEntry(), authority: AuthorityShort,
			data: visaData("4761739001010663", farOff, append(offlineLimits(), text{tagAIP, "4000"}, text{tagSDATagList, "82"})...),
		},
		{
			Profile: Profile{"visa-minimal", "old card that sends what it must: no records, CTQ, CID, sequence number or label"},
			scheme:  &visa{bare: true},
			entries: []entry{{aid: aidVisa}},
			data: []text{
				{tagPDOL, visaPDOL},
				{tagAIP, "0000"},
				{tagTrack2, "4761739001010739D" + farOff + "2010000000000000F"},
				{tagIAD, iadCVN10},
			},
		},
		{
			Profile: Profile{"visa-select-next", "two applications; the first choice answers GET PROCESSING OPTIONS with 6985, the second is visa-debit"},
			scheme:  &visa{refusal: swConditions, firstOnly: true, auth: dynamicAuthentication, methods: []bit{ctqOnlinePIN}},
			entries: []entry{
				{aid: aidVisa, label: "VISA CREDIT", priority: 1}, {aid: aidElectron, label: "VISA DEBIT", priority: 2},
			},
			authority: AuthorityShort, icc: "icc-visa-debit",
			data: visaData("4761739001010804", farOff, text{tagIAD, iadCVN18}),
		},
		{
			Profile: Profile{"visa-blocked", "blocked for good: GET PROCESSING OPTIONS answers 6985"},
			scheme:  &visa{refusal: swConditions},
			entries: visaEntry(), data: visaData("4761739001010879", farOff),
		},
		{
			Profile: Profile{"visa-switch", "wants the other interface: GET PROCESSING OPTIONS answers 6984"},
			scheme:  &visa{refusal: swInvalidated},
			entries: visaEntry(), data: visaData("4761739001010945", farOff),
		},
	}
}
