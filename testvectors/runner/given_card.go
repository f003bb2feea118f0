package runner

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/replay"
)

// Card is one presentment: a script, a simulated card, or several cards at once.
type Card struct {
	Script    *replay.Script
	Collision int    // how often the field holds several cards before the script begins
	Profile   string // of a simulated card
	Set       Objects
	Faults    []string
	TPDU      bool   // the script, or the simulated card, speaks T=0
	ATR       []byte // nil where the case leaves the reset out
	alone     bool   // not one of an array
}

// cardErrors are the spellings of `error` in a script.
var cardErrors = map[string]error{
	"removed": kernel.ErrRemoved, "timeout": kernel.ErrTimeout, "transmission": kernel.ErrTransmission,
	"protocol": kernel.ErrProtocol, "collision": kernel.ErrCollision,
}

var cardErrorNames = []string{"removed", "timeout", "transmission", "protocol", "collision"}

// readCards reads `card`: one, or an array of which each activation takes the next.
func readCards(o *object, g *Given) []Card {
	v, ok := o.take("card")
	if !ok {
		return nil
	}
	if _, many := v.([]any); !many {
		c := readCard(o.object(o.at("card"), v), g)
		c.alone = true
		return []Card{c}
	}
	cards := []Card{}
	for _, c := range o.objects("card") {
		cards = append(cards, readCard(c, g))
	}
	return cards
}

func readCard(o *object, g *Given) Card {
	if _, ok := o.m["profile"]; ok {
		g.simulated = true
		c := Card{Profile: o.text("profile"), Set: o.tags("set"), TPDU: o.one("protocol", "apdu", "tpdu") == "tpdu"}
		g.protocolIsTPDU = g.protocolIsTPDU || c.TPDU
		c.Faults = o.texts("faults")
		o.done()
		return c
	}
	s := &replay.Script{AnyOrder: o.one("order", "strict", "any") == "any", Otherwise: o.bytes("otherwise")}
	c := Card{Script: s, TPDU: o.one("protocol", "apdu", "tpdu") == "tpdu", ATR: o.bytes("atr")}
	g.protocolIsTPDU = g.protocolIsTPDU || c.TPDU
	broken := cardErrors[o.one("error", cardErrorNames...)]
	if broken == kernel.ErrCollision {
		c.Collision++
	}
	for _, e := range o.objects("exchanges") {
		x, command := readExchange(e)
		if len(s.Exchanges) == 0 && !command && x.Err == kernel.ErrCollision {
			c.Collision++ // an exchange without a command: the cards are there before anything is asked
			continue
		}
		if !command {
			e.add(e.at("c"), CodeMissing, "an exchange has a command")
		}
		s.Exchanges = append(s.Exchanges, x)
	}
	switch {
	case broken == nil || broken == kernel.ErrCollision:
	case len(s.Exchanges) > 0:
		o.add(o.at("error"), CodeValue, "an error that is not a collision belongs to an exchange")
	default: // a card that was activated and answers nothing
		s.Exchanges, s.AnyCommand = []replay.Exchange{{Err: broken}}, true
	}
	o.done()
	return c
}

// Taps returns what a reader finds of a scripted card, one activation after the other: several cards, as often as the case
// says, then this one. A script that is alone goes on where it stood when the card comes back.
func (c *Card) Taps(alone bool) []replay.Tap {
	var taps []replay.Tap
	for range c.Collision {
		taps = append(taps, replay.Tap{Collision: true})
	}
	if c.Collision > 0 && len(c.Script.Exchanges) == 0 && c.Script.Otherwise == nil {
		return taps // nothing but the collision
	}
	return append(taps, replay.Tap{Script: c.Script, Again: alone})
}

func readExchange(o *object) (x replay.Exchange, command bool) {
	text := o.text("c")
	p, err := replay.ParsePattern(text)
	if err != nil {
		o.add(o.at("c"), CodeHex, "%v", err)
	}
	if r, ok := o.m["r"].(string); ok && strings.Contains(r, "*") {
		o.take("r")
		o.add(o.at("r"), CodeMasked, "hidden by a capture that is for reading: only an unmasked one can be replayed")
		x.Response = []byte{}
	} else {
		x.Response = o.bytes("r")
	}
	x.Command = p
	name := o.one("error", cardErrorNames...)
	x.Err = cardErrors[name]
	x.Took = readMilliseconds(o, "ms")
	if (x.Response == nil) == (x.Err == nil) {
		o.add(o.path, CodeMissing, "an exchange has either an answer or an error")
	}
	o.done()
	return x, text != ""
}

// readMilliseconds reads a time in milliseconds, whole or with decimals down to the microsecond.
func readMilliseconds(o *object, key string) time.Duration {
	v, ok := o.take(key)
	if !ok {
		return 0
	}
	n, ok := v.(json.Number)
	if !ok {
		o.add(o.at(key), CodeType, "must be a number")
		return 0
	}
	d, err := time.ParseDuration(n.String() + "ms")
	switch {
	case err != nil || d%time.Microsecond != 0:
		o.add(o.at(key), CodeValue, "must be milliseconds with at most three decimals")
	case d < 0:
		o.add(o.at(key), CodeValue, "time does not run backwards")
	}
	return d
}
