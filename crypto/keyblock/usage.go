package keyblock

import "strings"

// Usage is the key usage: what a key is for. ANSI X9.143, 6.3.1.
type Usage string

// The key usages. Those that begin with a digit are proprietary.
const (
	UsageBDK             Usage = "B0"
	UsageInitialKey      Usage = "B1"
	UsageBaseVariant     Usage = "B2"
	UsageDerivation      Usage = "B3"
	UsageCVK             Usage = "C0"
	UsageData            Usage = "D0"
	UsageDataAsymmetric  Usage = "D1"
	UsageDecimalization  Usage = "D2"
	UsageSensitiveData   Usage = "D3"
	UsageIssuerAC        Usage = "E0"
	UsageIssuerSMC       Usage = "E1"
	UsageIssuerSMI       Usage = "E2"
	UsageIssuerDAC       Usage = "E3"
	UsageIssuerIDN       Usage = "E4"
	UsageIssuerPerso     Usage = "E5"
	UsageIssuerOther     Usage = "E6"
	UsageCardPINKeyPair  Usage = "E7"
	UsageCardAC          Usage = "F0"
	UsageCardSMC         Usage = "F1"
	UsageCardSMI         Usage = "F2"
	UsageCardIDN         Usage = "F4"
	UsageIV              Usage = "I0"
	UsageKEK             Usage = "K0"
	UsageKBPK            Usage = "K1"
	UsageTR34            Usage = "K2"
	UsageKeyAgreement    Usage = "K3"
	UsageKBPK20038       Usage = "K4"
	UsageMAC16609        Usage = "M0"
	UsageMAC1            Usage = "M1"
	UsageMAC2            Usage = "M2"
	UsageMAC3            Usage = "M3"
	UsageMAC4            Usage = "M4"
	UsageMAC5            Usage = "M5"
	UsageCMAC            Usage = "M6"
	UsageHMAC            Usage = "M7"
	UsageMAC6            Usage = "M8"
	UsagePIN             Usage = "P0"
	UsagePINGeneration   Usage = "P1"
	UsageSignature       Usage = "S0"
	UsageCAKeyPair       Usage = "S1"
	UsageOtherKeyPair    Usage = "S2"
	UsagePINVerification Usage = "V0"
	UsageIBM3624         Usage = "V1"
	UsagePVV             Usage = "V2"
	UsageX9132A1         Usage = "V3"
	UsageX9132A2         Usage = "V4"
	UsageX9132A3         Usage = "V5"
)

// UsageRule says what a key usage goes with. ANSI X9.143, 6.3.1 to 6.3.3.
type UsageRule struct {
	Usage      Usage
	Name       string
	Algorithms string // the letters of the algorithms
	Modes      string // the letters of the modes of use
}

// Which algorithms and modes several usages share. N goes with every usage: it leaves to the usage what is allowed.
const (
	either    = "AT"  // AES and TDES
	withDES   = "ADT" // and single DES, which a Permit lets through alone
	pair      = "ER"  // a key pair: elliptic curve or RSA
	signers   = "ERS" // and DSA
	hmacs     = "HIJ"
	encipher  = "BDEN"
	verifying = "CGVN"
	deriving  = "XN"
)

var usageRules = [...]UsageRule{
	{UsageBDK, "base derivation key (DUKPT)", either, deriving},
	{UsageInitialKey, "initial DUKPT key", either, deriving},
	{UsageBaseVariant, "base key variant key", either, "XYN"},
	{UsageDerivation, "key derivation key (not X9.24)", either, deriving},
	{UsageCVK, "card verification key", either, verifying},
	{UsageData, "data encryption", withDES, encipher},
	{UsageDataAsymmetric, "data encryption, asymmetric", pair, encipher},
	{UsageDecimalization, "data encryption of decimalization tables", withDES, encipher},
	{UsageSensitiveData, "data encryption of sensitive data", either, encipher},
	{UsageIssuerAC, "EMV issuer master key: application cryptograms", either, deriving},
	{UsageIssuerSMC, "EMV issuer master key: secure messaging, confidentiality", either, deriving},
	{UsageIssuerSMI, "EMV issuer master key: secure messaging, integrity", either, deriving},
	{UsageIssuerDAC, "EMV issuer master key: data authentication code", either, deriving},
	{UsageIssuerIDN, "EMV issuer master key: dynamic numbers", either, deriving},
	{UsageIssuerPerso, "EMV issuer master key: card personalization", either, deriving},
	{UsageIssuerOther, "EMV issuer master key: other", either, deriving},
	{UsageCardPINKeyPair, "EMV key pair for PIN encipherment", pair, encipher},
	{UsageCardAC, "EMV card key: application cryptograms", either, deriving},
	{UsageCardSMC, "EMV card key: secure messaging, confidentiality", either, deriving},
	{UsageCardSMI, "EMV card key: secure messaging, integrity", either, deriving},
	{UsageCardIDN, "EMV card key: dynamic numbers", either, deriving},
	{UsageIV, "initialization vector", withDES, "N"},
	{UsageKEK, "key encryption", either, encipher},
	{UsageKBPK, "key block protection key", either, encipher},
	{UsageTR34, "TR-34 key pair", pair, "BDESTVN"},
	{UsageKeyAgreement, "key pair for key agreement or wrapping", pair, "BDEXN"},
	{UsageKBPK20038, "key block protection key, ISO 20038", "A", encipher},
	{UsageMAC16609, "MAC, ISO 16609 algorithm 1 (TDES)", "T", verifying},
	{UsageMAC1, "MAC, ISO 9797-1 algorithm 1", withDES, verifying},
	{UsageMAC2, "MAC, ISO 9797-1 algorithm 2", "DT", verifying},
	{UsageMAC3, "MAC, ISO 9797-1 algorithm 3", "T", verifying},
	{UsageMAC4, "MAC, ISO 9797-1 algorithm 4", "T", verifying},
	{UsageMAC5, "MAC, ISO 9797-1:1999 algorithm 5", either, verifying},
	{UsageCMAC, "MAC, ISO 9797-1:2011 algorithm 5 (CMAC)", either, verifying},
	{UsageHMAC, "HMAC", hmacs, verifying},
	{UsageMAC6, "MAC, ISO 9797-1:2011 algorithm 6", either, verifying},
	{UsagePIN, "PIN encryption", either, encipher},
	{UsagePINGeneration, "PIN generation", either, verifying},
	{UsageSignature, "key pair for digital signatures", signers, "SVN"},
	{UsageCAKeyPair, "CA key pair", signers, "SVN"},
	{UsageOtherKeyPair, "key pair outside X9.24", signers, "BDESTVN"},
	{UsagePINVerification, "PIN verification, other algorithm", either, verifying},
	{UsageIBM3624, "PIN verification, IBM 3624", either, verifying},
	{UsagePVV, "PIN verification, Visa PVV", either, verifying},
	{UsageX9132A1, "PIN verification, X9.132 algorithm 1", either, verifying},
	{UsageX9132A2, "PIN verification, X9.132 algorithm 2", either, verifying},
	{UsageX9132A3, "PIN verification, X9.132 algorithm 3", either, verifying},
}

// Usages returns all rules, in the order of the usages.
func Usages() []UsageRule { return append([]UsageRule(nil), usageRules[:]...) }

// Rule returns the rule of a usage, and whether X9.143 defines the usage.
func (u Usage) Rule() (UsageRule, bool) {
	for i := range usageRules {
		if usageRules[i].Usage == u {
			return usageRules[i], true
		}
	}
	return UsageRule{}, false
}

// String returns the value and its meaning: "P0 (PIN encryption)".
func (u Usage) String() string {
	if r, ok := u.Rule(); ok {
		return string(u) + " (" + r.Name + ")"
	}
	return string(u)
}

// has reports whether a value is one of the letters.
func has[T ~string](letters string, v T) bool {
	return len(v) == 1 && strings.Contains(letters, string(v))
}
