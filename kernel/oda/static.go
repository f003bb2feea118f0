package oda

import (
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
)

// maxParts is how many records can take part in offline data authentication, the tag list's value included.
const maxParts = 64

// Static collects the Static Data to be Authenticated, record by record in the order of the AFL (Book 3, 10.3). The zero
// value is empty. Its parts alias the data store.
type Static struct {
	parts [maxParts][]byte
	n     int
	fail  Code
}

// AddRecord adds a record that the AFL marks. record is the answer to READ RECORD without its status word. For files 1
// to 10 the value of template 70 is signed, for the others all of it, tag and length included. Of whatever file, a record
// that is no template 70 makes offline data authentication fail (Book 3, 10.3).
func (s *Static) AddRecord(sfi byte, record []byte) {
	c := tlv.Read(record)
	if !c.Next() || c.Tag() != 0x70 {
		s.fail = CodeRecord
		return
	}
	if sfi <= 10 {
		record = c.Value()
	}
	s.Add(record)
}

// Add adds data as they are signed: a record or several that a laboratory has put together, the value of the tag list
// included.
func (s *Static) Add(data []byte) { s.add(data) }

// CheckTagList holds the Static Data Authentication Tag List (9F4A) of a card whose static data came through Add to the
// rule that it names the AIP and nothing else (Book 3, 10.3).
func (s *Static) CheckTagList(d *kernel.Data) {
	if list := d.Get(tagSDATagList); list != nil && !onlyAIP(list) {
		s.fail = CodeTagList
	}
}

func onlyAIP(list []byte) bool { return len(list) == 1 && list[0] == byte(tagAIP) }

func (s *Static) add(part []byte) {
	if s.n == maxParts {
		s.fail = CodeRecord
		return
	}
	s.parts[s.n] = part
	s.n++
}

// AddTagList adds what the Static Data Authentication Tag List (9F4A) names, which may only be the AIP (Book 3, 10.3).
// It comes after the last record.
func (s *Static) AddTagList(d *kernel.Data) {
	list := d.Get(tagSDATagList)
	switch {
	case list == nil:
	case onlyAIP(list):
		s.add(d.Get(tagAIP))
	default:
		s.fail = CodeTagList
	}
}

// Parts returns the pieces in order.
func (s *Static) Parts() [][]byte { return s.parts[:s.n] }

// Reset forgets everything.
func (s *Static) Reset() {
	clear(s.parts[:s.n])
	s.n, s.fail = 0, ""
}
