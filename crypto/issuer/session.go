package issuer

// Diversification is the value R of Book 2, A1.3.1, by which the session keys of one card differ.
type Diversification [8]byte

// DiversificationATC returns R for the session key of application cryptograms: the ATC (tag '9F36') and six zero bytes.
// Book 2, A1.3.1.
func DiversificationATC(atc [2]byte) Diversification { return Diversification{atc[0], atc[1]} }

// SessionKey makes dst the EMV common session key that master, an ICC master key of 16 bytes, and r give: 16 bytes, of
// which the parity is left as it comes. The session key of application cryptograms takes DiversificationATC as r, those
// of secure messaging take the cryptogram of the first GENERATE AC. dst may be master itself. Book 2, A1.3.1.
//
// The errors are CodeKeyLength and mac.CodeCipher.
func SessionKey(dst, master *Key, r Diversification) error {
	// SKL := DES3(MK)[R0 R1 'F0' R3 … R7], SKR := DES3(MK)[R0 R1 '0F' R3 … R7].
	left, right := r, r
	left[2], right[2] = 0xF0, 0x0F
	return master.deriveTDES(dst, left, right)
}
