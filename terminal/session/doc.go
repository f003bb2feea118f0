// Package session carries messages between a terminal and its tills, so that none is lost or doubled when cables are
// pulled. PRODUCT 3.1; docs/protocol.md and schema.json describe what is on the wire.
//
//	Server   the terminal's side: port 4443, one session for each paired till, the lease
//	Connect  the till's side: one connection; terminal/pos makes new ones
//	Stream   what outlives a connection: numbering, what is not acknowledged yet, what was received
//	Lease    which till may command, and the epoch by which late commands are told
//	Hello    the plain port 8080, and Presence the beacon on 27001: how a till finds its terminal again
//
// # Contract
//
//   - TLS 1.3 with certificates on both sides. The key of the other side must be in the pair records, and with Roots its
//     chain must hold as well. Who is not paired gets E_UNPAIRED and no WebSocket.
//   - A frame with a number arrives once and in order as long as both processes live, whatever happens to connections. It
//     is acknowledged when the other process has it, not when it has acted on it: what must outlive a process (payments)
//     has acknowledgements of its own.
//   - Sending never waits for the other side. What can't be sent is kept, up to MaxQueue frames and MaxQueueBytes; beyond it
//     Send is refused with E_OVERFLOW.
//   - Each side sends something every Beat; a connection on which nothing came for Dead is ended.
//   - No goroutine outlives Serve, Run or the context that they were given.
package session
