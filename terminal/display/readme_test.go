package display

import (
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// The README's table is the machine's, row by row.
func TestREADMEHasTheTransitions(t *testing.T) {
	b, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	var rows []transition
	for line := range strings.Lines(string(b)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 3 || !slices.ContainsFunc(table, func(r transition) bool { return string(r.on) == strings.TrimSpace(cells[0]) }) {
			continue
		}
		r := transition{on: kind(strings.TrimSpace(cells[0]))}
		for _, w := range strings.Fields(strings.ReplaceAll(cells[1], ",", " ")) {
			switch w {
			case "idle":
				r.from = append(r.from, idle...)
			case "paying":
				r.from = append(r.from, paying...)
			default:
				r.from = append(r.from, Screen(w))
			}
		}
		switch to := strings.TrimSpace(cells[2]); to {
		case "stays":
			r.stay = true
		case "base":
		default:
			r.to = Screen(to)
		}
		rows = append(rows, r)
	}
	if !reflect.DeepEqual(rows, table) {
		t.Errorf("README says\n%v\nthe machine does\n%v", rows, table)
	}
}

// Every member of a state is in the README.
func TestREADMEHasTheState(t *testing.T) {
	b, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	typ := reflect.TypeFor[State]()
	for i := range typ.NumField() {
		name, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
		if !strings.Contains(string(b), "`"+name+"`") {
			t.Errorf("%s is not described", name)
		}
	}
}
