package dict

import "github.com/cardwright/emv/tlv"

// Where objects are found. The slices are shared by entries and not to be changed.
var (
	inRecord                = []tlv.Tag{0x70, 0x77}
	inRecord70              = []tlv.Tag{0x70, 0xBF0C, 0x73}
	inAnswer                = []tlv.Tag{0x77, 0x80, 0x70}
	inRecordOrDiscretionary = []tlv.Tag{0x70, 0x77, 0xBF0C, 0x73}
	inRecordOrFCI           = []tlv.Tag{0x70, 0x77, 0xBF0C, 0xA5}
	inFCI                   = []tlv.Tag{0x6F}
	inProprietary           = []tlv.Tag{0xA5}
	inFCIDiscretionary      = []tlv.Tag{0xBF0C, 0xA5}
	inDiscretionary         = []tlv.Tag{0xBF0C, 0x73, 0x61}
	inDirectoryEntry        = []tlv.Tag{0x61}
	inDirectoryOrFCI        = []tlv.Tag{0x61, 0xA5}
	inScript                = []tlv.Tag{0x71, 0x72}
	inBITGroup              = []tlv.Tag{0xBF4A, 0xBF4B}
	inBIT                   = []tlv.Tag{0x7F60}
	inBiometric             = []tlv.Tag{0xBF4C, 0xBF4D, 0xBF4E}
)
