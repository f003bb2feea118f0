// Package tlv reads and writes BER-TLV data objects and data object lists as EMV uses them (Book 3, 5.4 and Annex B).
//
// Cursor reads, Append writes, DOL reads lists and AppendDOLData answers them; none of these allocates. The package
// knows the encoding and no tag by name: what tags mean is in package dict.
//
// Errors are *SyntaxError: a stable code and the offset of the offending byte. They never carry data.
package tlv
