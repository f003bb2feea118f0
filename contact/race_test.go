//go:build race

package contact_test

// raceEnabled: under the race detector sync.Pool, which math/big uses, drops what it holds, so allocations tell nothing.
const raceEnabled = true
