package dict_test

import (
	"fmt"

	"github.com/cardwright/emv/tlv/dict"
)

func ExampleExplain() {
	tvr := dict.Lookup(0x95, dict.C2)
	dict.Explain(tvr, dict.C2, []byte{0x80, 0, 0, 0x80, 0x02}, func(line string) bool {
		fmt.Println(line)
		return true
	})
	// Output:
	// byte 1 b8: Offline data authentication was not performed
	// byte 4 b8: Transaction exceeds floor limit
	// byte 5 b2-b1: Relay resistance protocol: performed
}

func ExampleMask() {
	pan := dict.Lookup(0x5A, dict.Common)
	value := []byte{0x47, 0x61, 0x73, 0x90, 0x01, 0x01, 0x00, 0x10}
	fmt.Printf("%s %s\n", pan.Name, dict.Mask(pan, value, nil))
	// Output:
	// Application Primary Account Number (PAN) 476173******0010
}
