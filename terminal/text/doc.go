// Package text holds every text that a till or a customer sees, in English, Swedish and French, by stable code; it
// writes amounts as a customer reads them; and it makes text of others safe to show.
//
// Codes are of these kinds:
//
//	E_…            refusals and failures that reach the till or the screen
//	msg.03         message identifiers of Book 4, 11.2 and of Book A, 9.4, two hex digits
//	cart.total     what stands on a screen, by screen
//
// Texts are data: data/*.json, one object a code with one text a language. A text that depends on a number has the forms
// of its plural instead. {name} is filled in by the caller. A new code is a new entry in one of these files; tests fail
// for one that lacks a language, and for a code in Go source below terminal that has no entry.
package text
