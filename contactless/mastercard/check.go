package mastercard

import (
	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/tvr"
	"github.com/cardwright/emv/tlv"
)

// checkCardData is S456.12 to S456.20: the amount against the limit, the objects without which there is no transaction,
// and whose data storage it is.
func (t *transaction) checkCardData() kernel.Outcome {
	t.Step(stageData, "C-2, S456")
	if t.amount() > t.limit { // S456.14
		t.fieldOff = false
		return t.selectNext(stageData, l2MaxLimit, "c2.max_limit", "C-2, S456.14")
	}
	for _, tag := range [...]tlv.Tag{tagExpiry, tagPAN, tagCDOL1} { // S456.16
		if !t.Data.Has(tag) {
			return t.fail(stageData, l2CardDataMissing, "c2.missing_"+tag.String(), "C-2, S456.16")
		}
	}
	if !t.checkDSID() {
		return t.fail(stageStorage, l2CardData, "c2.ids_ds_id", "C-2, S456.20")
	}
	return kernel.Outcome{}
}

// prepareCDA is S456.24 to S456.28. A tag list (9F4A) that is absent leaves only the bits of the TVR; readings differ.
func (t *transaction) prepareCDA() kernel.Outcome {
	if !t.cda {
		return kernel.Outcome{}
	}
	for _, tag := range [...]tlv.Tag{tagCAIndex, tagIssuerCert, tagIssuerExp, tagICCCert, tagICCExp, tagSDATagList} {
		if !t.Data.Has(tag) {
			t.setTVR(tvr.ICCDataMissing)
			t.setTVR(tvr.CDAFailed)
			t.Note(stageData, "c2.missing_"+tag.String(), "C-2, S456.24")
			break
		}
	}
	if t.Data.Has(tagCAIndex) && !t.hasCAKey() {
		t.setTVR(tvr.CDAFailed)
		t.Note(stageData, "c2.capk", "C-2, S456.25")
	}
	if list := t.Data.Get(tagSDATagList); list != nil && (len(list) != 1 || list[0] != byte(tagAIP)) {
		return t.fail(stageData, l2CardData, "c2.tag_list", "C-2, S456.27")
	}
	if t.Data.Has(tagSDATagList) {
		if t.static += len(t.Data.Get(tagAIP)); t.static > maxStatic {
			t.setTVR(tvr.CDAFailed)
		}
		t.Static.AddTagList(t.Data)
	}
	return kernel.Outcome{}
}

func (t *transaction) hasCAKey() bool {
	if t.Env.CAPKs == nil || len(t.Combination.AID) < len(capk.RID{}) {
		return false
	}
	_, ok := t.Env.CAPKs.CAPK(capk.RID(t.Combination.AID), t.byteOf(tagCAIndex))
	return ok
}

// setCapabilities completes the Terminal Capabilities (9F33) for the amount (C-2, S456.30).
func (t *transaction) setCapabilities() {
	capability := t.byteOf(tagCVMNot)
	if t.cvmRequired() {
		capability = t.byteOf(tagCVMRequired)
		t.receipt = true
	}
	t.Data.Get(tagTermCap)[1] = capability
}

// cvmRequired reports whether the amount exceeds the Reader CVM Required Limit.
func (t *transaction) cvmRequired() bool { return t.amount() > t.number(tagCVMLimit) }

// checkFloorLimit is S456.37.
func (t *transaction) checkFloorLimit() {
	if t.amount() > t.number(tagFloorLimit) {
		t.setTVR(tvr.FloorLimitExceeded)
		t.Note(stageAction, "c2.floor_limit", "C-2, S456.37")
	}
}
