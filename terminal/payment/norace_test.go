//go:build !race

package payment

// stride is how many operations of the disk TestCrashEverywhere goes on by.
const stride = 1
