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
// # Payments that the card approves
//
// Without its host a terminal takes a Sale where Policy.Forward and the request both allow it, and the card gives a TC:
//
//	CARD_IN ─► COMMIT ─────────────────────────────────────────────► SAF_STORED ─► FINAL approved_offline
//	           COMMIT ─► AUTH_SENT ─► HOST_ANSWERED ─► GAC2_DONE ──►     │
//	                                  (no byte left)                     └─► SAF_SENT(n) ─► SAF_DONE | SAF_DECLINED
//
// It has one trace (STAN, RRN, time), fixed between COMMIT and the first thing that can be sent, and each try is with it: a
// host that has had it knows it again. One chain sends, one message at a time. It goes on across reboots, and at once when
// the host answers anything else or Forward is called. Where not a byte of it has left the terminal, a void takes it back, by
// the one record that is the void's Final; otherwise the void waits until the host has the payment. What the host refuses in
// the end is told by an event, by Status, and by Refused until the till has taken note (Note): the Final stands, and nobody is
// charged. forward.go has the rules.
//
// SAF_STORED has what clears the payment: the public data objects of the TC, and the card number and track as the reader has
// enciphered them (Sealed). That is crypto/p2pe under the key of one DUKPT transaction, and not sealed again to a public key
// of the acquirer, as HPKE (RFC 9180) would: the key was derived for this transaction and erased, the terminal can't make it
// again, and only who holds the base derivation key can (ANSI X9.24-3). So the journal, with all that the terminal knows,
// opens nothing, which is what HPKE would give. And the values are authenticated by a key that nobody else had, while HPKE's
// base mode seals for anybody; the host gets them in the form of every other message.
//
// Reader, Host, Screen, Lease and Clock are what the engine needs of the rest of the terminal. Card data reach the journal
// masked (Card), as a token, or enciphered (Online.Sealed); nothing else of a card is ever written or told.
package payment
