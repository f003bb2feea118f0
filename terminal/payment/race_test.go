//go:build race

package payment

// stride is how many operations of the disk TestCrashEverywhere goes on by: the race detector makes each crash ten times as
// slow, and the test without it tries them all.
const stride = 9
