package dock

import (
	"errors"
	"io/fs"
	"strconv"

	"github.com/cardwright/emv/terminal/wire"
)

// Supply reads what Linux tells of batteries and chargers, from a tree like /sys/class/power_supply.
// Documentation/ABI/testing/sysfs-class-power.
type Supply struct{ FS fs.FS }

// maxSupplies bounds a tree.
const maxSupplies = 64

// Power is what feeds the device.
type Power struct {
	Battery    bool // it has one
	Percent    int  // of the battery, of the emptiest one where there are several; -1 is not known
	Charging   bool // the battery is being charged, or full
	External   bool // something else feeds it: dock, charger
	CurrentMax int  // what that can give, milliamperes; 0 is not known
}

// Thresholds. PRODUCT S27, S92
const (
	WarnPercent   = 20  // below it a battery is low
	RefusePercent = 5   // below it no payment begins without external power
	LeastCurrent  = 500 // milliamperes; a source that gives less is too weak for the dock
)

// Warning is something about power that a person should see; terminal/text has its text.
type Warning string

// The warnings.
const (
	WarnBattery     Warning = "power.battery_low"
	WarnWeak        Warning = "power.weak"
	WarnNotCharging Warning = "power.not_charging"
)

// Read reads the tree. Where there is none the device has no battery, and what feeds it is not told. A file that can't be
// understood counts as absent.
func (s Supply) Read() (Power, error) {
	p := Power{Percent: -1}
	names, err := fs.ReadDir(s.FS, ".")
	if errors.Is(err, fs.ErrNotExist) {
		return p, nil
	}
	if err != nil {
		return p, err
	}
	charging := true
	for _, e := range names[:min(len(names), maxSupplies)] {
		name := e.Name()
		switch s.text(name, "type") {
		case "":
		case "Battery":
			if s.text(name, "scope") == "Device" || s.text(name, "present") == "0" {
				continue // of a mouse or a headset; a battery that was taken out
			}
			p.Battery = true
			if n, ok := s.number(name, "capacity"); ok && n >= 0 && n <= 100 && (p.Percent < 0 || n < p.Percent) {
				p.Percent = n
			}
			status := s.text(name, "status")
			charging = charging && (status == "Charging" || status == "Full")
		case "UPS":
		default: // Mains, USB and its kinds, Wireless
			if n, ok := s.number(name, "online"); !ok || n <= 0 {
				continue
			}
			p.External = true
			if n, ok := s.number(name, "current_max"); ok && n > 0 { // microamperes
				p.CurrentMax = max(p.CurrentMax, n/1000)
			}
		}
	}
	p.Charging = p.Battery && charging
	return p, nil
}

func (s Supply) text(supply, file string) string { return attribute(s.FS, supply+"/"+file) }

func (s Supply) number(supply, file string) (int, bool) {
	n, err := strconv.ParseInt(s.text(supply, file), 10, 32)
	return int(n), err == nil
}

// Warnings returns what a person should see, at most one of each.
func (p Power) Warnings() (all []Warning) {
	if p.Battery && p.Percent >= 0 && p.Percent < WarnPercent && !p.Charging {
		all = append(all, WarnBattery)
	}
	if p.External && p.CurrentMax > 0 && p.CurrentMax < LeastCurrent {
		all = append(all, WarnWeak)
	}
	if p.External && p.Battery && !p.Charging && p.Percent < 100 {
		all = append(all, WarnNotCharging)
	}
	return all
}

// Refuse is CodeBatteryLow if no payment may begin, nil otherwise. One that is under way goes on. S92
func (p Power) Refuse() error {
	if p.Battery && p.Percent >= 0 && p.Percent < RefusePercent && !p.External {
		return wire.Refuse(CodeBatteryLow, "the battery is at %d %%", p.Percent)
	}
	return nil
}
