package runner

import (
	"encoding/hex"
	"strings"

	"github.com/cardwright/emv/contactless/wallet"
)

// walletOf is what contactless/wallet finds in the last tap, nil where no application was selected. The format names the
// kind: card or device, or the wallet of a device; either is right.
func (s *session) walletOf() map[string]any {
	adf, id := s.terminal.Selected()
	if adf == nil {
		return nil
	}
	r := wallet.Examine(wallet.Tap{
		Kernel: id, Data: s.terminal.Data(), Record: s.out.Record, Discretionary: s.out.Discretionary, FCI: s.rec.fci,
		Labels: s.rec.labels(),
	})
	got := map[string]any{"kind": string(r.Kind), "device": string(r.Device), "cdcvm": nil, "token_requestor": nil, "par": nil}
	if r.Brand != wallet.UnknownBrand {
		got["kind"] = oneOf{string(r.Kind), string(r.Brand)}
	}
	switch r.CDCVM {
	case wallet.Done:
		got["cdcvm"] = true
	case wallet.NotDone, wallet.Failed:
		got["cdcvm"] = false
	case wallet.UnknownVerification:
	}
	if r.Token.Requestor != "" { // 11 digits in six bytes, or the digits alone
		got["token_requestor"] = oneOf{"0" + r.Token.Requestor, r.Token.Requestor}
	}
	if par := r.Token.PAR.Unmasked(); par != "" {
		got["par"] = oneOf{par, strings.ToUpper(hex.EncodeToString([]byte(par)))}
	}
	return got
}

// labels returns the Application Labels of the candidates.
func (r *recorder) labels() []string {
	var labels []string
	for _, c := range r.candidates {
		one, _ := c.(map[string]any)
		if label, ok := one["label"].(string); ok {
			labels = append(labels, label)
		}
	}
	return labels
}
