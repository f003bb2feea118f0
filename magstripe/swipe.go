package magstripe

// Swipe is what a reader gave of one stripe.
type Swipe struct {
	Tracks [3]Track // by number minus 1; Number is 0 where there is none
	PAN    PAN
}

// Parse reads the tracks of one swipe; an empty text is a track that was not read. All tracks that were must be of one
// card. The error is a Code.
func Parse(track1, track2, track3 string) (Swipe, error) {
	var s Swipe
	for i, text := range [...]string{track1, track2, track3} {
		if text == "" {
			continue
		}
		t, err := parse(text, &layouts[i+1])
		switch {
		case err != nil:
			return Swipe{}, err
		case s.PAN == PAN{}:
			s.PAN = t.PAN
		case s.PAN != t.PAN:
			return Swipe{}, CodeMismatch
		}
		s.Tracks[i] = t
	}
	if s.PAN == (PAN{}) {
		return Swipe{}, CodeEmpty
	}
	for _, of := range [...]func(*Track) string{
		func(t *Track) string { return t.Expiry },
		func(t *Track) string { return string(t.ServiceCode) },
	} {
		if a, b := of(&s.Tracks[0]), of(&s.Tracks[1]); a != "" && b != "" && a != b {
			return Swipe{}, CodeMismatch
		}
	}
	return s, nil
}

// Main returns the track that an online request is made of: track 2, else track 1, else track 3.
func (s *Swipe) Main() *Track {
	for _, i := range [...]int{1, 0, 2} {
		if s.Tracks[i].Number != 0 {
			return &s.Tracks[i]
		}
	}
	return &Track{}
}

// Expiry returns the expiry of whichever track has one.
func (s *Swipe) Expiry() string {
	if e := s.Tracks[1].Expiry; e != "" {
		return e
	}
	return s.Tracks[0].Expiry
}

// ServiceCode returns the service code of whichever track has one.
func (s *Swipe) ServiceCode() ServiceCode {
	if c := s.Tracks[1].ServiceCode; c != "" {
		return c
	}
	return s.Tracks[0].ServiceCode
}
