// Package pcscdtest runs a smart card service of its own for tests: pcscd with virtual readers (vpcd), into which a test
// puts cards over TCP. One runs at a time on a machine, since pcscd's socket has one place; tests of several packages wait
// for each other. It needs root and, on Debian, the packages pcscd and vsmartcard-vpcd.
package pcscdtest
