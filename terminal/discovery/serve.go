package discovery

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/cardwright/emv/terminal/pairing"
)

// Config is what a terminal makes itself found with.
type Config struct {
	Records     *pairing.Records
	SessionPort uint16
	PlainPort   uint16

	// Interfaces are those on which the terminal may be found; nil is Attached. SSDP listens on all that the machine has
	// and tells no address but of these.
	Interfaces func() []Interface

	Clock pairing.Clock // nil is the system's

	NoSSDP, NoDNSSD bool

	// Failed hears that a way can't be served, once for each time that it begins to fail; it is tried again. nil is deaf.
	Failed func(way string, err error)
}

// Look is how often Serve looks for what has changed: records, addresses, the hour.
const Look = time.Second

// MaxTills is how many tills a terminal makes itself found for, those that paired last.
const MaxTills = 16

// advert is what a terminal tells: with an address that changes, a group that was joined is left, so that it begins anew.
type advert struct {
	ids            []string // one of each till
	interfaces     []Interface
	now            func() []Interface
	session, plain uint16
}

// way is a protocol in which a terminal is found. begin serves an advert until its stop is called.
type way interface {
	name() string
	begin(a *advert) (stop func(), err error)
}

// Serve makes a terminal findable until ctx ends, and returns the error of ctx. It returns another error at once if the
// configuration is incomplete.
func Serve(ctx context.Context, c Config) error {
	if c.Records == nil || c.SessionPort == 0 || c.PlainPort == 0 {
		return errors.New("discovery: Config needs Records, SessionPort and PlainPort")
	}
	var ways []way
	if !c.NoSSDP {
		ways = append(ways, ssdpWay{})
	}
	if !c.NoDNSSD {
		ways = append(ways, dnssdWay{})
	}
	if len(ways) == 0 { // nothing to look after
		<-ctx.Done()
		return ctx.Err()
	}
	return serve(ctx, c, ways)
}

func serve(ctx context.Context, c Config, ways []way) error {
	if c.Clock == nil {
		c.Clock = pairing.SystemClock{}
	}
	if c.Interfaces == nil {
		c.Interfaces = Attached
	}
	if c.Failed == nil {
		c.Failed = func(string, error) {}
	}
	type running struct {
		way
		told   string // the advert, "" while nothing is served
		stop   func()
		failed bool
	}
	all := make([]running, len(ways))
	for i, w := range ways {
		all[i] = running{way: w, stop: func() {}}
	}
	defer func() {
		for i := range all {
			all[i].stop()
		}
	}()
	for ctx.Err() == nil {
		a := c.advert()
		for i := range all {
			r := &all[i]
			if r.told == a.key() {
				continue
			}
			r.stop()
			r.told, r.stop = "", func() {}
			if a.key() == "" {
				continue
			}
			stop, err := r.begin(a)
			if err != nil {
				if !r.failed {
					c.Failed(r.name(), err)
				}
				r.failed = true
				continue
			}
			r.told, r.stop, r.failed = a.key(), stop, false
		}
		select {
		case <-c.Clock.After(Look):
		case <-ctx.Done():
		}
	}
	return ctx.Err()
}

// advert is what is to be told now.
func (c *Config) advert() *advert {
	a := &advert{now: c.Interfaces, session: c.SessionPort, plain: c.PlainPort}
	records := c.Records.All()
	if len(records) == 0 {
		return a
	}
	a.interfaces = c.Interfaces()
	now := c.Clock.Now()
	for i := range records {
		if i >= len(records)-MaxTills {
			a.ids = append(a.ids, id(&records[i], now))
		}
		records[i].ResumeKey.Wipe()
	}
	slices.Sort(a.ids) // the order in which tills were paired is nobody's business
	return a
}

// key is equal for adverts that say the same, and "" for one that says nothing.
func (a *advert) key() string {
	if len(a.ids) == 0 || len(a.interfaces) == 0 {
		return ""
	}
	s := fmt.Sprint(a.ids)
	for _, i := range a.interfaces {
		s += fmt.Sprint(i.Index, i.Name, i.Addrs)
	}
	return s
}
