// Package display is the customer's screen: one state machine, the JSON state that draws it, and a page for the device's
// own browser that draws nothing else.
//
// # Contract
//
//   - Machine is pure: events in, State out, no clock. Display adds a lock, the time that messages stay, and the pages.
//   - Step never waits for a page. Pages get the newest state, at most ten a second while the screen stays the same, at
//     once when it changes; what came in between is not sent. A page that is slow, dead or absent delays nothing.
//   - The cart on the screen and the cart that a payment pays are one: it stays as it was from the first screen of a
//     payment to its last, whatever the till sends meanwhile. Display.ShownCart returns it with its hash.
//   - Every event and every action of a payment carries its request id. What belongs to another one is refused.
//   - The page is for this device: it is served to loopback alone, to the names localhost and loopback addresses alone,
//     and its socket to pages of this origin that hold the token of this start.
//   - Everything that others wrote is cleaned before it becomes state (text.Clean), and shown as text.
//   - PINs are entered elsewhere. The page is told how many digits there are; it has nothing to type into.
//
// README.md describes the state, the transitions and the actions.
package display
