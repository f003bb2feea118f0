package issuer

import (
	"crypto/subtle"

	"github.com/cardwright/emv/crypto/pin"
)

// PINBlockVIS makes dst the block of VIS for a PIN that the issuer changes, the data of PIN CHANGE/UNBLOCK: the PIN's
// length and digits, filled with 'F', XORed with bytes 5 to 8 of acMaster, the ICC master key for application cryptograms
// (16 bytes). Where the card is told the PIN that it has (P1 P2 '00 01'), current is XORed in too: its digits from the
// left, zeros behind them; otherwise current is the zero PIN. VIS, PIN CHANGE/UNBLOCK command.
//
// M/Chip and Visa's cryptogram version '22' put a block of format 2 (Book 3, 6.5.12) into that command instead: that of
// [pin.Block.Encode2].
//
// The errors are CodePIN and CodeKeyLength; dst is as before then.
func PINBlockVIS(dst *pin.Block, acMaster *Key, new, current *pin.PIN) error {
	if acMaster.size != tdesKey {
		return &Error{Code: CodeKeyLength, N: acMaster.size}
	}
	if new.Len() == 0 {
		return &Error{Code: CodePIN}
	}
	if err := dst.Encode2(new); err != nil {
		return err
	}
	dst[0] &= 0x0F // VIS's control field is 0
	subtle.XORBytes(dst[4:], dst[4:], acMaster.bytes[4:8])
	var room [pin.MaxLength]byte
	for i, d := range current.AppendDigits(room[:0]) {
		dst[i/2] ^= (d - '0') << (4 * (1 - i%2))
	}
	clear(room[:])
	return nil
}
