package capture

import (
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
)

// suite and vector are the format's objects in the order in which people read them.
type suite struct {
	Format string   `json:"format"`
	Suite  string   `json:"suite"`
	About  string   `json:"about"`
	Cases  []vector `json:"cases"`
}

type vector struct {
	ID    string         `json:"id"`
	About string         `json:"about"`
	Run   string         `json:"run"`
	Given map[string]any `json:"given"`
	Want  map[string]any `json:"want"`
}

// Suite writes recordings as one suite of a name, each a case. Without unmasked, card numbers and what else is confidential
// are hidden, and the suite is for reading only.
func Suite(name string, unmasked bool, recordings ...*Recorder) ([]byte, error) {
	s := suite{Format: "emv-vectors/1", Suite: name, About: "A capture of what happened at a reader."}
	if !unmasked {
		s.About = "A capture of what happened at a reader, masked: for reading only. Signatures and cryptograms cover " +
			"what is hidden, so only an unmasked capture can be replayed."
	}
	for i, r := range recordings {
		if r.failed || r.want == nil {
			return nil, fmt.Errorf("%w: recording %d", ErrWhole, i+1)
		}
		s.Cases = append(s.Cases, r.vector(fmt.Sprintf("%s-%d", r.short(), i+1), unmasked))
	}
	b, err := json.MarshalIndent(s, "", "  ")
	return append(b, '\n'), err
}

// short is the interface, for an id.
func (r *Recorder) short() string {
	if r.run == runTap {
		return "tap"
	}
	return "insert"
}

func (r *Recorder) vector(id string, unmasked bool) vector {
	v := vector{ID: id, About: "as it happened", Run: r.run, Given: maps.Clone(r.given), Want: maps.Clone(r.want)}
	if r.left != nil {
		v.About += ", without what the format has no key for: " + strings.Join(r.left, ", ")
	}
	v.Given["random"] = upper(r.random)
	var numbers [][]byte
	if !unmasked {
		numbers = r.cardNumbers()
	}
	cards, commands := r.cards(unmasked, numbers)
	v.Given["card"] = cards
	v.Want["commands"] = commands
	if r.hosts != nil {
		v.Given["host"] = hosts(r.hosts)
	}
	if r.pins != nil {
		v.Given["pin"] = r.pins
	}
	if r.choices != nil {
		v.Given["choose"] = r.choices
	}
	return v
}

// cards writes the scripts, one where there was one, and all commands in their order.
func (r *Recorder) cards(unmasked bool, numbers [][]byte) (any, []string) {
	scripts, commands := []any{}, []string{}
	for _, t := range r.taps {
		if t.collision {
			scripts = append(scripts, map[string]any{"error": "collision"})
			continue
		}
		list := []any{}
		for _, x := range t.exchanges {
			c := commandText(x.command, numbers)
			commands = append(commands, c)
			one := map[string]any{"c": c}
			if x.took > 0 {
				one["ms"] = milliseconds(x.took)
			}
			if x.err != nil {
				one["error"] = cardFault(x.err)
			} else {
				one["r"] = answerText(x.answer, unmasked)
			}
			list = append(list, one)
		}
		script := map[string]any{"exchanges": list, "order": "strict"}
		if r.atr != nil {
			script["atr"] = upper(r.atr)
		}
		scripts = append(scripts, script)
	}
	if len(scripts) == 1 {
		return scripts[0], commands
	}
	return scripts, commands
}

// cardFault is the word of the format for what went wrong with a card.
func cardFault(err error) string { return strings.TrimPrefix(kernel.CodeOf(err), "card.") }

// milliseconds is a time as the format has it: milliseconds, with up to three decimals.
func milliseconds(d time.Duration) json.Number {
	text := strconv.FormatFloat(float64(d.Round(time.Microsecond).Microseconds())/1000, 'f', 3, 64)
	return json.Number(strings.TrimRight(strings.TrimRight(text, "0"), "."))
}

func hosts(list []kernel.OnlineAnswer) []any {
	out := []any{}
	for _, a := range list {
		if a.Unable {
			out = append(out, map[string]any{"unable": true})
			continue
		}
		one := map[string]any{"arc": upper(a.ARC[:])}
		if a.AuthCode != nil {
			one["auth_code"] = upper(a.AuthCode)
		}
		if a.IssuerAuth != nil {
			one["auth_data"] = upper(a.IssuerAuth)
		}
		scripts(one, a.Scripts)
		out = append(out, one)
	}
	return out
}

// scripts writes the issuer's script templates by their tags. The format keeps the order within each tag.
func scripts(one map[string]any, list []byte) {
	byTag := map[string][]string{}
	for c := tlv.Read(list); c.Next(); {
		key := "script" + c.Tag().String()
		byTag[key] = append(byTag[key], upper(tlv.Append(nil, c.Tag(), c.Value())))
	}
	for key, templates := range byTag {
		if key == "script71" || key == "script72" {
			one[key] = templates
		}
	}
}
