// Package browsertest gives tests a real browser: Chromium, through the DevTools protocol.
//
//	chromium := browsertest.Start(t, "go test ./terminal/display", browsertest.Still)
//	page := chromium.Tab(t)
//	page.Open(server.URL, browsertest.Device{Width: 480, Height: 800, Touch: true})
//	page.Until(`document.body.dataset.ready === 'yes'`)
//	page.Screenshot("ready.png")
//
// It takes chromium on the PATH. Where it is missing a test is skipped, and fails if CARDWRIGHT_REQUIRE_CHROMIUM is 1; it is
// left out if that is 0. A page that throws, that writes an error or a warning to its console, or that asks another server
// than its own for anything fails its test at the end.
package browsertest
