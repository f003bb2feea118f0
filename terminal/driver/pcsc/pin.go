//go:build pcsc

package pcsc

import (
	"runtime"
	"strconv"
	"sync"
)

// pin is a way to name a reader in a wait. scard keeps the C string of a name alive by that name: of two waits for the same
// name at the same time, one would lose its string to the garbage collector. What follows a zero byte makes the names of
// each wait its own and does not reach the service.
type pin int

// pins are those in use. The numbers are taken again, so that scard's table does not grow.
var pins struct {
	sync.Mutex
	used []bool
}

func takePin() pin {
	pins.Lock()
	defer pins.Unlock()
	for i, used := range pins.used {
		if !used {
			pins.used[i] = true
			return pin(i)
		}
	}
	pins.used = append(pins.used, true)
	return pin(len(pins.used) - 1)
}

func (p pin) free() {
	pins.Lock()
	defer pins.Unlock()
	pins.used[p] = false
}

func (p pin) pin(name string) string {
	if runtime.GOOS == "windows" { // takes no zero byte, and keeps its strings by itself
		return name
	}
	return name + "\x00" + strconv.Itoa(int(p))
}
