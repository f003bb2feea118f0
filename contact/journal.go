package contact

import (
	"time"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/risk"
)

// Journal is what outlives a transaction in a terminal: the transaction log, by which split sales are found (Book 3,
// 10.6.1), and the Transaction Sequence Counter (9F41; Book 4, 6.5.5). The caller keeps it where a loss of power does not
// reach it.
type Journal interface {
	risk.Log

	// Next returns the next Transaction Sequence Counter, 1 to 99999999, and has it kept before it returns: no two
	// transactions may have the same. A transaction that brings its own Sequence does not ask.
	Next() (uint32, error)

	// Append adds a transaction that was approved, offline or online. e is good until the call returns.
	Append(e LogEntry) error
}

// LogEntry is an approved transaction. Its PAN masks itself when it is printed.
type LogEntry struct {
	PAN         kernel.PAN
	PSN         int // Application PAN Sequence Number, -1 where the card gave none
	Transaction kernel.Transaction
	Time        time.Time
	Kind        kernel.Kind // ApprovedOffline or ApprovedOnline
}

// log adds an approved transaction to the journal. That this failed changes nothing of the transaction; After tells.
func (t *transaction) log(kind kernel.Kind) {
	if t.with.Journal == nil || kind != kernel.ApprovedOffline && kind != kernel.ApprovedOnline {
		return
	}
	e := LogEntry{PSN: -1, Transaction: t.tx, Time: t.when, Kind: kind}
	e.PAN, _ = kernel.ParsePAN(t.data.Get(tagPAN))
	if v := t.data.Get(tagPSN); v != nil {
		if n, ok := kernel.BCD(v); ok {
			e.PSN = int(n)
		}
	}
	t.after.Unlogged = t.with.Journal.Append(e)
}

// riskLog is the log that terminal risk management looks at.
func (t *transaction) riskLog() risk.Log {
	if t.with.Log == nil && t.with.Journal != nil {
		return t.with.Journal
	}
	return t.with.Log
}
