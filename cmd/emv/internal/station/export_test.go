package station

import (
	"context"

	"github.com/cardwright/emv/cmd/emv/internal/setup"
	"github.com/cardwright/emv/terminal"
)

// Rules returns what a setup's policy makes of a configuration.
func Rules(s *setup.Setup) (*terminal.Config, error) {
	c := &terminal.Config{Profile: s.Profile}
	return c, (&Station{options: Options{Setup: *s}}).rules(context.Background(), c)
}
