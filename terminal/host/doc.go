// Package host speaks ISO 8583 with an acquirer: over one connection, with as many requests under way as there are callers.
//
//	client, err := host.New(host.Config{Endpoint: …, Terminal: "T0000001", Merchant: "…", Keys: store, Label: "dukpt"})
//	answer, err := client.Financial(ctx, &host.Request{Trace: …, Amount: 1250, Currency: 826, Chip: de55, …})
//
// What a message looks like is data: a [Dialect] is a JSON file that lists fields, messages, codes and where the security
// fields are. [Default] is the embedded one; another acquirer's is a file for [LoadDialect]. [Dialect.Build] and
// [Dialect.Parse] are pure functions; both hold every field to its type and length and every message to its list, and a
// message that Parse takes is one that Build makes of it again, byte for byte.
//
// # Answers
//
// An answer belongs to a request when its message type and STAN say so, its MAC is right under the keys of the request's
// DUKPT transaction, and what it echoes is what was sent. What is late, comes twice, belongs to nothing, has another MAC or
// can't be read is dropped and reported as an [Event]; it never ends a request. A request ends with the one right answer, or
// with an [Error] that says whether bytes may have left (Sent): then nobody knows what the host did, and a reversal is due.
//
// # Card data
//
// A card number and a track travel as values of crypto/p2pe, a PIN as its enciphered block with its key serial; field 55 is
// refused when it has an object that is confidential. Messages print masked. Working keys are wiped when their request ends.
package host
