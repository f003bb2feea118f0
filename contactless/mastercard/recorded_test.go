package mastercard_test

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/mastercard"
	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/replay"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// fixed is a source of "random" bytes that are always those of the recording.
type fixed struct{}

func (fixed) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = [...]byte{0x33, 0xBC, 0xA4, 0x7D}[i%4]
	}
	return len(p), nil
}

// clock stands still.
type clock struct{ now time.Time }

func (c clock) Now() time.Time                { return c.now }
func (c clock) Since(time.Time) time.Duration { return 0 }

// offlineTape is the Mastercard tap of testvectors/recorded-contactless.json, which has its source.
func offlineTape(t testing.TB) *replay.Tape {
	t.Helper()
	c := new(replay.Tape)
	for i, s := range []string{
		"00A404000E325041592E5359532E444446303100",
		"6F23840E325041592E5359532E4444463031A511BF0C0E610C4F07A00000000410108701019000",
		"00A4040007A000000004101000",
		"6F3A8407A0000000041010A52F500A4D6173746572436172649F38069F5C089F4005BF0C179F5E095413339000001513019F" +
			"5D030101009F4D020B0A9000",
		"80A800000F830D00000000000000006000F0000100",
		"7716820259809410080101001001010118010200200102009000",
		"00B2011400",
		"7081BC57125413339000001513D20122010000000000005A0854133390000015135F24032012315F25030601015F28020250" +
			"5F3401018C279F02069F03069F1A0295055F2A029A039C019F37049F35019F45029F4C089F34039F21039F7C148D12910A8A" +
			"0295059F37049F4C089F02069F03068E0A00000000000000001F039F0702FF009F080200029F0D05F8406420009F0E050010" +
			"8800009F0F05F86064F8009F420209789F51039F37049F5B0CDF6008DF6108DF6201DF63A09F4A01829000",
		"00B2011C00",
		"7081C08F01F39F3201039224EFF4A554A084A829B0D6D5ACCC34B84C262B32436ABDAC9899308D51E57C83DF6908C3899081" +
			"9021EC0FC6E1810DFEEA26545127494B40F5F12FA8670877C4B47516BBCD67EDF5F0652B437B4D3E4E83999E7B8245E2A18A" +
			"7968E7C3E1C16B5609036E65E0F4AF2C4383AF19F1679DD59726C5D315B21967F5A3E526E645724B61F4C8ABCE98BEB8DF1F" +
			"D64237DBE356B1F96C73EBA3206AAA4C818518E58E17F0E4265A0A5D7E2196E983C6DA78FC5C73F64E6F3AFF5A9000",
		"00B2021C00",
		"70819393819071E2614A46A3A653425C29A168FF718379C8B3F82DACDA4F781A07D57E239AF9713892F17DA70EF9DCD31051" +
			"D9EB4E352EF0ACE7D820DFA75A4D0FB0237D01F361FC290EBAFF1DF1696899FAB7D9E478B7AC58212D04328E2E8876D1723D" +
			"250E6186CAFC8338F8FDBA8E19ADF72A84E549892967A1549DD4ACB133ACB2A791A68E1A2ABFF20FCB278F9314C03FE60CD5" +
			"9000",
		"00B2012400",
		"70219F4701039F481AD529BCACA7F9ECEADE85990F1E04FEAE9FA033DF691268F9F2D59000",
		"00B2022400",
		"7081949F4681904D05000EBF47E8F9F2A66D769CC1D3AA7E2A888A697ABBBB611053557FDC98597AB433CFD325942F126989" +
			"2B4F1009547AE0A5BDB85442CA10D2167FFDA67995F357770F370DB60035F32F3F01F353EC26DC83C36F32B18848363C64EA" +
			"ECDDE93E2770E66CBC14E530FDD7A036B88270366383E9C95EF44C9B640C93B6181F6DB4756B140BE65BE084E7C379F0060D" +
			"FD9000",
		"80AE5000420000000000010000000000000056000000000109781908190033BCA47D26000000000000000000001F03020000" +
			"00000000000000000000000000000000000000000000",
		"7781AA9F2701409F360202E09F4B81804D0605626698777BCC72E20DBE5C631C1372FB8B3EAB4DC8B06EFB7FE253A527000B" +
			"8D7887C300232BC4849ED7DEAF3C6B260464190EF085B9663A0437C1FEA159F7F7C03F80D8A5CE5A52C8AE0BD702A94E84FE" +
			"5D06B2DFAF3DA0750F3D5E5B0FAEC66A83DBEEDF22BAAD53FFD220F314A8C12A646C4BFDB296D71A0065B28F9F101A221090" +
			"4203A400000000000000024355FFFF00000000000000FF9000",
	} {
		if i%2 == 0 {
			c.Commands = append(c.Commands, unhex(t, s))
		} else {
			c.Answers = append(c.Answers, unhex(t, s))
		}
	}
	return c
}

// recordedTerminal is the terminal that the tap was recorded with.
func recordedTerminal(t testing.TB, options *mastercard.Options, more ...string) *contactless.Terminal {
	t.Helper()
	return watchedTerminal(t, options, nil, more...)
}

func watchedTerminal(
	t testing.TB, options *mastercard.Options, events func(kernel.Event), more ...string,
) *contactless.Terminal {
	t.Helper()
	keys, err := capk.NewSet(capk.Key{
		RID: capk.RID{0xA0, 0, 0, 0, 4}, Index: 0xF3, Exponent: []byte{3},
		Modulus: unhex(t, "98F0C770F23864C2E766DF02D1E833DFF4FFE92D696E1642F0A88C5694C6479D16DB1537BFE29E4FDC6E6E8AFD1B0EB7EA01"+
			"24723C333179BF19E93F10658B2F776E829E87DAEDA9C94A8B3382199A350C077977C97AFF08FD11310AC950A72C3CA5002E"+
			"F513FCCC286E646E3C5387535D509514B3B326E1234F9CB48C36DDD44B416D23654034A66F403BA511C5EFA3"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(more) == 0 {
		more = []string{"DF811B0120"} // on-device cardholder verification
	}
	terminal, err := contactless.New(contactless.Config{
		Terminal: unhex(t, strings.Join(more, "")),
		Combinations: []contactless.Combination{{
			AID: unhex(t, "A0000000041010"), Kernel: kernel.Mastercard, Options: options,
			Limits: contactless.Limits{StatusCheck: true, ZeroAmount: new(true)},
			Data: unhex(t, ""+
				"9F35 01 26 9F40 05 6000F00001 9F09 02 0002 "+
				"DF8117 01 00 DF8118 01 60 DF8119 01 08 "+
				"DF811A 03 9F6A04 9F1E 02 3232 DF810C 01 02 "+
				"9F6D 02 0001 DF811E 01 10 DF812C 01 00 "+
				"DF811C 02 0000 DF811D 01 00 9F15 02 1111 "+
				"DF8123 06 000000900000 DF8124 06 000000900000 DF8125 06 000000900000 "+
				"DF811F 01 08 DF8120 05 0400800000 DF8121 05 DC50000000 "+
				"DF8122 05 0000000000 9F1A 02 0056 DF8126 06 000000001000 "+
				"9F1D 08 6CFF000000000000"),
		}},
	}, kernel.Env{Clock: clock{offlineDay}, Rand: fixed{}, CAPKs: keys, Events: events}, mastercard.Kernel)
	if err != nil {
		t.Fatal(err)
	}
	return terminal
}

var (
	offlineDay = time.Date(2019, 8, 19, 0, 0, 0, 0, time.UTC)
	offline    = kernel.Transaction{Amount: 1, Currency: 978}
)

func TestRecordedTap(t *testing.T) {
	out, err := recordedTerminal(t, nil).Transact(context.Background(), offlineTape(t), offline)
	if err != nil || out.Kind != kernel.Approved || out.CVM != kernel.NoCVM {
		t.Errorf("%v, %v, %v: %v", out.Kind, out.CVM, err, out.Why)
	}
	if shown := fmt.Sprintf("%v %+v", out, out); strings.Contains(shown, "541333900000") {
		t.Errorf("the outcome shows the card number: %s", shown)
	}
}

func BenchmarkRecordedTap(b *testing.B) {
	card, terminal := offlineTape(b), recordedTerminal(b, nil)
	b.ReportAllocs()
	for b.Loop() {
		if out, err := terminal.Transact(context.Background(), card, offline); err != nil || out.Kind != kernel.Approved {
			b.Fatal(out.Kind, err)
		}
	}
}
