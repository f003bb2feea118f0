// Package serve lets a card of this project answer real readers and real programs: it is the card's end of a socket that
// speaks the protocol of vpcd, the virtual reader of the vsmartcard project, which pcscd loads as a driver.
//
//	conn, err := net.Dial("tcp", "127.0.0.1:35963")            // into the reader's slot
//	end, err := serve.Run(ctx, conn, c, serve.Options{ATR: serve.ATRT1(nil)})
//
// # Framing
//
// Both directions carry frames: a length of two bytes, the high one first, and that many bytes. A frame of one byte from
// the reader's side is control: 0 power off, 1 power on, 2 reset, 4 "send your answer to reset". Only the last one is
// answered. Every longer frame is a command, and is answered by one frame with the card's response. The card is in the
// slot while the connection stands, and gone when it ends.
//
// # What a card does that gives no answer
//
//	card.removed                       the connection ends
//	card.timeout                       nothing is sent; the reader may go on waiting, or reset
//	card.transmission, card.collision  an empty frame
//	card.protocol                      a frame of one byte, which no response APDU is
//
// # T=0
//
// A card of this project answers APDUs. Under T=0 a reader sends it commands of five bytes and data, and the card makes
// its answers wait for GET RESPONSE: function T0 gives a card that manner. Under T=1 and contactless, answers are whole,
// those of more than 256 bytes to a command in extended length included.
package serve
