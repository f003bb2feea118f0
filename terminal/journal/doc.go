// Package journal is the file that money depends on: an append-only log of small records, each of them on the disk before
// Append returns. The README beside this file describes the format byte by byte.
//
//	j, err := journal.Open(fs, journal.Options{}, func(r journal.Record) error { … every record, oldest first … })
//	if j.Err() != nil { … damaged: nothing can be appended; Export shows what is there … }
//	at, err := j.Append(kind, payload)   // synced when it returns without an error
//
// What a loss of power leaves behind is at most one record that is not whole, at the very end: it is cut off. Anything else
// that does not fit (a byte changed in the middle, a segment that is missing) is damage: Err says so with the code
// "journal_damaged", what was before the damage has been replayed, and nothing more is ever appended.
//
// A write or a sync that failed leaves unknown what is on the disk. The journal then refuses everything with
// "journal_failed" until it is opened again: syncing once more would not help, since systems forget what they could not
// write.
//
// The hash chain finds accidents and careless edits. It has no key: whoever can write the file can write another one.
// Payloads are the caller's; nothing in them is enciphered here.
package journal
