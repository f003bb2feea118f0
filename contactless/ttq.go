package contactless

import "github.com/cardwright/emv/kernel"

// TTQ is the Terminal Transaction Qualifiers (9F66; Book A, table 5-4).
type TTQ [4]byte

// The bits of the TTQ that the entry point and more than one kernel use.
const (
	TTQMagstripe         = kernel.Bit(1<<8 | 0x80) // mag-stripe mode supported
	TTQEMVMode           = kernel.Bit(1<<8 | 0x20) // EMV mode supported
	TTQContactChip       = kernel.Bit(1<<8 | 0x10) // EMV contact chip supported
	TTQOfflineOnly       = kernel.Bit(1<<8 | 0x08) // offline-only reader
	TTQOnlinePIN         = kernel.Bit(1<<8 | 0x04) // online PIN supported
	TTQSignature         = kernel.Bit(1<<8 | 0x02) // signature supported
	TTQOnlineODA         = kernel.Bit(1<<8 | 0x01) // offline data authentication for online authorisations supported
	TTQOnlineCryptogram  = kernel.Bit(2<<8 | 0x80) // online cryptogram required; dynamic
	TTQCVMRequired       = kernel.Bit(2<<8 | 0x40) // CVM required; dynamic
	TTQContactOfflinePIN = kernel.Bit(2<<8 | 0x20) // offline PIN supported on the contact interface
	TTQIssuerUpdate      = kernel.Bit(3<<8 | 0x80) // issuer update processing supported
	TTQConsumerDeviceCVM = kernel.Bit(3<<8 | 0x40) // consumer device CVM supported
)
