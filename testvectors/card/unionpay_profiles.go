package card

import "encoding/hex"

// The names that UnionPay's cards are selected by.
const (
	aidUnionPayDebit  = "A000000333010101"
	aidUnionPayCredit = "A000000333010102"
	aidQuasiCredit    = "A000000333010103"
	aidElectronicCash = "A000000333010106"
	aidUnionPayCommon = "A000000333010108" // US common debit
)

// pbocPDOL asks for 9F66 9F02 9F03 9F1A 95 5F2A 9A 9C 9F37; smPDOL for DF69 besides, whether the reader has SM algorithms.
const (
	pbocPDOL = "9F66049F02069F03069F1A0295055F2A029A039C019F3704"
	smPDOL   = pbocPDOL + "DF6901"
)

// pbocCVN1 is Issuer Application Data, without what the card decides: cryptogram version 1, TDES.
const pbocCVN1 = "0701010300000001"

// The first byte of CTQs that do not depend on the transaction.
const (
	pbocOnlineIfODAFails = 0x20
	pbocSwitchIfODAFails = 0x10
	pbocOnlineIfExpired  = 0x08
)

// pbocData are the data objects of a UnionPay card that expires in YYMM, and of others that replace or extend them. 5F28 is
// China; 9F51, in which currency it may approve offline, the dollar of the USA, so that it can do so in tests there.
func pbocData(pan, expiry string, others ...text) []text {
	padded := pan
	if len(pan)%2 == 1 {
		padded += "F"
	}
	return replaced([]text{
		{tagPDOL, pbocPDOL},
		{tagLanguage, "7A68656E"}, // zh, en
		{tagCodeTable, "01"},
		{tagAIP, "2000"}, // DDA
		{tagTrack2, pbocTrack2(pan, expiry)},
		{tagPAN, padded},
		{tagPSN, "01"},
		{tagExpiry, expiry + "31"},
		{tagEffective, "200101"},
		{tagIssuerCountry, "0156"},
		{tagUsage, "FFC0"}, // everything, everywhere
		{tagVersion, "0030"},
		{tagIAD, pbocCVN1},
		{tagOwnCurrency, "0840"},
	}, others)
}

// pbocTrack2 is as long as a track can be: 37 digits.
func pbocTrack2(pan, expiry string) string {
	track := pan + "D" + expiry + "220"
	for len(track) < 37 {
		track += "0"
	}
	return track + "F"
}

func pbocEntry(aid, label string) []entry {
	return []entry{{aid: aid, label: label, priority: 1}}
}

// pbocToken is what a token in a phone has. All of it is made up.
func pbocToken() []text {
	return []text{
		{tagTokenRequestor, "070099900001"},
		{tagPAR, hex.EncodeToString([]byte("U0010000000000000000000000001"))},
	}
}

// pbocProfile is a profile whose cards have the key of all of UnionPay's.
func pbocProfile(name, about string, scheme *unionpay, entries []entry, data []text) profile {
	return profile{
		Profile: Profile{name, about}, scheme: scheme, entries: entries, data: data, authority: AuthorityLong, icc: "icc-unionpay",
	}
}

// unionpayProfiles lists the profiles of UnionPay's cards.
func unionpayProfiles() []profile {
	credit, debit := pbocEntry(aidUnionPayCredit, "UNIONPAY CREDIT"), pbocEntry(aidUnionPayDebit, "UNIONPAY DEBIT")
	signature, pin := []bit{ctqSignature, ctqOnlinePIN}, []bit{ctqOnlinePIN}
	device := []bit{ctqDeviceCVM}
	purse := []text{{tagSpending, "000000000000"}, {tagResetThreshold, "000000001000"}}
	// phone is a device's entry, which names its kernel.
	phone := []entry{{aid: aidUnionPayCredit, label: "UNIONPAY CREDIT", priority: 1, kernel: "07"}}
	return []profile{
		pbocProfile("unionpay-credit", "online; signature or online PIN; signs for gates of transit (fDDA)",
			&unionpay{signs: version01, methods: signature}, credit,
			pbocData("6210940001000017", farOff, text{tagFunctions, "80"}, text{tagProduct, "00112233445566778899AABBCCDDEEFF"})),
		pbocProfile("unionpay-debit", "19 digits; online; online PIN, whatever the amount",
			&unionpay{methods: pin, always: true}, debit, pbocData("6210940001000000315", farOff)),
		pbocProfile("unionpay-quasi-credit", "online; online PIN and nothing else, whatever the amount",
			&unionpay{methods: pin, always: true}, pbocEntry(aidQuasiCredit, "UNIONPAY QUASI CREDIT"), pbocData("6210940001000025", farOff)),
		pbocProfile("unionpay-common-debit", "under two names, its own and US common debit; online; online PIN above the limit",
			&unionpay{methods: pin}, []entry{
				{aid: aidUnionPayDebit, label: "UNIONPAY DEBIT", priority: 1}, {aid: aidUnionPayCommon, label: "US DEBIT", priority: 2},
			}, pbocData("6210940001000033", farOff, text{tagIssuerCountry, "0840"})),
		pbocProfile("unionpay-offline", "approves up to 50.00 USD offline, 100.00 in all, with fDDA; online if that fails; signature",
			&unionpay{signs: version01, offline: true, methods: signature[:1], policy: [2]byte{pbocOnlineIfODAFails}}, credit,
			pbocData("6210940001000041", farOff, append(offlineLimits(), text{tagSDATagList, "82"})...)),
		pbocProfile("unionpay-cash", "electronic cash: pays up to 50.00 USD from 100.00 offline, down to 10.00, then goes online; tells its balance; the chip if fDDA fails",
			&unionpay{signs: version01, offline: true, methods: pin, policy: [2]byte{pbocSwitchIfODAFails}},
			pbocEntry(aidElectronicCash, "UNIONPAY CASH"), pbocData("6210940001000058", farOff, append(offlineLimits(), purse...)...)),
		pbocProfile("unionpay-purse", "old purse: fDDA version 00, application version 0020; its balance by GET DATA",
			&unionpay{signs: version00, offline: true, methods: signature[:1], purse: true}, debit,
			pbocData("6210940001000066", farOff, append(offlineLimits(), text{tagVersion, "0020"})...)),
		pbocProfile("unionpay-expired", "unionpay-offline that expired in December 2020",
			&unionpay{signs: version01, offline: true, methods: signature[:1]}, credit,
			pbocData("6210940001000074", "2012", append(offlineLimits(), text{tagEffective, "170101"})...)),
		pbocProfile("unionpay-expired-online", "the same, which goes online for that",
			&unionpay{signs: version01, offline: true, methods: signature[:1], policy: [2]byte{pbocOnlineIfExpired}}, credit,
			pbocData("6210940001000082", "2012", append(offlineLimits(), text{tagEffective, "170101"})...)),
		pbocProfile("unionpay-sm", "unionpay-offline with certificates of SM2, which no reader outside China verifies",
			&unionpay{signs: smAlgorithms, offline: true, methods: signature[:1]}, debit,
			pbocData("6210940001000090", farOff, append(offlineLimits(), text{tagPDOL, smPDOL})...)),
		pbocProfile("unionpay-minimal", "sends what it must: no records, CTQ, CID or sequence number",
			&unionpay{bare: true}, []entry{{aid: aidUnionPayDebit}}, []text{
				{tagPDOL, pbocPDOL},
				{tagAIP, "0000"},
				{tagTrack2, pbocTrack2("6210940001000108", farOff)},
				{tagIAD, pbocCVN1},
			}),
		pbocProfile("unionpay-declines", "gives an AAC always",
			&unionpay{declines: true}, credit, pbocData("6210940001000116", farOff)),
		pbocProfile("unionpay-switch", "wants the other interface: GET PROCESSING OPTIONS answers 6984",
			&unionpay{refusal: swInvalidated}, credit, pbocData("6210940001000124", farOff)),
		pbocProfile("unionpay-blocked", "blocked for good: GET PROCESSING OPTIONS answers 6985",
			&unionpay{refusal: swConditions}, credit, pbocData("6210940001000132", farOff)),
		pbocProfile("unionpay-phone", "phone with a token, unlocked by its owner: consumer device CVM where the reader asks for a CVM",
			&unionpay{signs: version01, methods: device, device: true}, phone, pbocData("6210940001000140", farOff, pbocToken()...)),
		pbocProfile("unionpay-phone-locked", "unionpay-phone that answers 6986 in its first tap; its owner unlocks it before the second",
			&unionpay{signs: version01, methods: device, device: true, locked: true}, phone, pbocData("6210940001000157", farOff, pbocToken()...)),
		pbocProfile("unionpay-phone-pin", "phone of a debit account in China: its owner has verified, and a PIN is wanted above the card's limit of 50.00 USD",
			&unionpay{signs: version01, methods: pin, device: true, policy: [2]byte{0, 0x80}}, phone,
			pbocData("6210940001000165", farOff, append(pbocToken(), text{tagCVMLimit, "000000005000"})...)),
		pbocProfile("unionpay-phone-offline", "phone that approves up to 50.00 USD offline; its owner has verified always",
			&unionpay{signs: version01, offline: true, methods: device, always: true, device: true}, phone,
			pbocData("6210940001000173", farOff, append(offlineLimits(), pbocToken()...)...)),
		pbocProfile("unionpay-phone-refuses", "phone that gives an AAC, whatever its owner did",
			&unionpay{declines: true, signs: version01, methods: device, device: true, always: true}, phone,
			pbocData("6210940001000181", farOff, pbocToken()...)),
		pbocProfile("unionpay-watch", "watch with a token, verified since it was put on",
			&unionpay{signs: version01, methods: device, device: true, always: true}, phone, pbocData("6210940001000199", farOff, pbocToken()...)),
	}
}
