package runner

import (
	"context"
	"strconv"

	"github.com/cardwright/emv/magstripe"
)

// runMagstripe is magstripe.parse: the tracks of one swipe.
func runMagstripe(_ context.Context, t *job) (map[string]any, error) {
	s, err := magstripe.Parse(t.Given.Track[0], t.Given.Track[1], t.Given.Track[2])
	if err != nil {
		return nil, answerError{err}
	}
	code := s.ServiceCode()
	fields := map[string]any{
		"pan": s.PAN.Unmasked(), "luhn": strconv.FormatBool(s.PAN.Luhn()),
		"name": s.Tracks[0].Name.Unmasked(), "expiry": s.Expiry(), "service_code": string(code),
		"chip": strconv.FormatBool(code.Chip()), "discretionary": s.Main().Discretionary.Unmasked(),
		"format": s.Tracks[0].FormatCode,
	}
	if s.Tracks[0].Number == 0 {
		fields["format"] = s.Tracks[2].FormatCode
	}
	fields["interchange"], fields["authorisation"], fields["services"] = code.Words()
	for i := range s.Tracks {
		track := &s.Tracks[i]
		if track.Number == 0 {
			continue
		}
		name := "track" + strconv.Itoa(i+1) + "_"
		fields[name+"discretionary"] = track.Discretionary.Unmasked()
		fields[name+"lrc"] = "absent"
		if track.LRC {
			fields[name+"lrc"] = "ok"
		}
	}
	return map[string]any{"fields": fields}, nil
}
