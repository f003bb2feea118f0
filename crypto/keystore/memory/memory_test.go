package memory_test

import (
	"testing"

	"github.com/cardwright/emv/crypto/keystore"
	"github.com/cardwright/emv/crypto/keystore/keystoretest"
	"github.com/cardwright/emv/crypto/keystore/memory"
)

func TestProvider(t *testing.T) {
	keystoretest.Suite{New: func(testing.TB) keystoretest.Open {
		s := memory.New(memory.Options{})
		return func() keystore.Provider { return s }
	}}.Test(t)
}
