//go:build !unix

package journal

import "os"

// lock does nothing: systems without flock run one process at a time on a journal.
func lock(*os.File) error { return nil }
