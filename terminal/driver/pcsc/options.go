package pcsc

import "time"

// DefaultAnswer is how long a card may take for one answer where Options leaves it open. Readers know their card's waiting
// time and end an exchange earlier; this is for those that hang.
const DefaultAnswer = 30 * time.Second

// Options are what a program may set. The zero value is good.
type Options struct {
	// Answer is the longest wait for the answer to one command. What takes longer is kernel.ErrTimeout.
	Answer time.Duration
}
