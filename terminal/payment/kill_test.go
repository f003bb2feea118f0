//go:build unix

package payment

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/journal"
)

// A real process on a real disk is killed (SIGKILL) at every state of the journal and at operations of the disk, a recovery
// included. The child is this test binary again; the parent is till and host, and keeps the ledger. How often is
// CARDWRIGHT_KILLS, 48 by default; CI has 1000.

const (
	childFolder = "CARDWRIGHT_PAYMENT_CHILD" // the journal's folder: the binary is the child
	childState  = "CARDWRIGHT_PAYMENT_STATE" // kill when this state is on the disk
	childOp     = "CARDWRIGHT_PAYMENT_OP"    // kill at this operation of the disk
)

func TestMain(m *testing.M) {
	if folder := os.Getenv(childFolder); folder != "" {
		if err := child(folder); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func killMyself() { _ = syscall.Kill(os.Getpid(), syscall.SIGKILL); select {} }

// fatalFS kills the process at one of its operations: before it or after it, as the number of the process has it.
type fatalFS struct {
	journal.FS
	mu   sync.Mutex
	left int
}

func (f *fatalFS) around(do func() error) error {
	f.mu.Lock()
	f.left--
	left := f.left
	f.mu.Unlock()
	if left == 0 && os.Getpid()%2 == 1 {
		killMyself()
	}
	err := do()
	if left == 0 {
		killMyself()
	}
	return err
}

func (f *fatalFS) Open(name string) (journal.File, error) {
	file, err := f.FS.Open(name)
	return &fatalFile{file, f}, err
}

func (f *fatalFS) Create(name string) (file journal.File, err error) {
	err = f.around(func() error { file, err = f.FS.Create(name); return err })
	return &fatalFile{file, f}, err
}

func (f *fatalFS) Rename(from, to string) error {
	return f.around(func() error { return f.FS.Rename(from, to) })
}

func (f *fatalFS) Remove(name string) error {
	return f.around(func() error { return f.FS.Remove(name) })
}
func (f *fatalFS) SyncDir() error { return f.around(f.FS.SyncDir) }

type fatalFile struct {
	journal.File
	fs *fatalFS
}

func (f *fatalFile) WriteAt(p []byte, at int64) (n int, err error) {
	err = f.fs.around(func() error { n, err = f.File.WriteAt(p, at); return err })
	return n, err
}

func (f *fatalFile) Truncate(n int64) error {
	return f.fs.around(func() error { return f.File.Truncate(n) })
}

func (f *fatalFile) Sync() error { return f.fs.around(f.File.Sync) }

// message is a line between parent and child.
type message struct {
	N        int       `json:"n"`
	Op       string    `json:"op"`
	Request  *Request  `json:"request,omitempty"`
	ID       string    `json:"id,omitempty"`
	Auth     *Sent     `json:"auth,omitempty"` // Authorise: what the ledger needs
	Reversal *Reversal `json:"reversal,omitempty"`
	Advice   *Advice   `json:"advice,omitempty"`
	Answer   *Answer   `json:"answer,omitempty"`
	Lost     bool      `json:"lost,omitempty"`
	Status   *Status   `json:"status,omitempty"`
	Code     string    `json:"code,omitempty"`
}

// far is the host as the child sees it: the parent.
type far struct {
	mu    sync.Mutex
	out   *json.Encoder
	n     int
	waits map[int]chan message
}

func (f *far) send(m message) {
	f.mu.Lock()
	defer f.mu.Unlock()
	_ = f.out.Encode(m)
}

func (f *far) ask(ctx context.Context, m message) (Answer, error) {
	f.mu.Lock()
	f.n++
	m.N = f.n
	c := make(chan message, 1)
	f.waits[m.N] = c
	_ = f.out.Encode(m)
	f.mu.Unlock()
	select {
	case a := <-c:
		if a.Lost {
			return Answer{}, errNetwork
		}
		return *a.Answer, nil
	case <-ctx.Done():
		return Answer{}, ctx.Err()
	}
}

func (f *far) Authorise(ctx context.Context, a *Authorisation) (Answer, error) {
	return f.ask(ctx, message{Op: "authorise", Auth: &Sent{Trace: a.Trace, Kind: a.Kind, Total: a.Amounts.Total}})
}

func (f *far) Reverse(ctx context.Context, r *Reversal) (Answer, error) {
	return f.ask(ctx, message{Op: "reverse", Reversal: r})
}

func (f *far) Advise(ctx context.Context, a *Advice) (Answer, error) {
	return f.ask(ctx, message{Op: "advise", Advice: a})
}

// quick is a card that is there at once.
type quick struct{}

func (quick) Take(ctx context.Context, o Order, d Desk) (Taken, error) {
	c := Card{Entry: Insert, Number: "************1234", Brand: "visa"}
	if err := d.CardIn(ctx, c); err != nil {
		return Taken{}, err
	}
	if o.Offline {
		return Taken{Kind: kernel.ApprovedOffline, Card: c, Chip: clearingRecord(kernel.TC), Sealed: Sealed("sealed")}, nil
	}
	a, err := d.Authorise(ctx, Online{Card: c})
	if err != nil || !a.Approved() {
		return Taken{Kind: kernel.DeclinedOnline}, err
	}
	return Taken{Kind: kernel.ApprovedOnline, Card: c}, nil
}

// child is the terminal's process.
func child(folder string) error {
	dir, err := journal.Dir(folder)
	if err != nil {
		return err
	}
	op, _ := strconv.Atoi(os.Getenv(childOp))
	state := os.Getenv(childState)
	host := &far{out: json.NewEncoder(os.Stdout), waits: map[int]chan message{}}
	var e *Engine
	opened := make(chan error, 1)
	go func() { // Open must not wait for the host, and the host's answers come the way that commands come
		e, err = Open(Config{
			FS: &fatalFS{FS: dir, left: op}, Journal: journal.Options{SegmentSize: 16 << 10}, CompactAt: 40 << 10,
			Host: host, Reader: quick{}, Screen: &simScreen{}, Lease: &simLease{lax: true},
			Policy: Policy{
				Adjust:  true,
				Forward: ForwardPolicy{Currency: 840, Max: 1 << 40, Sum: 1 << 50, Count: 1 << 20, Age: 24 * time.Hour},
			},
			Notify: func(ev Event) {
				if ev.State.String() == state {
					killMyself()
				}
			},
		})
		opened <- err
	}()
	if err := <-opened; err != nil {
		return err
	}
	till := Till{POS: "till-1", Epoch: 1}
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		var m message
		if err := json.Unmarshal(in.Bytes(), &m); err != nil {
			return err
		}
		reply := message{N: m.N, Op: "reply"}
		var s Status
		switch m.Op {
		case "answer":
			host.mu.Lock()
			c := host.waits[m.N]
			delete(host.waits, m.N)
			host.mu.Unlock()
			c <- m
			continue
		case "accept":
			s, err = e.Accept(till, *m.Request)
		case "status":
			s, err = e.Status(till, m.ID)
		case "ack":
			err = e.Ack(till, m.ID)
		}
		reply.Status, reply.Code = &s, kernel.CodeOf(err)
		host.send(reply)
	}
	return e.Close()
}

// terminal is the parent's end of a child.
type terminal struct {
	cmd     *exec.Cmd
	in      io.WriteCloser
	mu      sync.Mutex
	n       int
	replies map[int]chan message
	dead    chan struct{}
	sending State // how far the last payment's advice is
}

var errDead = errors.New("test: the child is dead")

// boot starts a child.
func boot(t *testing.T, folder string, host *simHost, env ...string) *terminal {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), append(env, childFolder+"="+folder)...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c := &terminal{cmd: cmd, in: in, replies: map[int]chan message{}, dead: make(chan struct{})}
	go func() {
		defer close(c.dead)
		lines := bufio.NewScanner(out)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			var m message
			if json.Unmarshal(lines.Bytes(), &m) != nil {
				continue
			}
			if m.Op != "reply" {
				c.write(serve(host, m))
				continue
			}
			c.mu.Lock()
			reply := c.replies[m.N]
			delete(c.replies, m.N)
			c.mu.Unlock()
			reply <- m
		}
		_ = cmd.Wait()
	}()
	return c
}

// serve is the host, at once: what would never be answered is lost at once too.
func serve(host *simHost, m message) message {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var a Answer
	var err error
	switch m.Op {
	case "authorise":
		a, err = host.Authorise(ctx, &Authorisation{Trace: m.Auth.Trace, Kind: m.Auth.Kind, Amounts: Amounts{Total: m.Auth.Total}})
	case "reverse":
		a, err = host.Reverse(ctx, m.Reversal)
	default:
		a, err = host.Advise(ctx, m.Advice)
	}
	return message{N: m.N, Op: "answer", Answer: &a, Lost: err != nil}
}

func (c *terminal) write(m message) {
	c.mu.Lock()
	defer c.mu.Unlock()
	b, _ := json.Marshal(m)
	_, _ = c.in.Write(append(b, '\n'))
}

// call sends a command and waits for its reply.
func (c *terminal) call(m message) (message, error) {
	reply := make(chan message, 1)
	c.mu.Lock()
	c.n++
	m.N = c.n
	c.replies[m.N] = reply
	c.mu.Unlock()
	c.write(m)
	select {
	case r := <-reply:
		return r, nil
	case <-c.dead:
		return message{}, errDead
	}
}

// stop lets the child end, and reports whether it had been killed.
func (c *terminal) stop() bool {
	_ = c.in.Close()
	<-c.dead
	s, ok := c.cmd.ProcessState.Sys().(syscall.WaitStatus)
	return ok && s.Signaled() && s.Signal() == syscall.SIGKILL
}

// finish sends a request until it has a Final, and acknowledges it.
func (c *terminal) finish(t *testing.T, r Request) (*Final, error) {
	t.Helper()
	m, err := c.call(message{Op: "accept", Request: &r})
	for {
		switch {
		case err != nil:
			return nil, err
		case m.Code != "" && m.Code != CodeBusy:
			t.Fatalf("%s: %s", r.Kind, m.Code)
		case m.Code == CodeBusy:
			m, err = c.call(message{Op: "accept", Request: &r})
		case m.Status.Final != nil && (!m.Status.Offline || !m.Status.Sending.pending()): // stored: until the host has it
			c.sending = m.Status.Sending
			_, err = c.call(message{Op: "ack", ID: r.RequestID})
			return m.Status.Final, err
		default:
			time.Sleep(time.Millisecond)
			m, err = c.call(message{Op: "status", ID: r.RequestID})
		}
	}
}

// kills is how often the child is killed.
func kills(t *testing.T) int {
	text, set := os.LookupEnv("CARDWRIGHT_KILLS")
	if !set {
		return 48
	}
	n, err := strconv.Atoi(text)
	if err != nil || n <= 0 {
		t.Fatalf("CARDWRIGHT_KILLS=%q: a number of kills above 0 is wanted", text)
	}
	return n
}

func TestKill(t *testing.T) {
	wanted := kills(t)
	folder := t.TempDir()
	host := &simHost{book: map[string]*booking{}, power: func() bool { return true }}
	sold, amount, killed := map[uint64]Kind{}, uint64(1000), map[string]int{}
	total := 0
	var sending State

	// settle has a request finished, in as many lives as it takes. The first life has env.
	settle := func(r Request, env ...string) *Final {
		for life := 0; ; life++ {
			if life > 20 {
				t.Fatal("it never ends")
			}
			c := boot(t, folder, host, env...)
			f, err := c.finish(t, r)
			sending = c.sending
			if c.stop() {
				total++
				if life == 0 && len(env) > 0 {
					killed[env[0]]++
				}
			} else if err != nil {
				t.Fatalf("the child ended by itself: %v", c.cmd.ProcessState)
			}
			if f != nil && err == nil {
				return f
			}
			if env = nil; life == 0 && amount%3 == 0 { // the recovery dies too
				env = []string{fmt.Sprintf("%s=%d", childOp, amount%7+1)}
			}
		}
	}
	request := func(k Kind, of string) Request {
		amount++
		r := Request{RequestID: ulid(time.Now(), int(amount)), OrderRef: fmt.Sprint("order-", amount), Kind: k, Amount: amount * 100, Currency: 840}
		if of != "" {
			r.Original.RequestID, r.Amount = of, r.Amount-50_050
		}
		if k == Void {
			r.Amount = 0
		}
		return r
	}

	states := []State{
		Accepted, Prompting, CardIn, Commit, AuthSent, HostAnswered, GAC2Done, Finished, Acked, ReversalDue, ReversalSent, Reversed,
		SAFStored, SAFSent, SAFDone, SAFDeclined, // of captures
		SAFStored, SAFSent, SAFDone, SAFDeclined, // of what the card approved
	}
	for round := 0; total < wanted; round++ {
		if round > 3*wanted+100 {
			t.Fatalf("only %d of %d kills in %d rounds", total, wanted, round)
		}
		at := round / 2 % len(states)
		state := states[at]
		env := fmt.Sprintf("%s=%s", childState, state)
		if round%2 == 1 {
			env = fmt.Sprintf("%s=%d", childOp, round%37+1)
		}
		switch {
		case state <= Acked || state <= Reversed && round%4 < 2: // a sale; silence of the host leads to a reversal
			if state > Acked {
				host.will(hostLosesAnswer)
			}
			r := request(Sale, "")
			if f := settle(r, env); f.Result == Approved {
				sold[r.Amount] = Sale
			}
		case state <= Reversed: // a void
			sale := request(Sale, "")
			if settle(sale).Result != Approved {
				t.Fatal("a plain sale was not approved")
			}
			if f := settle(request(Void, sale.RequestID), env); f.Result != Approved {
				sold[sale.Amount] = Sale
				if f.Code != CodePowerLoss {
					t.Errorf("void: %+v", f)
				}
			}
		case at >= len(states)-4: // a sale that the card approves
			if state == SAFDeclined {
				host.willAside(hostRefuses)
			}
			r := request(Sale, "")
			r.Offline.Allow = true
			switch f := settle(r, env); {
			case f.Result == Approved && f.Code == CodeApprovedAlone && sending == SAFDone:
				sold[r.Amount] = Sale
			case f.Result == Approved && (state != SAFDeclined || sending != SAFDeclined), f.Result != Approved && f.Code != CodePowerLoss:
				t.Errorf("stored: %+v, %s", f, sending)
			}
		default: // a capture; SAF_DECLINED is that of one that the host has dropped
			hold := request(Preauth, "")
			if settle(hold).Result != Approved {
				t.Fatal("a plain pre-authorisation was not approved")
			}
			if state == SAFDeclined {
				host.order[len(host.order)-1].reversed = true
			}
			r := request(Capture, hold.RequestID)
			if f := settle(r, env); f.Result == Approved {
				sold[r.Amount] = Capture
			} else if state != SAFDeclined && f.Code != CodePowerLoss {
				t.Errorf("capture: %+v", f)
			}
		}
		host.will()
		host.willAside()
	}
	c := boot(t, folder, host) // what is due is sent
	for range 200 {
		if maps.Equal(host.charged(), sold) {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	c.stop()
	if taken := host.charged(); !maps.Equal(taken, sold) {
		for a, k := range taken {
			if sold[a] != k {
				t.Errorf("the host has taken %d (%s), the till has sold %s", a, k, sold[a])
			}
		}
		for a, k := range sold {
			if taken[a] != k {
				t.Errorf("the till has sold %d (%s), the host has taken %s", a, k, taken[a])
			}
		}
	}
	if list := host.doubled(); list != nil {
		t.Errorf("the host has taken %v twice", list)
	}
	if wanted >= 48 {
		for _, s := range states {
			if env := fmt.Sprintf("%s=%s", childState, s); killed[env] == 0 && (total >= 100 || s <= Reversed) {
				t.Errorf("never killed at %s", s)
			}
		}
	}
	t.Logf("%d kills, %d sold", total, len(sold))
}
