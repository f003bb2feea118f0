package mastercard

import (
	"github.com/cardwright/emv/kernel"
)

// secondTap reports whether the POS Cardholder Interaction Information (DF4B) asks the cardholder to do something on the
// device and to tap again: any of the bits 00 03 0F (C-2, Annex A).
func (t *transaction) secondTap() bool {
	pcii := t.Data.Get(tagPCII)
	return len(pcii) == 3 && (pcii[1]&0x03 != 0 || pcii[2]&0x0F != 0)
}

// phoneMessage looks the message up in the Phone Message Table (DF8131; C-2, Annex A): the first entry of mask, value,
// message and status whose value the masked information has.
func (t *transaction) phoneMessage() kernel.UIRequest {
	const entry = 8
	pcii := t.Data.Get(tagPCII)
	for table := t.Data.Get(tagPhoneMessages); len(table) >= entry && len(pcii) == 3; table = table[entry:] {
		if pcii[0]&table[0] != table[3] || pcii[1]&table[1] != table[4] || pcii[2]&table[2] != table[5] {
			continue
		}
		return kernel.UIRequest{Message: kernel.Message(table[6]), Status: kernel.Status(table[7]) + 1, Hold: t.hold()}
	}
	return kernel.UIRequest{Message: kernel.MsgNotAuthorised, Status: kernel.NotReady, Hold: t.hold()}
}

// askSecondTap ends the application and asks for the device again: the message at once, and on restart (C-2, S910, S13 and
// S14).
func (t *transaction) askSecondTap(stage, ref string) kernel.Outcome {
	message := t.phoneMessage()
	t.Show(message)
	message.Status, message.Hold = kernel.ReadyToRead, 0
	return t.finishWithRecord(kernel.Outcome{
		Kind: kernel.EndApplication, Start: kernel.StartB, UIRestart: message,
		Why: kernel.Reason{Stage: stage, Code: "c2.second_tap", Ref: ref},
	})
}
