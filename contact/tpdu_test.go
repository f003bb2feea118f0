package contact_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/cardwright/emv/contact"
	"github.com/cardwright/emv/kernel"
)

// tape is a reader of TPDUs that expects commands in order.
type tape struct {
	t    *testing.T
	rest [][2]string
}

func (r *tape) TransmitTPDU(_ context.Context, dst, command []byte) ([]byte, error) {
	r.t.Helper()
	if len(r.rest) == 0 || !bytes.Equal(command, unhex(r.t, r.rest[0][0])) {
		r.t.Fatalf("%X, want %v", command, r.rest)
	}
	answer := unhex(r.t, r.rest[0][1])
	r.rest = r.rest[1:]
	return append(dst, answer...), nil
}

// TestTPDU has the exchanges of Book 1, Annex A, in which T=0 carries each case of a command.
func TestTPDU(t *testing.T) {
	for _, c := range []struct {
		name, command string
		tpdus         [][2]string
		answer        string
	}{
		{"case 1", "841E0000", [][2]string{{"841E000000", "9000"}}, "9000"},
		{"case 2", "00B2010C00", [][2]string{{"00B2010C00", "6C03"}, {"00B2010C03", "7001009000"}}, "7001009000"},
		{"case 2, refused", "00B2010C00", [][2]string{{"00B2010C00", "6A83"}}, "6A83"},
		{"case 2, 61xx", "00B2010C00", [][2]string{{"00B2010C00", "6103"}, {"00C0000003", "7001009000"}}, "7001009000"},
		{"case 3", "00820000021122", [][2]string{{"00820000021122", "9000"}}, "9000"},
		{"case 3, refused", "00820000021122", [][2]string{{"00820000021122", "6300"}}, "6300"},
		{"case 4", "00A4040002112200", [][2]string{{"00A40400021122", "6102"}, {"00C0000002", "6F009000"}}, "6F009000"},
		{"case 4, another length", "00A4040002112200", [][2]string{{"00A40400021122", "6100"}, {"00C0000000", "6C02"}, {"00C0000002", "6F009000"}}, "6F009000"},
		{"case 4, in parts", "00A4040002112200", [][2]string{{"00A40400021122", "6104"}, {"00C0000004", "6F026102"}, {"00C0000002", "85009000"}}, "6F0285009000"},
		{"case 4, refused", "00A4040002112200", [][2]string{{"00A40400021122", "6A82"}}, "6A82"},
		{"case 4, warning", "00A4040002112200", [][2]string{{"00A40400021122", "6283"}, {"00C0000000", "6C02"}, {"00C0000002", "6F009000"}}, "6F006283"},
		{"case 4, warning without data", "00A4040002112200", [][2]string{{"00A40400021122", "6283"}, {"00C0000000", "6F00"}}, "6283"},
	} {
		r := &tape{t, c.tpdus}
		got, err := contact.TPDU(r).Transmit(context.Background(), []byte{0xEE}, unhex(t, c.command))
		if err != nil || !bytes.Equal(got, append([]byte{0xEE}, unhex(t, c.answer)...)) || len(r.rest) != 0 {
			t.Errorf("%s: %X, %v, %d left; want %s", c.name, got, err, len(r.rest), c.answer)
		}
	}
}

// endless answers in parts for ever.
type endless struct{ part []byte }

func (e endless) TransmitTPDU(_ context.Context, dst, _ []byte) ([]byte, error) {
	return append(append(dst, e.part...), 0x61, 0x10), nil
}

func TestTPDUEnds(t *testing.T) {
	for _, part := range [][]byte{nil, {0x01}, make([]byte, 200)} {
		_, err := contact.TPDU(endless{part}).Transmit(context.Background(), nil, unhex(t, "00A4040002112200"))
		if !errors.Is(err, kernel.ErrProtocol) {
			t.Errorf("parts of %d bytes: %v", len(part), err)
		}
	}
	if _, err := contact.TPDU(endless{}).Transmit(context.Background(), nil, []byte{0x00}); !errors.Is(err, kernel.ErrProtocol) {
		t.Errorf("half a command: %v", err)
	}
}
