package contact

import (
	"context"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
	"github.com/cardwright/emv/kernel/tvr"
)

// aipIssuerAuthentication is "Issuer authentication is supported using the EXTERNAL AUTHENTICATE command" (82; Book 3,
// Annex C1).
const aipIssuerAuthentication = kernel.AIPIssuerAuth

// authenticateIssuer gives the card the Issuer Authentication Data (91), if any came, by EXTERNAL AUTHENTICATE (Book 3,
// 10.9). A card that does not support that may ask for them in its CDOL2. The command is sent once: a second one is an
// error (Book 3, 6.5.4.5).
func (t *transaction) authenticateIssuer(ctx context.Context) (kernel.Outcome, error) {
	data := t.data.Get(tagIssuerAuth)
	if data == nil || !aipIssuerAuthentication.In(t.data.Get(tagAIP)) {
		return kernel.Outcome{}, nil
	}
	t.step(stageAuthority, "Book 3, 10.9")
	r, out, err := t.send(ctx, stageAuthority, apdu.AppendExternalAuthenticate(t.link.Buffer(), data))
	if err != nil || out.Made() {
		return out, err
	}
	if r.SW != apdu.OK {
		code := "contact.issuer_authentication_" + r.SW.String()
		if err := t.flag(stageAuthority, tvr.IssuerAuthenticationFailed, code, "Book 3, 10.9"); err != nil {
			return kernel.Outcome{}, err
		}
	}
	return kernel.Outcome{}, t.performed(tvr.IssuerAuthenticationPerformed)
}
