package terminal_test

import (
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/cardwright/emv/terminal/pos"
	"github.com/cardwright/emv/testvectors/issuer/iso"
)

// BenchmarkReconnect starts a till's app that has a pair record, and measures until it is connected: TCP, TLS with both
// certificates, hello and welcome. What is wanted is 95 of 100 under 500 ms. P33
func BenchmarkReconnect(b *testing.B) {
	c := lasting(b, iso.Config{})
	c.config.Log = slog.New(slog.DiscardHandler)
	if err := c.up(); err != nil {
		b.Fatal(err)
	}
	online := make(chan struct{}, 64)
	k := c.till("till-1", dialTCP, func(e pos.Event) {
		if e.Online {
			online <- struct{}{}
		}
	})
	c.pair(k)
	k.off()
	var all []time.Duration
	b.ResetTimer()
	for b.Loop() {
		for len(online) > 0 {
			<-online
		}
		began := time.Now()
		k.on(b)
		<-online
		all = append(all, time.Since(began))
		k.off()
	}
	b.StopTimer()
	if err := c.down(); err != nil {
		b.Error(err)
	}
	slices.Sort(all)
	for name, part := range map[string]int{"p50-ms": 50, "p95-ms": 95} {
		b.ReportMetric(float64(all[(len(all)-1)*part/100])/float64(time.Millisecond), name)
	}
}
