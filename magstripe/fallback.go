package magstripe

// Chip is what became of the card's chip before the stripe was swiped.
type Chip uint8

// What can become of a chip.
const (
	ChipUntried     Chip = iota // it was not tried
	ChipUnreadable              // no answer to reset, or a fault of the transmission, the last time it was tried
	ChipNoCommon                // it was read, and card and terminal have no application in common
	ChipBlocked                 // the card or its application is blocked
	ChipDeclined                // the chip transaction was declined
	ChipCancelled               // the cardholder or the merchant cancelled
	ChipTapDeclined             // a contactless transaction failed: the chip's contacts come next, not the stripe
)

// Profile are a country's or an acquirer's rules of fallback. The zero value allows none.
type Profile struct {
	Technical bool // a chip that can't be read may be swiped
	NoCommon  bool // a card without a common application may be swiped
	Foreign   bool // both for foreign cards only
	Tries     int  // how often the chip must have failed; 0 is DefaultTries
}

// DefaultTries is how often a chip is tried before it counts as unreadable.
const DefaultTries = 3

// ProfileOf returns the usual rules of a country by its alphabetic code, and false for a country without an entry here.
// They are a beginning: the acquirer's word counts.
func ProfileOf(country string) (Profile, bool) {
	switch country {
	case "US", "CA": // of Canada the credit cards; domestic debit is not swiped at all
		return Profile{Technical: true, NoCommon: true}, true
	case "AU":
		return Profile{Technical: true, NoCommon: true, Foreign: true}, true
	case "IE", "GB":
		return Profile{}, true
	}
	return Profile{}, false
}

// Situation is a swipe and what came before it.
type Situation struct {
	ServiceCode  ServiceCode
	ChipReader   bool // the terminal has a chip reader that works
	Chip         Chip // what became of the chip of this card in this session
	Failures     int  // how often it could not be read
	Foreign      bool // issued in another country
	DomesticOnly bool // the card's scheme is domestic debit (Interac, eftpos): its chip cards are never swiped
}

// Verdict is what to do with a swipe.
type Verdict uint8

// The verdicts.
const (
	Accept   Verdict = iota // an ordinary swipe
	UseChip                 // ask for the chip
	Fallback                // swipe in place of a chip: online, with the fallback indicated to the host
	Refuse                  // no swipe
)

var verdictNames = [...]string{"accept", "use-chip", "fallback", "refuse"}

// String returns the verdict in one word.
func (v Verdict) String() string {
	if int(v) < len(verdictNames) {
		return verdictNames[v]
	}
	return "unknown"
}

// row is a row of the table: the first whose conditions all hold decides.
type row struct {
	why     string // stable
	when    func(s *Situation, p *Profile) bool
	verdict Verdict
}

// rules are the table of fallback.
var rules = [...]row{
	// A chip that has spoken counts more than what the stripe says of it: a service code can be rewritten.
	{"fallback.declined", func(s *Situation, _ *Profile) bool { return s.Chip == ChipDeclined }, Refuse},
	{"fallback.blocked", func(s *Situation, _ *Profile) bool { return s.Chip == ChipBlocked }, Refuse},
	{"fallback.cancelled", func(s *Situation, _ *Profile) bool { return s.Chip == ChipCancelled }, Refuse},
	{"fallback.tap", func(s *Situation, _ *Profile) bool { return s.Chip == ChipTapDeclined && s.ChipReader }, UseChip},
	{"fallback.no_chip", func(s *Situation, _ *Profile) bool {
		return s.Chip == ChipUntried && !s.ServiceCode.Chip()
	}, Accept},
	{"fallback.domestic", func(s *Situation, _ *Profile) bool { return s.DomesticOnly }, Refuse},
	{"fallback.untried", func(s *Situation, _ *Profile) bool { return s.Chip == ChipUntried && s.ChipReader }, UseChip},
	{"fallback.try_again", func(s *Situation, p *Profile) bool {
		return s.Chip == ChipUnreadable && s.ChipReader && s.Failures < p.tries()
	}, UseChip},
	{"fallback.foreign_only", func(s *Situation, p *Profile) bool { return p.Foreign && !s.Foreign }, Refuse},
	{"fallback.no_common", func(s *Situation, p *Profile) bool { return s.Chip == ChipNoCommon && p.NoCommon }, Fallback},
	{"fallback.technical", func(s *Situation, p *Profile) bool { return s.Chip != ChipNoCommon && p.Technical }, Fallback},
}

func (p *Profile) tries() int {
	if p.Tries > 0 {
		return p.Tries
	}
	return DefaultTries
}

// Judge says what to do with a swipe, and the stable code of the rule that says so. What no rule allows is refused.
func (p *Profile) Judge(s Situation) (Verdict, string) {
	for i := range rules {
		if rules[i].when(&s, p) {
			return rules[i].verdict, rules[i].why
		}
	}
	return Refuse, "fallback.not_allowed"
}
