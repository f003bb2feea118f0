// Package reader takes cards for package payment: it is the payment.Reader of a terminal with real readers.
//
//	r, err := reader.New(reader.Config{Readers: readers, Profile: country, Env: env, Keys: keys, TokenKey: key, …})
//	engine, err := payment.Open(payment.Config{Reader: r, …})
//
// A payment goes from interface to interface until there is a result:
//
//	          ┌────────────────────── armed (terminal/armed): what order, profile and readers allow ◄──────────┐
//	          │ tap.go                     │ insert.go                     │ swipe.go                          │
//	     contactless                    contact                        magstripe                               │
//	          │ online: seal.go, Desk      │ cardholder.go: choice, PIN    │ service code, PIN                 │
//	          ▼                            ▼                               ▼                                   │
//	payment.Taken ◄────────────── a result, or another card or interface is asked for ─────────────────────────┘
//
// Card numbers, tracks and PINs leave as values of crypto/p2pe only, under a DUKPT transaction of Config.Keys for each
// request; the data objects of the chip go to the payment engine as the kernel gave them, which hands them to the host for
// it to strip. Screen and Desk get nothing else of a card than payment.Card has.
//
// Every transaction is forced online unless the order allows an approval by the card alone (Order.Offline) and the host is
// away (Config.Away): then it is for floor limits and action codes (profile.Forward), and what clears it comes back with the
// result, card data enciphered. Where the host is not known to be away such an order goes online too. If it turns out then
// that the host is not reached, a chip in the slot may approve as Book 4, 12.2.1 has it; a tap is over by that time.
//
// Transactions that a tap left torn are kept while the payment goes on, and wiped at its end: they hold a card number.
//
// Envelopes of a reader that enciphers by itself are refused (CodeEnvelope): whoever holds the key is not asked by the host
// link, whose card data are values of crypto/p2pe.
package reader
