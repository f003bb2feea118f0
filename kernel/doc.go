// Package kernel is the common ground of every EMV kernel: the card it talks to, the data objects of a transaction,
// what it may reach outside its arguments, and the outcome it returns.
//
// A kernel is straight, blocking code: it is given a Card, an Env and configuration, and returns an Outcome. It starts
// no goroutine, keeps no package state, and reads no clock and no randomness but those of its Env, so that the same
// inputs give the same bytes. Callers that can't block use Step.
//
// A result of processing is never an error: a decline, a card that misbehaves, a certificate that fails are Outcomes
// with a Reason. An error means that the caller's configuration is wrong, that the context ended, or that there is a bug.
package kernel
