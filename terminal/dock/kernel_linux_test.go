package dock_test

import (
	"errors"
	"io"
	"os"
	"testing"
	"time"

	"github.com/cardwright/emv/terminal/dock"
)

// The kernel's own socket: writing to a device's uevent file makes the kernel send an event once more.
// Documentation/ABI/testing/sysfs-uevent. That needs root; without it the test is skipped, and fails if
// CARDWRIGHT_REQUIRE_UEVENT is 1.
func TestKernel(t *testing.T) {
	source, err := dock.OpenKernel()
	if err != nil {
		t.Fatal(err)
	}
	const device = "/sys/class/net/lo/uevent"
	if err := os.WriteFile(device, []byte("change"), 0o200); err != nil {
		why := "root is needed to have the kernel send an event: sudo go test ./terminal/dock (" + err.Error() + ")"
		if os.Getenv("CARDWRIGHT_REQUIRE_UEVENT") == "1" {
			t.Fatal(why)
		}
		t.Skip(why)
	}
	b := make([]byte, dock.MaxEvent)
	for {
		n, err := source.Receive(b)
		if err != nil {
			t.Fatal(err)
		}
		e, err := dock.ParseEvent(b[:n])
		if err != nil {
			t.Fatalf("%q: %v", b[:n], err)
		}
		if e.Path == "/devices/virtual/net/lo" {
			if want := (dock.Event{Action: "change", Path: e.Path, Subsystem: "net"}); e != want {
				t.Errorf("%+v", e)
			}
			break
		}
	}
	ended := make(chan error)
	go func() {
		for {
			if _, err := source.Receive(b); err != nil {
				ended <- err
				return
			}
		}
	}()
	if err := source.Close(); err != nil {
		t.Error(err)
	}
	select {
	case err := <-ended:
		if !errors.Is(err, io.EOF) && !errors.Is(err, os.ErrClosed) {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Error("Close does not end Receive")
	}
}
