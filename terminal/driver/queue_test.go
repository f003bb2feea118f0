package driver_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/cardwright/emv/terminal/driver"
)

func TestQueueKeepsTheNewest(t *testing.T) {
	var q driver.Queue
	for range driver.Backlog {
		q.Put(driver.Event{What: driver.Inserted})
	}
	q.Put(driver.Event{What: driver.Gone})
	for i := 1; i <= driver.Backlog; i++ {
		e, err := q.Wait(context.Background())
		if want := i == driver.Backlog; err != nil || (e.What == driver.Gone) != want {
			t.Fatalf("event %d is %s, %v", i, e.What, err)
		}
	}
}

func TestQueueKeepsNoSwipe(t *testing.T) {
	var q driver.Queue
	if q.Put(driver.Event{What: driver.Swiped}) {
		t.Error("kept a swipe that nobody waits for")
	}
	got := make(chan driver.Event, 1)
	go func() {
		e, _ := q.Wait(context.Background())
		got <- e
	}()
	for !q.Put(driver.Event{What: driver.Swiped}) {
		time.Sleep(100 * time.Microsecond)
	}
	if e := <-got; e.What != driver.Swiped {
		t.Errorf("%s", e.What)
	}
}

func TestQueueEnds(t *testing.T) {
	var q driver.Queue
	q.Put(driver.Event{What: driver.Gone})
	q.End(driver.ErrGone)
	if q.Put(driver.Event{What: driver.Back}) {
		t.Error("took an event after its end")
	}
	if e, err := q.Wait(context.Background()); err != nil || e.What != driver.Gone {
		t.Errorf("%s, %v", e.What, err)
	}
	if _, err := q.Wait(context.Background()); !errors.Is(err, driver.ErrGone) {
		t.Errorf("%v", err)
	}
	q.End(driver.ErrClosed)
	if _, err := q.Wait(context.Background()); !errors.Is(err, driver.ErrClosed) {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := q.Wait(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestNames(t *testing.T) {
	for want, got := range map[string]string{
		"none": driver.Kind(0).String(), "contact+stripe": (driver.Contact | driver.Stripe).String(),
		"in-field": driver.InField.String(), "unknown": driver.What(99).String(),
		"idtech, 3 bytes": (&driver.Envelope{Kind: "idtech", Data: []byte{1, 2, 3}}).String(),
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
