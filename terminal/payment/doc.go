// Package payment takes payments so that nobody is charged twice and none is lost: not by a crash, a pulled cable, a double
// click, or a cancellation that comes while the card is read.
//
//	e, err := payment.Open(payment.Config{…})     // recovers what a loss of power interrupted: before any listener opens
//	status, err := e.Accept(till, request)        // at once; everything later is an Event, and exactly one has a Final
//	result, err := e.Cancel(till, id, false)      // cancelled, or too late: never both
//	status, err := e.Status(till, id)             // whenever in doubt
//	err = e.Ack(till, id)                         // the till has the outcome; until then Unacked returns it
//
// A payment goes through these states. Each is a record in the journal, on the disk before the effect that it names; what
// is in memory is made of the records by one function (fold.go), at work and at recovery alike.
//
//	ACCEPTED ─► PROMPTING ─► CARD_IN ─► COMMIT ─► AUTH_SENT ─► HOST_ANSWERED ─► GAC2_DONE ─► FINAL ─► ACKED
//	    │            │           │                    │               │              │
//	    └────────────┴───────────┴─► FINAL cancelled  └───────────────┴──────────────┴─► REVERSAL_DUE
//	                                                                    REVERSAL_SENT(n) ─► REVERSED
//
// COMMIT and a cancellation exclude each other: whichever is in the journal first has won (commit.go, cancel.go). Silence
// of the host, an approval that the card did not accept and a loss of power after AUTH_SENT lead to a reversal, which is
// repeated across reboots until the host acknowledges it (chain.go). recover.go has the table for the start.
//
// What takes no card and no decision of the moment goes to the host by the chains too, and is repeated until it is
// answered: a void as a reversal of the original, a capture and an adjustment as an advice (SAF_STORED, SAF_SENT, SAF_DONE
// or SAF_DECLINED). Their Final is the host's answer, however late: nothing else would be true.
//
// Card payments are never stored to be sent later: a request that allows it is refused (E_OFFLINE), and an approval by
// the card alone is not accepted.
//
// Reader, Host, Screen, Lease and Clock are what the engine needs of the rest of the terminal. Card data reach the journal
// masked (Card), as a token, or enciphered (Online.Sealed); nothing else of a card is ever written or told.
package payment
