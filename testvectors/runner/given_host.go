package runner

import (
	"github.com/cardwright/emv/crypto/pin"
	"github.com/cardwright/emv/testvectors/issuer"
	"github.com/cardwright/emv/tlv"
)

// readSimulatedHost reads what a simulated issuer is to do: given.host[…].simulated.
func readSimulatedHost(o *object) *issuer.Config {
	c := &issuer.Config{}
	c.Decline, _ = o.flag("decline")
	if arc := o.sized("arc", 2); arc != nil {
		c.ApproveARC, c.DeclineARC = [2]byte(arc), [2]byte(arc)
	}
	for _, one := range o.objects("commands") {
		c.Commands = append(c.Commands, readCommand(one))
	}
	o.done()
	return c
}

// orders are the spellings of the script commands of a simulated issuer.
var orders = map[string]issuer.Order{
	"block-application": issuer.BlockApplication, "unblock-application": issuer.UnblockApplication,
	"block-card": issuer.BlockCard, "unblock-pin": issuer.UnblockPIN, "change-pin": issuer.ChangePIN,
	"put-data": issuer.PutData,
}

var orderNames = []string{"block-application", "unblock-application", "block-card", "unblock-pin", "change-pin", "put-data"}

func readCommand(o *object) issuer.Command {
	c := issuer.Command{Order: orders[o.one("order", orderNames...)], Value: o.bytes("value")}
	c.Before, _ = o.flag("before")
	if digits := o.text("pin"); digits != "" {
		if err := pin.Parse(&c.PIN, []byte(digits)); err != nil {
			o.add(o.at("pin"), CodeValue, "no PIN of 4 to 12 digits")
		}
	}
	if text := o.text("tag"); text != "" {
		tag, err := tlv.ParseTag(text)
		if err != nil {
			o.add(o.at("tag"), CodeValue, "%q is not a tag", text)
		}
		c.Tag = tag
	}
	o.done()
	return c
}
