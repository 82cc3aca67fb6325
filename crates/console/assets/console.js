// Enhancements only: every page works without this file.
'use strict';

const say = (text) => {
  const live = document.getElementById('live');
  if (live) { live.textContent = ''; setTimeout(() => { live.textContent = text; }, 50); }
};

// Times are local; their title keeps UTC.
const localize = (root) => {
  const thisYear = new Date().getFullYear();
  for (const time of root.querySelectorAll('time[datetime]')) {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.getTime())) { continue; }
    const year = at.getFullYear() === thisYear ? undefined : 'numeric';
    time.textContent = at.toLocaleString('en', {
      year, month: 'short', day: 'numeric', hour: 'numeric', minute: '2-digit',
    });
  }
};
localize(document);

// Copy, and say so.
for (const button of document.querySelectorAll('button[data-copy]')) {
  const label = button.querySelector('[data-text]');
  let back;
  button.hidden = false;
  button.addEventListener('click', async () => {
    const field = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      // Without permission, or over plain HTTP: select it, so that it is one key away.
      field.select();
      if (!document.execCommand('copy')) { say('Selected: press Ctrl+C to copy'); return; }
      button.focus();
    }
    label.textContent = 'Copied';
    say('Copied');
    clearTimeout(back);
    back = setTimeout(() => { label.textContent = 'Copy'; }, 4000);
  });
}

// A directory that is waited for: turns green by itself.
for (const state of document.querySelectorAll('[data-status="waiting"]')) {
  const timer = setInterval(async () => {
    try {
      const answer = await fetch(state.dataset.poll);
      if (!answer.ok) { clearInterval(timer); return; }
      const { status, words } = await answer.json();
      if (status === 'waiting') { return; }
      clearInterval(timer);
      state.dataset.status = status;
      if (status !== 'connected') { location.reload(); return; }
      if (state.classList.contains('waiting')) {
        state.classList.add('good');
        state.lastElementChild.textContent = words;
      } else {
        const tag = document.createElement('span');
        tag.className = 'tag good';
        tag.textContent = 'Connected';
        state.replaceChildren(tag);
      }
    } catch { /* the next tick tries again */ }
  }, 2000);
}

// How many are chosen, and all of a page at once.
for (const form of document.querySelectorAll('form[data-bulk]')) {
  const boxes = [...form.querySelectorAll('tbody input[type=checkbox]')];
  const count = form.querySelector('[data-count]');
  const all = document.createElement('input');
  const chosen = () => boxes.filter((box) => box.checked).length;
  const show = () => {
    const number = chosen();
    all.checked = number === boxes.length;
    all.indeterminate = number > 0 && !all.checked;
    count.textContent = `${number} chosen`;
  };
  all.type = 'checkbox';
  all.setAttribute('aria-label', 'Choose all members of this page');
  all.addEventListener('change', () => {
    for (const box of boxes) { box.checked = all.checked; }
    show();
    say(`${chosen()} chosen`);
  });
  form.addEventListener('change', show);
  const label = document.createElement('label');
  label.append(all);
  form.querySelector('thead .choose').replaceChildren(label);
  show();
}

// A question in front of the page instead of on one of its own; the browser gives focus back.
for (const link of document.querySelectorAll('a[data-ask]')) {
  link.addEventListener('click', async (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) { return; }
    event.preventDefault();
    try {
      const answer = await fetch(link.href, { redirect: 'error' });
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const form = page.querySelector('main form');
      if (!answer.ok || !form) { throw new Error('no question'); }
      const dialog = document.createElement('dialog');
      const heading = document.createElement('h2');
      heading.id = 'question';
      heading.textContent = page.querySelector('main h1').textContent;
      form.action = link.href;
      dialog.setAttribute('aria-labelledby', heading.id);
      dialog.append(heading, ...page.querySelectorAll('main .intro, main .error, main > .card:not(form)'), form);
      for (const cancel of dialog.querySelectorAll('a.button')) {
        cancel.addEventListener('click', (click) => { click.preventDefault(); dialog.close(); });
      }
      dialog.addEventListener('close', () => { dialog.remove(); link.focus(); });
      document.body.append(dialog);
      dialog.showModal();
    } catch {
      location.href = link.href;
    }
  });
}
