//go:build unix && !solaris && !aix

package folder

import (
	"os"
	"syscall"
)

// Lock waits until no other process changes the store, and keeps others out until unlock is called.
func (f *Folder) Lock() (unlock func(), err error) {
	file, err := os.OpenFile(f.path(lockFile), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, storage(err)
	}
	for {
		err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX)
		if err != syscall.EINTR {
			break
		}
	}
	if err != nil {
		_ = file.Close()
		return nil, storage(err)
	}
	return func() { _ = file.Close() }, nil
}
