'use strict';

// Draws what the till says and sends what the cashier did. It computes no amount and decides nothing about money.
// Everything is written with textContent.
const till = (() => {
  const token = document.querySelector('meta[name=token]').content;
  const $ = (id) => document.getElementById(id);
  let view = null;
  let skew = 0; // of this clock to the till's
  let words = {};
  let products = [];
  let payments = [];
  let books = -1;
  let category = 'all';
  let selected = '';
  let language = localStorage.getItem('language') || document.documentElement.lang;
  let hidden = ''; // the payment whose sheet was closed here
  const drawers = []; // other parts of the page

  // ---- helpers ----

  const t = (code, fill) => {
    let s = words[code] === undefined ? code : words[code];
    for (const [k, v] of Object.entries(fill || {})) s = s.split('{' + k + '}').join(v);
    return s;
  };
  const make = (tag, className, text) => {
    const e = document.createElement(tag);
    if (className) e.className = className;
    if (text !== undefined) e.textContent = text;
    return e;
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
  const press = (text, className, f, id) => {
    const b = make('button', className, text);
    b.type = 'button';
    if (id) b.id = id;
    b.addEventListener('click', f);
    return b;
  };
  const write = (e, text) => {
    const s = text || '';
    if (e.textContent !== s) e.textContent = s;
    e.hidden = s === '';
  };
  // Amounts are integers in minor units; the decimals are put in as text, so no float ever holds one.
  const decimal = (minor, exponent) => {
    const sign = minor < 0 ? '-' : '';
    const digits = String(Math.abs(minor)).padStart(exponent + 1, '0');
    return sign + (exponent ? digits.slice(0, -exponent) + '.' + digits.slice(-exponent) : digits);
  };
  const region = () => language + '-' + view.market.country;
  const money = (minor, currency, exponent) => {
    const c = currency || view.market.currency;
    const e = exponent === undefined ? view.market.exponent : exponent;
    return new Intl.NumberFormat(region(), {style: 'currency', currency: c, minimumFractionDigits: e, maximumFractionDigits: e,
      currencyDisplay: 'narrowSymbol'}).format(decimal(minor, e));
  };
  const errorText = (e) => t(e.code, {holder: e.holder || '', least: e.least || ''});

  // once draws a part again only if what it shows has changed: a button that is being pressed stays.
  const once = (e, key, f) => {
    const is = JSON.stringify([key, language, view && view.market]);
    if (e.dataset.is === is) return;
    e.dataset.is = is;
    f();
  };

  let toasting = 0;
  const toast = (e) => {
    const box = $('toast');
    box.replaceChildren(make('span', '', e.code ? errorText(e) : String(e)), make('span', 'code', e.code || ''));
    box.dataset.code = e.code || '';
    box.hidden = false;
    clearTimeout(toasting);
    toasting = setTimeout(() => { box.hidden = true; }, 6000);
  };

  const ask = async (path, body) => {
    const o = {headers: {'X-Till-Token': token}};
    if (body instanceof Blob) {
      o.method = 'POST';
      o.body = body;
    } else if (body !== undefined) {
      o.method = 'POST';
      o.headers['Content-Type'] = 'application/json';
      o.body = JSON.stringify(body);
    }
    const r = await fetch('api/' + path, o);
    const b = r.headers.get('Content-Type') === 'application/json' ? await r.json() : {};
    if (!r.ok) throw b.error || {code: 'E_REQUEST'};
    return b;
  };
  const act = (path, body) => ask(path, body || {}).catch((e) => { toast(e.code ? e : {code: 'E_INTERRUPTED'}); });

  const go = (name) => {
    document.body.dataset.view = name;
    for (const s of document.querySelectorAll('.view')) s.hidden = s.id !== 'view-' + name;
    for (const b of document.querySelectorAll('#nav button')) b.setAttribute('aria-current', String(b.dataset.go === name));
  };

  // ---- sale ----

  const drawProducts = () => {
    once($('products'), category, drawTiles);
    const inCart = new Map();
    for (const i of view.sale.items) if (i.product) inCart.set(i.product, i.qty);
    for (const b of $('products').children) { // the tiles stay: one of them may be under a finger
      const badge = b.querySelector('.badge');
      if (badge) write(badge, inCart.has(b.dataset.product) ? String(inCart.get(b.dataset.product)) : '');
    }
  };
  const drawTiles = () => {
    const names = ['all', ...new Set(products.map((p) => p.category))];
    $('tabs').replaceChildren(...names.map((n) => {
      const b = press(t('cat.' + n), '', () => { category = n; drawProducts(); });
      b.setAttribute('role', 'tab');
      b.setAttribute('aria-selected', String(n === category));
      return b;
    }));
    const tiles = products.filter((p) => category === 'all' || p.category === category).map((p) => {
      const b = press(undefined, 'tile ' + p.category, () => act('cart/add', {product: p.id}), 'product-' + p.id);
      b.dataset.product = p.id;
      b.append(make('span', 'name', p.name), make('span', 'price', money(p.price)), make('span', 'badge'));
      return b;
    });
    const custom = press(undefined, 'tile custom', () => keypad({
      title: t('sale.custom'), name: true, button: t('sale.custom.add'),
      then: (amount, name) => act('cart/amount', {name: name || t('sale.custom'), amount}),
    }), 'custom');
    custom.append(make('span', 'name', t('sale.custom')), make('span', 'price', '+'));
    $('products').replaceChildren(...tiles, custom);
  };

  // line makes the parts of a line, which stay: a button may be under a finger.
  const line = (i) => {
    const li = make('li');
    li.dataset.line = i.line;
    const name = make('span', 'name');
    name.dir = 'auto';
    const change = (by) => () => act('cart/quantity', {line: i.line, qty: Number(li.dataset.qty) + by});
    const qty = make('span', 'qty');
    qty.append(press('−', 'step less', change(-1)), make('b'), press('+', 'step plus', change(1)));
    li.append(name, make('span', 'price'), qty, make('span', 'unit soft'));
    return li;
  };
  const drawCart = () => {
    const s = view.sale;
    $('order').textContent = s.order;
    $('cart-empty').hidden = s.items.length > 0;
    $('clear').hidden = s.items.length === 0;
    const list = $('lines');
    const old = new Map([...list.children].map((li) => [li.dataset.line, li]));
    let grown = false;
    for (const i of s.items) {
      let li = old.get(i.line);
      old.delete(i.line);
      const is = JSON.stringify([i, language, view.market.currency]);
      if (li && li.dataset.is === is) continue;
      if (!li) {
        li = line(i);
        list.append(li);
        grown = true;
      }
      li.dataset.is = is;
      li.dataset.qty = i.qty;
      const [name, price, qty, unit] = li.children;
      name.textContent = i.name;
      price.textContent = money(i.unit * i.qty);
      qty.children[0].setAttribute('aria-label', t('sale.less') + ': ' + i.name);
      qty.children[1].textContent = i.qty;
      qty.children[2].setAttribute('aria-label', t('sale.plus') + ': ' + i.name);
      unit.textContent = money(i.unit);
    }
    for (const li of old.values()) li.remove();
    if (grown) $('lines-box').scrollTop = $('lines-box').scrollHeight;

    const rows = [];
    const tax = view.market.tax;
    if (s.items.length && (s.sums.discount || !tax.included)) rows.push([t('sale.subtotal'), money(s.sums.subtotal)]);
    if (s.sums.discount) rows.push([t('sale.discount') + ' ' + s.percent + ' %', money(-s.sums.discount)]);
    if (s.sums.tax) {
      const rate = new Intl.NumberFormat(language, {maximumFractionDigits: 3}).format(tax.rate / 1000) + ' %';
      const label = tax.name + ' ' + rate;
      rows.push([tax.included ? t('sale.includes', {tax: label}) : label, money(s.sums.tax)]);
    }
    $('sums').replaceChildren(...rows.flatMap(([k, v]) => [make('dt', '', k), make('dd', '', v)]));
    $('total').textContent = money(s.sums.total);
    const empty = s.items.length === 0 || s.sums.total === 0;
    $('checkout').disabled = empty;
    $('cash').disabled = empty;
    $('tip').disabled = $('hold').checked;
    write($('on-screen'), s.items.length ? t(s.on_screen ? 'sale.shown' : 'sale.notshown') : '');
    $('on-screen').classList.toggle('yes', s.on_screen);
    once($('discounts'), s.percent, () => $('discounts').replaceChildren(make('span', 'soft', t('sale.discount')), ...[0, 5, 10, 20].map((p) => {
      const b = press(p + ' %', '', () => act('cart/discount', {percent: p}), 'discount-' + p);
      b.setAttribute('aria-pressed', String(s.percent === p));
      return b;
    })));
    once($('cart-notice'), view.notice, () => drawNotice(view.notice));
  };
  const drawNotice = (n) => {
    const box = $('cart-notice');
    box.hidden = !n;
    box.dataset.code = n ? n.code : '';
    if (n) {
      box.replaceChildren(make('span', '', errorText(n)), make('span', 'code', n.code));
      const on = terminal();
      if (n.code === 'E_LEASED' && on) box.append(press(t('term.takeover'), 'quiet', () => act('terminal/lease', {id: on.id, takeOver: true}), 'take-over'));
    }
  };

  const checkout = (id) => act('checkout', {
    order: view.sale.order, rev: view.sale.rev, kind: $('hold').checked ? 'preauth' : 'sale',
    tip: $('tip').checked && !$('hold').checked, terminal: id || '',
  }).then(() => { hidden = ''; });

  const pay = () => {
    const eligible = view.terminals.filter((i) => i.state === 'ready');
    const chosen = terminal();
    if (view.terminals.length === 0) {
      go('more');
      window.setup.open('readers');
    } else if (!view.chosen && eligible.length > 1 && !(chosen && chosen.default && chosen.state === 'ready')) {
      picker(checkout); // S91
    } else {
      checkout();
    }
  };

  // terminal is the one that the sale is for.
  const terminal = () => view.terminals.find((i) => i.id === view.chosen) || view.terminals.find((i) => i.default) || view.terminals[0];

  // ---- terminals ----

  const age = (i) => {
    if (!i.heard) return t('term.never');
    return t('term.heard', {n: Math.max(0, Math.floor((Date.now() + skew - i.heard) / 1000))});
  };
  const stateText = (i) => i.state !== 'offline' && i.holder ? t('term.held', {holder: i.holder}) : t('term.' + i.state);
  const lamp = (i) => (i.state === 'ready' && i.holder ? 'busy' : i.state);

  const drawChip = () => {
    const i = terminal();
    const chip = $('terminal-chip');
    chip.dataset.state = i ? lamp(i) : 'none';
    chip.dataset.id = i ? i.id : '';
    $('chip-name').textContent = i ? i.name : t('term.none');
    $('chip-state').textContent = i ? stateText(i) + (i.state === 'offline' ? '' : ' · ' + age(i)) : t('term.add');
  };

  // terminalRow is one line of a list of terminals, with what the caller offers.
  const terminalRow = (i, buttons) => {
    const li = make('li');
    li.dataset.id = i.id;
    li.dataset.state = lamp(i);
    const text = make('div', 'text');
    const name = make('strong', '', i.name);
    name.dir = 'auto';
    if (i.default) name.append(' ', make('span', 'pill', t('term.default')));
    const more = [stateText(i)];
    if (i.docked) more.push(t('term.docked'));
    if (i.card_in) more.push(t('term.cardin'));
    if (i.battery !== undefined) more.push(t('term.battery', {n: i.battery}));
    if (i.queued) more.push(t(i.queue_full ? 'term.full' : 'term.queued', {n: i.queued, amount: money(i.queued_sum || 0), h: Math.floor((i.oldest_age || 0) / 3600)}));
    const heard = make('span', 'age', age(i));
    heard.dataset.of = i.id;
    const line = make('span', 'soft', more.join(' · ') + ' · ');
    line.append(heard);
    text.append(name, line);
    const why = i.state === 'not_ready' && i.cause ? {code: i.cause} : i.state === 'offline' ? i.error : null;
    if (why) text.append(make('span', 'why', errorText(why) + ' ' + why.code));
    li.append(make('span', 'dot'), text);
    const at = make('div', 'buttons');
    at.append(...buttons);
    li.append(at);
    return li;
  };

  let picked = null;
  const picker = (then) => {
    picked = then;
    $('picker').hidden = false;
    drawPicker();
  };
  const drawPicker = () => {
    if ($('picker').hidden) return;
    const now = terminal();
    once($('picker-list'), [still(view.terminals), view.chosen, !!picked], () => drawRows(now));
  };
  // still is a list of terminals without what changes all the time.
  const still = (list) => list.map((i) => ({...i, heard: 0, oldest_age: Math.floor((i.oldest_age || 0) / 3600)}));
  const drawAges = () => {
    for (const e of document.querySelectorAll('.age')) {
      const i = view.terminals.find((x) => x.id === e.dataset.of);
      if (i) e.textContent = age(i);
    }
  };
  const drawRows = (now) => {
    $('picker-list').replaceChildren(...view.terminals.map((i) => {
      const used = !picked && now && now.id === i.id;
      const b = press(t(picked ? 'sale.card' : used ? 'term.used' : 'term.use'), used ? 'quiet' : 'primary', async () => {
        const then = picked;
        $('picker').hidden = true;
        await act('terminal/choose', {id: i.id});
        if (then) then(i.id);
      });
      b.className += ' use';
      b.disabled = used || (picked && i.state !== 'ready');
      const list = [b];
      if (i.holder && i.state !== 'offline') list.unshift(press(t('term.takeover'), 'quiet', () => act('terminal/lease', {id: i.id, takeOver: true})));
      return terminalRow(i, list);
    }));
  };

  // ---- keypad ----

  let typing = null;
  const keypad = (o) => {
    typing = {...o, minor: o.amount || 0, fresh: true};
    $('keypad').hidden = false;
    $('keypad-title').textContent = o.title;
    $('keypad-label').hidden = !o.name;
    $('keypad-name').value = '';
    $('keypad-ok').textContent = o.button;
    write($('keypad-text'), o.text);
    drawKeypad();
  };
  const drawKeypad = () => {
    $('keypad-amount').textContent = money(typing.minor, typing.currency, typing.exponent);
    $('keypad-ok').disabled = typing.minor === 0 || (typing.most !== undefined && typing.minor > typing.most);
  };
  const key = (k) => {
    if (k === '⌫') {
      typing.minor = Math.floor(typing.minor / 10);
    } else {
      const from = typing.fresh ? 0 : typing.minor;
      const next = Number(String(from) + k);
      if (next <= 99999999) typing.minor = next;
    }
    typing.fresh = false;
    drawKeypad();
  };
  const finish = () => {
    const o = typing;
    if ($('keypad-ok').disabled) return;
    $('keypad').hidden = true;
    o.then(o.minor, $('keypad-name').value.trim());
  };

  // ---- a payment ----

  // brand is what the card calls itself. A stripe has no name: it is called as its scheme is.
  const schemes = {visa: 'Visa', mastercard: 'Mastercard', amex: 'American Express', discover: 'Discover', jcb: 'JCB', unionpay: 'UnionPay',
    interac: 'Interac', dna: 'US Debit'};
  const brand = (r) => r.label || schemes[r.scheme] || r.scheme;
  const ending = (r) => (r.masked_pan ? '•••• ' + r.masked_pan.slice(-4) : '');
  const facts = (f, currency, exponent) => {
    const rows = [];
    const add = (code, value, cls) => { if (value) rows.push([t(code), value, cls]); };
    const m = (n) => money(n, currency, exponent);
    const r = f.receipt || {};
    if (f.result === 'approved') {
      if (f.tip || f.surcharge) add('receipt.amount', m(f.amount));
      if (f.tip) add('receipt.tip', m(f.tip));
      if (f.surcharge) add('receipt.surcharge', m(f.surcharge));
      add('receipt.total', m(f.total), 'strong');
    }
    add('receipt.card', [brand(r), r.masked_pan].filter(Boolean).join('  '));
    if (r.entry) add('receipt.entry', t('entry.' + r.entry));
    if (r.cvm) add('receipt.cvm', words['cvm.' + r.cvm] || r.cvm);
    add('receipt.auth', r.auth_code, 'mono');
    add('receipt.aid', r.aid, 'mono');
    add('receipt.cryptogram', r.cryptogram, 'mono');
    add('receipt.tvr', [r.tvr, r.tsi].filter(Boolean).join(' / '), 'mono');
    add('receipt.rrn', r.rrn, 'mono');
    add('receipt.id', f.request_id, 'mono small');
    for (const d of r.disclaimer || []) rows.push(['', d]);
    return rows.map(([k, v, cls]) => {
      const row = make('div');
      row.append(make('dt', '', k), make('dd', cls || '', v));
      return row;
    });
  };

  const prompts = {present_card: 'pay.present', tip: 'pay.tip', confirm: 'pay.confirm', pin: 'pay.pin', remove_card: 'pay.remove',
    choose_application: 'pay.choose', processing: 'pay.card'};
  const progress = {ACCEPTED: ['pay.accepted', 1], PROMPTING: ['pay.present', 1], CARD_IN: ['pay.card', 2], COMMIT: ['pay.bank', 2],
    AUTH_SENT: ['pay.bank', 3], HOST_ANSWERED: ['pay.finish', 3], GAC2_DONE: ['pay.finish', 4], FINAL: ['pay.finish', 4],
    REVERSAL_DUE: ['pay.reversing', 4], REVERSAL_SENT: ['pay.reversing', 4]};
  const goodTitle = {sale: 'pay.approved', refund: 'pay.refunded', void: 'pay.voided', preauth: 'pay.held', capture: 'pay.captured'};

  const drawPayment = () => {
    const p = view.payment;
    const box = $('pay');
    box.hidden = !p || (p.done && hidden === (p.request_id || p.order));
    if (box.hidden) {
      box.dataset.phase = '';
      return;
    }
    const on = view.terminals.find((i) => i.id === p.terminal);
    const charges = p.kind === 'sale' || p.kind === 'preauth';
    const row = payments.find((r) => r.request_id === p.request_id);
    const exponent = row ? row.exponent : view.market.exponent;
    let phase, title, text = '', code = '', step = 0;
    const buttons = [];
    const done = (label) => press(t(label), 'primary', () => { hidden = p.request_id || p.order; act('dismiss'); drawPayment(); }, 'pay-done');
    if (!p.done) {
      phase = 'sending';
      title = 'pay.sending';
      if (p.state) [title, step] = progress[p.state] || ['pay.finish', 4];
      if (p.state) phase = 'waiting';
      if (p.state === 'PROMPTING' || p.state === 'CARD_IN' || p.state === 'ACCEPTED') title = prompts[p.prompt] || title;
      const away = on && on.state === 'offline';
      const speechless = on && on.state === 'not_ready' && (on.cause === 'E_JOURNAL_FAILED' || on.cause === 'E_JOURNAL_DAMAGED');
      if (away) title = 'pay.waiting';
      if (away && p.request_id) text = t('pay.away');
      if (speechless) [title, text] = ['pay.waiting', errorText({code: on.cause})];
      if (p.resumed) text = t('pay.resumed');
      if (p.cancel === 'too_late') text = t('pay.toolate');
      if ((away || speechless) && p.request_id) buttons.push(press(t('pay.leave'), 'second', () => act('leave'), 'pay-leave'));
      else if (charges && !p.tender) buttons.push(press(t('pay.tender'), 'second', () => act('tender', {order: p.order, tender: 'cash'}), 'pay-tender'));
      buttons.push(press(t('pay.cancel'), 'second', () => act('cancel').then((r) => { if (r && r.result === 'too_late') toast({code: 'E_TOO_LATE'}); }), 'pay-cancel'));
    } else if (p.final && p.final.result === 'approved') {
      phase = 'approved';
      title = goodTitle[p.final.kind] || 'pay.approved';
      if (p.final.offline) text = t('pay.offline');
      step = 4;
      buttons.push(press(t('pay.print'), 'second', () => print(), 'pay-print'), done(charges ? 'pay.new' : 'pay.done'));
    } else if (p.tender) {
      phase = 'cash';
      title = 'pay.cash';
      buttons.push(done('pay.new'));
    } else {
      const f = p.final;
      phase = f ? f.result : 'refused';
      title = 'pay.' + phase;
      code = f ? [f.reason, f.host_code].filter(Boolean).join(' · ') : p.error.code;
      text = f ? t(f.reversing ? 'pay.reversal' : 'pay.nocharge') : errorText(p.error);
      if (f && words[f.reason]) text = t(f.reason) + ' ' + text;
      buttons.push(press(t('app.back'), 'second', () => { hidden = p.request_id || p.order; act('dismiss'); drawPayment(); }, 'pay-back'));
      if (charges) buttons.push(press(t('sale.cash'), 'second', () => act('tender', {order: p.order, tender: 'cash'}), 'pay-cash'));
      if (!f && p.error.code === 'E_LEASED') {
        buttons.push(press(t('term.takeover'), 'primary', () => act('terminal/lease', {id: p.terminal, takeOver: true}).then((r) => { if (r) checkout(p.terminal); }), 'pay-takeover'));
      } else if (!f && p.error.code === 'E_CARD_REQUIRED') {
        const of = payments.find((r) => r.request_id === p.reference);
        buttons.push(press(t('pay.withcard'), 'primary', () => act('later', {kind: 'refund', id: p.reference, amount: p.amount, card: true, seen: of ? of.refunds : 0}), 'pay-withcard'));
      } else if (charges && p.order === view.sale.order) {
        buttons.push(press(t('pay.again'), 'primary', () => checkout(p.terminal), 'pay-again'));
      }
    }
    const is = JSON.stringify([p, phase, title, text, language, on && on.name, exponent, view.sale.order]);
    if (box.dataset.is === is) return;
    box.dataset.is = is;
    box.dataset.phase = phase;
    box.dataset.request = p.request_id || '';
    $('pay-about').textContent = [t('kind.' + p.kind), p.order, on ? t('pay.on', {terminal: on.name}) : ''].filter(Boolean).join(' · ');
    $('pay-title').textContent = t(title);
    const total = p.final && p.final.result === 'approved' ? p.final.total : p.amount;
    $('pay-amount').textContent = money(total, p.currency, exponent);
    write($('pay-text'), text);
    write($('pay-code'), code);
    const seal = {approved: 'check', cash: 'coins', declined: 'cross', cancelled: 'cross', failed: 'alert', refused: 'alert'}[phase];
    $('pay-seal').replaceChildren(seal ? icon(seal) : title === 'pay.present' ? icon('tap') : make('div', 'spinner'));
    $('pay-steps').hidden = p.done;
    [...$('pay-steps').children].forEach((li, n) => li.classList.toggle('on', n < step));
    $('receipt').replaceChildren(...(p.final && p.final.receipt ? facts(p.final, p.currency, exponent) : []));
    $('receipt').hidden = !$('receipt').childElementCount;
    $('pay-buttons').replaceChildren(...buttons);
  };

  // ---- past payments ----

  const status = (r) => {
    if (!r.final) return ['open', t('list.open')];
    if (r.late) return ['bad', t('list.late')];
    if (r.voided) return ['void', t('list.voided')];
    if (r.refunded) return ['part', t('list.partly', {amount: money(r.refunded, r.currency, r.exponent)})];
    if (r.captured) return ['good', t('list.captured')];
    if (r.final.result === 'approved') return ['good', t(goodTitle[r.kind] || 'pay.approved')];
    return [r.final.result === 'cancelled' ? 'void' : 'bad', t('pay.' + r.final.result)];
  };

  const drawPayments = () => {
    if (!view) return;
    $('payments-empty').hidden = payments.length > 0;
    const time = new Intl.DateTimeFormat(region(), {dateStyle: 'short', timeStyle: 'short'});
    $('payments').replaceChildren(...payments.map((r) => {
      const li = make('li');
      const b = press(undefined, 'entry', () => { selected = r.request_id; drawPayments(); });
      b.dataset.id = r.request_id;
      b.setAttribute('aria-pressed', String(selected === r.request_id));
      const [cls, word] = status(r);
      const what = make('span', 'what');
      what.append(make('strong', '', t('kind.' + r.kind) + ' ' + r.order), make('span', 'soft', time.format(r.time)));
      const how = r.final && r.final.receipt ? [brand(r.final.receipt), ending(r.final.receipt)].filter(Boolean).join(' ') : '';
      const sum = r.final && r.final.result === 'approved' ? r.final.total : r.amount;
      b.append(what, make('span', 'soft how', how), make('span', 'pill ' + cls, word),
        make('span', 'price', money(r.kind === 'refund' ? -sum : sum, r.currency, r.exponent)));
      li.append(b);
      return li;
    }));
    const r = payments.find((x) => x.request_id === selected);
    const box = $('payment-detail');
    box.dataset.id = r ? r.request_id : '';
    if (!r) {
      box.replaceChildren(make('p', 'soft empty', t('list.select')));
      return;
    }
    const head = make('header', 'detail-head');
    const [cls, word] = status(r);
    const sum = r.final && r.final.result === 'approved' ? r.final.total : r.amount;
    head.append(make('span', 'soft', t('kind.' + r.kind) + ' · ' + r.order), make('strong', 'amount', money(sum, r.currency, r.exponent)), make('span', 'pill ' + cls, word));
    const list = make('dl', 'facts');
    if (r.final) list.append(...facts(r.final, r.currency, r.exponent));
    if (r.final && r.final.result !== 'approved' && (r.final.reason || r.final.host_code)) {
      const row = make('div');
      row.append(make('dt', '', ''), make('dd', 'mono small', [r.final.reason, r.final.host_code].filter(Boolean).join(' · ')));
      list.append(row);
    }
    const foot = make('footer');
    const later = (kind, amount) => act('later', {kind, id: r.request_id, amount, seen: kind === 'refund' ? r.refunds : 0}).then(() => { hidden = ''; });
    const how = {currency: r.currency, exponent: r.exponent};
    if (r.can_refund) {
      foot.append(press(t('list.refund'), 'second', () => keypad({...how, title: t('list.refund.title'), amount: r.can_refund, most: r.can_refund,
        text: t('list.refund.left', {amount: money(r.can_refund, r.currency, r.exponent)}), button: t('list.refund'), then: (a) => later('refund', a)}), 'refund'));
    }
    if (r.can_void) foot.append(press(t('list.void'), 'second', () => later('void', 0), 'void'));
    if (r.can_capture) {
      foot.append(press(t('list.capture'), 'primary', () => keypad({...how, title: t('list.capture.title'), amount: r.final.total, most: r.final.total,
        button: t('list.capture'), then: (a) => later('capture', a)}), 'capture'));
    }
    if (!r.final) foot.append(press(t('list.ask'), 'second', () => act('ask', {id: r.request_id}).then(loadPayments), 'ask'));
    box.replaceChildren(head, list, foot);
  };

  const loadPayments = async () => {
    payments = await ask('payments');
    drawPayments();
    drawPayment();
  };

  // ---- all of it ----

  let ringing = '', late;
  const draw = () => {
    if (!view) return;
    if (view.late > late) toast(t('app.late'));
    late = view.late;
    if (ringing !== view.sale.order) $('hold').checked = false; // holds are the exception: of one order
    ringing = view.sale.order;
    document.documentElement.lang = language;
    for (const e of document.querySelectorAll('[data-t]')) e.textContent = t(e.dataset.t);
    $('till-name').textContent = view.till.name;
    $('till-market').textContent = view.market.country + ' · ' + view.market.currency;
    write($('unknown'), view.open && !(view.payment && !view.payment.done && view.open === 1) ? t('app.unknown', {n: view.open}) : '');
    drawChip();
    drawProducts();
    drawCart();
    drawPicker();
    drawPayment();
    for (const f of drawers) f(view);
    if (books !== view.books) {
      books = view.books;
      loadPayments().catch(() => { books = -1; });
    }
  };

  const speak = async (tag) => {
    words = await ask('texts?lang=' + encodeURIComponent(tag));
    language = tag;
    localStorage.setItem('language', tag);
    $('pay').dataset.is = '';
    draw();
    drawPayments();
  };

  const connect = () => {
    const s = new WebSocket('ws://' + location.host + '/socket?token=' + token);
    s.addEventListener('message', (m) => {
      view = JSON.parse(m.data);
      skew = view.now - Date.now();
      $('offline').hidden = true;
      draw();
      document.body.dataset.ready = 'yes';
    });
    s.addEventListener('close', async () => {
      $('offline').hidden = false;
      setTimeout(async () => {
        // A till that was started again has another token: the page is loaded anew.
        const r = await fetch('api/view', {headers: {'X-Till-Token': token}}).catch(() => null);
        if (r && r.status === 403) location.reload();
        else connect();
      }, 1000);
    });
  };

  for (const b of document.querySelectorAll('[data-go]')) {
    b.addEventListener('click', () => {
      go(b.dataset.go);
      if (b.dataset.go === 'more') window.setup.open('more');
    });
  }
  $('clear').addEventListener('click', () => act('cart/clear'));
  $('checkout').addEventListener('click', pay);
  $('cash').addEventListener('click', () => act('tender', {order: view.sale.order, tender: 'cash'}).then(() => { hidden = ''; }));
  $('hold').addEventListener('change', drawCart);
  $('unknown').addEventListener('click', () => go('payments'));
  $('terminal-chip').addEventListener('click', () => {
    if (view.terminals.length) {
      picker(null);
    } else {
      go('more');
      window.setup.open('readers');
    }
  });
  $('picker-close').addEventListener('click', () => { $('picker').hidden = true; });
  $('keypad-close').addEventListener('click', () => { $('keypad').hidden = true; });
  $('keypad-ok').addEventListener('click', finish);
  $('keys').append(...['1', '2', '3', '4', '5', '6', '7', '8', '9', '00', '0', '⌫'].map((k) => press(k, '', () => key(k))));
  addEventListener('keydown', (e) => {
    if ($('keypad').hidden || e.target === $('keypad-name')) return;
    if (e.key >= '0' && e.key <= '9') key(e.key);
    else if (e.key === 'Backspace') key('⌫');
    else if (e.key === 'Enter') finish();
    else if (e.key === 'Escape') $('keypad').hidden = true;
    else return;
    e.preventDefault();
  });
  setInterval(() => { if (view) { drawChip(); drawAges(); } }, 1000);
  go('sale');
  (async () => {
    products = await ask('catalogue');
    await speak(language);
    connect();
  })().catch(() => { $('offline').hidden = false; });

  return {$, t, make, icon, press, write, act, ask, errorText, terminalRow, still, toast, go, speak, drawers,
    get view() { return view; }, get language() { return language; }};
})();
