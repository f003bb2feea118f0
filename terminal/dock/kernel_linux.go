package dock

import (
	"errors"
	"io"
	"os"

	"golang.org/x/sys/unix"

	"github.com/cardwright/emv/terminal/wire"
)

// kernelSource is a netlink socket. netlink(7), NETLINK_KOBJECT_UEVENT.
type kernelSource struct{ file *os.File }

// OpenKernel listens to the kernel. It needs no privilege; on Android the system forbids it to apps. The error is CodeNoDock.
func OpenKernel() (Source, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_KOBJECT_UEVENT)
	if err != nil {
		return nil, noDock(err)
	}
	const kernelGroup = 1 // udev's own messages are group 2
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: kernelGroup}); err != nil {
		_ = unix.Close(fd)
		return nil, noDock(err)
	}
	return &kernelSource{os.NewFile(uintptr(fd), "uevent")}, nil
}

// Receive implements Source.
func (k *kernelSource) Receive(b []byte) (int, error) {
	conn, err := k.file.SyscallConn()
	if err != nil {
		return 0, err
	}
	for {
		var n int
		var from unix.Sockaddr
		var failed error
		err := conn.Read(func(fd uintptr) bool {
			for failed = unix.EINTR; errors.Is(failed, unix.EINTR); {
				n, from, failed = unix.Recvfrom(int(fd), b, unix.MSG_TRUNC)
			}
			return !errors.Is(failed, unix.EAGAIN)
		})
		switch sender, ok := from.(*unix.SockaddrNetlink); {
		case err != nil:
			return 0, io.EOF // closed
		case errors.Is(failed, unix.ENOBUFS):
			return 0, ErrLost
		case failed != nil:
			return 0, failed
		case !ok || sender.Pid != 0 || n > len(b): // not the kernel's, or longer than those of a device can be
			continue
		}
		return n, nil
	}
}

// Close implements Source.
func (k *kernelSource) Close() error { return k.file.Close() }

func noDock(err error) error {
	return &wire.Error{Code: CodeNoDock, Detail: "this system does not tell of devices that come and go", Err: err}
}
