package terminal_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/cardwright/emv/terminal/display"
	"github.com/cardwright/emv/terminal/pos"
	"github.com/cardwright/emv/terminal/wire"
	"github.com/cardwright/emv/testvectors/card"
	"github.com/cardwright/emv/testvectors/issuer/iso"
)

// distant is a card at the other end of a pipe: the process that reads it has never held its secrets but by its answers.
type distant struct {
	in  *bufio.Reader
	out io.Writer
}

func (d *distant) Transmit(_ context.Context, dst, command []byte) ([]byte, error) {
	if _, err := d.out.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(command))), command...)); err != nil {
		return dst, err
	}
	var size [2]byte
	if _, err := io.ReadFull(d.in, size[:]); err != nil {
		return dst, err
	}
	var answer [512]byte
	defer clear(answer[:])
	n := int(binary.BigEndian.Uint16(size[:]))
	if _, err := io.ReadFull(d.in, answer[:n]); err != nil {
		return dst, err
	}
	return append(dst, answer[:n]...), nil
}

// serve answers for a card until the pipe ends, or a command of length 0 asks for attention: then it returns true.
func serve(c *card.Card, in io.Reader, out io.Writer) (bool, error) {
	for {
		var size [2]byte
		if _, err := io.ReadFull(in, size[:]); err != nil {
			return false, err
		}
		command := make([]byte, binary.BigEndian.Uint16(size[:]))
		if len(command) == 0 {
			return true, nil
		}
		if _, err := io.ReadFull(in, command); err != nil {
			return false, err
		}
		answer, err := c.Transmit(context.Background(), nil, command)
		if err != nil {
			return false, err
		}
		if _, err := out.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(answer))), answer...)); err != nil {
			return false, err
		}
	}
}

// TestMemory pays by tap in a process whose card, host and issuer are in another one, and looks for the card's number
// and track in all memory that the process can write to. What that process has
// planted there is found.
func TestMemory(t *testing.T) {
	if os.Getenv("CARDWRIGHT_MEMORY_HOST") != "" {
		remembers(t)
		return
	}
	c := cardOf(t, "visa-credit")
	l := made[net.Listener](t)(net.Listen("tcp", "127.0.0.1:0"))
	server := made[*iso.Server](t)(iso.New(iso.Config{}))
	ctx, cancel := context.WithCancel(context.Background())
	var served sync.WaitGroup
	served.Go(func() { _ = server.Serve(ctx, l) })
	defer served.Wait()
	defer cancel()
	child := exec.Command(os.Args[0], "-test.run", "^TestMemory$")
	child.Env = append(os.Environ(), "CARDWRIGHT_MEMORY_HOST="+l.Addr().String())
	child.Stderr = os.Stderr
	toRead, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	read, toWrite, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	child.ExtraFiles = []*os.File{toRead, toWrite}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	_, _ = toRead.Close(), toWrite.Close()
	ready, err := serve(c, read, write)
	if err != nil || !ready {
		t.Fatalf("the other process: %t, %v", ready, err)
	}
	number := numbers.FindString(c.Stripe())
	secrets := map[string][]byte{"digits": []byte(number), "BCD": packed(number), "planted": []byte("planted by TestMemory, and found")}
	found := map[string]int{}
	size := writable(t, child.Process.Pid, func(b []byte) {
		for name, s := range secrets {
			found[name] += bytes.Count(b, s)
		}
	})
	_ = write.Close()
	if err := child.Wait(); err != nil {
		t.Error(err)
	}
	if _, entries := server.Charged("840"); entries == 0 || found["planted"] == 0 {
		t.Fatalf("%d payments, %v in %d KiB", entries, found, size>>10)
	}
	t.Logf("in %d KiB: %v", size>>10, found)
	if found["digits"] > 0 || found["BCD"] > mostRemains {
		t.Errorf("the card's number is in the memory after the payment: %v", found)
	}
}

// memoryPayments is how many there are: what leaves one copy in each is found by far.
const memoryPayments = 10

// mostRemains is how often the number in BCD, eight bytes, may be on dead stacks, whatever the number of payments: where
// runtime or system have saved registers in the middle of a copy, and no program can get at them.
const mostRemains = memoryPayments / 2

func packed(digits string) []byte {
	b := make([]byte, len(digits)/2)
	for i := range b {
		b[i] = (digits[2*i]-'0')<<4 | (digits[2*i+1] - '0')
	}
	return b
}

// writable reads what a process may write to.
func writable(t *testing.T, pid int, each func([]byte)) (size int64) {
	t.Helper()
	maps := made[[]byte](t)(os.ReadFile(fmt.Sprintf("/proc/%d/maps", pid)))
	mem := made[*os.File](t)(os.Open(fmt.Sprintf("/proc/%d/mem", pid)))
	defer mem.Close()
	for line := range strings.Lines(string(maps)) {
		var from, to int64
		var mode string
		if n, _ := fmt.Sscanf(line, "%x-%x %s", &from, &to, &mode); n != 3 || !strings.HasPrefix(mode, "rw") {
			continue
		}
		b := make([]byte, to-from)
		n, _ := mem.ReadAt(b, from) // a part that was never used can't be read
		each(b[:n])
		size += int64(n)
	}
	return size
}

var plantedInMemory []byte

// remembers is the other process.
func remembers(t *testing.T) {
	in, out := os.NewFile(3, "in"), os.NewFile(4, "out")
	plantedInMemory = append([]byte("planted by "), []byte("TestMemory, and found")...)
	address := os.Getenv("CARDWRIGHT_MEMORY_HOST")
	c := lasting(t, iso.Config{})
	c.reach = func(ctx context.Context) (net.Conn, error) { return dialTCP(ctx, address) }
	if err := c.up(); err != nil {
		t.Fatal(err)
	}
	k := c.till("till-1", dialTCP, func(pos.Event) {})
	counter := c.pair(k)
	d := &distant{bufio.NewReaderSize(in, 1024), out}
	for i := range memoryPayments {
		done := make(chan outcome, 1)
		go func() {
			f, err := counter.Pay(context.Background(), c.sale(fmt.Sprintf("order-%d", i), 1250))
			done <- outcome{f, err}
		}()
		c.await("the prompt", func() bool { return c.terminal.Display().Screen == display.Present })
		c.hands.Tap(d, nil)
		if o := <-done; o.err != nil || o.final.Result != wire.Approved {
			t.Fatalf("%+v", o)
		}
		c.hands.Leave()
		c.await("the end", func() bool { return c.terminal.Display().Screen != display.Present })
	}
	d.in.Reset(bytes.NewReader(make([]byte, 1024))) // the pipe's own buffer is not the terminal's
	_, _ = d.in.Peek(1024)
	runtime.GC()
	if _, err := out.Write([]byte{0, 0}); err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, in) // until the other one has looked
	k.off()
	if err := c.down(); err != nil {
		t.Error(err)
	}
	runtime.KeepAlive(plantedInMemory)
}
