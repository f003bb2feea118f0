// Package decode takes apart what people who work with cards have at hand, hexadecimal of TLV data, data object lists,
// commands and answers, and gives every object its name and meaning.
//
// A Decoder keeps what it has learned from one answer to the next command: with the PDOL of an FCI it names the values in
// GET PROCESSING OPTIONS. Card numbers and what else is confidential are masked in all that it returns unless Unmask is
// set; what the dictionary calls secret stays hidden always.
package decode
