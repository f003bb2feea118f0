package dock

import (
	"bytes"
	"path"
	"strconv"
	"strings"

	"github.com/cardwright/emv/terminal/wire"
)

// MaxEvent is the longest event that is read: the kernel's own bound is 2,048 bytes of environment and a header.
const MaxEvent = 4096

// Event is a uevent of the kernel's, as far as it matters here: a device that came or went.
type Event struct {
	Action    string // "add", "remove", "bind", "change" …
	Path      string // DEVPATH, "/devices/…/usb1/1-1"
	Subsystem string // "usb", "net" …
	Type      string // DEVTYPE, "usb_device", "usb_interface"; empty where there is none
	Vendor    uint16 // of PRODUCT, for usb
	Product   uint16
}

// ParseEvent reads a datagram: "ACTION@DEVPATH", then KEY=VALUE, each ended by a zero byte. The kernel's
// Documentation/core-api/kobject.rst, lib/kobject_uevent. The error is wire.CodeBadMessage; what udev sends over the same
// socket is one too.
func ParseEvent(b []byte) (e Event, err error) {
	if len(b) > MaxEvent {
		return Event{}, wire.Refuse(wire.CodeBadMessage, "event of %d bytes", len(b))
	}
	head, rest, ok := bytes.Cut(b, []byte{0})
	action, devpath, at := strings.Cut(string(head), "@")
	if !ok || !at {
		return Event{}, wire.Refuse(wire.CodeBadMessage, "event without a header")
	}
	for len(rest) > 0 {
		var field []byte
		if field, rest, ok = bytes.Cut(rest, []byte{0}); !ok {
			return Event{}, wire.Refuse(wire.CodeBadMessage, "event is cut off")
		}
		key, value, _ := strings.Cut(string(field), "=")
		switch key {
		case "ACTION":
			e.Action = value
		case "DEVPATH":
			e.Path = value
		case "SUBSYSTEM":
			e.Subsystem = value
		case "DEVTYPE":
			e.Type = value
		case "PRODUCT":
			e.Vendor, e.Product = product(value)
		}
	}
	if e.Action != action || e.Path != devpath || !strings.HasPrefix(devpath, "/") || action == "" {
		return Event{}, wire.Refuse(wire.CodeBadMessage, "event whose header and members differ")
	}
	return e, nil
}

// product reads the "VENDOR/PRODUCT/RELEASE" of usb, hexadecimal without leading zeros; zeros if it is something else, as
// it is in other subsystems.
func product(s string) (vendor, product uint16) {
	parts := strings.Split(s, "/")
	if len(parts) != 3 {
		return 0, 0
	}
	v, err1 := strconv.ParseUint(parts[0], 16, 16)
	p, err2 := strconv.ParseUint(parts[1], 16, 16)
	if err1 != nil || err2 != nil {
		return 0, 0
	}
	return uint16(v), uint16(p)
}

// name is the name of a device below /sys/bus/usb/devices: its port, "1-1.2".
func (e Event) name() string { return path.Base(e.Path) }

// USBID is the vendor and product of something that is built into the dock: its hub, its Ethernet.
type USBID struct{ Vendor, Product uint16 }

// ParseUSBID reads "VVVV:PPPP", hexadecimal as lsusb prints it.
func ParseUSBID(s string) (USBID, error) {
	v, p, _ := strings.Cut(s, ":")
	vendor, err1 := strconv.ParseUint(v, 16, 16)
	prod, err2 := strconv.ParseUint(p, 16, 16)
	if len(v) != 4 || len(p) != 4 || err1 != nil || err2 != nil || vendor == 0 {
		return USBID{}, wire.Refuse(wire.CodeBadMessage, "%.20q is no VENDOR:PRODUCT", s)
	}
	return USBID{uint16(vendor), uint16(prod)}, nil
}

// String returns "VVVV:PPPP".
func (id USBID) String() string {
	const digits = "0123456789abcdef"
	b := []byte("0000:0000")
	for i, shift := range []int{12, 8, 4, 0} {
		b[i], b[5+i] = digits[id.Vendor>>shift&15], digits[id.Product>>shift&15]
	}
	return string(b)
}
