package host

import "time"

// Kind says what an Event tells.
type Kind string

// The kinds.
const (
	Connected  Kind = "connected"  // a connection stands
	Closed     Kind = "closed"     // it is gone: Err says why, nil where the client closed it
	Sent       Kind = "sent"       // a request has left
	Answered   Kind = "answered"   // and has its answer: Code is field 39, Took how long it was
	Repeated   Kind = "repeated"   // a repeat is about to be sent
	NoAnswer   Kind = "no_answer"  // the time for an answer is over
	Stale      Kind = "stale"      // dropped: an answer that is late, comes twice, or belongs to nothing
	Mangled    Kind = "mangled"    // dropped: what can't be read; Err says why
	WrongMAC   Kind = "wrong_mac"  // dropped: an answer whose MAC is not right
	Mismatched Kind = "mismatched" // dropped: an answer that does not echo the request
)

// Event tells what happens on the connection. It carries no card data.
type Event struct {
	Kind Kind
	MTI  MTI
	STAN string
	Code string
	Took time.Duration
	Err  error
}
