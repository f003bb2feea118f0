package card

import (
	"encoding/hex"
	"slices"
)

// Answers to reset (Book 1, 8.3): basic ones of T=0 and T=1 with five historical bytes, one that is refused, and one that
// only a warm reset tolerates (TB1 is missing).
const (
	atrT0      = "3B650000" + "4357303030"
	atrT1      = "3BE50000" + "8131FE45" + "4357303030" + "CA"
	atrRefused = "3A650000" + "4357303030"
	atrNoTB1   = "3B4500" + "4357303030"
)

// CVM Lists (8E; Book 3, 10.5 and Annex C3), without limits in amount.
const (
	noLimits = "0000000000000000"
	// Online PIN at unattended cash; else signature, online PIN, nothing.
	cvmSignature = noLimits + "4201" + "5E03" + "4203" + "1F03"
	// Online PIN at unattended cash; else the PIN offline, enciphered or in the clear; signature, online PIN, nothing.
	cvmChipAndPIN = noLimits + "4201" + "4403" + "4103" + "5E03" + "4203" + "1F03"
	// The PIN in the clear, and nothing but a signature behind it.
	cvmPlain = noLimits + "4103" + "1E03"
	// The enciphered PIN, and nothing but a signature behind it.
	cvmEnciphered = noLimits + "4403" + "1E03"
	// A PIN in any case: offline, or online.
	cvmPINOnly = noLimits + "4403" + "4103" + "0203"
	// Online PIN, else signature.
	cvmOnlinePIN = noLimits + "4203" + "5E03" + "1F03"
)

// Data object lists.
const (
	// The minimum of Book 2, 8.1.1; the second time behind the Authorisation Response Code.
	cdolMinimum  = "9F02069F03069F1A0295055F2A029A039C019F3704"
	cdol2Minimum = "8A02" + cdolMinimum
	// M/Chip: CDOL2 asks for the Issuer Authentication Data.
	cdolMChip  = cdolMinimum + "9F35019F45029F4C089F3403"
	cdol2MChip = "910A8A0295059F37049F4C08"
	ddolUN     = "9F3704"
)

// contactData are the data objects of a contact application with a number that expires in YYMM, and of others that replace
// or extend them. 5F28 and 9F42 are the USA and its dollar.
func contactData(pan, expiry string, others ...text) []text {
	field := pan
	if len(field)%2 == 1 {
		field += "F"
	}
	track2 := pan + "D" + expiry + "201" + "0000000000000"[:13-len(pan)%2]
	if len(track2)%2 == 1 {
		track2 += "F"
	}
	data := []text{
		{tagLanguage, "656E"}, // en
		{tagCodeTable, "01"},
		{tagAIP, "3C00"}, // DDA, CVM, terminal risk management, EXTERNAL AUTHENTICATE
		{tagTrack2, track2},
		{tagName, hex.EncodeToString([]byte("CARDHOLDER/TEST"))},
		{tagServiceCode, "0201"},
		{tagPAN, field},
		{tagPSN, "01"},
		{tagExpiry, expiry + "31"},
		{tagEffective, "200101"},
		{tagIssuerCountry, "0840"},
		{tagUsage, "FFC0"}, // everything, everywhere
		{tagVersion, "0096"},
		// Decline what the card does not do; go online for all else but a card that is new; decline alone for what fails.
		{tagIACDenial, "0010000000"},
		{tagIACOnline, "FC70BCF800"},
		{tagIACDefault, "FC50ACA000"},
		{tagAppCurrency, "0840"},
		{tagCDOL1, cdolMinimum},
		{tagCDOL2, cdol2Minimum},
		{tagCVMList, cvmSignature},
		{tagSDATagList, "82"},
		{tagDDOL, ddolUN},
		{tagTermLower, "05"},
		{tagTermUpper, "0A"},
		{tagLastOnline, "0000"},
		{tagTryCounter, "03"},
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

// The numbers of the contact cards.
const (
	panVisaContact  = "4761739001010507"
	panMCContact    = "5413330089010509"
	panAmexContact  = "374245001750503"
	panDiscContact  = "6510000000000505"
	panJCBContact   = "3541599999010508"
	panUPContact    = "6210948000010507"
	panInterContact = "4506445000010502"
)

// contactProfiles lists the profiles of cards with contacts.
func contactProfiles() []profile {
	visa := []entry{{aid: aidVisa, label: "VISA CREDIT", priority: 1}}
	t0 := []string{atrT0}
	// make fills in what all have in common.
	profileOf := func(name, about string, s *contactCard, entries []entry, data []text) profile {
		if s.atr == nil {
			s.atr = t0
		}
		return profile{
			Profile: Profile{name, about}, scheme: s, entries: entries, authority: AuthorityLong, icc: "icc-contact", data: data,
		}
	}
	simple := func(name, about string, s *contactCard, others ...text) profile {
		return profileOf(name, about, s, visa, contactData(panVisaContact, farOff, others...))
	}
	offline := []text{{tagCardLower, "03"}, {tagCardUpper, "06"}, {tagSingleLimit, "000000010000"}}
	mute := simple("contact-mute", "its chip is dead: no answer to reset", &contactCard{})
	mute.scheme.(*contactCard).atr = nil
	return []profile{
		simple("visa-contact", "online; DDA; signature or online PIN; issuer authentication by EXTERNAL AUTHENTICATE; CVN 10; log",
			&contactCard{}, text{tagLogEntry, "0B0A"}, text{tagLogFormat, "9A039F02065F2A029F3602"}),
		simple("visa-contact-sda", "an old card: SDA, answers in format 1, approves offline up to 100.00; signature",
			&contactCard{format1: true, offline: true}, append(offline, text{tagAIP, "5C00"})...),
		profileOf("mastercard-contact", "M/Chip: online; CDA or DDA; chip and PIN; CDOL2 asks for the issuer's answer; CVN 16",
			&contactCard{plain: true, encipher: true, mandatory: true},
			[]entry{{aid: "A0000000041010", label: "MASTERCARD", priority: 1}},
			contactData(panMCContact, farOff, text{tagAIP, "3900"}, text{tagCDOL1, cdolMChip}, text{tagCDOL2, cdol2MChip}, text{tagCVMList, cvmChipAndPIN})),
		profileOf("amex-contact", "AEIPS over T=1: approves offline up to 100.00; CDA or DDA; chip and PIN; version 1",
			&contactCard{atr: []string{atrT1}, plain: true, encipher: true, offline: true},
			[]entry{{aid: "A00000002501", label: "AMERICAN EXPRESS", priority: 1}},
			contactData(panAmexContact, farOff, append(offline, text{tagAIP, "3D00"}, text{tagCVMList, cvmChipAndPIN})...)),
		profileOf("discover-contact", "D-PAS: online; DDA; signature or online PIN; version '05'",
			&contactCard{}, []entry{{aid: "A0000001523010", label: "DISCOVER", priority: 1}}, contactData(panDiscContact, farOff)),
		profileOf("interac-contact", "Interac debit over T=1: online; DDA; PIN in any case; version 133",
			&contactCard{atr: []string{atrT1}, plain: true, encipher: true, mandatory: true},
			[]entry{{aid: "A0000002771010", label: "INTERAC", priority: 1}},
			contactData(panInterContact, farOff, text{tagCVMList, cvmPINOnly}, text{tagIssuerCountry, "0124"}, text{tagAppCurrency, "0124"})),
		profileOf("jcb-contact", "J/Smart: approves offline up to 100.00; DDA; signature or online PIN; version 1",
			&contactCard{offline: true}, []entry{{aid: "A0000000651010", label: "JCB", priority: 1}},
			contactData(panJCBContact, farOff, offline...)),
		profileOf("unionpay-contact", "UnionPay credit: online; DDA; online PIN, signature; version 1",
			&contactCard{}, []entry{{aid: "A000000333010102", label: "UNIONPAY CREDIT", priority: 1}},
			contactData(panUPContact, farOff, text{tagCVMList, cvmOnlinePIN})),
		profileOf("contact-multi", "Interac, Visa that wants to be confirmed, and Visa Electron that is blocked, in a directory",
			&contactCard{plain: true, encipher: true, blocked: map[int]bool{2: true}},
			[]entry{
				{aid: "A0000002771010", label: "INTERAC", priority: 1, data: []text{{tagCVMList, cvmPINOnly}}},
				{aid: aidVisa, label: "VISA DEBIT", priority: 0x82},
				{aid: aidElectron, label: "VISA ELECTRON", priority: 3},
			}, contactData(panInterContact, farOff)),
		profileOf("contact-no-pse", "Visa and Visa Electron without a directory; each is found by its name",
			&contactCard{noPSE: true},
			[]entry{{aid: aidVisa, label: "VISA CREDIT", priority: 2}, {aid: aidElectron, label: "VISA ELECTRON", priority: 1}},
			contactData(panVisaContact, farOff)),
		simple("contact-pin-plain", "visa-contact that has its PIN in the clear, or a signature", &contactCard{plain: true}, text{tagCVMList, cvmPlain}),
		simple("contact-pin-enciphered", "visa-contact that has its PIN enciphered under a key of its own, or a signature",
			&contactCard{encipher: true, pinKey: true}, text{tagCVMList, cvmEnciphered}),
		simple("contact-pin-blocked", "contact-pin-plain whose PIN was entered wrongly too often",
			&contactCard{plain: true}, text{tagCVMList, cvmPlain}, text{tagTryCounter, "00"}),
		simple("contact-blocked-application", "its only application is blocked: SELECT answers 6283", &contactCard{blocked: map[int]bool{0: true}}),
		simple("contact-blocked-card", "the card is blocked: SELECT answers 6A81", &contactCard{cardBlocked: true}),
		simple("contact-scripts", "contact-offline with chip and PIN: what every script command changes can be seen",
			&contactCard{plain: true, encipher: true, offline: true}, append(offline, text{tagCVMList, cvmChipAndPIN})...),
		simple("contact-offline", "approves offline up to 100.00, three times behind each other; DDA; signature", &contactCard{offline: true}, offline...),
		simple("contact-cda", "contact-offline with CDA and CVN 18", &contactCard{offline: true},
			append(offline, text{tagAIP, "3D00"}, text{tagIAD, iadCVN18})...),
		simple("contact-common-core", "visa-contact with Issuer Application Data of the Common Core Definitions",
			&contactCard{mandatory: true}, text{tagIAD, "0FA50100000000000000000000000000" + "0F000000000000000000000000000000"}),
		simple("contact-declines", "declines whatever it is asked for", &contactCard{declines: true}),
		mute,
		simple("contact-bad-atr", "its answers to reset are refused", &contactCard{atr: []string{atrRefused}}),
		simple("contact-warm-reset", "visa-contact whose answer to reset is accepted after a warm reset only", &contactCard{atr: []string{atrNoTB1}}),
	}
}
