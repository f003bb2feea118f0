// Package pos is a till's side of cardwright: what a till app embeds to pair with terminals, show carts on them and take
// payments. PRODUCT 3.1 to 3.3.
//
//	r, err := pos.New(config)
//	go r.Run(ctx)                                  // stays connected to every paired terminal
//	paired, err := r.Pair(ctx, scanned)            // once; the first one becomes the default
//	paired, err = r.PairCode(ctx, address, typed)  // the same without a camera
//	t, err := r.Terminal("")                       // the default, or E_CHOOSE_TERMINAL
//	err = t.SendCart(cart)
//	final, err := t.Pay(ctx, request)
//
// # Contract
//
//   - Pay stores the request in the Book before it sends it, sends it under one id for ever, and on any doubt asks what
//     became of it. A second payment of an order is refused (E_ORDER_OPEN) as long as the final of the first is not known.
//     A final is in the Book before it is acknowledged.
//   - An error of Pay means that no card was or will be charged under this request, with one exception: when ctx ends, the
//     final cannot be stored, or the terminal's journal is damaged, the outcome is open, Book.Open lists it, and Pay with
//     the same order asks on.
//   - Where a request allows it, a card may approve without the host (Final.Offline), and the host may refuse that later:
//     Event.Late, and Entry.Late in the Book before the terminal is told that it is known. Entry.Paid has both.
//   - Whoever asks for the same payment while it is under way, as with a button that is pressed twice, gets its outcome.
//   - SendCart never waits and sends at most ten carts a second, the newest one.
//   - Connections come back by themselves while Run runs and the app is in the foreground, without a code.
//   - Refusals are *wire.Error with stable codes.
package pos
