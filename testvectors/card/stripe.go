package card

import (
	"encoding/hex"
	"strings"
)

// Stripe returns track 2 of the card's magnetic stripe as a reader gives it, with sentinels and check character: what Track
// 2 Equivalent Data (57) hold. It is empty for what has no stripe: tokens in a device, and applications without 57.
func (c *Card) Stripe() string {
	digits := hex.EncodeToString(c.own.get(tagTrack2))
	if digits == "" || c.own.has(tagTokenRequestor) || strings.ContainsAny(digits, "abce") {
		return ""
	}
	track := ";" + strings.ReplaceAll(strings.TrimRight(digits, "f"), "d", "=") + "?"
	var lrc byte // ISO/IEC 7811-2: the sum of the characters without carry
	for i := range len(track) {
		lrc ^= track[i] & 0x0F
	}
	return track + string(rune('0'+lrc))
}

// IssuerCountry returns Issuer Country Code (5F28), four digits; empty where the card has none. Of a swipe an acquirer knows
// it by the card's number.
func (c *Card) IssuerCountry() string { return hex.EncodeToString(c.own.get(tagIssuerCountry)) }
