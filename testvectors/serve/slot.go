package serve

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/cardwright/emv/kernel"
)

// Address is where a slot is: a network ("tcp" or "unix") and the address on it.
type Address struct{ Network, Text string }

// String returns the address as ParseAddress reads it.
func (a Address) String() string { return a.Network + ":" + a.Text }

// The refusals of a slot.
var (
	ErrAddress = &kernel.Error{Code: "serve.address", Text: "not an address: tcp:HOST:PORT or unix:PATH"}
	ErrReader  = &kernel.Error{Code: "serve.reader", Text: "no reader listens there"}
)

// ParseAddress reads "tcp:127.0.0.1:35963", "127.0.0.1:35963" or "unix:/run/card.sock".
func ParseAddress(text string) (Address, error) {
	if path, ok := strings.CutPrefix(text, "unix:"); ok && path != "" {
		return Address{"unix", path}, nil
	}
	text = strings.TrimPrefix(text, "tcp:")
	if _, port, err := net.SplitHostPort(text); err != nil || port == "" {
		return Address{}, fmt.Errorf("%w: %q", ErrAddress, text)
	}
	return Address{"tcp", text}, nil
}

// Insertion says how often a card goes into a slot.
type Insertion struct {
	// Again is how long a card that was pulled stays away before it comes back; 0 keeps it away.
	Again time.Duration

	// Retry is how long to wait for a reader that is not there before the next attempt. 0 does not wait: a reader that is
	// not there is ErrReader, and one that goes takes the card with it.
	Retry time.Duration
}

// Into puts a card into a slot that listens, pcscd's virtual reader for one, and serves it until it is pulled for good or
// ctx ends. The error is nil when it was pulled, or when the reader went and Retry is 0.
func Into(ctx context.Context, to Address, c Card, o Options, i Insertion) error {
	var dialer net.Dialer
	for {
		conn, err := dialer.DialContext(ctx, to.Network, to.Text)
		switch {
		case err == nil:
			again, err := i.serve(ctx, conn, c, o)
			if !again {
				return err
			}
		case ctx.Err() != nil:
			return ctx.Err()
		case i.Retry == 0:
			return fmt.Errorf("%w: %s", ErrReader, to)
		default:
			wait(ctx, i.Retry)
		}
	}
}

// serve is one insertion. It reports whether there is to be another one.
func (i Insertion) serve(ctx context.Context, conn net.Conn, c Card, o Options) (bool, error) {
	end, err := Run(ctx, conn, c, o)
	pause := i.Again
	if end == Left {
		pause = i.Retry
	}
	if err != nil || pause == 0 {
		return false, err
	}
	wait(ctx, pause)
	return true, nil
}

// At waits for readers at an address of its own: each connection finds the card in its slot. One reader is served at a
// time. It returns nil when the card was pulled for good, and ctx's error when ctx ended.
func At(ctx context.Context, l net.Listener, c Card, o Options, i Insertion) error {
	stop := context.AfterFunc(ctx, func() { _ = l.Close() })
	defer stop()
	defer l.Close()
	for {
		conn, err := l.Accept()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			return err
		}
		end, err := Run(ctx, conn, c, o)
		if err != nil || end == Pulled && i.Again == 0 {
			return err
		}
		if end == Pulled {
			wait(ctx, i.Again)
		}
	}
}

// Listen opens an address for At. A socket file that nobody serves any more is replaced; any other file is left alone.
func Listen(ctx context.Context, at Address) (net.Listener, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, at.Network, at.Text)
	if err == nil || at.Network != "unix" || !errors.Is(err, syscall.EADDRINUSE) {
		return l, err
	}
	if info, e := os.Lstat(at.Text); e != nil || info.Mode()&os.ModeSocket == 0 {
		return nil, err
	}
	var dialer net.Dialer
	if conn, e := dialer.DialContext(ctx, at.Network, at.Text); e == nil {
		_ = conn.Close()
		return nil, err
	}
	if e := os.Remove(at.Text); e != nil {
		return nil, e
	}
	return config.Listen(ctx, at.Network, at.Text)
}
