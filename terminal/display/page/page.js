'use strict';

// Draws the state that the terminal sends and tells it what the customer did. It computes nothing, keeps nothing and has
// nothing to type into but the amount of a tip. Everything is written with textContent.
(() => {
  const token = document.querySelector('meta[name=token]').content;
  const stage = document.getElementById('stage');
  const panel = document.getElementById('panel');
  const scrim = document.getElementById('scrim');
  const offline = document.getElementById('offline');
  const sections = new Map([...stage.querySelectorAll('section')].map((s) => [s.dataset.screen, s]));
  const still = matchMedia('(prefers-reduced-motion: reduce)');

  let socket = null;
  let state = null; // what is drawn
  let next = null; // what came last
  let since = 0; // of the state that is drawn
  let touched = -Infinity; // when a finger was last on the cart

  // ---- helpers ----

  const make = (tag, className, text) => {
    const e = document.createElement(tag);
    if (className) e.className = className;
    if (text !== undefined) e.textContent = text;
    return e;
  };
  const write = (e, text) => {
    const t = text || '';
    if (e.textContent !== t) e.textContent = t;
    e.hidden = t === '';
  };
  const icon = (name) => {
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    svg.setAttribute('class', 'icon');
    svg.setAttribute('aria-hidden', 'true');
    const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
    use.setAttribute('href', '#i-' + name);
    svg.append(use);
    return svg;
  };
  const fit = (e, text) => {
    write(e, text);
    e.classList.toggle('long', text && text.length > 9 && text.length <= 14);
    e.classList.toggle('longer', text && text.length > 14);
  };
  const act = (kind, more) => {
    if (!socket || socket.readyState !== WebSocket.OPEN) return;
    socket.send(JSON.stringify({action: {kind, since, request: state && state.request, ...more}}));
  };
  const press = (text, className, f) => {
    const b = make('button', className, text);
    b.type = 'button';
    b.addEventListener('click', f);
    return b;
  };

  // ---- screens ----

  const common = (section, s) => {
    for (const e of section.querySelectorAll('[data-text]')) write(e, s[e.dataset.text]);
    for (const e of section.querySelectorAll('[data-if]')) e.hidden = !s[e.dataset.if];
    for (const e of section.querySelectorAll('[data-amount]')) fit(e, s.amount);
    for (const e of section.querySelectorAll('[data-link]')) write(e, s.link && s.link.text);
    for (const e of section.querySelectorAll('[data-buttons]')) {
      e.replaceChildren(...(s.buttons || []).map((b) =>
        press(b.label, b.primary ? 'primary' : 'plain-button', () => act(b.action))));
    }
  };

  const cart = (section, s) => {
    const list = section.querySelector('[data-list]');
    const lines = section.querySelector('[data-lines]');
    const view = s.cart;
    section.dir = s.direction;
    write(section.querySelector('[data-count]'), view.lines.length ? view.count : '');
    write(section.querySelector('[data-total-label]'), view.label);
    fit(section.querySelector('[data-total]'), view.total);
    const sums = section.querySelector('[data-sums]');
    sums.replaceChildren(...(view.sums || []).flatMap((r) => {
      const dt = make('dt', '', r.label);
      dt.dir = 'auto';
      const dd = make('dd', '', r.value);
      dd.dir = 'ltr';
      return [dt, dd];
    }));
    sums.hidden = !view.sums;

    if (lines.dataset.cart !== view.id) lines.replaceChildren();
    const first = lines.childElementCount === 0;
    lines.dataset.cart = view.id;
    const old = new Map([...lines.children].map((li) => [li.dataset.id, li]));
    let newest = null;
    let at = lines.firstElementChild;
    for (const l of view.lines) {
      let li = old.get(l.id);
      const text = JSON.stringify(l);
      if (!li) {
        li = make('li');
        li.dataset.id = l.id;
        for (const part of ['name', 'price', 'detail', 'note']) {
          const span = make('span', part);
          span.dir = part === 'price' ? 'ltr' : 'auto'; // amounts are in the display's language
          li.append(span);
        }
      }
      old.delete(l.id);
      if (li.dataset.is !== text) {
        const [name, price, detail, note] = li.children;
        name.textContent = l.name;
        price.textContent = l.amount;
        write(detail, l.detail);
        write(note, l.note);
        li.dataset.is = text;
        newest = li;
        li.classList.remove('fresh');
      }
      if (li === at) at = at.nextElementSibling;
      else lines.insertBefore(li, at);
    }
    for (const li of old.values()) li.remove();
    if (!newest) return;
    if (!first && view.lines.length > 1) {
      void newest.offsetWidth; // starts its animation again
      newest.classList.add('fresh');
    }
    if (performance.now() - touched > 5000) {
      const box = list.getBoundingClientRect();
      const at = newest.getBoundingClientRect();
      const top = newest === lines.lastElementChild ? list.scrollHeight : list.scrollTop + at.top - box.top - box.height / 3;
      list.scrollTo({top, behavior: first || still.matches ? 'auto' : 'smooth'});
    }
  };

  const choices = (section, s, kind) => {
    section.querySelector('[data-choices]').replaceChildren(...s.choices.map((c) => {
      const b = press('', c.number === 100 ? 'wide' : '', () => act(kind, {choice: c.number}));
      const label = make('span', '', c.label);
      label.dir = 'auto';
      b.append(label);
      if (c.detail) b.append(make('span', 'detail', c.detail));
      return b;
    }));
  };

  const tip = (section, s) => {
    choices(section, s, 'tip');
    const list = section.querySelector('[data-choices]');
    const pad = section.querySelector('[data-keypad]');
    const footer = section.querySelector('[data-buttons]');
    const k = s.keypad;
    const typing = (on) => {
      list.hidden = on;
      footer.hidden = on;
      pad.hidden = !on;
    };
    typing(false);
    if (!k) return;
    list.append(press(k.label, 'wide', () => typing(true)));
    let digits = '';
    const shown = section.querySelector('[data-typing]');
    const add = section.querySelector('[data-add]');
    const update = () => {
      const d = digits.padStart(k.exponent + 1, '0');
      const cut = d.length - k.exponent;
      shown.replaceChildren(d.slice(0, cut) + (k.exponent ? k.point + d.slice(cut) : ''), make('small', '', k.symbol));
      add.disabled = digits === '' || Number(digits) > k.most;
    };
    const keys = section.querySelector('[data-keys]');
    const type = (d) => press(d, '', () => {
      if ((digits + d).length <= 10) digits = (digits + d).replace(/^0+/, '');
      update();
    });
    const zero = k.digits[9];
    const clear = press(k.clear, 'word', () => {
      digits = '';
      update();
    });
    keys.replaceChildren(...k.digits.slice(0, 9).map(type), clear, type(zero), make('span'));
    const back = section.querySelector('[data-back]');
    write(back, k.back);
    write(add, k.add);
    back.onclick = () => typing(false);
    add.onclick = () => act('tip', {choice: -1, amount: Number(digits)});
    update();
  };

  const draw = {
    'welcome': (section, s) => section.querySelector('[data-steps]').replaceChildren(...s.steps.map((t) => make('li', '', t))),
    'qr': (section, s) => {
      const img = section.querySelector('[data-qr]');
      const source = s.qr.source + '&token=' + encodeURIComponent(token);
      if (img.getAttribute('src') !== source) img.src = source;
      img.alt = s.qr.alt;
      write(section.querySelector('[data-typed]'), s.qr.typed);
      write(section.querySelector('[data-address]'), s.qr.address);
      write(section.querySelector('[data-valid]'), s.qr.valid);
    },
    'standby': (section, s) => {
      const img = section.querySelector('[data-image]');
      img.hidden = !s.image;
      section.querySelector('.plain').hidden = Boolean(s.image);
      if (s.image) {
        if (img.getAttribute('src') !== s.image.source) img.src = s.image.source;
        img.alt = s.image.alt;
      }
      section.querySelector('[data-accepted]').hidden = !s.brands;
      write(section.querySelector('[data-brands-label]'), s.brands && s.brands.label);
      section.querySelector('[data-brands]').replaceChildren(...(s.brands ? s.brands.names : []).map((n) => make('li', '', n)));
    },
    'cart': cart,
    'tip': tip,
    'confirm': (section, s) => {
      section.querySelector('[data-rows]').replaceChildren(...(s.rows || []).flatMap((r) =>
        [make('dt', '', r.label), make('dd', '', r.value)]));
      section.querySelector('[data-rows]').hidden = !s.rows;
    },
    'present': (section, s) => {
      section.querySelector('[data-hero] use').setAttribute('href', '#i-' + s.entry[0].method);
      const many = s.entry.length > 1;
      section.querySelector('[data-entry]').replaceChildren(...(many ? s.entry : []).map((e) => {
        const li = make('li');
        li.dataset.method = e.method;
        li.append(icon(e.method), make('span', '', e.label));
        return li;
      }));
    },
    'choose-app': (section, s) => choices(section, s, 'choose'),
    'pin': (section, s) => {
      const dots = section.querySelector('[data-dots]');
      const n = Math.max(4, s.pin.entered);
      while (dots.childElementCount < n) dots.append(make('span'));
      while (dots.childElementCount > n) dots.lastElementChild.remove();
      [...dots.children].forEach((d, i) => d.classList.toggle('on', i < s.pin.entered));
      dots.setAttribute('aria-label', s.pin.text);
    },
    'message': (section, s) => {
      section.querySelector('[data-seal]').hidden = s.result !== 'good';
    },
  };

  const settings = (s) => {
    const p = s.panel;
    panel.classList.toggle('open', Boolean(p));
    panel.setAttribute('aria-hidden', String(!p));
    scrim.hidden = !p;
    if (!p) return;
    panel.querySelector('[data-panel-title]').textContent = p.title;
    panel.querySelector('[data-panel-close]').setAttribute('aria-label', p.close);
    panel.querySelector('[data-panel-restore]').textContent = p.restore;
    const forward = panel.querySelector('[data-panel-forward]');
    forward.textContent = p.forward || '';
    forward.hidden = !p.forward;
    panel.querySelector('[data-panel-groups]').replaceChildren(...p.groups.flatMap((g) => {
      const dl = make('dl', 'facts');
      dl.append(...g.rows.map((r) => {
        const row = make('div');
        row.append(make('dt', '', r.label), make('dd', r.good === undefined ? '' : r.good ? 'good' : 'poor', r.value));
        return row;
      }));
      return [make('h3', '', g.title), dl];
    }));
  };

  const render = () => {
    const s = next;
    if (!s || s === state) return;
    const fresh = !state || state.since !== s.since || state.language !== s.language;
    state = s;
    since = s.since;
    document.documentElement.lang = s.language;
    const screen = s.screen === 'settings' ? s.under : s.screen;
    const section = sections.get(screen);
    for (const other of sections.values()) if (other !== section) other.hidden = true;
    // A tip that is being typed stays while nothing but the terminal's facts change.
    if (screen !== 'tip' || fresh || section.hidden) {
      common(section, s);
      if (section.hidden) section.hidden = false;
      if (draw[screen]) draw[screen](section, s);
    }
    settings(s);
    if (socket && socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({drawn: s.revision}));
  };

  // ---- the settings panel: pulled in from the right edge, pushed out again ----

  const edge = 24; // pixels
  const far = 48;
  let pull = null; // where a finger came down, and what for
  addEventListener('pointerdown', (e) => {
    pull = null;
    if (!e.isPrimary || !state) return;
    if (state.screen === 'settings') pull = panel.contains(e.target) ? {x: e.clientX, y: e.clientY, push: true} : null;
    else if (state.swipe && e.clientX >= innerWidth - edge) pull = {x: e.clientX, y: e.clientY, push: false};
  });
  addEventListener('pointermove', (e) => {
    if (!pull || !e.isPrimary) return;
    const dx = e.clientX - pull.x;
    const dy = e.clientY - pull.y;
    if (Math.abs(dy) > far && Math.abs(dy) > Math.abs(dx)) pull = null;
    else if ((pull.push ? dx : -dx) >= far && Math.abs(dx) > 1.5 * Math.abs(dy)) {
      act(pull.push ? 'close' : 'open');
      pull = null;
    }
  });
  for (const end of ['pointerup', 'pointercancel']) addEventListener(end, () => { pull = null; });
  panel.querySelector('[data-panel-close]').addEventListener('click', () => act('close'));
  panel.querySelector('[data-panel-restore]').addEventListener('click', () => act('restore'));
  panel.querySelector('[data-panel-forward]').addEventListener('click', () => act('forward'));
  scrim.addEventListener('click', () => act('close'));

  const list = sections.get('cart').querySelector('[data-list]');
  for (const kind of ['pointerdown', 'pointermove', 'touchmove', 'wheel']) {
    list.addEventListener(kind, () => { touched = performance.now(); }, {passive: true});
  }
  addEventListener('contextmenu', (e) => e.preventDefault());

  // ---- the terminal ----

  let wait = 200;
  let alarm = 0;
  const connect = () => {
    const url = new URL('socket', location.href);
    url.protocol = 'ws:';
    url.search = '?token=' + encodeURIComponent(token);
    const s = new WebSocket(url);
    let newest = -1;
    s.onopen = () => {
      socket = s;
      wait = 200;
      clearTimeout(alarm);
      alarm = 0;
      offline.hidden = true;
    };
    s.onmessage = (m) => {
      const got = JSON.parse(m.data);
      if (got.revision <= newest) return; // only ever forward
      newest = got.revision;
      if (!next || next === state) requestAnimationFrame(render);
      next = got;
    };
    s.onclose = () => {
      socket = null;
      if (!alarm) alarm = setTimeout(() => { offline.hidden = false; }, 1500);
      setTimeout(again, wait);
      wait = Math.min(wait * 2, 3000);
    };
  };
  // After a restart of the terminal the token is another one: the page has to be fetched again.
  const again = async () => {
    try {
      const answer = await fetch(location.pathname, {cache: 'no-store'});
      if (answer.ok && !(await answer.text()).includes('content="' + token + '"')) {
        location.reload();
        return;
      }
    } catch {
      // not there yet
    }
    connect();
  };
  connect();
})();
