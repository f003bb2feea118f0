// Package replay is a card that answers from a script: what it must be asked, byte for byte, and what it says.
//
// A command that the script does not expect is never answered with a status word or a card error, which a kernel would
// take for a misbehaving card and process. It ends the transaction with a *Mismatch, which is no card error, so that
// kernels hand it up unchanged.
//
// Card also is the field that cards lie in: each activation after a restart takes the next Tap. Time passes on a Clock of
// its own. Nothing here sleeps.
package replay
