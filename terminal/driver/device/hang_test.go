package device

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cardwright/emv/kernel"
)

// TestAnAppThatHangs sends a command and an "off" to an app that reads and never answers: they time out. An "on" waits for a
// card as long as the terminal does.
func TestAnAppThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		here, there := net.Pipe()
		go func() { _, _ = io.Copy(io.Discard, there) }()
		r := &remote{conn: here, replies: make(chan frame, 1), done: make(chan struct{})}
		r.Watch(Callbacks{Left: func() {}, Gone: func(error) {}})
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		if _, _, err := r.Transceive(ctx, nil, []byte{0x00, 0xB2, 0x01, 0x0C, 0x00}); !errors.Is(err, kernel.ErrTimeout) {
			t.Errorf("command: %v", err)
		}
		if err := r.Off(ctx); !errors.Is(err, kernel.ErrTimeout) {
			t.Errorf("off: %v", err)
		}
		if _, err := r.On(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("on: %v", err)
		}
		_ = there.Close()
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
}
