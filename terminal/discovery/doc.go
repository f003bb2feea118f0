// Package discovery is how a till finds its terminal again when the network has given it another address. PRODUCT S23, 3.1
// "Reconnect without QR"; docs/protocol.md, "Discovery".
//
//	Serve    the terminal's side: SSDP and DNS-SD answers for the tills that it is paired with
//	Finder   the till's side: SSDP, DNS-SD and the beacon of port 27001 at the same time
//
// # Contract
//
//   - What a terminal tells is its addresses, its ports, and for each paired till the presence id of the hour: nothing by
//     which anybody else could tell two devices apart or follow one. Without pair records it tells nothing.
//   - A till recognises only its own terminal, by the ids of this hour, the one before and the one after. An id can be
//     heard and repeated by others in the network, so what is found is a hint: whoever answers there has to have the pinned
//     key (package session).
//   - Answers are hostile. Only addresses on networks that the till is attached to count, and only MaxFound for a way and
//     a round.
//   - Serve has ended all that it began when it returns. Discover returns as soon as its context ends. The
//     questions of SSDP and DNS-SD can't be broken off: they end within SearchTime, and Close waits for them.
package discovery
