package host_test

import (
	"bytes"
	"crypto/aes"
	"crypto/des"
	"testing"

	"github.com/cardwright/emv/crypto/dukpt"
	"github.com/cardwright/emv/terminal/host"
	"github.com/cardwright/emv/testvectors/issuer/iso"
)

// What stands here is written by hand from ISO 8583:1987: bitmaps bit by bit, fields one after the other, and MACs by the
// formulas of NIST SP 800-38B and ANSI X9.19, without the packages that the code uses for it.

// cmac is AES-CMAC. NIST SP 800-38B, 6.1 and 6.2.
func cmac(key, data []byte) []byte {
	b, _ := aes.NewCipher(key)
	double := func(in []byte) []byte {
		out := make([]byte, 16)
		for i := range out {
			out[i] = in[i] << 1
			if i < 15 {
				out[i] |= in[i+1] >> 7
			}
		}
		if in[0]&0x80 != 0 {
			out[15] ^= 0x87
		}
		return out
	}
	k := make([]byte, 16)
	b.Encrypt(k, k)
	k = double(k)
	if len(data)%16 != 0 || len(data) == 0 {
		k = double(k)
		data = append(bytes.Clone(data), 0x80)
		for len(data)%16 != 0 {
			data = append(data, 0)
		}
	}
	x := make([]byte, 16)
	for i := 0; i < len(data); i += 16 {
		for j := range x {
			x[j] ^= data[i+j]
			if i+16 == len(data) {
				x[j] ^= k[j]
			}
		}
		b.Encrypt(x, x)
	}
	return x
}

// retail is the MAC of ANSI X9.19: DES in CBC mode with the left half of the key over data filled with zeros, the last block
// deciphered with the right half and enciphered with the left.
func retail(key, data []byte) []byte {
	left, _ := des.NewCipher(key[:8])    // the algorithm of the standard
	right, _ := des.NewCipher(key[8:16]) // and its other half
	data = bytes.Clone(data)
	for len(data)%8 != 0 {
		data = append(data, 0)
	}
	x := make([]byte, 8)
	for i := 0; i < len(data); i += 8 {
		for j := range x {
			x[j] ^= data[i+j]
		}
		left.Encrypt(x, x)
	}
	right.Decrypt(x, x)
	left.Encrypt(x, x)
	return x
}

// aesTransaction is the first one of a simulated terminal; its key serial number is 12345678 00000001 00000001.
func aesTransaction() *dukpt.AESTransaction {
	var t dukpt.AESTransaction
	if err := must(iso.NewTerminalKeys(iso.TestInitialKeyID(1))).NextAES(&t, ""); err != nil {
		panic(err)
	}
	return &t
}

func aesKey(t *dukpt.AESTransaction, u dukpt.Usage) []byte {
	var k dukpt.Key
	if err := t.Key(&k, u, dukpt.AES128); err != nil {
		panic(err)
	}
	return bytes.Clone(k.Bytes())
}

var own = map[int]string{41: "T0000001", 42: "M1"}

func goldenRequest() *host.Request {
	return &host.Request{
		Trace: host.Trace{STAN: 42, RRN: "000000000042", Time: now}, Amount: 1250, Currency: 826, Entry: "071",
		Chip: unhex("9F360200019F270180"),
	}
}

func TestGoldenFinancial(t *testing.T) {
	transaction := aesTransaction()
	var keys host.MACKeys
	if err := keys.UseAES(transaction); err != nil {
		t.Fatal(err)
	}
	d := host.Default()
	m := must(d.Message(host.OpFinancial, false, own, goldenRequest()))
	got := must(d.Authenticate(m, &keys))

	// Fields 3 4 7 | 11 12 13 | 22 | 25 | 37 | 41 42 | 49 55 | 61 64.
	want := []byte("0200")
	want = append(want, 0b00110010, 0b00111000, 0b00000100, 0b10000000, 0b00001000, 0b11000000, 0b10000010, 0b00001001)
	want = append(want, "000000"+"000000001250"+"1123092030"+"000042"+"102030"+"1123"+"071"+"00"+"000000000042"+
		"T0000001"+"M1             "+"826"+"009"...)
	want = append(want, unhex("9F360200019F270180"+"123456780000000100000001")...)
	want = append(want, cmac(aesKey(transaction, dukpt.MACGeneration), want)[:8]...)
	if !bytes.Equal(got, want) {
		t.Errorf("\n%X\n%X", got, want)
	}
	if again, err := d.Parse(want); err != nil || again.Text(42) != "M1             " || again.Text(3) != "000000" {
		t.Error(again, err)
	}
}

func TestGoldenReversal(t *testing.T) {
	transaction := aesTransaction()
	var keys host.MACKeys
	if err := keys.UseAES(transaction); err != nil {
		t.Fatal(err)
	}
	d := host.Default()
	r := &host.Request{
		Trace: host.Trace{STAN: 43, RRN: "000000000043", Time: now}, Amount: 1250, Currency: 826,
		Original: &host.Original{MTI: "0200", Trace: goldenRequest().Trace, Acquirer: "123456"},
	}
	for repeat, mti := range map[bool]string{false: "0420", true: "0421"} {
		m := must(d.Message(host.OpReverse, repeat, own, r))
		got := must(d.Authenticate(m, &keys))
		// A second bitmap, 3 4 7 | 11 12 13 | 25 | 37 | 41 42 | 49 | 61, and 90 and 128.
		want := []byte(mti)
		want = append(want, 0b10110010, 0b00111000, 0, 0b10000000, 0b00001000, 0b11000000, 0b10000000, 0b00001000)
		want = append(want, 0, 0, 0, 0b01000000, 0, 0, 0, 1)
		want = append(want, "000000"+"000000001250"+"1123092030"+"000043"+"102030"+"1123"+"00"+"000000000043"+
			"T0000001"+"M1             "+"826"...)
		want = append(want, unhex("123456780000000100000001")...)
		want = append(want, "0200"+"000042"+"1123092030"+"00000123456"+"00000000000"...)
		want = append(want, cmac(aesKey(transaction, dukpt.MACGeneration), want)[:8]...)
		if !bytes.Equal(got, want) {
			t.Errorf("\n%X\n%X", got, want)
		}
	}
}

// TestGoldenAnswer is an answer that was written by hand.
func TestGoldenAnswer(t *testing.T) {
	transaction := aesTransaction()
	var keys host.MACKeys
	if err := keys.UseAES(transaction); err != nil {
		t.Fatal(err)
	}
	d := host.Default()
	request := must(d.Message(host.OpFinancial, false, own, goldenRequest()))
	must(d.Authenticate(request, &keys))
	// Fields 3 4 7 | 11 | | | 37 38 39 | 41 42 | 55 | 61 64.
	b := []byte("0210")
	b = append(b, 0b00110010, 0b00100000, 0, 0, 0b00001110, 0b11000000, 0b00000010, 0b00001001)
	b = append(b, "000000"+"000000001250"+"1123092030"+"000042"+"000000000042"+"A1B2C3"+"00"+"T0000001"+"M1             "+
		"018"...)
	b = append(b, unhex("910411223344"+"7205860301020372038601FF"+"123456780000000100000001")...)
	b = append(b, cmac(aesKey(transaction, dukpt.MACVerification), b)[:8]...)
	m, err := d.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	if !d.Verify(b, m, &keys) || !d.Matches(request, m) {
		t.Error("the answer is not taken")
	}
	a, err := d.Answer(request, m)
	if err != nil || !a.Approved() || a.Approval != "A1B2C3" || !bytes.Equal(a.IssuerAuth(), unhex("11223344")) ||
		!bytes.Equal(a.Scripts(), unhex("7205860301020372038601FF")) {
		t.Errorf("%+v, %v", a, err)
	}
	for i := range b { // a bit that is turned anywhere is seen
		b[i] ^= 0x01
		if m, err := d.Parse(b); err == nil && d.Verify(b, m, &keys) {
			t.Errorf("byte %d is not seen", i)
		}
		b[i] ^= 0x01
	}
}

// TestGoldenPacked is another acquirer's dialect: a header, packed digits, a retail MAC over the field itself.
func TestGoldenPacked(t *testing.T) {
	d := example()
	var bdk, initial dukpt.Key
	var terminal dukpt.TDESTerminal
	var transaction dukpt.TDESTransaction
	ksn := must(dukpt.ParseTDESKSN(unhex("FFFF9876543210E00000")))
	for _, err := range []error{
		dukpt.SetKey(&bdk, unhex("0123456789ABCDEFFEDCBA9876543210")), dukpt.TDESInitialKey(&initial, &bdk, ksn),
		terminal.Load(&initial, ksn), terminal.Next(&transaction),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	var keys host.MACKeys
	var key dukpt.Key
	if err := keys.UseTDES(&transaction); err != nil {
		t.Fatal(err)
	}
	if err := transaction.Key(&key, dukpt.TDESMACRequest); err != nil {
		t.Fatal(err)
	}
	m := must(d.Message(host.OpFinancial, false, own, goldenRequest()))
	got := must(d.Authenticate(m, &keys))

	// Fields 3 4 7 | 11 12 13 | 22 | 25 32 | 37 | 41 42 | 49 55 | 61 64. Odd numbers of digits have a zero in front.
	want := unhex("0200" + "323804810" + "8C08209" + "000000" + "000000001250" + "1123092030" + "000042" + "102030" + "1123" +
		"0071" + "00" + "06" + "123456")
	want = append(want, "000000000042T0000001M1             "...)
	want = append(want, unhex("0826"+"0009"+"9F360200019F270180"+"FFFF9876543210E00001")...)
	want = append(want, retail(key.Bytes(), append(bytes.Clone(want), make([]byte, 8)...))...)
	want = append(unhex("6000010000"), want...)
	if !bytes.Equal(got, want) {
		t.Errorf("\n%X\n%X", got, want)
	}
	if again, err := d.Parse(want); err != nil || again.Text(32) != "123456" || again.Text(22) != "071" {
		t.Error(again, err)
	}
	if m, err := d.Message(host.OpReverse, true, own, &host.Request{
		Trace: goldenRequest().Trace, Amount: 1, Currency: 826, Original: &host.Original{MTI: "0200", Trace: goldenRequest().Trace},
	}); err != nil || m.MTI != "0401" {
		t.Error(m, err)
	}
}
