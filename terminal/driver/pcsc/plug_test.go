//go:build pcsc && linux

package pcsc

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/ebfe/scard"

	"github.com/cardwright/emv/contact"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/driver"
	"github.com/cardwright/emv/terminal/driver/pcsc/pcscdtest"
	"github.com/cardwright/emv/testvectors/serve"
)

func waitFor(t *testing.T, r driver.Reader, what driver.What) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), pcscdtest.Patience)
	defer cancel()
	for {
		e, err := r.Wait(ctx)
		if err != nil {
			t.Fatalf("waiting for %s: %v", what, err)
		}
		if e.What == what {
			return
		}
	}
}

func mustOpen(t *testing.T, name string) driver.Reader {
	t.Helper()
	r, err := openEmpty(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

// TestUnplugged takes one of two readers away while the service goes on without it.
func TestUnplugged(t *testing.T) {
	d := start(t)
	r := mustOpen(t, contactReader)
	d.Unplug(t, 0)
	waitFor(t, r, driver.Gone)
	time.Sleep(3 * watchRetry) // the service is back by now, without the reader
	if s, err := r.Status(context.Background()); err != nil || !s.Gone {
		t.Errorf("status %+v, %v", s, err)
	}
	found, err := New(Options{}).List(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		if f.Identity.Name == contactReader {
			t.Errorf("%s is listed", contactReader)
		}
	}
	if _, err := New(Options{}).Open(context.Background(), contactReader); !errors.Is(err, driver.ErrNotFound) {
		t.Errorf("opening it: %v", err)
	}
	d.Plug(t, 0)
	waitFor(t, r, driver.Back)
	i, err := insert(d.Readers[0].Address, answering(func([]byte) ([]byte, error) { return []byte{0x90, 0x00}, nil }), serve.ATRT1(nil))
	if err != nil {
		t.Fatal(err)
	}
	defer i.pull()
	waitFor(t, r, driver.Inserted)
	s, err := r.Open(context.Background(), driver.Contact)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if got, err := s.Transmit(context.Background(), nil, []byte{0x00, 0xA4, 0x04, 0x00, 0x00}); err != nil || len(got) != 2 {
		t.Errorf("%X, %v", got, err)
	}
}

// TestNoService looks for readers where no service runs.
func TestNoService(t *testing.T) {
	d := start(t)
	d.Stop()
	if _, err := New(Options{}).List(context.Background()); !errors.Is(err, driver.ErrUnsupported) {
		t.Errorf("List: %v", err)
	}
	if _, err := New(Options{}).Open(context.Background(), contactReader); !errors.Is(err, driver.ErrUnsupported) {
		t.Errorf("Open: %v", err)
	}
}

// TestAServiceThatHangs asks a service that answers nobody: whoever asked can leave, and the reader can be closed.
func TestAServiceThatHangs(t *testing.T) {
	d := start(t)
	family := New(Options{})
	in := func(what string, f func(context.Context) error) {
		t.Helper()
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() { done <- f(ctx) }()
		time.Sleep(50 * time.Millisecond) // as far as it comes
		cancel()
		select {
		case err := <-done:
			if err != nil && !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v", what, err)
			}
		case <-time.After(pcscdtest.Patience):
			t.Errorf("%s waits without end", what)
		}
	}
	r := mustOpen(t, contactlessReader)
	d.Hang()
	defer d.GoOn() // whatever waits: Stop and the reader's Close come behind it
	in("open a session", func(ctx context.Context) error {
		s, err := r.Open(ctx, driver.Contactless)
		if err == nil {
			_ = s.Close()
		}
		return err
	})
	in("status", func(context.Context) error { _, err := r.Status(context.Background()); return err })
	in("list", func(ctx context.Context) error { _, err := family.List(ctx); return err })
	in("open", func(ctx context.Context) error {
		again, err := family.Open(ctx, contactReader)
		if err == nil {
			_ = again.Close()
		}
		return err
	})
	in("close", func(context.Context) error { return r.Close() })
	d.GoOn()
	again := mustOpen(t, contactlessReader) // what was left behind has gone
	s, err := again.Open(context.Background(), driver.Contactless)
	if err != nil {
		t.Fatal(err)
	}
	_ = s.Close()
}

// TestOtherProgram has another program of the service connected to the card.
func TestOtherProgram(t *testing.T) {
	d := start(t)
	r := mustOpen(t, contactReader)
	i, err := insert(d.Readers[0].Address, answering(func([]byte) ([]byte, error) { return []byte{0x90, 0x00}, nil }), serve.ATRT1(nil))
	if err != nil {
		t.Fatal(err)
	}
	defer i.pull()
	waitFor(t, r, driver.Inserted)
	sc, err := scard.EstablishContext()
	if err != nil {
		t.Fatal(err)
	}
	defer release(sc)
	for _, mode := range []scard.ShareMode{scard.ShareShared, scard.ShareExclusive} {
		other, err := sc.Connect(contactReader, mode, scard.ProtocolAny)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Open(context.Background(), driver.Contact); !errors.Is(err, driver.ErrBusy) {
			t.Errorf("mode %d: %v", mode, err)
		}
		if err := other.Disconnect(scard.LeaveCard); err != nil {
			t.Fatal(err)
		}
	}
	s, err := r.Open(context.Background(), driver.Contact)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sc.Connect(contactReader, scard.ShareShared, scard.ProtocolAny); !errors.Is(err, scard.ErrSharingViolation) {
		t.Errorf("the other program shares our session: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// t0Card answers commands of case 2, 3 and 4.
func t0Card(command []byte) ([]byte, error) {
	switch command[1] {
	case 0xA4:
		return []byte{0x6F, 0x01, 0xAA, 0x90, 0x00}, nil
	case 0xB2:
		answer := make([]byte, 258)
		answer[0], answer[256] = 0x70, 0x90
		return answer, nil
	}
	return []byte{0x90, 0x00}, nil
}

// TestProtocols exchanges commands of every case under T=0, and long ones under T=1 and in a field.
func TestProtocols(t *testing.T) {
	d := start(t)
	ctx := context.Background()
	chip := mustOpen(t, contactReader)
	i, err := insert(d.Readers[0].Address, serve.T0(answering(t0Card)), serve.ATRT0([]byte("cw")))
	if err != nil {
		t.Fatal(err)
	}
	waitFor(t, chip, driver.Inserted)
	s, err := chip.Open(ctx, driver.Contact)
	if err != nil {
		t.Fatal(err)
	}
	atr, err := s.(contact.Slot).Reset(ctx, false)
	if a, e := contact.ParseATR(atr, false); err != nil || e != nil || len(a.Historical) != 2 {
		t.Errorf("%X: %v, %v", atr, err, e)
	}
	if s.Extended() {
		t.Error("T=0 has no extended lengths")
	}
	for name, c := range map[string]struct {
		command []byte
		want    int
	}{
		"case 1": {[]byte{0x80, 0x1E, 0x00, 0x00}, 2},
		"case 2": {[]byte{0x00, 0xB2, 0x01, 0x0C, 0x00}, 258},
		"case 3": {[]byte{0x00, 0x82, 0x00, 0x00, 0x02, 0x01, 0x02}, 2},
		"case 4": {[]byte{0x00, 0xA4, 0x04, 0x00, 0x01, 0x41, 0x00}, 5},
	} {
		if got, err := s.Transmit(ctx, nil, c.command); err != nil || len(got) != c.want {
			t.Errorf("T=0, %s: %d bytes, %v; want %d", name, len(got), err, c.want)
		}
	}
	_ = s.Close()
	i.pull()

	field := mustOpen(t, contactlessReader)
	long := func(command []byte) ([]byte, error) {
		if len(command) != 7+300+2 {
			return []byte{0x67, 0x00}, nil
		}
		answer := make([]byte, 4002)
		answer[4000] = 0x90
		return answer, nil
	}
	j, err := insert(d.Readers[1].Address, answering(long), serve.ATRContactless(nil))
	if err != nil {
		t.Fatal(err)
	}
	defer j.pull()
	s, err = field.Open(ctx, driver.Contactless)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.(kernel.Field).Activate(ctx); err != nil {
		t.Fatal(err)
	}
	if !s.Extended() {
		t.Error("extended lengths pass here")
	}
	command := append([]byte{0x00, 0xD6, 0x00, 0x00, 0x00, 0x01, 0x2C}, make([]byte, 302)...)
	if got, err := s.Transmit(ctx, nil, command); err != nil || len(got) != 4002 {
		t.Errorf("extended: %d bytes, %v", len(got), err)
	}
}
