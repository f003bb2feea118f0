package contactless

import (
	"time"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
)

// The outcomes that more than one kernel makes, as they make them. Whose book has another message or another start writes
// its own.

// EndApplication ends the transaction because of what the card said or did not say: another card may do better.
func EndApplication(why kernel.Reason) kernel.Outcome {
	return kernel.Outcome{
		Kind: kernel.EndApplication, Why: why,
		UI: kernel.UIRequest{Message: kernel.MsgTryAnotherCard, Status: kernel.ProcessingError},
	}
}

// EndFor is EndApplication with the code of err.
func EndFor(stage string, err error, ref string) kernel.Outcome {
	return EndApplication(kernel.Reason{Stage: stage, Code: kernel.CodeOf(err), Ref: ref})
}

// TryAgain asks for the same card once more.
func TryAgain(why kernel.Reason) kernel.Outcome {
	return kernel.Outcome{
		Kind: kernel.TryAgain, Start: kernel.StartB, Why: why,
		UIRestart: kernel.UIRequest{Message: kernel.MsgPresentCardAgain, Status: kernel.ReadyToRead},
	}
}

// SeePhone sends the cardholder to the phone, with the field off for so long, and asks for it once more.
func SeePhone(why kernel.Reason, hold time.Duration) kernel.Outcome {
	return kernel.Outcome{
		Kind: kernel.TryAgain, Start: kernel.StartB, FieldOff: hold, Why: why,
		UI:        kernel.UIRequest{Message: kernel.MsgSeePhone, Status: kernel.ProcessingError, Hold: hold},
		UIRestart: kernel.UIRequest{Message: kernel.MsgSeePhone, Status: kernel.ReadyToRead},
	}
}

// SelectNext leaves the card to the next candidate.
func SelectNext(why kernel.Reason) kernel.Outcome {
	return kernel.Outcome{Kind: kernel.SelectNext, Start: kernel.StartC, Why: why}
}

// InsertCard is Try Another Interface: the contact chip.
func InsertCard(why kernel.Reason) kernel.Outcome {
	return kernel.Outcome{
		Kind: kernel.TryAnotherInterface, Alternate: kernel.ContactChip, Why: why,
		UI: kernel.UIRequest{Message: kernel.MsgInsertCard, Status: kernel.ProcessingError},
	}
}

// DataRecord returns the Data Record: those objects of a kernel's list that there are, in kept memory.
func (a *Activation) DataRecord(list []tlv.Tag) []byte {
	a.Out.Record = a.Data.AppendObjects(a.Out.Record[:0], list)
	return a.Out.Record
}

// DiscretionaryData returns the Discretionary Data as DataRecord does; nil where there are none of the list.
func (a *Activation) DiscretionaryData(list ...tlv.Tag) []byte {
	a.Out.Discretionary = a.Data.AppendObjects(a.Out.Discretionary[:0], list)
	if len(a.Out.Discretionary) == 0 {
		return nil
	}
	return a.Out.Discretionary
}

// WithBalance adds what an offline card has left to a message: amount is the value of an object in format n, nil where the
// card has not said it.
func (a *Activation) WithBalance(r kernel.UIRequest, amount []byte) kernel.UIRequest {
	if v, ok := kernel.BCD(amount); ok && amount != nil {
		r.Value, r.Amount, r.Currency = kernel.Balance, v, a.Transaction.Currency
	}
	return r
}
