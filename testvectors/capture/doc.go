// Package capture takes a transaction down as it happens, with any card in any reader, and writes it as a case of the format
// emv-vectors/1: what the terminal was set up with, every command and answer with its time, the random bytes that were
// drawn, what host and cardholder said, and how it ended. emv vectors run repeats it byte for byte.
//
//	r := capture.New("contactless.transaction")
//	env = r.Env(env)
//	t, err := contactless.New(config, env, kernels...)
//	out, err := t.Transact(ctx, r.Card(session), tx)
//	r.Ended(&out, t.Data())
//	data, err := capture.Suite("tap-1", true, r.Next())
//
// # Masks
//
// A capture is masked unless it is asked for otherwise: answers show card numbers and what else is confidential as
// asterisks, and commands that carry a card number show '..' for their data. Such a capture is for reading. It can't be
// replayed, and no other way of masking could be: a card's signatures and cryptograms cover its number, so whoever replaces
// the number sees another transaction. The runner refuses a masked capture by that name.
//
// The data of VERIFY and PIN CHANGE are '..' in every capture, and the PIN is not kept: a replay enters another one, and a
// script takes any.
//
// # What a capture does not say
//
// The format has one answer to reset for a slot: of a card that answered a warm reset only, the last one is kept, and of one that answered none, none. What else
// it has no key for, such as Kernel 2's data exchange, a case says about itself. Replay with the runner tells whether a
// capture is whole.
package capture
