package pos

import (
	"context"
	"crypto/tls"
	"slices"
	"time"

	"github.com/cardwright/emv/terminal/session"
)

// How often a till asks whether its terminal is there, and how long it waits before it looks elsewhere. With a heartbeat
// every five seconds alone it would take longer than a shop may wait: S23, S33.
const (
	askEvery = time.Second
	askTime  = 1500 * time.Millisecond
)

// way is a connection on which the terminal's key has answered, and nothing was said yet.
type way struct {
	conn    *tls.Conn
	address string
}

func (w *way) close() {
	if w != nil {
		_ = w.conn.NetConn().Close()
	}
}

// elsewhere waits until the session of a link had better go over another connection, makes that, and returns it: where the
// terminal has told of an address that it prefers (S32), and where it does not answer, for a cable that is pulled says
// nothing (PRODUCT 3.1, P8). The link stays as it is meanwhile. nil is the end of ctx.
func (t *Terminal) elsewhere(ctx context.Context, l *session.Link, address string) *way {
	clock := t.register.c.Clock
	asked := clock.Now()
	for {
		told, discover := false, t.register.c.Discover
		select {
		case <-ctx.Done():
			return nil
		case <-t.told:
			told, discover = true, nil
		case <-clock.After(max(askEvery-clock.Now().Sub(asked), 0)):
			if clock.Now().Sub(asked) < askEvery {
				continue
			}
			answered := t.register.inBackground() || t.answers(ctx, l)
			asked = clock.Now()
			if answered {
				continue
			}
		}
		record, ok := t.register.c.Records.ByID(t.id)
		if !ok {
			continue
		}
		if told {
			if i := slices.Index(record.Addresses, address); i >= 0 {
				record.Addresses = record.Addresses[:i]
			}
			if len(record.Addresses) == 0 {
				continue
			}
		}
		if w, err := t.reach(ctx, t.register.connectConfig(&record, t.stream, 0), discover); err == nil {
			return w
		}
	}
}

// answers reports whether the terminal answers at once.
func (t *Terminal) answers(ctx context.Context, l *session.Link) bool {
	ctx, cancel := context.WithCancel(ctx)
	pong := make(chan error, 1)
	go func() { pong <- l.Ping(ctx) }()
	clock := t.register.c.Clock
	for sent := clock.Now(); ; {
		select {
		case err := <-pong:
			cancel()
			return err == nil
		case <-clock.After(max(askTime-clock.Now().Sub(sent), 0)):
			if clock.Now().Sub(sent) >= askTime {
				cancel()
				<-pong
				return false
			}
		}
	}
}
