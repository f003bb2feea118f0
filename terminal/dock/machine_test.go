package dock_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/cardwright/emv/terminal/dock"
	"github.com/cardwright/emv/terminal/wire"
)

// device is everything that a machine moves, and what happened to it. The times are those of a synctest bubble.
type device struct {
	*dock.Virtual
	*dock.Machine
	staff   *dock.Staff
	scanner *scanner
	payment time.Duration // how long one takes that is under way when Settle is called

	mu     sync.Mutex
	log    []string
	faults []string
	token  dock.Token // of whoever signed in last
}

func (d *device) did(format string, args ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.log = append(d.log, fmt.Sprintf(format, args...))
}

func (d *device) fault(format string, args ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.faults = append(d.faults, fmt.Sprintf(format, args...))
}

func (d *device) took() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := strings.Join(d.log, ", ")
	d.log = nil
	return s
}

// empty says that nothing of a mode for staff is left.
func (d *device) empty(when string) {
	d.mu.Lock()
	token := d.token
	d.mu.Unlock()
	if _, err := d.staff.Name(token); !is(err, dock.CodeSignedOut) {
		d.fault("%s: a staff token of before holds", when)
	}
	if d.scanner.isOpen() || d.staff.Scanning() {
		d.fault("%s: the scanner is open", when)
	}
}

func (d *device) Settle(ctx context.Context, from dock.Mode) {
	d.did("settle %v", from)
	if d.Mode() != from {
		d.fault("settle %v in mode %v", from, d.Mode())
	}
	select {
	case <-time.After(d.payment):
	case <-ctx.Done():
	}
}

func (d *device) Stay(in dock.Mode) { d.did("stay %v", in) }

func (d *device) Leave(from dock.Mode) {
	d.did("leave %v", from)
	d.empty("leaving")
	if d.Mode() != from {
		d.fault("leave %v in mode %v", from, d.Mode())
	}
}

func (d *device) Enter(to dock.Mode) {
	d.did("enter %v", to)
	d.empty("entering")
	if d.Mode() != to {
		d.fault("enter %v in mode %v", to, d.Mode())
	}
	token, err := d.staff.SignIn("Ada")
	switch {
	case to == dock.Docked && !is(err, dock.CodeDocked):
		d.fault("staff signed in to a docked device: %v", err)
	case to == dock.Mobile && err != nil:
		d.fault("staff could not sign in to a mobile device: %v", err)
	case to == dock.Mobile:
		d.mu.Lock()
		d.token = token
		d.mu.Unlock()
		if err := d.staff.Scan(token); err != nil || !d.scanner.isOpen() {
			d.fault("staff could not scan: %v", err)
		}
	}
}

func is(err error, code wire.Code) bool {
	var e *wire.Error
	return errors.As(err, &e) && e.Code == code
}

// scanner counts how often it is open.
type scanner struct {
	mu   sync.Mutex
	open int
	err  error
}

func (s *scanner) Open() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open++
	return s.err
}

func (s *scanner) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open--
	return nil
}

func (s *scanner) isOpen() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open != 0
}

// run starts a machine in a bubble. stop ends it and returns what was wrong.
func run(t *testing.T, virtual *dock.Virtual, payment time.Duration) (d *device, stop func() []string) {
	d = &device{Virtual: virtual, scanner: &scanner{}, payment: payment}
	d.staff = dock.NewStaff(rand.Reader, d.scanner)
	m, err := dock.New(dock.Config{Dock: virtual, Staff: d.staff, Hooks: hooks{d}})
	if err != nil {
		t.Fatal(err)
	}
	d.Machine = m
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- m.Run(ctx) }()
	synctest.Wait()
	return d, func() []string {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			d.fault("Run returned %v", err)
		}
		d.empty("stopped")
		return d.faults
	}
}

// hooks has the methods of the hooks and not those of the machine.
type hooks struct{ d *device }

func (h hooks) Settle(ctx context.Context, m dock.Mode) { h.d.Settle(ctx, m) }
func (h hooks) Stay(m dock.Mode)                        { h.d.Stay(m) }
func (h hooks) Leave(m dock.Mode)                       { h.d.Leave(m) }
func (h hooks) Enter(m dock.Mode)                       { h.d.Enter(m) }

// step is a time that passes and the level of the dock after it.
type step struct {
	after  time.Duration
	docked bool
}

func (d *device) play(steps []step) {
	for _, s := range steps {
		time.Sleep(s.after)
		if s.docked {
			d.Dock()
		} else {
			d.Undock()
		}
		synctest.Wait()
	}
}

// S1, S30, S80: the wanted texts are the order that PRODUCT asks for.
func TestModes(t *testing.T) {
	const ms = time.Millisecond
	for _, c := range []struct {
		name    string
		payment time.Duration
		steps   []step
		after   time.Duration
		want    string
		mode    dock.Mode
	}{
		{"nothing", 0, nil, time.Hour, "enter mobile", dock.Mobile},
		{"in", 0, []step{{0, true}}, 300 * ms, "enter mobile, settle mobile, leave mobile, enter docked", dock.Docked},
		{"in, a moment before it counts", 0, []step{{0, true}}, 299 * ms, "enter mobile", dock.Mobile},
		{
			"in and out", 0,
			[]step{{0, true}, {time.Second, false}},
			300 * ms,
			"enter mobile, settle mobile, leave mobile, enter docked, settle docked, leave docked, enter mobile", dock.Mobile,
		},
		{"a bounce is nothing", 0, []step{{0, true}, {299 * ms, false}}, time.Hour, "enter mobile", dock.Mobile},
		{"bounces count from the last", 0, []step{{0, true}, {200 * ms, false}, {50 * ms, true}}, 299 * ms, "enter mobile", dock.Mobile},
		{
			"and then they count", 0,
			[]step{{0, true}, {200 * ms, false}, {50 * ms, true}},
			300 * ms,
			"enter mobile, settle mobile, leave mobile, enter docked", dock.Docked,
		},
		{"a payment holds the mode", time.Minute, []step{{0, true}}, 59 * time.Second, "enter mobile, settle mobile", dock.Mobile},
		{
			"until it has ended", time.Minute,
			[]step{{0, true}},
			time.Minute + 300*ms,
			"enter mobile, settle mobile, leave mobile, enter docked", dock.Docked,
		},
		{
			"back in mid-payment", time.Minute,
			[]step{{0, true}, {30 * time.Second, false}},
			time.Hour,
			"enter mobile, settle mobile, stay mobile", dock.Mobile,
		},
		{
			"back and away in mid-payment", time.Minute,
			[]step{{0, true}, {30 * time.Second, false}, {ms, true}},
			time.Hour,
			"enter mobile, settle mobile, stay mobile, settle mobile, leave mobile, enter docked", dock.Docked,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d, stop := run(t, new(dock.Virtual), c.payment)
				d.play(c.steps)
				time.Sleep(c.after)
				synctest.Wait()
				if got := d.took(); got != c.want {
					t.Errorf("\n got %s\nwant %s", got, c.want)
				}
				if d.Mode() != c.mode {
					t.Errorf("mode %v", d.Mode())
				}
				for _, f := range stop() {
					t.Error(f)
				}
			})
		})
	}
}

func TestStartsInTheModeOfItsDock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var v dock.Virtual
		v.Dock()
		d, stop := run(t, &v, 0)
		if got := d.took(); got != "enter docked" || d.Mode() != dock.Docked {
			t.Errorf("%s, mode %v", got, d.Mode())
		}
		for _, f := range stop() {
			t.Error(f)
		}
	})
}

// Any sequence of edges ends in the mode of the last level, and every mode is left before the other is entered. S1
func TestEdges(t *testing.T) {
	modes := regexp.MustCompile(`^enter \w+(, settle (mobile(, stay mobile|, leave mobile, enter docked)|docked(, stay docked|, leave docked, enter mobile)))*$`)
	rapid.Check(t, func(rt *rapid.T) {
		delay := rapid.Map(rapid.IntRange(0, 700), func(ms int) time.Duration { return time.Duration(ms) * time.Millisecond })
		steps := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) step {
			return step{delay.Draw(rt, "after"), rapid.Bool().Draw(rt, "docked")}
		}), 0, 30).Draw(rt, "steps")
		payment := delay.Draw(rt, "payment")
		starts := rapid.Bool().Draw(rt, "starts")
		var faults []string
		var log string
		var mode dock.Mode
		synctest.Test(t, func(t *testing.T) {
			var v dock.Virtual
			if starts {
				v.Dock()
			}
			d, stop := run(t, &v, payment)
			d.play(steps)
			time.Sleep(time.Second) // the debounce and a payment
			synctest.Wait()
			mode, log = d.Mode(), d.took()
			faults = stop()
		})
		last := starts
		for _, s := range steps {
			last = s.docked
		}
		if (mode == dock.Docked) != last {
			rt.Fatalf("level %v, mode %v: %s", last, mode, log)
		}
		if !modes.MatchString(log) {
			rt.Fatalf("out of order: %s", log)
		}
		if !strings.HasSuffix(log, "enter "+mode.String()) && !strings.HasSuffix(log, "stay "+mode.String()) {
			rt.Fatalf("mode %v after: %s", mode, log)
		}
		if len(faults) > 0 {
			rt.Fatal(faults)
		}
	})
}

// S4
func TestEnter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, stop := run(t, new(dock.Virtual), 0)
		if err := d.Machine.Enter(t.Context(), dock.Docked); !is(err, wire.CodeNotDocked) {
			t.Errorf("docked without a dock: %v", err)
		}
		if err := d.Machine.Enter(t.Context(), dock.Mobile); err != nil {
			t.Errorf("mobile already: %v", err)
		}
		d.Dock()
		if err := d.Machine.Enter(t.Context(), dock.Docked); err != nil || d.Mode() != dock.Docked {
			t.Errorf("docked: %v, mode %v", err, d.Mode())
		}
		if err := d.Machine.Enter(t.Context(), dock.Mobile); !is(err, dock.CodeDocked) {
			t.Errorf("mobile in the dock: %v", err)
		}
		d.Undock()
		if err := d.Machine.Enter(t.Context(), dock.Docked); !is(err, wire.CodeNotDocked) {
			t.Errorf("docked while the mode is being left: %v", err)
		}
		going := make(chan error, 1)
		go func() { going <- d.Machine.Enter(t.Context(), dock.Mobile) }()
		time.Sleep(100 * time.Millisecond)
		d.Dock()
		if err := <-going; !is(err, dock.CodeDocked) {
			t.Errorf("back in the dock while it waits: %v", err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		time.Sleep(time.Second)
		if err := d.Machine.Enter(ctx, dock.Docked); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("context that has ended: %v", err)
		}
		for _, f := range stop() {
			t.Error(f)
		}
	})
}

// A device that is switched off while a payment holds the mode does not wait for it.
func TestStopsInMidPayment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, stop := run(t, new(dock.Virtual), time.Hour)
		d.Dock()
		time.Sleep(time.Minute)
		start := time.Now()
		for _, f := range stop() {
			t.Error(f)
		}
		if got := d.took(); got != "enter mobile, settle mobile" || time.Since(start) != 0 {
			t.Errorf("%s, after %v", got, time.Since(start))
		}
	})
}

func TestNewRefuses(t *testing.T) {
	for name, c := range map[string]dock.Config{
		"no dock": {}, "negative": {Dock: new(dock.Virtual), Debounce: -1},
	} {
		if _, err := dock.New(c); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

// A slow follower hears the newest level, and the channel closes with its context.
func TestChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var v dock.Virtual
		ctx, cancel := context.WithCancel(t.Context())
		levels := v.Changes(ctx)
		for range 3 {
			v.Dock()
			v.Dock()
			v.Undock()
		}
		v.Dock()
		if !<-levels {
			t.Error("an old level")
		}
		cancel()
		if _, open := <-levels; open {
			t.Error("a level that nobody set")
		}
		v.Undock()
		if v.Docked() {
			t.Error("not undocked")
		}
	})
}
