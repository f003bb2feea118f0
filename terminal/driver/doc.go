// Package driver says what a reader is to a terminal: who it is, which interfaces it has, what happens at them, and how a
// card is talked to. Kernels know less of it: kernel.Card, and kernel.Field, kernel.Timed and contact.Slot where a
// session has them.
//
//	Family   finds readers and opens them: one a package below this one
//	Reader   one device: identity, kinds, status, events
//	Session  one card, or the field for the next one: a kernel.Card
//
// A Reader is safe for concurrent use: one goroutine may wait for events while another one talks to a card. A Session is
// for one goroutine at a time, Close aside, which ends an exchange under way. A driver may start goroutines; after
// Reader.Close none of them is left.
//
// Readers of several kinds have one session per kind at the same time, so that a chip in the slot and a phone in the field
// can be told apart by who is first. drivertest holds a driver to all of this.
package driver
