package demo

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/cardwright/emv/terminal/display"
	"github.com/cardwright/emv/terminal/text"
)

// customer looks at the terminal's screen and does what it asks for.
type customer struct {
	scene *scene
	stop  func()
	ended chan struct{} // closed when the result was seen
	last  string        // what was said of the screen
	acted time.Time     // when something was done last
	on    string        // the question that it was done for
	tries int
}

// look is how often a person looks.
const look = 5 * time.Millisecond

// patience is how often a card is presented, and again how long it takes to do it once more when nothing has changed.
const (
	patience = 6
	again    = 1500 * time.Millisecond
)

// customer sends one to the counter.
func (s *scene) customer(ctx context.Context) *customer {
	ctx, cancel := context.WithCancel(ctx)
	c := &customer{scene: s, ended: make(chan struct{})}
	var running sync.WaitGroup
	running.Go(func() { c.watch(ctx) })
	c.stop = func() {
		cancel()
		running.Wait()
	}
	return c
}

// seeEnd waits until the result has been on the screen.
func (c *customer) seeEnd(ctx context.Context) {
	select {
	case <-c.ended:
	case <-ctx.Done():
	case <-time.After(5 * time.Second): // a result that was gone before it was seen
	}
	c.stop()
}

func (c *customer) watch(ctx context.Context) {
	t := time.NewTicker(look)
	defer t.Stop()
	began := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		s := c.scene.station.Terminal.Display()
		switch s.Screen {
		case display.Present:
			began = true
			c.tell(&s)
			c.present(ctx, &s)
		case display.PIN:
			c.tell(&s)
		case display.Remove:
			if c.inSlot(ctx) { // a card that was tapped is gone before anybody could read this
				c.tell(&s)
				c.takeOut(ctx)
			}
		case display.ChooseApp:
			c.tell(&s)
			c.choose(ctx, &s)
		case display.Approved, display.Declined, display.Error, display.Message:
			if began || s.Screen == display.Approved || s.Screen == display.Declined {
				c.tell(&s)
				c.takeOut(ctx)
				close(c.ended)
				return
			}
		default:
		}
	}
}

func (c *customer) say(what string) { c.scene.watch(TheCustomer, what) }

func (c *customer) inSlot(ctx context.Context) bool {
	return c.scene.station.Counter.State(ctx).Reader.Slot != ""
}

// takeOut pulls the card, if it is in the slot.
func (c *customer) takeOut(ctx context.Context) {
	if c.inSlot(ctx) {
		c.say("takes the card out")
		_ = c.scene.station.Counter.Remove()
	}
}

// tell says what is on the screen.
func (c *customer) tell(s *display.State) {
	var parts []string
	for _, p := range []string{s.Amount, s.Title, s.Notice} {
		if p != "" && !slices.Contains(parts, p) {
			parts = append(parts, p)
		}
	}
	if s.Screen == display.Error && s.Code != "" {
		parts = append(parts, s.Code)
	}
	text := "shows: " + strings.Join(parts, " · ")
	if text != c.last {
		c.last = text
		c.scene.watch(TheTerminal, text)
		if s.Screen == display.PIN && s.PIN != nil && s.PIN.Entered == 0 {
			c.say("enters the PIN at the PIN pad")
		}
	}
}

// present holds, inserts or swipes the card, as far as the terminal takes it that way.
func (c *customer) present(ctx context.Context, s *display.State) {
	question := fmt.Sprint(s.Request, s.Since, s.Notice, s.Entry)
	if r := c.scene.station.Counter.State(ctx).Reader; len(r.Field) > 0 || r.Slot != "" {
		if question != c.on { // something else than what the card is there for
			c.takeOut(ctx)
		}
		return // the hand is not free yet
	}
	if question == c.on && time.Since(c.acted) < again {
		return
	}
	how := c.way(s)
	if how == "" || c.tries == patience {
		c.giveUp(ctx, s)
	} else {
		c.tries++
		c.put(ctx, how)
	}
	c.on, c.acted = question, time.Now()
}

// put presents the card.
func (c *customer) put(ctx context.Context, how string) {
	at, name, faults := c.scene.station.Counter, c.scene.card.Name, c.scene.order.Faults
	var err error
	switch how {
	case Insert:
		c.say("inserts " + name)
		err = at.Insert(name, faults)
	case Swipe:
		c.say("swipes " + name)
		err = c.swipe(ctx, name, faults)
	default:
		c.say("taps " + name)
		err = at.Tap(name, faults)
	}
	if err != nil {
		c.say("can't: " + err.Error())
	}
}

// choose presses the first application that is offered, once for each question.
func (c *customer) choose(ctx context.Context, s *display.State) {
	question := fmt.Sprint(s.Request, s.Screen, s.Since)
	if question == c.on || len(s.Choices) == 0 {
		return
	}
	c.on, c.acted = question, time.Now()
	c.say("chooses " + s.Choices[0].Label)
	err := touch(ctx, c.scene.display, display.Action{Kind: display.ActChoose, Since: s.Since, Request: s.Request, Choice: s.Choices[0].Number})
	if err != nil && ctx.Err() == nil {
		c.say("can't: " + err.Error())
		c.giveUp(ctx, s)
	}
}

// swipe draws the card through the head, again where the head was not listening yet.
func (c *customer) swipe(ctx context.Context, name string, faults []string) (err error) {
	for range 200 {
		if err = c.scene.station.Counter.Swipe(name, faults); err == nil || ctx.Err() != nil {
			return err
		}
		time.Sleep(look)
	}
	return err
}

// asked are the notices that ask for another way.
var asked = map[string]string{
	"notice.insert-instead": Insert, "notice.use-chip": Insert, "msg.0B": Insert, "msg.11": Insert, "msg.1D": Insert,
	"notice.swipe-again": Swipe, "msg.12": Swipe,
}

// way is how the card is presented: as the terminal wants it, or as it was ordered where the terminal takes it so, and else
// as terminal and card can. It is "" where the card can't do what the terminal wants.
func (c *customer) way(s *display.State) string {
	can := func(way string) bool {
		armed := slices.ContainsFunc(s.Entry, func(e display.Entry) bool { return string(e.Method) == way })
		return armed && (slices.Contains(c.scene.card.Ways, way) || way == c.scene.order.How)
	}
	for code, way := range asked {
		if s.Notice != "" && s.Notice == text.Get(code, s.Language) {
			if can(way) {
				return way
			}
			return ""
		}
	}
	for _, way := range slices.Concat([]string{c.scene.order.How}, c.scene.card.Ways) {
		if can(way) {
			return way
		}
	}
	return ""
}

// giveUp has the till end it: the customer has nothing else.
func (c *customer) giveUp(ctx context.Context, s *display.State) {
	c.say("has nothing else to try, and asks the cashier to cancel")
	c.scene.till.cancel(ctx, s.Request)
}
