package card

import "github.com/cardwright/emv/tlv"

// Cover says who must notice a change of an object.
type Cover string

// The covers.
const (
	// CoverOffline is offline data authentication: the terminal's.
	CoverOffline Cover = "offline data authentication"
	// CoverCryptogram is the application cryptogram: the issuer's.
	CoverCryptogram Cover = "application cryptogram"
)

// Signed is an object of a transaction of which bytes are covered: the fault flip=TAG:OFFSET of any offset from From to
// before To must be noticed, on whatever bit.
type Signed struct {
	Tag      tlv.Tag
	From, To int // To is the length of the value where all of it is covered
	By       Cover
}

// Signed lists what the signatures and the cryptogram of the last transaction cover, in the order in which the terminal
// receives it. An object that both cover is listed twice. Where the answer to GET PROCESSING OPTIONS was a refusal the
// list is empty.
func (c *Card) Signed() []Signed { return c.tx.signed }

// Record is a record that the AFL of the last transaction names.
type Record struct {
	SFI, Number byte
	Len         int   // of the whole record as it is sent
	Covered     Cover // who must notice a change of any of its bytes, "" for nobody
}

// Records lists the records of the last transaction in the order of its AFL, for the fault flip-record. Each is covered
// by offline data authentication where there was one: the signed records by their signature, and what the others hold
// can't be used once it is changed. Where there was none, the list says so.
func (c *Card) Records() []Record {
	var cover Cover
	for _, s := range c.tx.signed {
		if s.By == CoverOffline {
			cover = CoverOffline
		}
	}
	var list []Record
	for i := range c.tx.records {
		r := &c.tx.records[i]
		by := cover
		if r.apart {
			by = ""
		}
		list = append(list, Record{r.sfi, r.number, len(c.appendRecord(nil, r)), by})
	}
	return list
}

// cover adds the first n bytes of an object to the list of what is signed.
func (c *Card) cover(t tlv.Tag, n int, by Cover) { c.coverPart(t, 0, n, by) }

func (c *Card) coverPart(t tlv.Tag, from, to int, by Cover) {
	if from < to {
		c.tx.signed = append(c.tx.signed, Signed{t, from, to, by})
	}
}

// coverNumber adds the digits of the card number from which its key is derived: the last 14 before the two digits of the
// sequence number (Book 2, A1.4.1).
func (c *Card) coverNumber() {
	_, digits := digitsBefore(c.value(tagTrack2))
	c.coverPart(tagTrack2, (max(0, digits-14)+1)/2, digits/2, CoverCryptogram)
}

// coverOffline adds all that offline data authentication looks at: every object of the records, the AIP where the tag
// list names it, and what is in the answer to GET PROCESSING OPTIONS.
func (c *Card) coverOffline(options ...tlv.Tag) {
	if list := c.value(tagSDATagList); len(list) == 1 && list[0] == byte(tagAIP) {
		c.cover(tagAIP, len(c.value(tagAIP)), CoverOffline)
	}
	for _, t := range options {
		c.cover(t, len(c.value(t)), CoverOffline)
	}
	for i := range c.tx.records {
		if c.tx.records[i].apart {
			continue
		}
		for _, o := range c.tx.records[i].objects {
			c.cover(o.tag, len(o.value), CoverOffline)
		}
	}
}
