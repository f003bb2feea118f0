// Package pcsc drives the readers of the system's smart card service: pcscd on Linux, the services of macOS and Windows.
//
//	family := pcsc.New(pcsc.Options{})
//	found, err := family.List(ctx)
//	reader, err := family.Open(ctx, found[0].Identity.Name)
//
// # Building
//
// The service is reached through C (github.com/ebfe/scard), so it is only in builds that ask for it:
//
//	apt-get install libpcsclite-dev          # Debian; to run: pcscd
//	CGO_ENABLED=1 go build -tags pcsc ./cmd/emv
//
// Without the tag the package is there, and every call says so with driver.ErrUnsupported.
//
// # What a reader is here
//
// The service shows a device with a slot and a field as two readers, so a reader has one interface: which one is told by
// its name and, where the name leaves it open, by the answer to reset of the card (PC/SC part 3, 3.1.3.2.3 makes one up
// for contactless cards). A reader that tells neither has both kinds until a card decides, and is used in one at a time.
//
// A session is exclusive from the moment a card is connected: no other program can send commands between ours, and
// driver.ErrBusy is what the second one gets. Under T=0 the session is the transport layer itself (contact.TPDU): the
// service passes TPDUs.
//
// The service activates contactless cards by itself and has no call for the field. Deactivate takes the card's power and
// connects it no sooner than the hold time allows.
//
// # Two cards in the field
//
// This driver never reports kernel.ErrCollision, because the service can't tell. A reader's state is empty, present, mute
// or in use (SCardGetStatusChange), and connecting has no error for more than one card. PC/SC part 3 and its supplement for
// contactless cards leave anticollision to the reader, which picks one of the cards, most often without a sign, or shows
// none. Some makers tell more by commands of their own (SCardControl), each in another way; none is used here.
//
// So the message "present one card only" and the rule behind it (Book B, 3.2.1.4 and 3.2.1.5) are not kept with this
// driver: the customer is not told of a second card, and the one that the reader picks pays. What must keep the rule takes
// a driver that polls by itself, such as pn532, or a device bridge whose stack reports collisions.
//
// # What the service does not say
//
// An exchange that fails may mean a card that was pulled, which the service finds out up to half a second later by looking
// at the slot. So a failed exchange waits that long before it is called kernel.ErrTransmission. An exchange that ctx ended
// goes on inside the service, which can't be told to stop: the session waits for it before it sends anything else, and
// Close leaves it behind.
package pcsc
