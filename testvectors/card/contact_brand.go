package card

import (
	"encoding/hex"
	"strings"

	"github.com/cardwright/emv/crypto/issuer"
	"github.com/cardwright/emv/crypto/pin"
)

// brand is what the contact applications of one payment scheme do their own way.
type brand struct {
	rids      []string
	scheme    issuer.Scheme
	iad       string // Issuer Application Data without what the card decides
	results   *results
	messaging string // of issuer scripts, by its name in crypto/issuer
	visBlock  bool   // a new PIN comes in the block of VIS
	codes     bool   // the issuer's answer has the ARPC Response Code of M/Chip in the place of the Authorisation Response Code
}

// results is where the Card Verification Results say what happened: a bit is zero where a scheme has none for it, or where
// it is not public.
type results struct {
	types         int // the byte, from 0, with the types of both cryptograms; negative: none
	pinDone       bit
	pinEnciphered bit
	pinOK         bit
	noPIN         bit
	pinFailed     bit
	tryLimit      bit
	unable        bit
	incomplete    bit // the last online transaction was not completed
	overLower     bit
	overUpper     bit
	authDone      bit
	authFailed    bit
	authNotDone   bit
	scriptFailed  bit
	dda           bit
	cdaFirst      bit
	cdaSecond     bit
	scripts       int // the byte, from 1, whose left half counts script commands; 0: none
	tries         int // the byte, from 1, whose right half (M/Chip) or left half (CCD) is the PIN Try Counter; 0: none
	triesLeft     bool
}

// The layouts of the Card Verification Results.
var (
	// VIS: the first byte is the length '03'. American Express, JCB and UnionPay took over as much as is used here.
	visResults = results{
		types: 1, authFailed: 2<<8 | 0x08, pinDone: 2<<8 | 0x04, pinFailed: 2<<8 | 0x02, unable: 2<<8 | 0x01,
		incomplete: 3<<8 | 0x80, tryLimit: 3<<8 | 0x40, overLower: 3<<8 | 0x20, authNotDone: 3<<8 | 0x04,
		scriptFailed: 4<<8 | 0x08, dda: 4<<8 | 0x02, scripts: 4,
	}
	// M/Chip.
	mchipResults = results{
		types: 0, pinDone: 1<<8 | 0x04, pinEnciphered: 1<<8 | 0x02, pinOK: 1<<8 | 0x01, dda: 2<<8 | 0x80,
		cdaFirst: 2<<8 | 0x40, cdaSecond: 2<<8 | 0x20, authDone: 2<<8 | 0x10, scripts: 3, tries: 3,
		incomplete: 4<<8 | 0x80, unable: 4<<8 | 0x40, noPIN: 4<<8 | 0x20, pinFailed: 4<<8 | 0x10, tryLimit: 4<<8 | 0x08,
		overLower: 5<<8 | 0x80, overUpper: 5<<8 | 0x40, authFailed: 5<<8 | 0x04, scriptFailed: 5<<8 | 0x01,
	}
	// Book 3, C7.3.
	ccdResults = results{
		types: 0, dda: 1<<8 | 0x04, cdaFirst: 1<<8 | 0x08, cdaSecond: 1<<8 | 0x08, authNotDone: 1<<8 | 0x02,
		authFailed: 1<<8 | 0x01, tries: 2, triesLeft: true, pinDone: 2<<8 | 0x08, pinFailed: 2<<8 | 0x04,
		tryLimit: 2<<8 | 0x02, incomplete: 2<<8 | 0x01, overLower: 3<<8 | 0x80, overUpper: 3<<8 | 0x40, scripts: 4,
		scriptFailed: 4<<8 | 0x08, unable: 4<<8 | 0x01,
	}
	// D-PAS: the types alone.
	typesOnly = results{types: 0}
	// Interac: nothing is public.
	noResults = results{types: -1}
)

// brands is the table. The last one is that of every other RID.
var brands = []brand{
	{
		rids: []string{"A000000003", "A000000098"}, scheme: issuer.SchemeVisa, iad: iadCVN10, results: &visResults,
		messaging: "VIS", visBlock: true,
	},
	{
		rids: []string{"A000000004", "A000000005"}, scheme: issuer.SchemeMChip, iad: "0110" + "000000000000" + "DAC0" + "0000000000000000",
		results: &mchipResults, messaging: "M/Chip", codes: true,
	},
	{rids: []string{"A000000025"}, scheme: issuer.SchemeAmex, iad: "06010103000000", results: &visResults, messaging: "VIS CSK"},
	{rids: []string{"A000000152", "A000000324"}, scheme: issuer.SchemeDiscover, iad: "0105" + "0000000000000000", results: &typesOnly, messaging: "VIS CSK"},
	{rids: []string{"A000000065"}, scheme: issuer.SchemeJCB, iad: "06010103000000", results: &visResults, messaging: "VIS CSK"},
	{
		rids: []string{"A000000333"}, scheme: issuer.SchemeUnionPay, iad: "0701010300000001", results: &visResults,
		messaging: "PBOC", visBlock: true,
	},
	{rids: []string{"A000000277"}, scheme: issuer.SchemeInterac, iad: "01850400B1", results: &noResults, messaging: "M/Chip"},
	{
		scheme: issuer.SchemeCommonCore, iad: "0FA501" + "0000000000" + "0000000000000000" + "0F" + "000000000000000000000000000000",
		results: &ccdResults, messaging: "CCD",
	},
}

// brandOf returns the brand of an application by its RID, or the common core's where the Issuer Application Data are that
// (Book 3, C7).
func brandOf(aid, iad []byte) *brand {
	other := &brands[len(brands)-1]
	if parts, err := issuer.ParseIAD(issuer.SchemeCommonCore, iad); err == nil {
		if _, err := issuer.CommonCore(parts.CVN); err == nil {
			return other
		}
	}
	for i := range brands {
		for _, rid := range brands[i].rids {
			if len(aid) >= 5 && rid == strings.ToUpper(hex.EncodeToString(aid[:5])) {
				return &brands[i]
			}
		}
	}
	return other
}

// issuerData is the Issuer Application Data of a transaction.
type issuerData struct {
	value   []byte
	cvr     []byte // inside value; nil where the layout is not public
	profile issuer.Profile
}

// issuerData returns what Config.Set or the profile has for 9F10 in the brand's layout, or else the brand's own. What
// can't be read is not used: usable says so.
func (b *brand) issuerData(personalised []byte) (d issuerData, usable bool, err error) {
	for i, value := range [...][]byte{append([]byte{}, personalised...), unhex(b.iad)} {
		if len(value) == 0 {
			continue
		}
		var parts issuer.IAD
		if parts, err = issuer.ParseIAD(b.scheme, value); err != nil {
			continue
		}
		if d.profile, err = issuer.ProfileOf(b.scheme, parts.CVN); err != nil {
			continue
		}
		d.value, d.cvr = value, parts.CVR
		return d, i == 0 || len(personalised) == 0, nil
	}
	return d, false, &Error{CodeData, "no Issuer Application Data"}
}

// messagingOf returns how scripts are protected: Visa's cryptogram version '22' has the session keys of Book 2.
func (b *brand) messagingOf(p *issuer.Profile) (issuer.Messaging, error) {
	name := b.messaging
	switch {
	case b.version22(p):
		name = "VIS CSK"
	case p.Cipher == issuer.AES:
		name = "CCD AES"
	}
	m, err := issuer.MessagingOf(name)
	if err != nil {
		return m, &Error{CodeData, err.Error()}
	}
	return m, nil
}

func (b *brand) version22(p *issuer.Profile) bool {
	return b.scheme == issuer.SchemeVisa && p.CVN == 0x22
}

// newPIN reads the PIN of PIN CHANGE/UNBLOCK (VIS; Book 3, 6.5.12 for the block of format 2).
func (b *brand) newPIN(dst *pin.PIN, p *issuer.Profile, ac *issuer.Key, block []byte) bool {
	if len(block) != len(pin.Block{}) {
		return false
	}
	clear := pin.Block(block)
	defer clear.Wipe()
	if b.visBlock && !b.version22(p) {
		for i, k := range ac.Bytes()[4:8] {
			clear[4+i] ^= k
		}
		if clear[0]>>4 != 0 {
			return false
		}
		clear[0] |= 0x20
	}
	return clear.Decode2(dst) == nil
}

// approves reports whether the issuer's answer to the card is an approval: by method 1 the code that came with it, by
// method 2 the Card Status Update (Book 3, C10: byte 2 b8).
func (b *brand) approves(p *issuer.Profile, r issuer.Response) bool {
	switch {
	case p.ARPC == issuer.Method2:
		return r.CSU[1]&0x80 != 0
	case b.codes: // M/Chip, ARPC Response Code: byte 2 b5
		return r.ARC[1]&0x10 != 0
	}
	return approvalCode(r.ARC[:])
}

// approvalCode reports whether an Authorisation Response Code approves (Book 4, Annex A6: 00, 10 and 11).
func approvalCode(arc []byte) bool {
	return string(arc) == "00" || string(arc) == "10" || string(arc) == "11"
}
