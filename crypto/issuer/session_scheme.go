package issuer

// DiversificationMChip returns R for Mastercard's own session key of application cryptograms, which is SessionKey of the
// ATC (tag '9F36'), two zero bytes and the Unpredictable Number (tag '9F37'). M/Chip 4, cryptogram versions 16 and 17;
// Interac, cryptogram version 133.
func DiversificationMChip(atc [2]byte, un [4]byte) Diversification {
	return Diversification{atc[0], atc[1], 0, 0, un[0], un[1], un[2], un[3]}
}

// VisaMessagingKey makes dst the key that Visa cards of cryptogram versions 10, 17 and 18 take for secure messaging:
// master, an ICC master key for MAC or for encipherment of 16 bytes, with the ATC added to the right end of its left
// half, and the inverted ATC to that of its right half. Parity is left as it comes. dst may be master itself.
// VIS, secure messaging session keys.
//
// The error is CodeKeyLength.
func VisaMessagingKey(dst, master *Key, atc [2]byte) error {
	if master.size != tdesKey {
		return &Error{Code: CodeKeyLength, N: master.size}
	}
	*dst = *master
	for i, b := range atc {
		dst.bytes[tdesBlock-2+i] ^= b
		dst.bytes[tdesKey-2+i] ^= ^b
	}
	return nil
}

// InverseATCKey makes dst the session key that UnionPay cards take, for cryptograms and for secure messaging alike:
// DES3(MK)['00 00 00 00 00 00' ATC] || DES3(MK)['00 00 00 00 00 00' NOT ATC], 16 bytes, of which the parity is left
// as it comes. master has 16 bytes; dst may be master itself. JR/T 0025.7 (PBOC), session keys.
//
// The errors are CodeKeyLength and mac.CodeCipher.
func InverseATCKey(dst, master *Key, atc [2]byte) error {
	return master.deriveTDES(dst,
		[tdesBlock]byte{6: atc[0], 7: atc[1]},
		[tdesBlock]byte{6: ^atc[0], 7: ^atc[1]})
}
