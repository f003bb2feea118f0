package card

import "encoding/hex"

// aidInterac is the name that Interac's cards are selected by.
const aidInterac = "A0000002771010"

const (
	// interacPDOL asks for 9F59 9F5A 9F02 9F1A 5F2A 9F37 9F58, as cards in the field do.
	interacPDOL = "9F59039F5A019F02069F1A025F2A029F37049F5801"
	// interacCDOL1 asks for 9F02 9F03 9F1A 95 5F2A 9A 9C 9F37 9F35 9F34.
	interacCDOL1 = "9F02069F03069F1A0295055F2A029A039C019F37049F35019F3403"
	// iadCVN133 are the Issuer Application Data: key index, version '85', and data that are not public, as seen in the field.
	iadCVN133 = "01850400B1"
)

// Application Interchange Profiles (82; Book 3, Annex C1): cardholder verification, terminal risk management.
const (
	flashCDA   = "1900"
	flashNoCDA = "1800"
)

// interacData are the data objects of a card with a 16-digit number that expires in YYMM, and of others that replace or
// extend them. The account is in Canadian dollars; purchases up to 250.00, 400.00 in all until the PIN is entered.
func interacData(pan, expiry string, others ...text) []text {
	return replaceTexts([]text{
		{tagPDOL, interacPDOL},
		{tagLanguage, "656E6672"}, // en fr
		{tagCodeTable, "01"},
		{tagPreferredName, hex.EncodeToString([]byte("INTERAC TEST"))},
		{tagFlashForm, "00"},
		{tagAIP, flashCDA},
		{tagTrack2, pan + "D" + expiry + "2200000000000000F"},
		{tagPAN, pan},
		{tagPSN, "01"},
		{tagExpiry, expiry + "31"},
		{tagEffective, "200101"},
		{tagIssuerCountry, "0124"},
		{tagUsage, "FFC0"}, // everything, everywhere
		{tagVersion, "0002"},
		{tagIACDefault, "FC78FCA840"},
		{tagIACDenial, "0000000000"},
		{tagIACOnline, "FCF8FCF870"},
		{tagAppCurrency, "0124"},
		{tagCDOL1, interacCDOL1},
		{tagCVMList, noLimits + "0203" + "4403" + "4103"}, // of contact: a PIN
		{tagProductCode, "0001"},
		{tagSDATagList, "82"},
		{tagIAD, iadCVN133},
		{tagMerchantLimit1, "000000025000"},
		{tagMerchantLimit2, "000000025000"},
		{tagMerchantLimit3, "000000025000"},
		{tagMerchantLimit4, "000000025000"},
		{tagMerchantLimit5, "000000025000"},
		{tagInteracUpper, "000000040000"},
	}, others...)
}

// interacPhone are the data objects of a token in a phone: no limits, since its owner is verified for each tap, and no
// certificates.
func interacPhone(pan string) []text {
	var data []text
	for _, o := range interacData(pan, farOff, text{tagFlashForm, "03"}, text{tagAIP, flashNoCDA}) {
		switch o.tag {
		case tagMerchantLimit1, tagMerchantLimit2, tagMerchantLimit3, tagMerchantLimit4, tagMerchantLimit5, tagInteracUpper,
			tagSDATagList:
		default:
			data = append(data, o)
		}
	}
	return replaceTexts(data,
		text{tagTokenRequestor, "060099900001"}, text{tagLastFour, "4035"},
		text{tagPAR, hex.EncodeToString([]byte("I0010000000000000000000000001"))},
	)
}

func interacEntry() []entry { return []entry{{aid: aidInterac, label: "INTERAC", priority: 1}} }

// interacProfiles lists the profiles of Interac's cards.
func interacProfiles() []profile {
	const key = "icc-interac"
	plain := []text{{tagAIP, flashNoCDA}, {tagSDATagList, ""}}
	list := []profile{
		{
			Profile: Profile{"interac-debit", "online; keys for CDA; up to 250.00 CAD a purchase, 400.00 until a PIN is entered; version 133"},
			scheme:  &interac{}, authority: AuthorityLong, icc: key,
			data: interacData("6799998900000073", farOff, text{tagName, hex.EncodeToString([]byte("CARDHOLDER/TEST"))}),
		},
		{
			Profile: Profile{"interac-plain", "online; no offline data authentication, as most cards in the field"},
			scheme:  &interac{}, data: interacData("6799998900000149", farOff, plain...),
		},
		{
			Profile: Profile{"interac-offline", "approves up to 100.00 CAD in all offline, with CDA, where the reader can"},
			scheme:  &interac{offline: true}, authority: AuthorityShort, icc: key,
			data: interacData("6799998900000214", farOff, text{tagInteracLower, "000000010000"},
				text{tagIACDefault, "0400000000"}, text{tagIACOnline, "0400000000"}),
		},
		{
			Profile: Profile{"interac-limit", "350.00 CAD were paid since the last PIN: 50.00 are left before the card wants to be inserted"},
			scheme:  &interac{spent: 35000}, authority: AuthorityLong, icc: key,
			data: interacData("6799998900000289", farOff),
		},
		{
			Profile: Profile{"interac-declines", "gives an AAC whatever it is asked for"},
			scheme:  &interac{declines: true}, authority: AuthorityLong, icc: key,
			data: interacData("6799998900000354", farOff),
		},
		{
			Profile: Profile{"interac-expired", "expired in December 2020"},
			scheme:  &interac{}, authority: AuthorityLong, icc: key,
			data: interacData("6799998900000420", "2012", text{tagEffective, "170101"}),
		},
		{
			Profile: Profile{"interac-foreign", "issued in the USA, in US dollars"},
			scheme:  &interac{}, authority: AuthorityLong, icc: key,
			data: interacData("6799998900000495", farOff, text{tagIssuerCountry, "0840"}, text{tagAppCurrency, "0840"}),
		},
		{
			Profile: Profile{"interac-blocked", "no taps: GET PROCESSING OPTIONS answers 6985"},
			scheme:  &interac{refusal: swConditions}, data: interacData("6799998900000560", farOff, plain...),
		},
		{
			Profile: Profile{"interac-switch", "wants the other interface: GET PROCESSING OPTIONS answers 6984"},
			scheme:  &interac{refusal: swInvalidated}, data: interacData("6799998900000636", farOff, plain...),
		},
	}
	for _, d := range []struct {
		name, about, pan string
		scheme           *interac
	}{
		{"interac-phone", "phone with a token, unlocked by its owner: online", "6799998900000701", &interac{}},
		{"interac-phone-locked", "the same, answers 6986 in its first tap; its owner unlocks it before the second", "6799998900000776", &interac{locked: true}},
		{"interac-phone-refuses", "a phone that gives an AAC", "6799998900000842", &interac{declines: true}},
	} {
		list = append(list, profile{
			Profile: Profile{d.name, d.about}, scheme: d.scheme, data: interacPhone(d.pan),
		})
	}
	for i := range list {
		list[i].entries = interacEntry()
	}
	return list
}
