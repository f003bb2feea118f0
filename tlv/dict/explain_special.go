package dict

import "strconv"

// special takes apart the objects whose form is more than bits.
func (l *lines) special(e *Entry, value []byte) {
	switch e.Tag {
	case 0x8A:
		l.responseCode(value)
	case 0x8E:
		l.cvmList(value)
	case 0x94:
		l.afl(value)
	case 0x5F2D:
		l.languages(value)
	case 0x9F0A:
		l.proprietary(value)
	case 0x9F10:
		l.iad(value)
	case 0x9F2A:
		l.kernelIdentifier(value)
	case 0x9F4D:
		if len(value) == 2 {
			l.add("SFI ", strconv.Itoa(int(value[0])), ", up to ", strconv.Itoa(int(value[1])), plural(int(value[1]), " record"))
		}
	case 0x9F69:
		if e.Scope == C3 || e.Scope == C7 {
			l.authenticationData(value)
		}
	case 0x9F6E:
		if e.Scope == C2 || e.Scope == C8 {
			l.thirdParty(value)
		}
	case 0xDF8116:
		if e.Scope == C2 && len(value) == 22 {
			l.add("bytes 3-5: Hold time: ", string(appendHex(nil, value[2:5])), " x 100 ms")
		}
	case 0xDF8131:
		l.phoneMessages(value)
	}
}

// responseCode: Book 4, A6, and the codes that every host uses.
func (l *lines) responseCode(value []byte) {
	switch string(value) {
	case "00", "10", "11":
		l.add("approved by the issuer")
	case "01", "02":
		l.add("referral")
	case "Y1":
		l.add("offline approved")
	case "Z1":
		l.add("offline declined")
	case "Y3":
		l.add("unable to go online, offline approved")
	case "Z3":
		l.add("unable to go online, offline declined")
	}
}

func (l *lines) cvmList(value []byte) {
	list, ok := ReadCVMList(value)
	if !ok {
		l.add("malformed: not two amounts and whole rules")
		return
	}
	l.add("amount X: ", strconv.FormatUint(uint64(list.X), 10))
	l.add("amount Y: ", strconv.FormatUint(uint64(list.Y), 10))
	for i, r := range list.Rules {
		l.add("rule ", strconv.Itoa(i+1), ": ", r.String())
	}
}

// afl: Book 3, 10.2.
func (l *lines) afl(value []byte) {
	if len(value)%4 != 0 {
		l.add("malformed: not whole entries of 4 bytes")
		return
	}
	for ; len(value) > 0; value = value[4:] {
		first, last, signed := int(value[1]), int(value[2]), int(value[3])
		s := "SFI " + strconv.Itoa(int(value[0]>>3)) + ": record " + strconv.Itoa(first)
		if last != first {
			s = "SFI " + strconv.Itoa(int(value[0]>>3)) + ": records " + strconv.Itoa(first) + " to " + strconv.Itoa(last)
		}
		switch {
		case value[0]&0x07 != 0 || value[0] < 0x08 || value[0] > 0xF0 || first == 0 || last < first || signed > last-first+1:
			s += ", malformed entry"
		case signed != 0:
			s += ", " + strconv.Itoa(signed) + " in offline data authentication"
		}
		l.add(s)
	}
}

// languages: two letters each, ISO 639.
func (l *lines) languages(value []byte) {
	for i := 0; i+1 < len(value); i += 2 {
		a, b := value[i]|0x20, value[i+1]|0x20
		if a >= 'a' && a <= 'z' && b >= 'a' && b <= 'z' {
			l.add("language ", strconv.Itoa(i/2+1), ": ", string([]byte{a, b}))
		}
	}
}

// productTypes: what the European regulation on interchange fees asks a card to tell, ASRPD identifier 0001.
var productTypes = []Value{{1, "debit"}, {2, "credit"}, {3, "commercial"}, {4, "prepaid"}}

// proprietary: Book 1, 12.5: a list of identifiers of two bytes, lengths of one, and values.
func (l *lines) proprietary(value []byte) {
	for len(value) > 0 {
		if len(value) < 3 || len(value) < 3+int(value[2]) {
			l.add("malformed: value runs past the end")
			return
		}
		n := int(value[2])
		s := "identifier " + string(appendHex(nil, value[:2])) + ", " + strconv.Itoa(n) + plural(n, " byte")
		if value[0] == 0 && value[1] == 1 && n > 0 {
			if name := nameOf(productTypes, value[3]); name != "" {
				s += ": European product identification: " + name
			}
		}
		l.add(s)
		value = value[3+n:]
	}
}

func (l *lines) iad(value []byte) {
	pieces := ReadIAD(l.scope, value)
	for i := range pieces {
		p := &pieces[i]
		switch {
		case p.Bits != nil:
			l.add(span(p.From, p.To), ": ", p.Name)
			l.fields(p.Name+", ", p.Bits, value[p.From:p.To])
		case p.To-p.From == 1:
			l.add(span(p.From, p.To), ": ", p.Name, ": ", hexByte(value[p.From]))
		default:
			l.add(span(p.From, p.To), ": ", p.Name)
		}
	}
}

// kernelIdentifier: Book B, 3.3.2.5: the bytes of a domestic kernel.
func (l *lines) kernelIdentifier(value []byte) {
	if len(value) >= 3 && value[0]&0x80 != 0 {
		l.add("bytes 2-3: Country: ", string(appendHex(nil, value[1:3])))
		if len(value) > 3 {
			l.add(span(3, len(value)), ": Extended Kernel ID")
		}
	}
}

// authenticationData: C-3, Annex A.
func (l *lines) authenticationData(value []byte) {
	if len(value) < 5 {
		return
	}
	l.add("byte 1: fDDA version: ", hexByte(value[0]))
	l.add("bytes 2-5: Card unpredictable number")
	if len(value) >= 7 {
		l.add("bytes 6-7: Card Transaction Qualifiers")
		l.fields("Card Transaction Qualifiers, ", ctqBits, value[5:7])
	}
}

// deviceTypes: C-2, Annex A, Third Party Data. Two digits of text.
var deviceTypes = []Value{
	{0, "card"},
	{1, "mobile network operator controlled removable secure element"},
	{2, "key fob"},
	{3, "watch"},
	{4, "mobile tag"},
	{5, "wristband"},
	{6, "mobile phone case or sleeve"},
	{7, "mobile phone, fixed secure element controlled by the network operator"},
	{8, "mobile phone, removable secure element not controlled by the network operator"},
	{9, "mobile phone, fixed secure element not controlled by the network operator"},
	{10, "tablet, removable secure element controlled by the network operator"},
	{11, "tablet, fixed secure element controlled by the network operator"},
	{12, "tablet, removable secure element not controlled by the network operator"},
	{13, "tablet, fixed secure element not controlled by the network operator"},
	{14, "mobile phone, host card emulation"},
	{15, "tablet, host card emulation"},
	{16, "mobile phone, trusted execution environment"},
	{17, "tablet, trusted execution environment"},
	{18, "watch, trusted execution environment"},
	{19, "watch, host card emulation"},
}

// thirdParty: country, unique identifier and, where the identifier's highest bit is 0, the device type.
func (l *lines) thirdParty(value []byte) {
	if len(value) < 4 {
		return
	}
	l.add("bytes 1-2: Country: ", string(appendHex(nil, value[:2])))
	l.add("bytes 3-4: Unique Identifier: ", string(appendHex(nil, value[2:4])))
	from := 4
	if value[2]&0x80 == 0 && len(value) >= 6 {
		from = 6
		name := ""
		if a, b := value[4]-'0', value[5]-'0'; a <= 9 && b <= 9 {
			name = nameOf(deviceTypes, 10*a+b)
		}
		if name == "" {
			name = "'" + string(appendHex(nil, value[4:6])) + "'"
		}
		l.add("bytes 5-6: Device Type: ", name)
	}
	if len(value) > from {
		l.add(span(from, len(value)), ": Proprietary Data")
	}
}

// phoneMessages: C-2, Annex A, Phone Message Table: mask, value, message, status.
func (l *lines) phoneMessages(value []byte) {
	if len(value)%8 != 0 {
		l.add("malformed: not whole entries of 8 bytes")
		return
	}
	for ; len(value) > 0; value = value[8:] {
		message := nameOf(messageIDs, value[6])
		if message == "" {
			message = "'" + hexByte(value[6]) + "'"
		}
		l.add("if PCII and ", string(appendHex(nil, value[:3])), " is ", string(appendHex(nil, value[3:6])), ": ", message,
			", status ", hexByte(value[7]))
	}
}
