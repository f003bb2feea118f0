'use strict';

// The way to a new terminal: its pages and their order are data of the till (api/steps).
window.setup = (() => {
  const {$, t, make, icon, press, act, ask, errorText, terminalRow, still, go, drawers} = till;
  const box = $('setup');
  let steps = new Map();
  let path = ['more'];
  let typed = '';
  let typedCode = {address: '', code: ''};
  let camera = null;

  const step = () => steps.get(path[path.length - 1]);
  const open = (id) => {
    stop();
    path = way(id);
    draw(true);
  };
  // way is how a step is reached by the menus.
  const way = (id) => {
    const list = [id];
    for (let up = parent(id); up; up = parent(up)) list.unshift(up);
    return list;
  };
  const parent = (id) => {
    for (const s of steps.values()) if ((s.items || []).includes(id) || s.next === id) return s.id;
    return '';
  };
  const back = () => open(path[path.length - 2] || 'more');

  // pair asks for a pairing. Why there is none is on the page of the code; a toast says what that page does not.
  const pair = async (how, body) => {
    try {
      await ask('pair' + how, body);
    } catch (e) {
      const v = await ask('view').catch(() => null);
      const told = v && v.pairing.state === 'failed' && v.pairing.error.code === e.code && step().id === 'scan';
      if (!told) till.toast(e.code ? e : {code: 'E_INTERRUPTED'});
      draw(true); // what was pasted is gone, also where the refusal is the one of before
    }
  };

  const menu = (s) => {
    const list = make('ul', 'menu');
    list.append(...s.items.map((id) => {
      const b = press(undefined, 'entry', () => open(id), 'step-' + id);
      const text = make('span', 'what');
      text.append(make('strong', '', t('step.' + id)), make('span', 'soft', t('step.' + id + '.text')));
      b.append(text, icon('go'));
      const li = make('li');
      li.append(b);
      return li;
    }));
    return [list];
  };

  const readers = (s) => {
    const list = make('ul', 'terminals');
    list.id = 'terminals';
    const all = till.view ? till.view.terminals : [];
    list.append(...all.map((i) => {
      const buttons = [];
      if (!i.default) buttons.push(press(t('term.makedefault'), 'quiet', () => act('terminal/default', {id: i.id})));
      if (i.holder && i.state !== 'offline') buttons.push(press(t('term.takeover'), 'quiet', () => act('terminal/lease', {id: i.id, takeOver: true})));
      buttons.push(press(t('term.forget'), 'quiet forget', () => act('terminal/forget', {id: i.id})));
      return terminalRow(i, buttons);
    }));
    return [...(all.length ? [list] : [make('p', 'soft', t('readers.none'))]), ...menu(s)];
  };

  const review = (s) => {
    const list = make('ul', 'review');
    list.append(...s.items.map((code) => {
      const li = make('li');
      li.append(icon('check'), make('span', '', t(code, {version: till.view.till.version})));
      return li;
    }));
    const foot = make('footer');
    foot.append(press(t('review.next'), 'primary', () => open(s.next), 'next-step'));
    return [make('h2', '', t('review.title')), list, foot];
  };

  const scan = () => {
    const p = till.view.pairing;
    const out = [make('h2', '', t('scan.title'))];
    if (p.state === 'working') {
      const wait = make('div', 'working');
      wait.append(make('div', 'spinner'), make('p', '', t('scan.working')));
      return [...out, wait];
    }
    if (p.state === 'failed') {
      const e = make('p', 'notice');
      e.id = 'pair-error';
      e.setAttribute('role', 'alert');
      e.dataset.code = p.error.code;
      e.append(make('span', '', errorText(p.error)), make('span', 'code', p.error.code));
      out.push(e);
    }
    const ways = make('div', 'ways');
    const drop = make('label', 'drop');
    const file = make('input');
    file.type = 'file';
    file.id = 'pair-picture';
    file.accept = 'image/png,image/jpeg';
    const send = (f) => { if (f) pair('/picture', f); };
    file.addEventListener('change', () => send(file.files[0]));
    drop.addEventListener('dragover', (e) => e.preventDefault());
    drop.addEventListener('drop', (e) => {
      e.preventDefault();
      send(e.dataTransfer.files[0]);
    });
    drop.append(icon('picture'), make('strong', '', t('scan.picture')), make('span', 'soft', t('scan.picture.text')), file);
    ways.append(drop);
    if ('BarcodeDetector' in window && navigator.mediaDevices) {
      const film = make('div', 'camera');
      const video = make('video');
      video.muted = true;
      video.playsInline = true;
      video.hidden = !camera;
      if (camera) {
        video.srcObject = camera;
        video.play();
        watch(video, camera);
      }
      film.append(video, press(t(camera ? 'scan.stop' : 'scan.camera'), 'second', camera ? () => { stop(); draw(true); } : start, 'pair-camera'));
      ways.append(film);
    }
    const field = make('form', 'field');
    const input = make('textarea');
    input.id = 'pair-text';
    input.rows = 3;
    input.spellcheck = false;
    input.value = typed;
    input.setAttribute('aria-label', t('scan.text'));
    input.placeholder = 'CARDWRIGHT1:…';
    input.addEventListener('input', () => { typed = input.value; });
    const ok = make('button', 'primary', t('scan.pair'));
    ok.id = 'pair-connect';
    field.addEventListener('submit', (e) => {
      e.preventDefault();
      const text = typed.trim();
      typed = '';
      if (text) pair('', {text});
    });
    field.append(make('span', 'strong', t('scan.text')), input, ok);
    ways.append(field, byHand());
    return [...out, ways];
  };

  // byHand takes what stands beside the code on the terminal's screen. It stays after a refusal: most often one digit is wrong.
  const byHand = () => {
    const form = make('form', 'field');
    form.id = 'pair-typed';
    const input = (id, member, label, size) => {
      const e = make('input');
      e.id = id;
      e.maxLength = size;
      e.autocomplete = 'off';
      e.spellcheck = false;
      e.setAttribute('autocapitalize', 'off');
      e.setAttribute('aria-label', label);
      e.placeholder = label;
      e.value = typedCode[member];
      e.addEventListener('input', () => { typedCode[member] = e.value; });
      return e;
    };
    const address = input('pair-address', 'address', t('scan.address'), 255);
    const digits = input('pair-digits-typed', 'code', t('scan.digits'), 20);
    digits.inputMode = 'numeric';
    const ok = make('button', 'primary', t('scan.pair'));
    ok.id = 'pair-typed-connect';
    form.addEventListener('submit', (e) => {
      e.preventDefault();
      const address = typedCode.address.trim();
      const code = typedCode.code.trim();
      if (address && code) pair('/code', {address, code});
    });
    form.append(make('span', 'strong', t('scan.typed')), address, digits, ok);
    return form;
  };

  const start = async () => {
    try {
      camera = await navigator.mediaDevices.getUserMedia({video: {facingMode: 'environment'}});
    } catch {
      till.toast(t('scan.nocamera'));
      return;
    }
    draw(true);
  };
  const stop = () => {
    if (camera) for (const track of camera.getTracks()) track.stop();
    camera = null;
  };
  const watch = async (video, mine) => {
    const detector = new BarcodeDetector({formats: ['qr_code']});
    while (camera === mine && video.isConnected !== false) {
      const found = video.readyState < 2 ? [] : await detector.detect(video).catch(() => []);
      if (camera === mine && found.length) {
        stop();
        pair('', {text: found[0].rawValue});
        return;
      }
      await new Promise((f) => setTimeout(f, 150));
    }
  };

  const done = () => {
    const p = till.view.pairing;
    const seal = make('div', 'seal good');
    seal.append(icon('check'));
    const words = make('p', 'confirm');
    words.id = 'pair-words';
    words.textContent = (p.words || []).join(' ');
    const digits = make('p', 'confirm digits');
    digits.id = 'pair-digits';
    digits.textContent = p.digits || '';
    const foot = make('footer');
    foot.append(press(t('done.button'), 'primary', async () => {
      await act('pair/done');
      go('sale');
      open('more');
    }, 'pair-done'));
    return [seal, make('h2', '', t('done.title', {name: p.name || ''})), words, digits, make('p', 'soft', t('done.text')), foot];
  };

  const language = () => {
    const list = make('ul', 'menu');
    list.append(...[['en', 'English'], ['sv', 'Svenska'], ['fr', 'Français']].map(([tag, name]) => {
      const b = press(undefined, 'entry', () => till.speak(tag), 'language-' + tag);
      b.append(make('strong', '', name));
      if (tag === till.language) b.append(icon('check'));
      const li = make('li');
      li.append(b);
      return li;
    }));
    return [list];
  };

  const about = () => {
    const v = till.view;
    const list = make('dl', 'facts');
    for (const [k, x] of [['about.name', v.till.name + ' (' + v.till.id + ')'], ['about.version', v.till.version],
      ['about.market', v.market.country + ' · ' + v.market.currency + ' · ' + v.market.locale], ['about.tax', v.market.tax.name]]) {
      const row = make('div');
      row.append(make('dt', '', t(k)), make('dd', '', x));
      list.append(row);
    }
    return [list];
  };

  const kinds = {menu, readers, review, scan, done, language, about};

  let last = '';
  const draw = (always) => {
    if (!till.view || !steps.size) return;
    const p = till.view.pairing;
    if (p.state === 'paired') typedCode = {address: '', code: ''};
    if (p.state === 'paired' && step().id === 'scan') path = way('done');
    if (p.state !== 'paired' && step().id === 'done') path = ['more'];
    const s = step();
    // What is typed or filmed is not drawn over.
    const is = JSON.stringify([s.id, p, till.language, s.kind === 'readers' ? still(till.view.terminals) : 0, s.kind === 'about' ? till.view.market : 0]);
    if (is === last && !always) return;
    last = is;
    box.dataset.step = s.id;
    const head = make('header', 'crumbs');
    if (path.length > 1 && s.kind !== 'done') {
      const b = press(undefined, 'round', back, 'step-back');
      b.setAttribute('aria-label', t('app.back'));
      b.append(icon('back'));
      head.append(b);
    }
    const names = make('div', 'what');
    names.append(make('span', 'soft', path.slice(0, -1).map((id) => t('step.' + id)).join(' › ')), make('h1', '', t('step.' + s.id)));
    head.append(names);
    const body = make('div', 'body ' + s.kind);
    body.append(...kinds[s.kind](s));
    box.replaceChildren(head, body);
  };
  drawers.push(() => draw(false));
  (async () => {
    steps = new Map((await ask('steps')).map((s) => [s.id, s]));
    draw(true);
  })();
  return {open};
})();
