package dock

import "github.com/cardwright/emv/terminal/wire"

// Codes of this package beside wire.CodeNotDocked.
const (
	CodeDocked     wire.Code = "E_DOCKED"           // the device stands in its dock, where this can't be done
	CodeNoDock     wire.Code = "E_DOCK_UNSUPPORTED" // this system does not tell of docks
	CodeSignedOut  wire.Code = "E_STAFF_SIGN_IN"    // nobody is signed in with that token
	CodeBatteryLow wire.Code = "E_BATTERY_LOW"      // too little power for a new payment
)
