// Package pn532 drives an NXP PN532 as a contactless reader, in plain Go.
//
//	frame.go      frames on the wire                    UM0701-02, 6.2.1
//	link.go       command, ACK, response                UM0701-02, 6.2.2
//	commands.go   the commands that are used            UM0701-02, 7.2 and 7.3
//	status.go     what the chip says of an exchange     UM0701-02, 7.1
//	session.go    kernel.Card
//	field.go      kernel.Field: polling, collisions, field times           Book D
//	serial.go     the transport over a serial port (HSU); others implement Transport
//
// "UM0701-02" is NXP's PN532 User Manual, "Book D" the EMV Contactless Communication Protocol.
//
// A command APDU goes to the chip once. Where the line fails before the chip's ACK nobody knows whether the card has seen
// the command, so the exchange fails and the card has to be activated anew. Where the answer is garbled on the line the
// chip is asked to repeat its own frame (NACK), which does not reach the card. Blocks on the air are repeated by the chip
// as ISO/IEC 14443-4 has it, and so are waiting time extensions granted.
package pn532
