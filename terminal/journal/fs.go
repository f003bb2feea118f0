package journal

import "io"

// FS is one folder, as much of it as a journal needs. Names have no slashes.
//
// What survives a loss of power: the bytes of a file, and its size, as they were at its last Sync; a file's name as it was
// at the last SyncDir. Of all that came after, any part may survive or be lost, in any order.
type FS interface {
	// Lock keeps other processes out of the folder until the Closer is closed. Its error is one with the code
	// "journal_locked" where another one holds it.
	Lock() (io.Closer, error)

	// List returns the names of all files, in any order.
	List() ([]string, error)

	// Open opens a file that exists, for reading and writing.
	Open(name string) (File, error)

	// Create makes a file that does not exist yet; nobody but the owner may read it.
	Create(name string) (File, error)

	Rename(from, to string) error
	Remove(name string) error

	// SyncDir makes what files there are, and their names, last.
	SyncDir() error
}

// File is an open file. WriteAt may write less than it was given, with an error.
type File interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	Size() (int64, error)
	Truncate(size int64) error
	Sync() error
}
