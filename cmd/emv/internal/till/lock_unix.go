//go:build unix

package till

import (
	"os"

	"golang.org/x/sys/unix"
)

// lock takes the file for this process. It is given back with the last handle, however the process ends.
func lock(f *os.File) error { return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) }
