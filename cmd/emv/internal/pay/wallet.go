package pay

import (
	"strings"

	"github.com/cardwright/emv/contactless/wallet"
	"github.com/cardwright/emv/kernel"
)

// WalletReport is what a tap told of the device behind it. Unknown parts are left out.
type WalletReport struct {
	Kind           string `json:"kind"` // "card", "device"
	Device         string `json:"device,omitempty"`
	Brand          string `json:"brand,omitempty"` // "apple-pay"
	CDCVM          string `json:"cdcvm,omitempty"` // the device verified its owner: "done", "not-done", "failed"
	Token          string `json:"token,omitempty"` // the number is a token: "yes", "no"
	TokenRequestor string `json:"token_requestor,omitempty"`
	PAR            string `json:"par,omitempty"` // masked
}

// examine notes what a tap was made with, where it was a device or a token. A tap of a plain card has no such part.
func (s *sale) examine(out *kernel.Outcome, id kernel.ID) {
	r := wallet.Examine(wallet.Tap{
		Kernel: id, Data: s.parts.tap.Data(), Record: out.Record, Discretionary: out.Discretionary,
	})
	if r.Kind != wallet.Handheld && r.Brand == wallet.UnknownBrand && r.Token.Is != wallet.Yes {
		return
	}
	w := &WalletReport{
		Kind: known(string(r.Kind)), Device: known(string(r.Device)), Brand: known(string(r.Brand)),
		CDCVM: known(string(r.CDCVM)), Token: known(string(r.Token.Is)), TokenRequestor: r.Token.Requestor,
	}
	if r.Token.PAR.Present() {
		w.PAR = r.Token.PAR.String()
	}
	s.report.Wallet = w
	if s.Wallet != nil {
		s.Wallet(w)
	}
}

// known is an answer, empty where it is "unknown".
func known(s string) string {
	if s == string(wallet.Unknown) {
		return ""
	}
	return s
}

// walletNames are what wallets are called.
var walletNames = map[string]string{
	string(wallet.ApplePay): "Apple Pay", string(wallet.GooglePay): "Google Pay", string(wallet.SamsungPay): "Samsung Pay",
}

// String says it in a line: "Apple Pay on a watch, which verified its owner; a token".
func (w *WalletReport) String() string {
	what := walletNames[w.Brand]
	device := strings.ReplaceAll(w.Device, "-", " ")
	if device == "" || device == "other" {
		device = "device"
	}
	if what == "" {
		what = "a " + device
	} else {
		what += " on a " + device
	}
	switch wallet.Verification(w.CDCVM) {
	case wallet.Done:
		what += ", which verified its owner"
	case wallet.Failed:
		what += ", which failed to verify its owner"
	case wallet.NotDone:
		what += ", which did not verify its owner"
	default:
	}
	if w.Token == string(wallet.Yes) {
		what += "; a token"
	}
	return what
}
