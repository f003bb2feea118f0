package dock_test

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/cardwright/emv/terminal/dock"
)

// tree is a sysfs: "BAT0 type=Battery capacity=50" a supply.
func tree(supplies ...string) fstest.MapFS {
	all := fstest.MapFS{}
	for _, s := range supplies {
		words := strings.Fields(s)
		for _, w := range words[1:] {
			file, value, _ := strings.Cut(w, "=")
			all[words[0]+"/"+file] = &fstest.MapFile{Data: []byte(strings.ReplaceAll(value, "_", " ") + "\n")}
		}
	}
	return all
}

// S27, S92
func TestPower(t *testing.T) {
	const battery = "BAT0 type=Battery present=1 "
	const low, weak, idle = dock.WarnBattery, dock.WarnWeak, dock.WarnNotCharging
	for _, c := range []struct {
		name  string
		tree  fs.FS
		want  dock.Power
		warns []dock.Warning
		no    bool
	}{
		{"no tree", tree(), dock.Power{Percent: -1}, nil, false},
		{"a machine at the mains", tree("AC type=Mains online=1"), dock.Power{Percent: -1, External: true}, nil, false},
		{
			"full, in the dock", tree(battery+"capacity=100 status=Full", "usb type=USB online=1 current_max=3000000"),
			dock.Power{Battery: true, Percent: 100, Charging: true, External: true, CurrentMax: 3000},
			nil, false,
		},
		{
			"held at full", tree(battery+"capacity=100 status=Not_charging", "usb type=USB online=1"),
			dock.Power{Battery: true, Percent: 100, External: true},
			nil, false,
		},
		{
			"500 mA are enough", tree(battery+"capacity=50 status=Charging", "usb type=USB_C online=1 current_max=500000"),
			dock.Power{Battery: true, Percent: 50, Charging: true, External: true, CurrentMax: 500},
			nil, false,
		},
		{
			"499 mA are not", tree(battery+"capacity=50 status=Charging", "usb type=USB online=1 current_max=499000"),
			dock.Power{Battery: true, Percent: 50, Charging: true, External: true, CurrentMax: 499},
			[]dock.Warning{weak},
			false,
		},
		{
			"docked and empty all the same", tree(battery+"capacity=50 status=Discharging", "usb type=USB online=1 current_max=100000"),
			dock.Power{Battery: true, Percent: 50, External: true, CurrentMax: 100},
			[]dock.Warning{weak, idle},
			false,
		},
		{"20 %", tree(battery + "capacity=20 status=Discharging"), dock.Power{Battery: true, Percent: 20}, nil, false},
		{"19 %", tree(battery + "capacity=19 status=Discharging"), dock.Power{Battery: true, Percent: 19}, []dock.Warning{low}, false},
		{"5 %", tree(battery + "capacity=5 status=Discharging"), dock.Power{Battery: true, Percent: 5}, []dock.Warning{low}, false},
		{"4 %", tree(battery + "capacity=4 status=Discharging"), dock.Power{Battery: true, Percent: 4}, []dock.Warning{low}, true},
		{"0 %", tree(battery + "capacity=0 status=Discharging"), dock.Power{Battery: true, Percent: 0}, []dock.Warning{low}, true},
		{
			"4 %, charging", tree(battery+"capacity=4 status=Charging", "usb type=USB_PD online=1"),
			dock.Power{Battery: true, Percent: 4, Charging: true, External: true},
			nil, false,
		},
		{
			"4 %, fed and not charging", tree(battery+"capacity=4 status=Not_charging", "usb type=USB online=1"),
			dock.Power{Battery: true, Percent: 4, External: true},
			[]dock.Warning{low, idle},
			false,
		},
		{
			"a cable without current", tree(battery+"capacity=4 status=Discharging", "usb type=USB online=0 current_max=500000"),
			dock.Power{Battery: true, Percent: 4},
			[]dock.Warning{low},
			true,
		},
		{
			"two batteries", tree(battery+"capacity=80 status=Full", "BAT1 type=Battery capacity=30 status=Discharging"),
			dock.Power{Battery: true, Percent: 30},
			nil, false,
		},
		{
			"two sources", tree("a type=USB online=1 current_max=500000", "b type=Mains online=1 current_max=2000000"),
			dock.Power{Percent: -1, External: true, CurrentMax: 2000},
			nil, false,
		},
		{"a mouse", tree("hid type=Battery scope=Device capacity=1 status=Discharging"), dock.Power{Percent: -1}, nil, false},
		{"taken out", tree("BAT0 type=Battery present=0 capacity=0"), dock.Power{Percent: -1}, nil, false},
		{"a battery that says nothing", tree("BAT0 type=Battery"), dock.Power{Battery: true, Percent: -1}, nil, false},
		{
			"nonsense", tree(battery+"capacity=101 status=Charging", "usb type=USB online=yes current_max=-1", "x type="),
			dock.Power{Battery: true, Percent: -1, Charging: true},
			nil, false,
		},
		{
			"long", tree(battery + "status=Full capacity=" + strings.Repeat("0", 64) + "5"),
			dock.Power{Battery: true, Percent: -1, Charging: true},
			nil, false,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := dock.Supply{FS: c.tree}.Read()
			if err != nil || p != c.want {
				t.Fatalf("%+v, %v", p, err)
			}
			if got := p.Warnings(); !slices.Equal(got, c.warns) {
				t.Errorf("warnings %v", got)
			}
			if err := p.Refuse(); is(err, dock.CodeBatteryLow) != c.no || (err != nil) != c.no {
				t.Errorf("refused: %v", err)
			}
		})
	}
}

type broken struct{}

func (broken) Open(string) (fs.File, error) { return nil, fs.ErrPermission }

func TestPowerThatCannotBeRead(t *testing.T) {
	if _, err := (dock.Supply{FS: broken{}}).Read(); !errors.Is(err, fs.ErrPermission) {
		t.Error(err)
	}
}
