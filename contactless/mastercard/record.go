package mastercard

import "github.com/cardwright/emv/tlv"

// The objects that an outcome carries (C-2, Annex A: Data Record and Discretionary Data). Those that are not there are
// left out, and so are the states of data storage and of writing where the terminal has neither.
var (
	recordEMV = [...]tlv.Tag{
		tagAmount, tagOther, tagCryptogram, tagExpiry, tagAIP, tagLabel, tagPAN, tagPSN, tagPreferredName, tagATC, tagAUC,
		tagVersionReader, tagCID, tagCVMResults, tagDFName, tagIFDSerial, tagIAD, tagCodeTable, tagPAR, tagTermCap,
		tagCountry, tagTermType, tagTVR, tagTrack2Eq, tagCategory, tagCurrency, tagDate, tagType, tagUN,
	}
	// Readings differ in whether Track 2 Data are 57 or 9F6B here; 9F6B is the track that was built.
	recordMagstripe = [...]tlv.Tag{
		tagLabel, tagPreferredName, tagDFName, tagCodeTable, tagMSVersion, tagPAR, tagTrack1, tagTrack2,
	}
	discretionaryEMV = [...]tlv.Tag{
		tagCapabilities, tagAppCurrency, tagBalanceAfter, tagBalanceBefore, tagSummary3, tagSumStatus, tagError,
		tagPostStatus, tagPreStatus, tagThirdParty, tagTornRecord,
	}
	discretionaryMagstripe = [...]tlv.Tag{
		tagCapabilities, tagDDCardTrack1, tagDDCardTrack2, tagError, tagThirdParty,
	}
)

func (t *transaction) record() []tlv.Tag {
	if t.magstripe {
		return recordMagstripe[:]
	}
	return recordEMV[:]
}

func (t *transaction) discretionary() []tlv.Tag {
	if t.magstripe {
		return discretionaryMagstripe[:]
	}
	return discretionaryEMV[:]
}
