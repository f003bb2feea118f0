package display_test

import (
	"encoding/json"
	"testing"
)

// Every screen, in three languages and both ways to hold the device: nothing is cut off, nothing overlaps the edge, and
// all text has the contrast of WCAG 2.2 AA. The pictures are kept.
func TestScreens(t *testing.T) {
	b := browser(t)
	for _, sc := range scenes() {
		for _, language := range []string{"en", "sv", "fr"} {
			t.Run(sc.name+"-"+language, func(t *testing.T) {
				s := serve(t, b, sc.start(t, language), portrait)
				s.screenshot(sc.name + "-" + language)
				s.fits()
				s.legible()
				s.Resize(landscape.Width, landscape.Height)
				s.drawn()
				s.screenshot(sc.name + "-" + language + "-landscape")
				s.fits()
			})
		}
	}
}

// fits checks that every text and button of the screen is inside of it, unless it is in a list that scrolls.
func (s *shown) fits() {
	s.t.Helper()
	out := eval[[]string](s, `(() => {
		const bad = [];
		const roots = [document.querySelector('#stage > section:not([hidden])')];
		if (document.querySelector('#panel.open')) roots[0] = document.querySelector('#panel');
		for (const e of roots[0].querySelectorAll('*')) {
			if (e.closest('svg') && e.tagName !== 'svg') continue;
			const r = e.getBoundingClientRect();
			if (!r.width || !r.height || e.closest('.ring')) continue;
			const name = e.tagName + '.' + e.className + ' ' + (e.textContent || '').slice(0, 30).trim();
			const list = e.closest('.scroll');
			if (r.left < -0.5 || r.right > innerWidth + 0.5) bad.push('wide: ' + name);
			if (!list && (r.top < -0.5 || r.bottom > innerHeight + 0.5)) bad.push('high: ' + name + ' ' + r.top + ' ' + r.bottom);
			if (e.scrollWidth > e.clientWidth + 1 && e.clientWidth && getComputedStyle(e).display !== 'inline' && !e.closest('svg')) bad.push('cut: ' + name);
		}
		const section = roots[0];
		if (section.scrollHeight > section.clientHeight + 1) bad.push('the screen is higher than itself: ' + section.scrollHeight + ' of ' + section.clientHeight);
		const boxes = [...section.children].filter((e) => e.getClientRects().length).map((e) => [e, e.getBoundingClientRect()]);
		for (const [a, p] of boxes) for (const [b, q] of boxes) {
			if (a !== b && p.left < q.right - 1 && q.left < p.right - 1 && p.top < q.bottom - 1 && q.top < p.bottom - 1) {
				bad.push('overlap: ' + a.className + a.tagName + ' ' + b.className + b.tagName);
			}
		}
		return bad;
	})()`)
	for _, o := range out {
		s.t.Error(o)
	}
}

// legible measures the contrast of every text against what is behind it. WCAG 2.2, 1.4.3: 4.5 to 1, or 3 to 1 for
// large text (24 pixels, or 18.66 bold).
func (s *shown) legible() {
	s.t.Helper()
	var texts []struct {
		Text   string
		Color  string
		Behind string
		Size   float64
		Bold   bool
	}
	raw := eval[string](s, `(() => {
		const out = [];
		const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
		while (walk.nextNode()) {
			const n = walk.currentNode;
			const e = n.parentElement;
			if (!n.textContent.trim() || !e.getClientRects().length || e.closest('script, style')) continue;
			const c = getComputedStyle(e);
			if (c.visibility === 'hidden') continue;
			let b = e;
			while (b && getComputedStyle(b).backgroundColor === 'rgba(0, 0, 0, 0)') b = b.parentElement;
			out.push({Text: n.textContent.trim().slice(0, 30), Color: c.color, Behind: b ? getComputedStyle(b).backgroundColor : 'none',
				Size: parseFloat(c.fontSize), Bold: Number(c.fontWeight) >= 600});
		}
		return JSON.stringify(out);
	})()`)
	if err := json.Unmarshal([]byte(raw), &texts); err != nil || len(texts) == 0 {
		s.t.Fatalf("%d texts, %v", len(texts), err)
	}
	for _, x := range texts {
		least := 4.5
		if x.Size >= 24 || x.Bold && x.Size >= 18.66 {
			least = 3
		}
		if got := contrast(parseRGB(s.t, x.Color), parseRGB(s.t, x.Behind)); got < least {
			s.t.Errorf("%q: %.2f to 1, at least %.1f", x.Text, got, least)
		}
		if x.Size < 13.5 {
			s.t.Errorf("%q is %.1f pixels high", x.Text, x.Size)
		}
	}
}
