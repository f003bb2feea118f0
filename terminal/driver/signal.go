package driver

import "context"

// Lights is what a reader has that shows the four lights of contactless (Book A, 9.3). It is found by type assertion on a
// Reader.
type Lights interface {
	// SetLights lights the first, second, third and fourth for the bits 1, 2, 4 and 8, and darkens the others. A reader
	// with fewer shows those that it has.
	SetLights(ctx context.Context, lit uint8) error
}

// Tone is one of the two tones of contactless (Book A, 9.3).
type Tone uint8

// The tones.
const (
	Success Tone = iota + 1 // one long tone: the card was read
	Alert                   // two short ones: something is wrong
)

// Beeper is what a reader has that sounds. It is found by type assertion on a Reader.
type Beeper interface {
	// Beep starts a tone and does not wait for its end.
	Beep(ctx context.Context, t Tone) error
}
