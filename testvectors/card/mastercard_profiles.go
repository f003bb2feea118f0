package card

import (
	"encoding/hex"
	"slices"
	"time"
)

// The names that Mastercard's cards are selected by.
const (
	aidMastercard = "A0000000041010"
	aidMaestro    = "A0000000043060"
)

// mastercardCDOL1 asks for 9F02 9F03 9F1A 95 5F2A 9A 9C 9F37 9F35 9F45 9F4C 9F34 9F21 9F7C, as M/Chip Advance does.
const mastercardCDOL1 = "9F02069F03069F1A0295055F2A029A039C019F37049F35019F45029F4C089F34039F21039F7C14"

// Issuer Application Data of M/Chip, without what the card decides: key index, version, and room.
const (
	iadCVN16 = "0110" + iadRoom
	iadCVN17 = "0111" + iadRoom
	iadCVN20 = "0114" + iadRoom
	iadCVN21 = "0115" + iadRoom
	iadRoom  = "000000000000" + "0000" + "000000000000" + "00FF"
)

// Application Interchange Profiles (82; C-2, Annex A): cardholder verification, terminal risk management, and EMV mode.
const (
	profileCDA       = "1980"
	profileNoCDA     = "1880" // without CDA
	profileRelay     = "1981" // and relay resistance
	profileDevice    = "1B80" // and on-device cardholder verification
	profileMagstripe = "0000"
)

// mastercardData are the data objects of an EMV mode card with a 16-digit number that expires in YYMM, and of others that
// replace or extend them.
func mastercardData(pan, expiry string, others ...text) []text {
	return replaceTexts([]text{
		{tagLanguage, "656E"}, // en
		{tagCodeTable, "01"},
		{tagPreferredName, hex.EncodeToString([]byte("MC TEST CARD"))},
		{tagCapabilities, "000100"}, // CDA over TC, ARQC and AAC
		{tagAIP, profileCDA},
		{tagTrack2, pan + "D" + expiry + "2010000000000000F"},
		{tagPAN, pan},
		{tagPSN, "01"},
		{tagExpiry, expiry + "31"},
		{tagEffective, "200101"},
		{tagIssuerCountry, "0840"},
		{tagUsage, "FFC0"}, // everything, everywhere
		{tagVersion, "0002"},
		{tagIACDefault, "B450840000"},
		{tagIACDenial, "0000000000"},
		{tagIACOnline, "B470848000"},
		{tagAppCurrency, "0840"},
		{tagCDOL1, mastercardCDOL1},
		{tagCVMList, "0000000000000000" + "4203" + "1E03" + "1F03"}, // online PIN, signature, none
		{tagSDATagList, "82"},
		{tagIAD, iadCVN16},
	}, others...)
}

// replaceTexts lays others over data.
func replaceTexts(data []text, others ...text) []text {
	for _, o := range others {
		if at := slices.IndexFunc(data, func(d text) bool { return d.tag == o.tag }); at >= 0 {
			data[at] = o
		} else {
			data = append(data, o)
		}
	}
	return data
}

// magstripeData are the tracks of mag-stripe mode, which have room for three digits of the code, three of the reader's
// number and four of the counter in their last eleven digits.
func magstripeData(pan, expiry string) []text {
	return []text{
		{tagMagVersion, "0001"},
		{tagTrack1, hex.EncodeToString([]byte("B" + pan + "^TEST/CARD^" + expiry + "2010000000000000"))},
		{tagPCVC3Track1, "00000000000E"},
		{tagPUNATCTrack1, "0000000007F0"},
		{tagNATCTrack1, "04"},
		{tagPCVC3Track2, "000E"},
		{tagPUNATCTrack2, "07F0"},
		{tagNATCTrack2, "04"},
		{tagMagTrack2, pan + "D" + expiry + "2010000000000000F"},
	}
}

// relayTimes are what the card declares: 5 to 9 ms of work, and the default time for the answer's way.
func relayTimes() []text {
	return []text{{tagAIP, profileRelay}, {tagMinTime, "0032"}, {tagMaxTime, "005A"}, {tagEstimate, "0018"}}
}

// The wallets, by what their tokens say of them. The token requestors' numbers are publicly known ones; what stands behind
// them, and the PARs, are made up. Third Party Data (9F6E) are country, identifier and Device Type.
type walletText struct {
	requestor, par, digits, thirdParty, formFactor string
}

var (
	noWallet       = walletText{"040099900002", "5001000000000000000000000001X", "4321", "084000013134", "238C0000"}
	applePhone     = walletText{"050110030273", "5001APPLE0000000000000000001X", "0110", "084000013039", "23820000"}
	appleWatch     = walletText{"050110030273", "5001WATCH0000000000000000001X", "0128", "084000013033", "24820000"}
	googlePhone    = walletText{"050120834693", "5001GOOGLE000000000000000001X", "0136", "084000013134", "238C0000"}
	samsungPhone   = walletText{"050139059239", "5001SAMSUNG00000000000000001X", "0144", "084000013039", "23820000"}
	visaApple      = walletText{"040010030273", "V001APPLE0000000000000000001X", "0151", "", "23820000"}
	visaAppleWatch = walletText{"040010030273", "V001WATCH0000000000000000001X", "0169", "", "24820000"}
	visaGoogle     = walletText{"040010075001", "V001GOOGLE000000000000000001X", "0177", "", "238C0000"}
	visaSamsung    = walletText{"040010043095", "V001SAMSUNG00000000000000001X", "0185", "", "23820000"}
)

// token returns what every scheme's token says of its wallet.
func (w *walletText) token() []text {
	return []text{
		{tagTokenRequestor, w.requestor},
		{tagPAR, hex.EncodeToString([]byte(w.par))},
		{tagLastFour, w.digits},
	}
}

// mastercardDevice are the data objects of a device in both modes; its UDOL asks for 9F6A and 9F7E.
func mastercardDevice(pan string, w walletText, others ...text) []text {
	device := slices.Concat(magstripeData(pan, farOff), w.token(), []text{
		{tagPDOL, "9F1D089F1A029F3501"},
		{tagAIP, profileDevice},
		{tagIAD, iadCVN21},
		{tagThirdParty, w.thirdParty},
		{tagUDOL, "9F6A049F7E01"},
		{tagCVMList, "0000000000000000" + "1F03"},
	}, others)
	return mastercardData(pan, farOff, device...)
}

func mastercardEntry(kernel string) []entry {
	return []entry{{aid: aidMastercard, label: "MASTERCARD", priority: 1, kernel: kernel}}
}

// mastercardProfiles lists the profiles of Mastercard's cards.
func mastercardProfiles() []profile {
	const key = "icc-mastercard"
	list := []profile{
		{
			Profile: Profile{"mastercard-credit", "online, with CDA; online PIN or signature; both modes; CVN 16"},
			scheme:  &mastercard{}, authority: AuthorityLong, icc: key,
			data: mastercardData("5413339000010076", farOff, append(magstripeData("5413339000010076", farOff),
				text{tagName, hex.EncodeToString([]byte("CARDHOLDER/TEST"))})...),
		},
		{
			Profile: Profile{"mastercard-debit", "Maestro, online only, without offline data authentication; online PIN; EMV mode only; CVN 20"},
			scheme:  &mastercard{}, entries: []entry{{aid: aidMaestro, label: "MAESTRO", priority: 1}},
			data: mastercardData("6799990100000078", farOff, text{tagAIP, profileNoCDA}, text{tagIAD, iadCVN20},
				text{tagSDATagList, ""}, text{tagCVMList, "0000000000000000" + "4203" + "1F03"}),
		},
		{
			Profile: Profile{"mastercard-offline", "approves up to 50.00 USD offline, 100.00 in all, with CDA; gives its balance; CVN 17"},
			scheme:  &mastercard{offline: true}, authority: AuthorityShort, icc: key,
			data: mastercardData("5413339000010142", farOff, append(offlineLimits(),
				text{tagIAD, iadCVN17}, text{tagCapabilities, "000300"}, text{tagIACOnline, "B470840000"})...),
		},
		{
			Profile: Profile{"mastercard-magstripe", "mag-stripe mode only: CVC3 on both tracks"},
			scheme:  &mastercard{},
			data: append(magstripeData("5413339000010217", farOff), text{tagAIP, profileMagstripe}, text{tagLanguage, "656E"},
				text{tagTrack2, "5413339000010217D" + farOff + "2010000000000000F"}, text{tagPSN, "01"}),
		},
		{
			Profile: Profile{"mastercard-rrp", "mastercard-offline with the relay resistance protocol: says 5 to 9 ms and takes 7"},
			scheme:  &mastercard{offline: true, relay: relay{processing: 7 * time.Millisecond}}, authority: AuthorityLong, icc: key,
			data: mastercardData("5413339000010282", farOff, append(append(offlineLimits(), relayTimes()...), text{tagIAD, iadCVN17})...),
		},
		{
			Profile: Profile{"mastercard-rrp-slow", "mastercard-rrp behind a relay that adds 60 ms to each exchange of relay resistance data"},
			scheme: &mastercard{offline: true, relay: relay{
				processing: 7 * time.Millisecond, detour: 60 * time.Millisecond,
			}}, authority: AuthorityLong, icc: key,
			data: mastercardData("5413339000010357", farOff, append(append(offlineLimits(), relayTimes()...), text{tagIAD, iadCVN17})...),
		},
		{
			Profile: Profile{"mastercard-torn", "mastercard-offline that gives its last cryptogram again (RECOVER AC)"},
			scheme:  &mastercard{offline: true}, authority: AuthorityShort, icc: key,
			data: mastercardData("5413339000010423", farOff, append(offlineLimits(), text{tagDRDOL, "9F02069F3704"})...),
		},
		{
			Profile: Profile{"mastercard-ids", "online, with integrated data storage of version 1 (four slots) and envelopes of 32 bytes"},
			scheme:  &mastercard{}, authority: AuthorityShort, icc: key,
			data: mastercardData("5413339000010498", farOff, text{tagPDOL, "9F5C08"}, text{tagCapabilities, "010101"},
				text{tagDSID, "541333900001049801"}, text{tagDSDOL, "DF6008DF6108DF6201DF63A0"}),
		},
		{
			Profile: Profile{"mastercard-expired", "mastercard-credit that expired in December 2020"},
			scheme:  &mastercard{}, authority: AuthorityLong, icc: key,
			data: mastercardData("5413339000010563", "2012", text{tagEffective, "170101"}),
		},
		{
			Profile: Profile{"mastercard-declines", "declines whatever it is asked for (AAC), with CDA"},
			scheme:  &mastercard{declines: true}, authority: AuthorityLong, icc: key,
			data: mastercardData("5413339000010639", farOff),
		},
		{
			Profile: Profile{"mastercard-blocked", "blocked for good: GET PROCESSING OPTIONS answers 6985"},
			scheme:  &mastercard{refusal: swConditions}, authority: AuthorityLong, icc: key,
			data: mastercardData("5413339000010704", farOff),
		},
	}
	for i := range list {
		if list[i].entries == nil {
			list[i].entries = mastercardEntry("")
		}
	}
	for _, d := range []struct {
		name, about, pan string
		owner            owner
		wallet           walletText
	}{
		{"mastercard-phone", "phone with a token, unlocked by its owner: on-device verification where the reader asks for it; both modes; CVN 21", "5413339000010779", owner{is: true}, noWallet},
		{"mastercard-phone-locked", "mastercard-phone that asks for its owner in its first tap (DF4B '000100'); unlocked before the second", "5413339000010845", owner{is: true, locked: true}, noWallet},
		{"mastercard-phone-refuses", "mastercard-phone that gives nothing to spend: an AAC, context conflicting (DF4B '000800')", "5413339000010910", owner{is: true, conflict: true}, noWallet},
		{"mastercard-applepay", "Apple Pay on a phone: its owner has verified always", "5413339000010985", owner{is: true, always: true}, applePhone},
		{"mastercard-googlepay", "Google Pay on a phone: its owner has verified where the reader asks for it", "5413339000011058", owner{is: true}, googlePhone},
		{"mastercard-samsungpay", "Samsung Pay on a phone: its owner has verified always", "5413339000011124", owner{is: true, always: true}, samsungPhone},
		{"mastercard-watch", "Apple Pay on a watch: verified since it was put on", "5413339000011199", owner{is: true, always: true}, appleWatch},
	} {
		list = append(list, profile{
			Profile: Profile{d.name, d.about}, scheme: &mastercard{device: d.owner}, entries: mastercardEntry("02"),
			authority: AuthorityLong, icc: key, data: mastercardDevice(d.pan, d.wallet),
		})
	}
	return list
}
