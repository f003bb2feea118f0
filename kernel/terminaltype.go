package kernel

// TerminalType is the value of Terminal Type (9F35; Book 4, Annex A1): who runs the terminal in its first digit; who
// attends it and what it can do in its second.
type TerminalType byte

const (
	tagTerminalType = 0x9F35
	tagAdditional   = 0x9F40
)

// TerminalType returns the Terminal Type of a transaction, zero where there is none.
func (d *Data) TerminalType() TerminalType {
	if v := d.Get(tagTerminalType); len(v) == 1 {
		return TerminalType(v[0])
	}
	return 0
}

// OnlineOnly reports whether everything that the terminal does not decline goes online.
func (t TerminalType) OnlineOnly() bool { return t&0x0F == 1 || t&0x0F == 4 }

// OfflineOnly reports whether the terminal can't go online.
func (t TerminalType) OfflineOnly() bool { return t&0x0F == 3 || t&0x0F == 6 }

// Unattended reports whether nobody of the merchant is there.
func (t TerminalType) Unattended() bool { return t&0x0F >= 4 && t&0x0F <= 6 }

// OfBank reports whether a financial institution runs the terminal.
func (t TerminalType) OfBank() bool { return t&0xF0 == 0x10 }

// AtATM reports whether the terminal is a cash machine: unattended, of a financial institution, and able to give cash
// (Book 4, Annex A1).
func (d *Data) AtATM() bool {
	t := d.TerminalType()
	return t.OfBank() && t.Unattended() && AddCapCash.In(d.Get(tagAdditional))
}
