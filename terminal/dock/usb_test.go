package dock_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"

	"github.com/cardwright/emv/terminal/dock"
	"github.com/cardwright/emv/terminal/wire"
)

var (
	hub      = dock.USBID{Vendor: 0x05E3, Product: 0x0610}
	ethernet = dock.USBID{Vendor: 0x0BDA, Product: 0x8153}
)

// datagram is an event as the kernel sends it.
func datagram(action, path string, fields ...string) []byte {
	all := append([]string{action + "@" + path, "ACTION=" + action, "DEVPATH=" + path}, fields...)
	return []byte(strings.Join(all, "\x00") + "\x00")
}

func TestParseEvent(t *testing.T) {
	const at = "/devices/pci0000:00/0000:00:14.0/usb1/1-1"
	got, err := dock.ParseEvent(datagram("add", at, "SUBSYSTEM=usb", "DEVTYPE=usb_device", "PRODUCT=bda/8153/3100", "SEQNUM=7"))
	want := dock.Event{Action: "add", Path: at, Subsystem: "usb", Type: "usb_device", Vendor: 0x0BDA, Product: 0x8153}
	if err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	got, err = dock.ParseEvent(datagram("change", "/devices/x", "SUBSYSTEM=input", "PRODUCT=3/46d/c52b/111"))
	if want := (dock.Event{Action: "change", Path: "/devices/x", Subsystem: "input"}); err != nil || got != want {
		t.Errorf("a product of another kind: %+v, %v", got, err)
	}
	for name, b := range map[string][]byte{
		"nothing":       nil,
		"udev's":        append([]byte("libudev\x00\xfe\xed\xca\xfe"), datagram("add", at)...),
		"no end":        []byte("add@" + at),
		"cut off":       bytes.TrimSuffix(datagram("add", at, "SUBSYSTEM=usb"), []byte{0}),
		"other action":  []byte("add@/a\x00ACTION=remove\x00DEVPATH=/a\x00"),
		"other path":    []byte("add@/a\x00ACTION=add\x00DEVPATH=/b\x00"),
		"no members":    []byte("add@/a\x00"),
		"no action":     []byte("@/a\x00DEVPATH=/a\x00"),
		"relative path": []byte("add@a\x00ACTION=add\x00DEVPATH=a\x00"),
		"too long":      datagram("add", at, "X="+strings.Repeat("x", dock.MaxEvent)),
	} {
		if e, err := dock.ParseEvent(b); !is(err, wire.CodeBadMessage) || e != (dock.Event{}) {
			t.Errorf("%s: %+v, %v", name, e, err)
		}
	}
}

func FuzzParseEvent(f *testing.F) {
	f.Add(datagram("add", "/devices/usb1/1-1", "SUBSYSTEM=usb", "DEVTYPE=usb_device", "PRODUCT=5e3/610/655"))
	f.Add(datagram("remove", "/devices/usb1/1-1"))
	f.Add([]byte("libudev\x00\xfe\xed\xca\xfe"))
	f.Add([]byte("add@/\x00\x00\x00"))
	f.Add([]byte("add@/\x00ACTION=add\x00DEVPATH=/\x00PRODUCT=-1/+1/0\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := dock.ParseEvent(b)
		if err != nil {
			return
		}
		// What was understood is in the datagram, and nothing stands before it.
		if !bytes.HasPrefix(b, []byte(e.Action+"@"+e.Path+"\x00")) || len(b) > dock.MaxEvent {
			t.Fatalf("%+v from %q", e, b)
		}
		for _, field := range []string{"SUBSYSTEM=" + e.Subsystem, "DEVTYPE=" + e.Type} {
			if !strings.HasSuffix(field, "=") && !bytes.Contains(b, []byte("\x00"+field+"\x00")) {
				t.Fatalf("%q is not in %q", field, b)
			}
		}
	})
}

func TestUSBID(t *testing.T) {
	for _, s := range []string{"05e3:0610", "0bda:8153", "ffff:0000"} {
		id, err := dock.ParseUSBID(s)
		if err != nil || id.String() != s {
			t.Errorf("%s: %v, %v", s, id, err)
		}
	}
	if id, err := dock.ParseUSBID("05E3:0610"); err != nil || id != hub {
		t.Errorf("%v, %v", id, err)
	}
	for _, s := range []string{"", "5e3:610", "05e3", "05e3:0610:1", "05e30610:", "0000:0001", "+5e3:0610", "05g3:0610"} {
		if id, err := dock.ParseUSBID(s); err == nil {
			t.Errorf("%q: %v", s, id)
		}
	}
}

// levels are those that a dock had, one after the other.
func levels(t *testing.T, ids []dock.USBID, sys fs.FS, source dock.Source) (got []bool) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		paced := &paced{Source: source, next: make(chan struct{}), closed: make(chan struct{})}
		u, err := dock.OpenUSB(ids, sys, paced)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- u.Run(ctx) }()
		got = append(got, u.Docked())
		for !paced.ended {
			paced.next <- struct{}{}
			synctest.Wait()
			if now := u.Docked(); now != got[len(got)-1] {
				got = append(got, now)
			}
		}
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("Run returned %v", err)
		}
	})
	return got
}

// paced gives one event at a time.
type paced struct {
	dock.Source
	next, closed chan struct{}
	ended        bool
}

func (p *paced) Receive(b []byte) (int, error) {
	select {
	case <-p.next:
	case <-p.closed:
		return 0, net.ErrClosed
	}
	n, err := p.Source.Receive(b)
	p.ended = errors.Is(err, io.EOF)
	return n, err
}

func (p *paced) Close() error {
	close(p.closed)
	return p.Source.Close()
}

func recording(t *testing.T) dock.Source {
	t.Helper()
	f, err := os.Open("testdata/dock.uevents")
	if err != nil {
		t.Fatal(err)
	}
	return dock.NewReplay(f)
}

func usbTree(devices ...string) fstest.MapFS {
	all := fstest.MapFS{"bus/usb/devices": {Mode: fs.ModeDir | 0o755}}
	for _, d := range devices {
		words := strings.Fields(d)
		all["bus/usb/devices/"+words[0]+"/bDeviceClass"] = &fstest.MapFile{Data: []byte("09\n")}
		if len(words) > 1 {
			vendor, product, _ := strings.Cut(words[1], ":")
			all["bus/usb/devices/"+words[0]+"/idVendor"] = &fstest.MapFile{Data: []byte(vendor + "\n")}
			all["bus/usb/devices/"+words[0]+"/idProduct"] = &fstest.MapFile{Data: []byte(product + "\n")}
		}
	}
	return all
}

// S1: a recording of a dock with a hub and Ethernet that is put on and pulled off.
func TestRecordedDock(t *testing.T) {
	for _, c := range []struct {
		name string
		ids  []dock.USBID
		sys  fs.FS
		want []bool
	}{
		{"hub", []dock.USBID{hub}, nil, []bool{false, true, false}},
		{"ethernet", []dock.USBID{ethernet}, nil, []bool{false, true, false}},
		{"either", []dock.USBID{hub, ethernet}, nil, []bool{false, true, false}},
		{"another dock", []dock.USBID{{Vendor: 0x05E3, Product: 0x0611}}, nil, []bool{false}},
		{"vendor and product mixed up", []dock.USBID{{Vendor: 0x0610, Product: 0x05E3}}, nil, []bool{false}},
		{"docked at the start", []dock.USBID{hub}, usbTree("usb1 1d6b:0002", "1-1 05e3:0610", "1-1:1.0"), []bool{true, false}},
		{"docked twice", []dock.USBID{hub}, usbTree("1-1 05e3:0610", "2-1 05e3:0610"), []bool{true}},
		{"something else at the start", []dock.USBID{hub}, usbTree("usb1 1d6b:0002", "1-4 046d:c52b"), []bool{false, true, false}},
		{"a bus without devices", []dock.USBID{hub}, usbTree(), []bool{false, true, false}},
		{"no bus", []dock.USBID{hub}, fstest.MapFS{}, []bool{false, true, false}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := levels(t, c.ids, c.sys, recording(t)); !slices.Equal(got, c.want) {
				t.Errorf("%v, want %v", got, c.want)
			}
		})
	}
}

// events is a source of what is in it; a nil one is lost.
type events [][]byte

func (e *events) Receive(b []byte) (int, error) {
	if len(*e) == 0 {
		return 0, io.EOF
	}
	next := (*e)[0]
	*e = (*e)[1:]
	if next == nil {
		return 0, dock.ErrLost
	}
	return copy(b, next), nil
}

func (*events) Close() error { return nil }

func TestEvents(t *testing.T) {
	const at = "/devices/usb1/1-1"
	device := []string{"SUBSYSTEM=usb", "DEVTYPE=usb_device", "PRODUCT=5e3/610/655"}
	add, remove := datagram("add", at, device...), datagram("remove", at, device...)
	for _, c := range []struct {
		name   string
		sys    fs.FS
		events events
		want   []bool
	}{
		{"added twice", nil, events{add, add, remove}, []bool{false, true, false}},
		{"removed twice", nil, events{add, remove, remove, add}, []bool{false, true, false, true}},
		{"bound, changed", nil, events{datagram("bind", at, device...), datagram("change", at, device...)}, []bool{false}},
		{"an interface of it", nil, events{datagram("add", at, "SUBSYSTEM=usb", "DEVTYPE=usb_interface", "PRODUCT=5e3/610/655")}, []bool{false}},
		{"another subsystem", nil, events{datagram("add", at, "SUBSYSTEM=net", "DEVTYPE=usb_device", "PRODUCT=5e3/610/655")}, []bool{false}},
		{"removed without a product", nil, events{add, datagram("remove", at, "SUBSYSTEM=usb", "DEVTYPE=usb_device")}, []bool{false, true, false}},
		{"rubbish between", nil, events{add, []byte("add@"), {0}, remove}, []bool{false, true, false}},
		{"lost, and it is there", usbTree("1-1 05e3:0610"), events{remove, nil}, []bool{true, false, true}},
		{"lost, and it is gone", usbTree(), events{add, nil}, []bool{false, true, false}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := levels(t, []dock.USBID{hub}, c.sys, &c.events); !slices.Equal(got, c.want) {
				t.Errorf("%v, want %v", got, c.want)
			}
		})
	}
}

func TestOpenUSBRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		ids []dock.USBID
		sys fs.FS
	}{"nothing to look for": {nil, nil}, "a tree that can't be read": {[]dock.USBID{hub}, broken{}}} {
		closed := &paced{Source: &events{}, closed: make(chan struct{})}
		if _, err := dock.OpenUSB(c.ids, c.sys, closed); err == nil {
			t.Errorf("%s was taken", name)
		}
		select {
		case <-closed.closed:
		default:
			t.Errorf("%s: the source is open", name)
		}
	}
}

// A recording may come through a socket, while it is made.
func TestReplayFromASocket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		far, near := net.Pipe()
		u, err := dock.OpenUSB([]dock.USBID{hub}, nil, dock.NewReplay(near))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- u.Run(ctx) }()
		if _, err := io.WriteString(far, "ACTION=add\nDEVPATH=/devices/1-1\nSUBSYSTEM=usb\nDEVTYPE=usb_device\nPRODUCT=5e3/610/655\n\n"); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if !u.Docked() {
			t.Error("not docked")
		}
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if _, err := far.Write([]byte("x")); err == nil {
			t.Error("the socket is open")
		}
	})
}

func TestReplayIsBounded(t *testing.T) {
	b := make([]byte, dock.MaxEvent)
	for name, text := range map[string]string{
		"line":  "X=" + strings.Repeat("x", dock.MaxEvent),
		"event": strings.Repeat("X=xxxxxxxxx\n", dock.MaxEvent/12+1) + "\n",
		"head":  "ACTION=add\nDEVPATH=/" + strings.Repeat("d", dock.MaxEvent-30) + "\n\n",
	} {
		r := dock.NewReplay(io.NopCloser(strings.NewReader(text)))
		if _, err := r.Receive(b); !is(err, wire.CodeTooLarge) {
			t.Errorf("%s: %v", name, err)
		}
	}
	r := dock.NewReplay(io.NopCloser(strings.NewReader("no event\n\nACTION=add\r\nDEVPATH=/a\r\n")))
	n, err := r.Receive(b)
	if want := "add@/a\x00ACTION=add\x00DEVPATH=/a\x00"; err != nil || string(b[:n]) != want {
		t.Errorf("%q, %v", b[:n], err)
	}
	if _, err := r.Receive(b); !errors.Is(err, io.EOF) {
		t.Error(err)
	}
}
