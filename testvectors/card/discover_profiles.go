package card

import "encoding/hex"

// The names that Discover's cards are selected by.
const (
	aidDiscover    = "A0000001523010" // Discover, Diners Club, PULSE
	aidCommonDebit = "A0000001524010" // US common debit
	aidZIP         = "A0000003241010" // mag-stripe mode, as it was before D-PAS
)

// dpasPDOL asks for 9F66 9F02 9F03 9F1A 5F2A 9A 9C 9F37. In mag-stripe mode one byte of 9F37 is enough.
const (
	dpasPDOL  = "9F66049F02069F03069F1A025F2A029A039C019F3704"
	trackPDOL = "9F66049F02069F03069F1A025F2A029A039C019F3701"
)

// dpasCVN15 is Issuer Application Data, without what the card decides: cryptogram version '15', that of tap.
const dpasCVN15 = "0115" + "0000000000000000"

// The second byte of 9F71, and the version that asks for mag-stripe mode.
const (
	policyUsual   = 0xCB // switch if offline, online if CDA fails or expired, fall back to signature and to no CVM
	policyNone    = 0x00
	policyDecline = 0x04 // if expired
	policyScripts = policyUsual | 0x10
	msVersion     = "0001"
)

// dpasData are the data objects of a Discover card that expires in YYMM, and of others that replace or extend them. 5F28
// and 9F42 are the USA and its dollar.
func dpasData(pan, expiry string, others ...text) []text {
	data := []text{
		{tagPDOL, dpasPDOL},
		{tagLanguage, "656E"}, // en
		{tagCodeTable, "01"},
		{tagAIP, "1900"}, // CVM, terminal risk management, CDA
		{tagTrack2, dpasTrack2(pan, expiry)},
		{tagPAN, pan},
		{tagPSN, "01"},
		{tagExpiry, expiry + "31"},
		{tagEffective, "200101"},
		{tagIssuerCountry, "0840"},
		{tagUsage, "FFC0"}, // everything, everywhere
		{tagVersion, "0001"},
		{tagIAD, dpasCVN15},
		{tagAppCurrency, "0840"},
	}
	return replaced(data, others)
}

// replaced returns data objects with others in their places, or behind them.
func replaced(data, others []text) []text {
	for _, o := range others {
		at := -1
		for i := range data {
			if data[i].tag == o.tag {
				at = i
			}
		}
		if at < 0 {
			data = append(data, o)
		} else {
			data[at] = o
		}
	}
	return data
}

// dpasTrack2 has room behind the service code for thirteen digits, and for the zeros that a card number of less than 16
// digits leaves.
func dpasTrack2(pan, expiry string) string {
	track := pan + "D" + expiry + "201"
	for len(track) < 37 {
		track += "0"
	}
	return track + "F"
}

// trackData are the data objects of a card of the mag-stripe modes; dynamic ones have a verification value of their own.
func trackData(pan, pdol string, dynamic bool, others ...text) []text {
	room := dpasTrack2(pan, farOff)
	name := "CARDHOLDER/TEST"
	data := []text{
		{tagPDOL, pdol},
		{tagAIP, "0000"},
		{tagTrack2, room},
		{tagTrack1, hex.EncodeToString([]byte("B" + pan + "^" + name + "^" + room[len(pan)+1:len(room)-1]))},
	}
	if dynamic {
		data = append(data, text{tagDCVV, "303030"})
	}
	return append(data, others...)
}

func dpasEntry(label string) []entry {
	return []entry{{aid: aidDiscover, label: label, priority: 1, kernel: "06"}}
}

// dpasToken is what a token in a phone has. All of it is made up.
func dpasToken() []text {
	return []text{
		{tagTokenRequestor, "060099900001"},
		{tagPAR, hex.EncodeToString([]byte("D0010000000000000000000000001"))},
		{tagLastFour, "1234"},
	}
}

// discoverProfiles lists the profiles of the cards of Discover and Diners Club.
func discoverProfiles() []profile {
	pinOrSignature := []bit{cprOnlinePIN, cprSignature}
	device := []bit{cprDeviceCVM}
	return []profile{
		{
			Profile: Profile{"discover-credit", "online; signature or online PIN; CVN 15"},
			scheme:  &discover{methods: []bit{cprSignature, cprOnlinePIN}, policy: policyUsual},
			entries: dpasEntry("DISCOVER"), authority: AuthorityLong, icc: "icc-discover",
			data: dpasData("6011990001000013", farOff, text{tagName, hex.EncodeToString([]byte("CARDHOLDER/TEST"))}),
		},
		{
			Profile: Profile{"discover-debit", "under two names, its own and US common debit; online; online PIN; no records"},
			scheme:  &discover{bare: true, methods: []bit{cprOnlinePIN}, policy: policyUsual},
			entries: []entry{
				{aid: aidDiscover, label: "DISCOVER DEBIT", priority: 1, kernel: "06"},
				{aid: aidCommonDebit, label: "US DEBIT", priority: 2, kernel: "06"},
			},
			data: dpasData("6011990001000021", farOff),
		},
		{
			Profile: Profile{"discover-offline", "approves up to 50.00 USD offline, 100.00 in all, with CDA; online if that fails; signature; gives its balance"},
			scheme:  &discover{offline: true, methods: pinOrSignature[1:], policy: policyUsual},
			entries: dpasEntry("DISCOVER"), authority: AuthorityShort, icc: "icc-discover",
			data: dpasData("6011990001000039", farOff, append(offlineLimits(), text{tagSDATagList, "82"}, text{tagOffBalance, "000000000000"})...),
		},
		{
			Profile: Profile{"discover-expired", "discover-offline that expired in December 2020 and goes online for that"},
			scheme:  &discover{offline: true, methods: pinOrSignature[1:], policy: policyUsual},
			entries: dpasEntry("DISCOVER"), authority: AuthorityLong, icc: "icc-discover",
			data: dpasData("6011990001000047", "2012", append(offlineLimits(), text{tagEffective, "170101"})...),
		},
		{
			Profile: Profile{"discover-expired-declines", "the same, to be declined for that"},
			scheme:  &discover{offline: true, methods: pinOrSignature[1:], policy: policyDecline},
			entries: dpasEntry("DISCOVER"), authority: AuthorityLong, icc: "icc-discover",
			data: dpasData("6011990001000054", "2012", append(offlineLimits(), text{tagEffective, "170101"})...),
		},
		{
			Profile: Profile{"discover-declines", "gives an AAC always"},
			scheme:  &discover{declines: true, policy: policyUsual},
			entries: dpasEntry("DISCOVER"), authority: AuthorityLong, icc: "icc-discover",
			data: dpasData("6011990001000062", farOff),
		},
		{
			Profile: Profile{"discover-loyalty", "signs an AAC of a loyalty transaction whose PID limit is reached"},
			scheme:  &discover{declines: true, loyalty: true, policy: policyUsual},
			entries: dpasEntry("DISCOVER"), authority: AuthorityShort, icc: "icc-discover",
			data: dpasData("6011990001000070", farOff),
		},
		{
			Profile: Profile{"discover-strict", "online; online PIN, for which nothing may stand in; nothing is done when it can't go online"},
			scheme:  &discover{methods: pinOrSignature[:1], policy: policyNone},
			entries: dpasEntry("DISCOVER"), authority: AuthorityLong, icc: "icc-discover",
			data: dpasData("6011990001000088", farOff),
		},
		{
			Profile: Profile{"discover-phone", "phone with a token, unlocked by its owner: consumer device CVM where one is needed"},
			scheme:  &discover{methods: device, policy: policyNone},
			entries: dpasEntry("DISCOVER"), authority: AuthorityLong, icc: "icc-discover",
			data: dpasData("6011990001000096", farOff, dpasToken()...),
		},
		{
			Profile: Profile{"discover-phone-locked", "discover-phone that answers 6986 in its first tap; its owner unlocks it before the second"},
			scheme:  &discover{methods: device, policy: policyNone, locked: true},
			entries: dpasEntry("DISCOVER"), authority: AuthorityLong, icc: "icc-discover",
			data: dpasData("6011990001000104", farOff, dpasToken()...),
		},
		{
			Profile: Profile{"discover-watch", "watch with a token, verified since it was put on"},
			scheme:  &discover{methods: device, policy: policyNone, verified: true},
			entries: dpasEntry("DISCOVER"), authority: AuthorityLong, icc: "icc-discover",
			data: dpasData("6011990001000112", farOff, dpasToken()...),
		},
		{
			Profile: Profile{"discover-issuer-update", "online; takes scripts in a second tap"},
			scheme:  &discover{update: true, methods: pinOrSignature, policy: policyScripts},
			entries: dpasEntry("DISCOVER"), authority: AuthorityLong, icc: "icc-discover",
			data: dpasData("6011990001000120", farOff),
		},
		{
			Profile: Profile{"discover-switch", "wants the other interface: GET PROCESSING OPTIONS answers 6984"},
			scheme:  &discover{refusal: swInvalidated},
			entries: dpasEntry("DISCOVER"), data: dpasData("6011990001000138", farOff),
		},
		{
			Profile: Profile{"discover-blocked", "blocked for good: GET PROCESSING OPTIONS answers 6985"},
			scheme:  &discover{refusal: swConditions},
			entries: dpasEntry("DISCOVER"), data: dpasData("6011990001000146", farOff),
		},
		{
			Profile: Profile{"discover-magstripe", "D-PAS mag-stripe mode, which its FCI asks for; dynamic verification value"},
			scheme:  &discover{stripe: dpasTrack},
			entries: dpasEntry("DISCOVER"), data: trackData("6011990001000153", trackPDOL, true, text{tagMSVersion, msVersion}),
		},
		{
			Profile: Profile{"discover-zip", "the older mag-stripe application, with tracks that are always the same"},
			scheme:  &discover{stripe: zipTrack},
			entries: []entry{{aid: aidZIP, label: "DISCOVER", priority: 1}},
			data:    trackData("6011990001000161", "9F6604", false),
		},
		{
			Profile: Profile{"diners-credit", "Diners Club, 14 digits: online; online PIN or signature"},
			scheme:  &discover{methods: pinOrSignature, policy: policyUsual},
			entries: dpasEntry("DINERS CLUB"), authority: AuthorityLong, icc: "icc-discover",
			data: dpasData("36006600010016", farOff),
		},
		{
			Profile: Profile{"diners-magstripe", "Diners Club, 14 digits, in D-PAS mag-stripe mode"},
			scheme:  &discover{stripe: dpasTrack},
			entries: dpasEntry("DINERS CLUB"), data: trackData("36006600010024", trackPDOL, true, text{tagMSVersion, msVersion}),
		},
	}
}
