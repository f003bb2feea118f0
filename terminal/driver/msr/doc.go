// Package msr reads magnetic stripes by readers that type, and by readers on a serial port.
//
//	wedge.go     a reader that is a keyboard: Linux input events, as bytes     linux/input.h
//	keys.go      key codes to characters, US layout                            linux/input-event-codes.h
//	assemble.go  characters to one swipe
//	tracks.go    a swipe's text to tracks, or to an envelope
//	grab_*.go    opening an input device so that nobody else sees its keys
//	serial_*.go  opening a serial port
//
// A reader that enciphers gives an envelope, which is passed on as it came. Two shapes are known, by these names:
//
//	stx-length  02, length of the data in two bytes, low first, data, two check bytes, 03: raw, or typed in hexadecimal;
//	            as ID TECH's enhanced encrypted format
//	bar-fields  fields behind '|', as readers by MagTek type them behind masked tracks
//
// Nothing that was read is kept longer than it takes to hand it on, and it is handed only to who waits.
package msr
