package keyblock

import "strings"

// BlockID says what an optional block is. Those of two digits are proprietary. ANSI X9.143, 6.3.6.
type BlockID string

// The optional blocks.
const (
	BlockKeyLife         BlockID = "AL" // asymmetric key life
	BlockBDKID           BlockID = "BI" // which BDK: its Key Set ID (TDES DUKPT) or BDK ID (AES DUKPT)
	BlockCertificate     BlockID = "CT" // public key certificate
	BlockDerivations     BlockID = "DA" // derivations allowed
	BlockFlags           BlockID = "FL" // flags
	BlockHash            BlockID = "HM" // the hash of an HMAC key
	BlockInitialKeyID    BlockID = "IK" // Initial Key ID (AES DUKPT), 8 bytes
	BlockKeyCheck        BlockID = "KC" // check value of the key in the block
	BlockProtectionCheck BlockID = "KP" // check value of the KBPK
	BlockKeySet          BlockID = "KS" // Key Set Identifier (TDES DUKPT)
	BlockKeyBlockValues  BlockID = "KV" // which edition the header's values are of; deprecated
	BlockLabel           BlockID = "LB" // a label, free text
	BlockPadding         BlockID = "PB" // padding of the header
	BlockExportCheck     BlockID = "PK" // check value of the KBPK that the key is to be exported under
	BlockCreated         BlockID = "TC" // when the key was made
	BlockStamp           BlockID = "TS" // when the block was made
	BlockPedigree        BlockID = "WP" // wrapping pedigree: whether the key was ever under a weaker one
)

// OptionalBlock is one optional block of a header: an ID, and data of printable ASCII. ANSI X9.143, 6.3.6.
type OptionalBlock struct {
	ID   BlockID
	Data string

	// LengthBytes is how many bytes the length of an extended length field counts in, each two digits: "CT" "00" "02"
	// "0A10". 0 is the short form, two digits, and for a block of more than 255 characters the extended form in 2 bytes.
	LengthBytes uint8
}

const (
	shortHead = 4                                  // ID and length
	maxShort  = 0xFF                               // characters that a short length counts
	extended  = 2                                  // the bytes of an extended length where nothing else is asked for
	padding   = "ABCDEFGHJKMNPQRTUVWXYZ0123456789" // 32 readable characters for padding blocks
)

// head returns how many characters stand before the data.
func (o *OptionalBlock) head() int {
	switch {
	case o.LengthBytes > 0:
		return shortHead + 2 + 2*int(o.LengthBytes)
	case shortHead+len(o.Data) > maxShort:
		return shortHead + 2 + 2*extended
	}
	return shortHead
}

// size returns how many characters the block has.
func (o *OptionalBlock) size() int { return o.head() + len(o.Data) }

// append writes the block to dst.
func (o *OptionalBlock) append(dst []byte) []byte {
	dst = append(dst, o.ID...)
	digits := o.head() - shortHead - 2
	if digits > 0 {
		dst = append(dst, '0', '0')
		dst = appendHex(dst, []byte{byte(digits / 2)})
	} else {
		digits = 2
	}
	n := o.size()
	for at := digits - 1; at >= 0; at-- {
		v := 0
		if at < 4 {
			v = n >> (4 * at) & 0xF
		}
		dst = append(dst, hexDigits[v])
	}
	return append(dst, o.Data...)
}

// parseOptional reads the optional block that s begins with and returns its size.
func parseOptional(s string) (o OptionalBlock, size int, err error) {
	if len(s) < shortHead {
		return o, 0, &Error{Code: CodeOptionalBlock, Field: fieldBlocks, N: len(s)}
	}
	o.ID = BlockID(s[:2])
	n, ok := number(s[2:4])
	head := shortHead
	if ok && n == 0 {
		// ANSI X9.143, 6.3.6: '00', the number of bytes of the length, the length.
		if len(s) < shortHead+2 {
			return o, 0, &Error{Code: CodeOptionalBlock, Field: string(o.ID)}
		}
		count, fine := number(s[4:6])
		head = shortHead + 2 + 2*count
		if !fine || count == 0 || len(s) < head {
			return o, 0, &Error{Code: CodeOptionalBlock, Field: string(o.ID)}
		}
		o.LengthBytes = uint8(count)
		n, ok = number(s[6:head])
	}
	if !ok || n < head || n > len(s) {
		return o, 0, &Error{Code: CodeOptionalBlock, Field: string(o.ID), N: n}
	}
	o.Data = s[head:n]
	if o.LengthBytes == extended && shortHead+len(o.Data) > maxShort {
		o.LengthBytes = 0 // what is written where nothing is asked for
	}
	return o, n, nil
}

// checkBlocks holds optional blocks to the rules of ANSI X9.143, 6.3.6: an ID of letters and digits that comes but once,
// data of printable ASCII and of the form that the ID asks for, padding last.
func checkBlocks(blocks []OptionalBlock) error {
	if len(blocks) > maxBlocks {
		return &Error{Code: CodeOptionalBlock, Field: fieldBlocks, N: len(blocks)}
	}
	for i := range blocks {
		o := &blocks[i]
		refused := &Error{Code: CodeOptionalBlock, Field: string(o.ID)}
		if len(o.ID) != 2 || !alphanumeric(o.ID[0]) || !alphanumeric(o.ID[1]) {
			return refused
		}
		for j := range i {
			if blocks[j].ID == o.ID {
				return refused
			}
		}
		if o.LengthBytes == 1 && o.size() > maxShort { // more than one byte counts
			return refused
		}
		if o.ID == BlockPadding && i != len(blocks)-1 || !printable(o.Data) || !o.ID.takes(o.Data) {
			return refused
		}
	}
	return nil
}

// takes reports whether data has the form of a block of that ID, as far as it is of digits and of a known length.
func (id BlockID) takes(data string) bool {
	switch id {
	case BlockKeySet:
		return len(data)%2 == 0 && allHex(data)
	case BlockInitialKeyID:
		return len(data) == 2*initialKeyIDLen && allHex(data)
	case BlockBDKID, BlockHash, BlockKeyCheck, BlockProtectionCheck, BlockExportCheck:
		return allHex(data)
	default:
		return true
	}
}

// pad makes the padding block that brings a header of n characters to a multiple of block characters; need is whether one
// is needed. The padding is drawn: 32 characters stand for 32 values of a random byte's low bits.
func pad(n, block int, fill func([]byte) error) (o OptionalBlock, need bool, err error) {
	spare := (block - n%block) % block
	if spare == 0 {
		return o, false, nil
	}
	if spare < shortHead {
		spare += block
	}
	text := make([]byte, spare-shortHead)
	if err := fill(text); err != nil {
		return o, false, err
	}
	for i, v := range text {
		text[i] = padding[v%byte(len(padding))]
	}
	return OptionalBlock{ID: BlockPadding, Data: string(text)}, true, nil
}

// Find returns the data of an optional block, and whether it is there.
func (h *Header) Find(id BlockID) (string, bool) {
	for i := range h.Blocks {
		if h.Blocks[i].ID == id {
			return h.Blocks[i].Data, true
		}
	}
	return "", false
}

// printable reports whether a text is of printable ASCII, the space included.
func printable(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < 0x20 || r > 0x7E }) < 0
}
