//go:build !unix || solaris || aix

package folder

// Lock does nothing here: on these systems a store belongs to one process at a time.
func (f *Folder) Lock() (unlock func(), err error) { return func() {}, nil }
