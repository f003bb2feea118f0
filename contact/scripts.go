package contact

import (
	"context"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
	"github.com/cardwright/emv/kernel/tvr"
	"github.com/cardwright/emv/tlv"
)

// The issuer script templates (Book 3, 10.10): one is run before the second GENERATE AC, the other one after it.
const (
	scriptsBefore tlv.Tag = 0x71
	scriptsAfter  tlv.Tag = 0x72
)

// The bounds of script processing. A terminal must take 128 bytes of scripts (Book 3, 10.10); no message carries as many
// templates and commands as these.
const (
	maxScripts  = 16
	maxCommands = 64
)

// The result of a script, the left half of the first byte of its Issuer Script Results (Book 4, Annex A5). The right half
// is the number of the command that failed.
const (
	scriptNotPerformed = 0x00
	scriptFailed       = 0x10
	scriptSucceeded    = 0x20
)

// runScripts runs the issuer's scripts of one template (Book 3, 10.10), and keeps a result of five bytes for each: result
// and number of the command, then the Issuer Script Identifier (9F18). A script that fails is in the TVR and stops; the
// next one is run all the same. A card that gives no answer ends them all: the error is that of the card.
func (t *transaction) runScripts(ctx context.Context, template tlv.Tag) error {
	if !t.online {
		return nil
	}
	var broken error
	ran, failed := false, false
	c := tlv.Read(t.reply.Scripts)
	for c.Next() && t.scripts+5 <= len(t.results) {
		if c.Tag() != template {
			continue
		}
		if !ran {
			t.step(stageScript, "Book 3, 10.10")
		}
		ran = true
		result := [5]byte{scriptNotPerformed}
		if broken == nil {
			result, broken = t.runScript(ctx, c.Enter())
			if broken != nil && !kernel.IsCardError(broken) {
				return broken
			}
		}
		failed = failed || result[0]&0xF0 != scriptSucceeded
		t.scripts += copy(t.results[t.scripts:], result[:])
	}
	if !ran {
		return nil
	}
	if err := t.data.Set(tagScripts, t.results[:t.scripts]); err != nil {
		return err
	}
	if err := t.performed(tvr.ScriptPerformed); err != nil {
		return err
	}
	if failed {
		bit := tvr.ScriptFailedBefore
		if template == scriptsAfter {
			bit = tvr.ScriptFailedAfter
		}
		if err := t.flag(stageScript, bit, "contact.script_failed", "Book 3, 10.10"); err != nil {
			return err
		}
	}
	return broken
}

// runScript sends one script's commands, up to the first that the card refuses. A script that can't be read is not
// performed at all. 90, 62 and 63 as the first status byte are success (Book 3, 10.10).
func (t *transaction) runScript(ctx context.Context, script tlv.Cursor) ([5]byte, error) {
	result := [5]byte{scriptNotPerformed}
	check := script
	for check.Next() {
		if check.Tag() == 0x9F18 && check.Len() == 4 {
			copy(result[1:], check.Value())
		}
	}
	if check.Err() != nil {
		return result, nil
	}
	result[0] = scriptSucceeded
	number := 0
	for script.Next() {
		if script.Tag() != 0x86 {
			continue
		}
		if number++; number > maxCommands {
			break
		}
		command := script.Value()
		failed := scriptFailed | byte(min(number, 0x0F))
		if _, err := apdu.ParseCommand(command); err != nil || len(command) > 261 {
			result[0] = failed
			return result, nil
		}
		r, err := t.link.Send(ctx, append(t.link.Buffer(), command...))
		if err != nil || r.SW.SW1() != 0x90 && !r.SW.Warning() {
			result[0] = failed
			return result, err
		}
	}
	return result, nil
}
