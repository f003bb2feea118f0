//go:build race

package cert

// raceEnabled: under the race detector sync.Pool, which math/big uses, drops what it holds, so allocations tell nothing.
const raceEnabled = true
