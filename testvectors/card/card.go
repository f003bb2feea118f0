package card

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/cardwright/emv/tlv"
)

// Config says what card New makes.
type Config struct {
	Profile string // a name of Profiles

	// Set changes data objects of the profile; see "Personalisation" in the package comment.
	Set map[tlv.Tag][]byte

	// Faults is what is wrong with the card, in the syntax that Faults explains.
	Faults []string

	// ATC is the Application Transaction Counter of the last transaction: the first one of this card has ATC + 1.
	ATC uint16

	// Rand is where the card's unpredictable numbers come from, 4 bytes a transaction with dynamic data authentication.
	// Nil derives them from the card and the transaction, so that the same inputs give the same bytes.
	Rand io.Reader
}

// Card is a simulated card. It must be used by one goroutine at a time.
type Card struct {
	profile profile
	layout  layout
	own     store // personalised data objects
	base    store // those of the profile, before Config.Set
	forced  []tlv.Tag
	extra   []tlv.Tag // objects of Config.Set that the layout does not name
	aids    [][]byte  // of the entries
	keys    *keyring
	faults  []fault
	rand    io.Reader

	atc      uint16
	commands int // how many have come, for faults
	took     time.Duration
	gone     bool // a fault took the card out of the field

	session session
	tx      transaction
	last    pending // the last cryptogram that went online
	scripts [][]byte
}

// session is what a card forgets when it leaves the field.
type session struct {
	selected int  // entry, -1 for none
	ready    bool // GET PROCESSING OPTIONS may come
	started  bool // it was answered
}

// New returns a card that is in the field and has seen no command. The error is an *Error: CodeProfile, CodeSet or
// CodeFault.
func New(config Config) (*Card, error) {
	p, err := findProfile(config.Profile)
	if err != nil {
		return nil, err
	}
	c := &Card{profile: p, layout: p.scheme.layout(), rand: config.Rand, atc: config.ATC}
	if c.own, err = p.objects(); err != nil {
		return nil, err
	}
	c.base = slices.Clone(c.own)
	if c.keys, err = readKeys(); err != nil {
		return nil, err
	}
	if err := c.personalise(config.Set); err != nil {
		return nil, err
	}
	for _, text := range config.Faults {
		f, err := parseFault(text)
		if err != nil {
			return nil, err
		}
		c.faults = append(c.faults, f)
	}
	for _, e := range p.entries {
		aid := c.own.get(tagADFName)
		if len(aid) == 0 || len(c.aids) > 0 {
			aid = unhex(e.aid)
		}
		c.aids = append(c.aids, aid)
	}
	c.Reset()
	return c, nil
}

// personalise lays the objects of Config.Set over those of the profile, in the order of their tags.
func (c *Card) personalise(set map[tlv.Tag][]byte) error {
	for _, t := range slices.Sorted(maps.Keys(set)) {
		value := set[t]
		switch {
		case !t.Valid():
			return &Error{CodeSet, fmt.Sprintf("%s is not a tag", t)}
		case len(value) > maxObject:
			return &Error{CodeSet, fmt.Sprintf("%s: %d bytes, the most is %d", t, len(value), maxObject)}
		case t == tagATC && len(value) == 2:
			c.atc = uint16(value[0])<<8 + uint16(value[1]) - 1
			continue
		}
		c.own.set(t, bytes.Clone(value))
		c.forced = append(c.forced, t)
		if !c.layout.names(t) {
			c.extra = append(c.extra, t)
		}
	}
	return nil
}

// maxObject is the longest value of Config.Set.
const maxObject = 4096

// Reset takes the card out of the field and brings it back. The session is forgotten; the counters, the personalisation
// and the answer that an issuer still owes stay.
func (c *Card) Reset() {
	c.session = session{selected: -1}
	c.tx = transaction{}
	c.gone = false
	if r, ok := c.profile.scheme.(interface{ reset(c *Card) }); ok {
		r.reset(c)
	}
}

// Transmit answers a command APDU: it appends the data and the status word to dst. Errors are ctx.Err() and *Error; on
// an error dst comes back as it was.
//
// Answers may be longer than the 256 bytes that a short command can ask for, where Config.Set or a fault made them so.
func (c *Card) Transmit(ctx context.Context, dst, command []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return dst, err
	}
	c.commands++
	c.took = 0
	if c.gone {
		return dst, &Error{CodeRemoved, "a fault took the card away"}
	}
	before, err := c.linkFault()
	if before != nil || err != nil {
		return append(dst, before...), err
	}
	r, err := c.dispatch(command)
	if err != nil {
		return dst, err
	}
	answer := append(r.body, byte(r.sw>>8), byte(r.sw))
	answer, err = c.answerFault(answer)
	if err != nil {
		return dst, err
	}
	return append(dst, answer...), nil
}

// ExchangeTime returns how long the card took for the last command, on a clock of its own: nothing waits. It is zero but
// for cards with the relay resistance protocol and for the fault delay.
func (c *Card) ExchangeTime() time.Duration { return c.took }

// Scripts returns the issuer script commands that the card was sent, whole, in the order in which they came. A contactless
// card has answered them with 9000, and neither verified their message authentication code nor done what they say; one
// with contacts has.
func (c *Card) Scripts() [][]byte { return c.scripts }
