'use strict';

// Shows the state that the counter sends, and tells it what the person does. Everything is written with textContent.
(() => {
  const $ = (id) => document.getElementById(id);
  const make = (tag, text) => {
    const e = document.createElement(tag);
    if (text !== undefined) e.textContent = text;
    return e;
  };
  const write = (e, text) => { if (e.textContent !== text) e.textContent = text; };

  let cards = [];
  let chosen = null;
  let scheme = '';
  let state = null;
  let quiet = 0;

  // ---- what the person does ----

  const say = (text) => {
    const e = $('said');
    write(e, text);
    e.hidden = false;
    clearTimeout(quiet);
    quiet = setTimeout(() => { e.hidden = true; }, 4000);
  };
  const send = async (path, body, method) => {
    const options = {method: method || 'POST'};
    if (typeof body === 'string') options.body = body;
    else if (body) options.body = JSON.stringify(body);
    try {
      const r = await fetch(path, options);
      if (r.ok) return true;
      const why = await r.json();
      say(why.text[0].toUpperCase() + why.text.slice(1) + '.');
    } catch {
      say('The terminal is not there.');
    }
    return false;
  };
  const present = (how) => {
    if (!chosen) { say('Choose a card first.'); return; }
    const faults = $('faults').value.split('\n').map((s) => s.trim()).filter(Boolean);
    send(how, {card: chosen.name, faults});
  };

  for (const how of ['tap', 'insert', 'swipe']) $(how).addEventListener('click', () => present(how));
  $('leave').addEventListener('click', () => send('leave'));
  $('remove').addEventListener('click', () => send('remove'));
  $('plug').addEventListener('click', () => send(state.reader.plugged ? 'unplug' : 'plug'));
  $('dock').addEventListener('click', () => send(state.dock.docked ? 'undock' : 'dock'));
  $('sign-in').addEventListener('submit', async (e) => {
    e.preventDefault();
    const pin = $('staff-pin').value;
    $('staff-pin').value = '';
    if (await send('sign-in', {name: $('staff-name').value, pin})) $('staff-name').value = '';
  });
  $('sign-out').addEventListener('click', () => send('sign-out'));
  $('scanning').addEventListener('click', () => send(state.staff.scanner === 'open' ? 'scanner-off' : 'scanner-on'));
  $('scan').addEventListener('submit', (e) => {
    e.preventDefault();
    send('scan', {code: $('barcode').value});
    $('barcode').value = '';
  });
  $('keys').addEventListener('click', (e) => {
    const key = e.target.dataset.key;
    if (key) send('pad', {key});
  });
  $('misbehave').addEventListener('click', async (e) => {
    const fault = e.target.dataset.fault;
    if (fault === undefined) return;
    if (fault === '') { if (await send('faults', null, 'DELETE')) say('The bank behaves again.'); return; }
    if (await send('faults', fault + '@02')) say('The bank will do so once, with the next payment.');
  });
  $('copy').addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(state.code);
      say('Copied. Give it to the till: emv pos pair CODE');
    } catch {
      getSelection().selectAllChildren($('code'));
    }
  });
  document.addEventListener('keydown', (e) => { // the keyboard is the PIN pad's while it asks
    if (!state || !state.pad || !state.pad.asks || e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.target instanceof HTMLInputElement || e.target instanceof HTMLTextAreaElement) return;
    const key = {Enter: 'enter', Backspace: 'clear', Escape: 'cancel'}[e.key] || (/^[0-9]$/.test(e.key) ? e.key : '');
    if (!key || key === 'enter' && e.target instanceof HTMLButtonElement) return;
    e.preventDefault();
    send('pad', {key});
  });

  // ---- the wallet ----

  const choose = (c) => {
    chosen = c;
    write($('chosen'), c.name);
    write($('about'), c.about);
    for (const how of ['tap', 'insert', 'swipe']) $(how).classList.toggle('primary', c.ways[0] === how);
    wallet();
  };
  const wallet = () => {
    const wanted = $('find').value.trim().toLowerCase().split(/\s+/);
    const list = cards.filter((c) => (!scheme || c.scheme === scheme) &&
      wanted.every((w) => (c.name + ' ' + c.about).toLowerCase().includes(w)));
    $('cards').replaceChildren(...list.map((c) => {
      const li = make('li');
      const b = make('button');
      b.type = 'button';
      b.setAttribute('aria-pressed', String(chosen === c));
      const name = make('b', c.name);
      name.append(make('span', c.ways.join(' · ')));
      const about = make('span', c.about);
      about.className = 'soft';
      b.append(name, about);
      b.addEventListener('click', () => choose(c));
      li.append(b);
      return li;
    }));
    if (!list.length) $('cards').replaceChildren(make('li', 'No such card.'));
  };
  const chips = () => {
    $('schemes').replaceChildren(...['', ...new Set(cards.map((c) => c.scheme))].map((s) => {
      const b = make('button', s || 'All');
      b.type = 'button';
      b.setAttribute('aria-pressed', String(scheme === s));
      b.addEventListener('click', () => { scheme = s; chips(); wallet(); });
      return b;
    }));
  };
  $('find').addEventListener('input', wallet);

  // ---- what there is to see ----

  const answers = {'00': 'approved', '': 'no answer'};
  const money = (e) => {
    const digits = {392: 0, 410: 0, 704: 0, '048': 3, 414: 3, 512: 3}[e.currency] ?? 2; // ISO 4217
    return (e.credit ? '−' : '') + (e.amount / 10 ** digits).toFixed(digits);
  };
  const ledger = (bank) => {
    $('ledger').replaceChildren(...bank.entries.slice().reverse().map((e) => {
      const tr = make('tr');
      tr.classList.toggle('undone', Boolean(e.reversed));
      const amount = make('td', money(e));
      amount.className = 'num';
      let said = e.code + ' ' + (answers[e.code] || 'declined');
      if (e.reversed) said += ', reversed';
      if (e.times > 1) said += ', came ' + e.times + ' times';
      const answer = make('td', said);
      answer.className = 'wrap';
      answer.title = e.why || '';
      tr.append(make('td', e.mti + ' ' + e.stan), make('td', e.card || '–'), amount, answer);
      return tr;
    }));
    $('no-ledger').hidden = bank.entries.length > 0;
  };
  const reader = (r) => {
    write($('field'), r.field ? r.field.join(', ') + (r.read ? ' (reading)' : '') : 'nothing');
    write($('slot'), r.slot || 'nothing');
    $('leave').disabled = !r.field;
    $('remove').disabled = !r.slot;
    write($('cable'), r.plugged ? 'in' : 'pulled');
    write($('plug'), r.plugged ? 'Pull' : 'Put in');
    [...$('lights').children].forEach((light, i) => light.classList.toggle('on', Boolean(r.lights >> i & 1)));
    $('lights').setAttribute('aria-label', 'Lights: ' + [0, 1, 2, 3].filter((i) => r.lights >> i & 1).length + ' of 4');
  };
  const pad = (p) => {
    $('pad').classList.toggle('asks', p.asks);
    let text = 'Nobody asks for a PIN. That of all cards here is 1234.';
    if (p.asks) {
      text = p.retry ? 'That PIN was wrong. Enter it again.' : 'Enter the PIN.';
      if (p.tries_left > 0) text += p.tries_left === 1 ? ' This is the last try.' : ' ' + p.tries_left + ' tries are left.';
      text += p.use === 'card' ? ' The card checks it.' : ' The bank checks it.';
    }
    write($('pad-text'), text);
    for (const b of $('keys').children) b.disabled = !p.asks;
    $('bypass').hidden = !p.bypass;
    const dots = $('dots');
    if (dots.childElementCount !== p.entered) dots.replaceChildren(...Array.from({length: p.entered}, () => make('i')));
    dots.setAttribute('aria-label', p.entered ? p.entered + ' digits' : 'no digits');
  };
  const staff = (s) => {
    const open = s.scanner === 'open';
    write($('staff-text'), s.mobile ? 'Out of the dock staff sign in. The PIN of all of them is 2580.'
      : 'In the dock nobody signs in, and the scanner is closed. Undock the terminal first.');
    $('sign-in').hidden = !s.mobile || Boolean(s.name);
    write($('staff-who'), s.name || 'nobody is signed in');
    $('sign-out').hidden = !s.name;
    write($('scanner'), s.scanner);
    write($('scanning'), open ? 'Close' : 'Open');
    $('scanning').disabled = !s.name;
    write($('scanned'), s.barcode || 'nothing');
    $('scanned-row').hidden = $('scan').hidden = !open;
  };
  const draw = (s) => {
    state = s;
    $('reader').hidden = !s.reader;
    $('pad').hidden = !s.pad;
    $('bank').hidden = !s.bank;
    $('dock-row').hidden = !s.dock;
    if (s.reader) reader(s.reader);
    if (s.pad) pad(s.pad);
    $('staff').hidden = !s.staff;
    if (s.staff) staff(s.staff);
    if (s.bank) ledger(s.bank);
    if (s.dock) {
      write($('docked'), s.dock.docked ? 'in' : 'out');
      write($('dock'), s.dock.docked ? 'Undock' : 'Dock');
    }
    $('code-row').hidden = !s.code;
    write($('code'), s.code || '');
    const link = $('display');
    link.hidden = !s.display;
    if (s.display && link.getAttribute('href') !== s.display) link.href = s.display;
    $('log').replaceChildren(...s.log.slice().reverse().map((l) => {
      const li = make('li');
      const at = make('time', new Date(l.at).toTimeString().slice(0, 8));
      at.dateTime = l.at;
      li.append(at, make('span', l.text));
      return li;
    }));
  };

  const begin = async () => {
    try {
      cards = await (await fetch('cards')).json();
    } catch {
      setTimeout(begin, 1000);
      return;
    }
    chips();
    choose(cards.find((c) => c.name === 'visa-credit') || cards[0]);
    const events = new EventSource('events');
    events.addEventListener('message', (e) => { $('offline').hidden = true; draw(JSON.parse(e.data)); });
    events.addEventListener('error', () => { $('offline').hidden = false; });
  };
  begin();
})();
