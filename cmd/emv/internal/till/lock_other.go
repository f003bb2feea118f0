//go:build !unix

package till

import "os"

// lock does nothing: systems without flock run one process at a time on a folder.
func lock(*os.File) error { return nil }
