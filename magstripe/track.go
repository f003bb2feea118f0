package magstripe

import "strings"

// Track is one track taken apart. It masks itself as its parts do.
type Track struct {
	Number        int         // 1, 2 or 3
	FormatCode    string      // "B" of track 1, two digits of track 3, empty of track 2
	PAN           PAN         //
	Name          Hidden      // of track 1, as it stands: surname first, '/' behind it, blanks that pad it left out
	Expiry        string      // YYMM, empty where the track leaves it out or is track 3
	ServiceCode   ServiceCode // empty where the track leaves it out or is track 3
	Discretionary Hidden      // what follows; of track 3 everything behind the PAN
	LRC           bool        // there was a check character, and it is right
}

// layout is what a track is made of.
type layout struct {
	number    int
	start     byte
	separator string
	low, high byte // characters: those of 6 bits from 0x20 on, those of 4 bits from 0x30 on
	bits      uint // of a character, without parity
	most      int  // characters, sentinels and LRC included
	name      bool
}

// layouts are the tracks by number (ISO/IEC 7811-2 and 7813; ISO 4909 for track 3).
var layouts = [...]layout{
	1: {1, '%', "^", 0x20, 0x5F, 6, 79, true},
	2: {2, ';', "=", 0x30, 0x3F, 4, 40, false},
	3: {3, ';', "=", 0x30, 0x3F, 4, 107, false},
}

const (
	end         = '?'
	maxPAN      = 19
	maxName     = 26
	expiryChars = 4
)

// ParseTrack1 reads track 1 of format B, from start sentinel to end sentinel or LRC. The error is a Code.
func ParseTrack1(text string) (Track, error) { return parse(text, &layouts[1]) }

// ParseTrack2 reads track 2. The error is a Code.
func ParseTrack2(text string) (Track, error) { return parse(text, &layouts[2]) }

// ParseTrack3 reads format code and PAN of track 3; the rest is for those who use that track. The error is a Code.
func ParseTrack3(text string) (Track, error) { return parse(text, &layouts[3]) }

func parse(text string, l *layout) (Track, error) {
	t := Track{Number: l.number}
	body, lrc, err := l.unwrap(text)
	if err != nil {
		return Track{}, err
	}
	t.LRC = lrc
	if body, err = t.readFormat(body, l); err != nil {
		return Track{}, err
	}
	pan, body, found := strings.Cut(body, l.separator)
	switch {
	case !isDigits(pan) || len(pan) > maxPAN:
		return Track{}, CodePAN
	case !found:
		return Track{}, CodeSeparator
	}
	t.PAN = PAN{pan}
	if l.name {
		var name string
		if name, body, found = strings.Cut(body, l.separator); !found {
			return Track{}, CodeSeparator
		}
		if len(name) > maxName {
			return Track{}, CodeName
		}
		t.Name = Hidden{strings.TrimRight(name, " ")}
	}
	if l.number != 3 {
		if body, err = t.readDates(body, l.separator); err != nil {
			return Track{}, err
		}
	}
	t.Discretionary = Hidden{body}
	return t, nil
}

// unwrap checks characters, sentinels and LRC, and returns what stands between the sentinels.
func (l *layout) unwrap(text string) (body string, lrc bool, err error) {
	switch {
	case len(text) > l.most:
		return "", false, CodeLength
	case len(text) < 2 || text[0] != l.start:
		return "", false, CodeSentinel
	}
	stop := strings.IndexByte(text, end)
	// The LRC may have any value, that of the end sentinel too; nothing comes behind it.
	if stop < 0 || len(text) > stop+2 {
		return "", false, CodeSentinel
	}
	for i := range len(text) {
		if text[i] < l.low || text[i] > l.high {
			return "", false, CodeCharacter
		}
	}
	if lrc = len(text) == stop+2; lrc && l.lrc(text[:stop+1]) != text[stop+1] {
		return "", false, CodeLRC
	}
	return text[1:stop], lrc, nil
}

// lrc returns the longitudinal redundancy check of a track up to its end sentinel: the sum of the characters without
// carry, without their parity (ISO/IEC 7811-2).
func (l *layout) lrc(text string) byte {
	var sum byte
	for i := range len(text) {
		sum ^= text[i] - l.low
	}
	return sum&(1<<l.bits-1) + l.low
}

func (t *Track) readFormat(body string, l *layout) (string, error) {
	n := 0
	switch l.number {
	case 1: // format A is the issuer's own, and what others may hold is not for interchange
		if n = 1; !strings.HasPrefix(body, "B") {
			return "", CodeFormat
		}
	case 3:
		if n = 2; len(body) < n || !isDigits(body[:n]) {
			return "", CodeFormat
		}
	}
	t.FormatCode = body[:n]
	return body[n:], nil
}

// readDates reads expiry and service code. In place of each a separator may stand that leaves it out.
func (t *Track) readDates(body, separator string) (string, error) {
	if rest, out := strings.CutPrefix(body, separator); out {
		body = rest
	} else {
		if len(body) < expiryChars || !isDigits(body[:expiryChars]) || !isMonth(body[2:4]) {
			return "", CodeExpiry
		}
		t.Expiry, body = body[:expiryChars], body[expiryChars:]
	}
	if rest, out := strings.CutPrefix(body, separator); out {
		return rest, nil
	}
	if len(body) < 3 || !isDigits(body[:3]) {
		return "", CodeServiceCode
	}
	t.ServiceCode = ServiceCode(body[:3])
	return body[3:], nil
}

func isMonth(s string) bool { return s >= "01" && s <= "12" }

func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// Expired reports whether a card with this expiry can no longer be used in a month: it is good to the last day of its
// own. Years from 50 on are of the twentieth century (Book 4, 6.7.3). A track that leaves its expiry out does not expire.
func (t *Track) Expired(year, month int) bool {
	if t.Expiry == "" {
		return false
	}
	y, m := 2000+number(t.Expiry[:2]), number(t.Expiry[2:])
	if y >= 2050 {
		y -= 100
	}
	return y < year || y == year && m < month
}

func number(two string) int { return int(two[0]-'0')*10 + int(two[1]-'0') }

// AppendUnmasked appends the characters of the track to dst as they stand on the stripe, without sentinels and LRC: for the
// one who enciphers them. Blanks that pad a name are left out.
func (t *Track) AppendUnmasked(dst []byte) []byte {
	if t.Number < 1 || t.Number >= len(layouts) {
		return dst
	}
	l := &layouts[t.Number]
	dst = append(append(dst, t.FormatCode...), t.PAN.digits...)
	dst = append(dst, l.separator...)
	if l.name {
		dst = append(append(dst, t.Name.text...), l.separator...)
	}
	if l.number != 3 {
		for _, part := range [...]string{t.Expiry, string(t.ServiceCode)} {
			if part == "" {
				part = l.separator
			}
			dst = append(dst, part...)
		}
	}
	return append(dst, t.Discretionary.text...)
}
