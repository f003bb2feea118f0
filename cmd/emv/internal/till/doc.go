// Package till is a small till on terminal/pos: a cart, terminals, payments, and a page that shows them. It is there so
// that those who write a real till see the library in use; docs/till.md walks through it.
//
//	state, err := till.Open(till.Options{Dir: dir})   // pair records, book, device key; one process at a time
//	t, err := till.New(state)
//	go t.Run(ctx, nil)                                // connects, and takes up payments whose outcome is open
//	server, err := till.NewServer(t)                  // the page, for loopback
//	http.Serve(listener, server.Handler())
//
// # Contract
//
//   - What keeps a customer from being charged twice is terminal/pos: the request is in its book before it is sent, and on
//     any doubt the terminal is asked. This package adds that a button which is pressed twice is one payment: what is
//     asked for names the order and, for a refund, how many there were before it.
//   - The cart is on the disk before its payment is asked for. After a restart the till has the same order, and the outcome
//     that the order got in the meantime.
//   - Amounts are integers in minor units, computed here and never by the page.
//   - Refusals are *wire.Error with stable codes; terminal/text has their texts.
//   - A cash sale ends the order and is kept nowhere: this till counts cards only.
package till
