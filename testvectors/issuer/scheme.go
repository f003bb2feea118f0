package issuer

import (
	"encoding/hex"
	"strings"

	emv "github.com/cardwright/emv/crypto/issuer"
	"github.com/cardwright/emv/crypto/pin"
	"github.com/cardwright/emv/tlv"
)

// scheme is how a host reads and answers the cards of one payment scheme.
type scheme struct {
	name emv.Scheme
	rids []string // hexadecimal

	// types is the place in the Card Verification Results of the byte that has the types of both cryptograms, in b8 to b5.
	// Negative where the layout is not public: the CID (9F27) has to tell then, which no cryptogram covers.
	types int

	// early is the cryptogram version that a card computes in GET PROCESSING OPTIONS, where its reader has no Terminal
	// Verification Results yet and later sends some that are not zero; 0 where there is none. The card has seen zeros.
	early byte

	messaging string // of issuer scripts, by its name in crypto/issuer
	visBlock  bool   // a new PIN is sent in the block of VIS, not in one of format 2

	// responses are what stands in the place of the Authorisation Response Code in an answer by method 1 (Book 2, 8.2.1: the
	// scheme's choice), approved and declined; nil is the code itself.
	responses *[2][2]byte
}

// schemes is the table. Where a scheme's scripts are not public they are protected by format 2 of Book 2, 9.2.1.2 under its
// session keys, as VIS does in cryptogram version '22'; Interac's as M/Chip, which its session keys come from.
var schemes = []scheme{
	// VIS: the byte behind the length '03'. Cryptogram version '22' has session keys of its own, see messagingOf.
	{name: emv.SchemeVisa, rids: []string{"A000000003", "A000000098"}, types: 1, messaging: "VIS", visBlock: true},
	// M/Chip: ARPC Response Code, byte 2: b5 approves, b2 resets the offline counters.
	{
		name: emv.SchemeMChip, rids: []string{"A000000004", "A000000005"}, types: 0, messaging: "M/Chip",
		responses: &[2][2]byte{{0x00, 0x12}, {0x00, 0x00}},
	},
	{name: emv.SchemeAmex, rids: []string{"A000000025"}, types: 1, messaging: "VIS CSK"},
	// D-PAS: the first byte is taken to be as that of the Common Core Definitions, which public messages bear out.
	// Version '15' is that of tap (C-6, 3.2).
	{name: emv.SchemeDiscover, rids: []string{"A000000152", "A000000324"}, types: 0, early: 0x15, messaging: "VIS CSK"},
	{name: emv.SchemeJCB, rids: []string{"A000000065"}, types: 1, messaging: "VIS CSK"},
	{name: emv.SchemeUnionPay, rids: []string{"A000000333"}, types: 1, messaging: "PBOC", visBlock: true},
	{name: emv.SchemeInterac, rids: []string{"A000000277"}, types: -1, messaging: "M/Chip"},
	// Book 3, C7.3. Any scheme's issuer may have it; the Issuer Application Data say so.
	{name: emv.SchemeCommonCore, types: 0, messaging: "CCD"},
}

// schemeNamed returns a row of the table.
func schemeNamed(name emv.Scheme) *scheme {
	for i := range schemes {
		if schemes[i].name == name {
			return &schemes[i]
		}
	}
	return &schemes[0]
}

// schemeOf finds the scheme by the RID of the application: 84, 4F or 9F06. A message without any of them is Visa's, of
// which the contactless ones need none. An RID that is in no row has common core cards at most.
func schemeOf(m *message) *scheme {
	for _, t := range [...]tlv.Tag{tagDFName, tagADFName, tagAID} {
		aid := m.get(t)
		if len(aid) < 5 {
			continue
		}
		for i := range schemes {
			for _, rid := range schemes[i].rids {
				if rid == strings.ToUpper(hex.EncodeToString(aid[:5])) {
					return &schemes[i]
				}
			}
		}
		return schemeNamed(emv.SchemeCommonCore)
	}
	return schemeNamed(emv.SchemeVisa)
}

// types of cryptograms in the Card Verification Results: b8 and b7 of the second GENERATE AC, b6 and b5 of the first.
// Book 3, C7.3; VIS; M/Chip.
const (
	typesMask    = 0xC0
	typeFirst    = 2 // how far the first type is to be shifted
	secondNotYet = 0x80
	typeUnusable = typesMask // RFU, as a type; also that of Card Verification Results that contradict themselves
)

// kindOf returns the type of the cryptogram, and whether it is that of the second GENERATE AC, which comes behind an
// ARQC only.
func (s *scheme) kindOf(iad *emv.IAD, cid []byte) (kind Cryptogram, second bool) {
	if s.types < 0 || s.types >= len(iad.CVR) {
		if len(cid) != 1 {
			return typeUnusable, false
		}
		return Cryptogram(cid[0] & typesMask), false
	}
	b := iad.CVR[s.types]
	first := Cryptogram(b << typeFirst & typesMask)
	switch {
	case b&typesMask == secondNotYet:
		return first, false
	case first == ARQC:
		return Cryptogram(b & typesMask), true
	}
	return typeUnusable, false
}

// messagingOf returns how scripts of a card are protected.
func (s *scheme) messagingOf(p *emv.Profile) (emv.Messaging, error) {
	name := s.messaging
	switch {
	case s.name == emv.SchemeVisa && p.CVN == cvnVisa22:
		name = "VIS CSK"
	case p.Cipher == emv.AES:
		name = "CCD AES"
	}
	return emv.MessagingOf(name)
}

const cvnVisa22 = 0x22

// pinBlock makes the data of PIN CHANGE/UNBLOCK that tell a card its new PIN. ac is the card's key for cryptograms.
func (s *scheme) pinBlock(dst *pin.Block, p *emv.Profile, ac *emv.Key, digits *pin.PIN) error {
	if s.visBlock && (s.name != emv.SchemeVisa || p.CVN != cvnVisa22) {
		return emv.PINBlockVIS(dst, ac, digits, &pin.PIN{})
	}
	return dst.Encode2(digits)
}

// response is what an answer by method 1 carries beside its cryptogram.
func (s *scheme) response(approved bool, arc [2]byte) [2]byte {
	switch {
	case s.responses == nil:
		return arc
	case approved:
		return s.responses[0]
	}
	return s.responses[1]
}
