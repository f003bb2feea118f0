// Package station puts a terminal together from its setup: readers, bank, keys, dock, and for what of them is simulated the
// counter of the person who plays the rest.
//
//	s, err := station.Open(ctx, station.Options{Setup: setup})
//	defer s.Close()
//	err = s.Run(ctx)
//
// What the setup leaves out is simulated: then a machine with nothing but Go is a terminal.
package station
