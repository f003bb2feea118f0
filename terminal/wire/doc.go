// Package wire holds what a till and a terminal say to each other: the frame, the types of its bodies, the codes of
// refusals, and nothing that moves. docs/protocol.md describes the protocol for those who write the other side in another
// language; terminal/session/schema.json is its JSON Schema, and a test holds the two together.
//
// # Contract
//
//   - Everything is JSON text. Amounts are integers in minor units of the currency, at most MaxAmount; no number has a
//     fraction. Times are Unix milliseconds. Binary values are base64url without padding (Bytes).
//   - Both sides ignore members that they do not know, and refuse values that they do not know.
//   - Decode and Check never panic, whatever comes, and bound every text and list. What they refuse is an *Error.
//   - No type holds a card number, a track or a PIN: a card is named by its masked number and by a token.
//   - Keys and secrets mask themselves when they are printed; only encoding as JSON shows them, for that is how they travel.
package wire
