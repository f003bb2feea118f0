package dock

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strconv"
)

// Source gives the events of the kernel, a datagram each. OpenKernel and Replay are two.
type Source interface {
	// Receive waits for an event. io.EOF: there will be none any more. ErrLost: some were lost, and those that follow
	// are whole again. Any other error ends the watch.
	Receive(b []byte) (int, error)

	// Close ends a Receive that waits.
	Close() error
}

// ErrLost is what a Source returns when events came faster than they were taken.
var ErrLost = errors.New("dock: events were lost")

// USB is a dock that is known by what is built into it: the device is docked while one of those is on the bus. S1
type USB struct {
	ids     []USBID
	sys     fs.FS
	source  Source
	present map[string]bool // by port
	level   level
}

// maxDevices bounds what is remembered: a bus has 127 devices.
const maxDevices = 1024

// OpenUSB looks at what is on the bus. sys is the tree at /sys, nil where there is none: then events alone tell. The source
// is opened before, so that nothing is missed, and belongs to the dock from here on; with an error it has been closed.
func OpenUSB(ids []USBID, sys fs.FS, source Source) (*USB, error) {
	u := &USB{ids: slices.Clone(ids), sys: sys, source: source}
	if len(ids) == 0 {
		return nil, errors.Join(errors.New("dock: no USB device tells of the dock"), source.Close())
	}
	if err := u.scan(); err != nil {
		return nil, errors.Join(err, source.Close())
	}
	return u, nil
}

// OpenSystem is OpenUSB with this machine's kernel. The error is CodeNoDock where it does not tell.
func OpenSystem(ids []USBID) (*USB, error) {
	source, err := OpenKernel()
	if err != nil {
		return nil, err
	}
	return OpenUSB(ids, os.DirFS("/sys"), source)
}

// Docked implements Dock.
func (u *USB) Docked() bool { return u.level.get() }

// Changes implements Dock.
func (u *USB) Changes(ctx context.Context) <-chan bool { return u.level.changes(ctx) }

// Run follows the events until ctx ends, and closes the source. The error is that of ctx or of the source. It is called
// once.
func (u *USB) Run(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { _ = u.source.Close() })
	defer func() {
		if stop() {
			_ = u.source.Close()
		}
	}()
	b := make([]byte, MaxEvent)
	for {
		n, err := u.source.Receive(b)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, io.EOF):
			<-ctx.Done()
			return ctx.Err()
		case errors.Is(err, ErrLost):
			err = u.scan()
		case err == nil:
			u.heard(b[:n])
		}
		if err != nil {
			return fmt.Errorf("dock: %w", err)
		}
	}
}

func (u *USB) matches(vendor, product uint16) bool {
	return slices.Contains(u.ids, USBID{vendor, product})
}

// heard acts on an event.
func (u *USB) heard(b []byte) {
	e, err := ParseEvent(b)
	if err != nil || e.Subsystem != "usb" || e.Type != "usb_device" {
		return
	}
	switch {
	case e.Action == "remove":
		delete(u.present, e.name())
	case e.Action == "add" && u.matches(e.Vendor, e.Product) && len(u.present) < maxDevices:
		u.present[e.name()] = true
	}
	u.level.set(len(u.present) > 0)
}

// scan reads what is on the bus. Documentation/ABI/testing/sysfs-bus-usb.
func (u *USB) scan() error {
	present := map[string]bool{}
	if u.sys != nil {
		const devices = "bus/usb/devices"
		entries, err := fs.ReadDir(u.sys, devices)
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // a machine may have no USB until a hub comes
			return fmt.Errorf("dock: %w", err)
		}
		for _, e := range entries[:min(len(entries), maxDevices)] {
			dir := devices + "/" + e.Name()
			vendor, err1 := strconv.ParseUint(attribute(u.sys, dir+"/idVendor"), 16, 16)
			product, err2 := strconv.ParseUint(attribute(u.sys, dir+"/idProduct"), 16, 16)
			if err1 == nil && err2 == nil && u.matches(uint16(vendor), uint16(product)) { // interfaces have neither
				present[e.Name()] = true
			}
		}
	}
	u.present = present
	u.level.set(len(present) > 0)
	return nil
}
