// Package device lends a device's own contactless interface to the terminal: Android's IsoDep, an NCI stack, anything that
// polls and activates by itself. It comes in two forms.
//
// In the same process, a Stack is handed to New: the interface with callbacks that an app implements.
//
// In another process, an app serves its stack on a unix socket, and Dial makes a reader of it. The protocol is
// "cardwright-device/1". Every message is a frame:
//
//	length   4 bytes, big-endian: how many bytes follow, 1 to 65,600
//	type     1 byte
//	body
//
// The app is the server: it listens, and for each connection the terminal sends first.
//
//	type  name        from      body
//	01    hello       both      version, 1 byte: 01; then a name in UTF-8, up to 64 bytes: the app's is that of its reader
//	02    on          terminal  number, 4 bytes
//	03    off         terminal  number, 4 bytes
//	04    command     terminal  number, 4 bytes; command APDU
//	05    abort       terminal  number, 4 bytes, of a command or an on that is not waited for any more
//	81    card        app       number of the "on"; flags, 1 byte: 01 extended length; then ATS or ATQB, up to 254 bytes
//	82    done        app       number of the "off"
//	84    answer      app       number of the command; nanoseconds that the card took, 8 bytes, 0 if not known; response APDU
//	85    failed      app       number of the "on", "off" or command; code, 1 byte
//	86    left        app       nothing: the card that was there has left the field
//
// Codes of "failed": 01 the card was removed, 02 timeout, 03 transmission error, 04 protocol error, 05 more than one card,
// 06 the stack is busy, 07 it can't do that, 08 it is switched off.
//
// The terminal counts its numbers up from 1. It has one "on" or one command open at a time, beside an "abort". An "on"
// switches the field on, if it is off, and is answered when one card is activated, however long that takes; if a card is
// active already, with that card. A command is given to the card once; it and an "off" are waited for no longer than half a
// minute. Whatever answers a number that is not waited for is passed over. A frame of another type, length or version ends
// the connection: the reader is gone then.
package device
