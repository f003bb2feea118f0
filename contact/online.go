package contact

import (
	"context"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
	"github.com/cardwright/emv/tlv/dict"
)

// Host is the way to the issuer.
type Host interface {
	// Authorise sends an online request and waits for the answer. record holds the data objects of the request, as DE55
	// carries them; it is good until the call returns. No answer, in time or at all, is an OnlineAnswer that is Unable.
	//
	// A referral (Authorisation Response Code 01 or 02) is for the host side to settle: it has the issuer called and
	// answers with what the call came to. One that is handed on counts as refused.
	//
	// An error is ctx's, or a bug; it ends the transaction.
	Authorise(ctx context.Context, record kernel.Objects) (kernel.OnlineAnswer, error)
}

// requested are the data objects of an online request and of clearing (Book 4, 12.1 and tables 34 to 36). Objects that are
// not there are left out.
var requested = [...]tlv.Tag{
	tagCryptogram, tagCID, tagIAD, tagUN, tagATC, tagTVR, tagDate, tagType, tagAmount, tagCurrency, tagAIP, tagCountry,
	tagOther, tagTermCap, tagCVMResults, tagTermType, tagIFDSerial, tagDFName, tagAID, tagAppVersion, tagSequence, tagPSN,
	tagTSI, tagARC, tagScripts, tagTrack2, tagPAN, tagExpiry, tagTime, tagEntryMode, 0x9F07, 0x9F16, 0x9F1C, 0x9F4E, 0x9F6E,
	0x9F7C, 0x9F19, 0x9F24, 0x9F25, tagExponent, tagAccount,
}

// dataRecord collects the data objects of a request. It is good until the next one or Wipe.
func (t *transaction) dataRecord() kernel.Objects {
	dst := t.record[:0]
	for _, tag := range requested {
		if v := t.data.Get(tag); v != nil {
			dst = tlv.Append(dst, tag, v)
		}
	}
	t.record = dst
	return dst
}

// goOnline is Online Processing (Book 3, 10.9; Book 4, 6.3.7): the request, and what came back. A terminal without a host
// is unable to go online, whatever made it try.
func (t *transaction) goOnline(ctx context.Context) error {
	t.step(stageOnline, "Book 3, 10.9")
	t.reply = kernel.OnlineAnswer{Unable: true}
	// A card may answer a terminal that never goes online with an ARQC all the same.
	if t.with.Host != nil && !t.data.TerminalType().OfflineOnly() {
		t.show(kernel.MsgAuthorising, kernel.Processing)
		reply, err := t.with.Host.Authorise(ctx, t.dataRecord())
		if err != nil {
			return err
		}
		t.reply = reply
	}
	if t.reply.Unable {
		t.decide(stageOnline, "contact.unable", "Book 4, 12.2.1")
		return nil
	}
	t.online = true
	t.data.Mark()
	for _, o := range [...]struct {
		tag   tlv.Tag
		value []byte
	}{{tagARC, t.reply.ARC[:]}, {tagAuthCode, t.reply.AuthCode}, {tagIssuerAuth, t.reply.IssuerAuth}} {
		if len(o.value) == 0 {
			continue
		}
		r, err := t.data.ReceiveValue(dict.Issuer, o.tag, o.value)
		if err != nil {
			return err
		}
		t.env.EmitReceived(r)
	}
	return nil
}
