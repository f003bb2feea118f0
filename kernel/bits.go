package kernel

// The bit fields of Book 3 and Book 4 that more than one chapter or kernel reads. What only one reads stands there.

// Application Interchange Profile (82; Book 3, Annex C1). Kernels give byte 1 b2 and byte 2 their own meanings.
const (
	AIPSDA        = Bit(1<<8 | 0x40)
	AIPDDA        = Bit(1<<8 | 0x20)
	AIPCVM        = Bit(1<<8 | 0x10) // cardholder verification is supported
	AIPRisk       = Bit(1<<8 | 0x08) // terminal risk management is to be performed
	AIPIssuerAuth = Bit(1<<8 | 0x04)
	AIPCDA        = Bit(1<<8 | 0x01)
)

// Application Usage Control (9F07; Book 3, Annex C2).
const (
	AUCDomesticCash          = Bit(1<<8 | 0x80)
	AUCInternationalCash     = Bit(1<<8 | 0x40)
	AUCDomesticGoods         = Bit(1<<8 | 0x20)
	AUCInternationalGoods    = Bit(1<<8 | 0x10)
	AUCDomesticServices      = Bit(1<<8 | 0x08)
	AUCInternationalServices = Bit(1<<8 | 0x04)
	AUCATM                   = Bit(1<<8 | 0x02)
	AUCElsewhere             = Bit(1<<8 | 0x01) // valid at terminals other than ATMs
	AUCDomesticCashback      = Bit(2<<8 | 0x80)
	AUCInternationalCashback = Bit(2<<8 | 0x40)
)

// Terminal Capabilities (9F33; Book 4, Annex A2).
const (
	CapManualEntry   = Bit(1<<8 | 0x80)
	CapMagstripe     = Bit(1<<8 | 0x40)
	CapContact       = Bit(1<<8 | 0x20)
	CapPlaintextPIN  = Bit(2<<8 | 0x80)
	CapOnlinePIN     = Bit(2<<8 | 0x40)
	CapSignature     = Bit(2<<8 | 0x20)
	CapEncipheredPIN = Bit(2<<8 | 0x10)
	CapNoCVM         = Bit(2<<8 | 0x08)
	CapSDA           = Bit(3<<8 | 0x80)
	CapDDA           = Bit(3<<8 | 0x40)
	CapCardCapture   = Bit(3<<8 | 0x20)
	CapCDA           = Bit(3<<8 | 0x08)
)

// Additional Terminal Capabilities (9F40; Book 4, Annex A3), the transaction types.
const (
	AddCapCash     = Bit(1<<8 | 0x80)
	AddCapGoods    = Bit(1<<8 | 0x40)
	AddCapServices = Bit(1<<8 | 0x20)
	AddCapCashback = Bit(1<<8 | 0x10)
)
