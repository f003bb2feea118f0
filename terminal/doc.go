// Package terminal is the device: it joins display, pairing, sessions, payments, readers and modes to a card terminal that
// a till on the same network commands.
//
//	t, err := terminal.Open(terminal.Config{…})   // recovers what a loss of power interrupted; nothing listens yet
//	defer t.Close()
//	err = t.Run(ctx)                              // serves until ctx ends
//
// # Contract
//
//   - Open writes only below Config.State, a folder for its owner alone. It ends what was interrupted before anybody can
//     ask (PRODUCT 3.3), and no card is asked for until a till asks (P4).
//   - Run opens the ports: the session, the plain one and presence for as long as it runs, the pairing port only while a code
//     is on the screen. A port that can't be opened is an error that names it. When Run returns, every port is closed and no
//     goroutine of it is left.
//   - A till hears of its request within the time that the journal takes: Run's handlers wait for nothing else. What the
//     screen does, or does not do, delays no payment.
//   - In its dock the terminal is the customer's display and serves tills; out of it, it serves none: sessions end, the
//     pairing port is closed, and payments are refused with E_NOT_DOCKED. A payment that is under way when the terminal is
//     pulled out is finished or reversed first.
//   - Errors are *Error, or those of the part that refused; both have stable codes. Logs hold no card data, no key and no
//     pairing code.
package terminal
