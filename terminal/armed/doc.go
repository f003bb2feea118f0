// Package armed holds all interfaces of a terminal ready at once: tap, insert and swipe. The first valid one wins and the
// others are disarmed before anybody hears of it.
//
//	card in the slot before -> "remove card", nothing is armed until it is gone
//	armed ---- chip in the slot, powered up ----------> Entry, contact
//	  |  \---- one card activated in the field -------> Entry, contactless
//	  |  \---- stripe read and allowed ---------------> Entry, stripe
//	  |  \---- two cards, a chip card swiped, noise --> Notice, and still armed
//	  \------- context ended -------------------------> its error
//
// The decision is made in one place: once there is an Entry a cancellation comes too late, and after a cancellation no
// card becomes one.
//
// The field that won stays with its Entry. When the kernel polls again (Try Again, a phone that asks for its owner), the
// other interfaces are armed again beside it; a card that comes there ends the tap with a Switched error, which holds the
// new Entry.
package armed
