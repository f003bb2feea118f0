// Package counter is the person at the counter of a terminal whose reader and bank are simulated: cards to tap, insert,
// swipe and pull, a PIN pad, the dock, the reader's cable, and a bank that misbehaves on request. It is a page for a
// browser, and the same as JSON for tests.
//
// # Contract
//
//   - All of it is for tests. It is served where there is something simulated, and to loopback alone: to the names
//     localhost and loopback addresses, and not to pages of other origins.
//   - PINs are entered here and nowhere else, digit by digit, and are wiped when their prompt ends. No digit is in a state,
//     an answer, a log line or an error.
//   - Staff sign in with a PIN that is the same for all and on the page. Their token stays in the process: it is in no state,
//     answer, log line or error.
//   - Card numbers are not shown: cards have the names of testvectors/card, the bank's ledger masks them.
//
// # HTTP
//
//	GET    /          the page
//	GET    /cards     the cards: name, scheme, what they are, how they can be presented
//	GET    /state     what there is to see now; GET /events: the same as server-sent events at each change
//	POST   /tap       {"card": NAME, "faults": […]}: hold it to the reader until it was read, or until /leave
//	POST   /insert    {"card": NAME, "faults": […]}; POST /remove pulls it
//	POST   /swipe     {"card": NAME}
//	POST   /leave     take the card away from the reader
//	POST   /pad       {"key": KEY}: a digit, clear, enter, cancel, bypass, timeout, broken
//	POST   /dock      POST /undock
//	POST   /sign-in   {"name": NAME, "pin": PIN}: staff, out of the dock; POST /sign-out
//	POST   /scanner-on  by whoever is signed in; POST /scanner-off
//	POST   /scan      {"code": BARCODE}, while the scanner is open
//	POST   /unplug    the reader's cable; POST /plug
//	GET    /ledger    what the bank has been asked; GET /charged?currency=826
//	POST   /faults    how the bank misbehaves, a line each as emv issuer serve --misbehave has it; DELETE /faults
//
// What can't be done now is answered with status 409, what makes no sense with 400, each with a body {"code", "text"}.
package counter
