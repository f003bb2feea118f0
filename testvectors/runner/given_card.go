package runner

import (
	"time"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/replay"
)

// Card is one presentment: a script, a simulated card, or several cards at once.
type Card struct {
	Script    *replay.Script
	Collision bool
	Profile   string // of a simulated card
	Set       Objects
	Faults    []string
	TPDU      bool   // the script is of T=0
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
		c := Card{Profile: o.text("profile"), Set: o.tags("set")}
		c.Faults = o.texts("faults")
		o.done()
		return c
	}
	s := &replay.Script{AnyOrder: o.one("order", "strict", "any") == "any", Otherwise: o.bytes("otherwise")}
	c := Card{Script: s, TPDU: o.one("protocol", "apdu", "tpdu") == "tpdu", ATR: o.bytes("atr")}
	g.protocolIsTPDU = g.protocolIsTPDU || c.TPDU
	if o.one("error", cardErrorNames...) == "collision" {
		c.Collision = true
	}
	for i, e := range o.objects("exchanges") {
		x, command := readExchange(e)
		if i == 0 && !command && x.Err == kernel.ErrCollision {
			c.Collision = true // an exchange without a command: the cards are there before anything is asked
			continue
		}
		if !command {
			e.add(e.at("c"), CodeMissing, "an exchange has a command")
		}
		s.Exchanges = append(s.Exchanges, x)
	}
	o.done()
	return c
}

func readExchange(o *object) (x replay.Exchange, command bool) {
	text := o.text("c")
	p, err := replay.ParsePattern(text)
	if err != nil {
		o.add(o.at("c"), CodeHex, "%v", err)
	}
	x.Command, x.Response = p, o.bytes("r")
	name := o.one("error", cardErrorNames...)
	x.Err = cardErrors[name]
	if ms, ok := o.number("ms"); ok {
		if ms < 0 {
			o.add(o.at("ms"), CodeValue, "time does not run backwards")
		}
		x.Took = time.Duration(ms) * time.Millisecond
	}
	if (x.Response == nil) == (x.Err == nil) {
		o.add(o.path, CodeMissing, "an exchange has either an answer or an error")
	}
	o.done()
	return x, text != ""
}
