// Enhancements only: every page works without this file.
'use strict';
const live = document.getElementById('live');
const say = (text) => { if (live) { live.textContent = text; } };
for (const time of document.querySelectorAll('time[datetime]')) {
  const at = new Date(time.dateTime);
  if (!Number.isNaN(at.getTime())) {
    time.textContent = at.toLocaleString('en', { dateStyle: 'medium', timeStyle: 'short' });
  }
}
for (const button of document.querySelectorAll('button[data-copy]')) {
  button.hidden = false;
  button.addEventListener('click', async () => {
    const field = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      field.select();
      document.execCommand('copy');
    }
    button.textContent = 'Copied';
    say('Copied');
  });
}
for (const state of document.querySelectorAll('[data-status="waiting"]')) {
  const timer = setInterval(async () => {
    try {
      const answer = await fetch(state.dataset.poll);
      if (!answer.ok) { clearInterval(timer); return; }
      const { status } = await answer.json();
      if (status === 'waiting') { return; }
      clearInterval(timer);
      const tag = document.createElement('span');
      tag.className = status === 'connected' ? 'tag good' : 'tag off';
      tag.textContent = status === 'connected' ? 'Connected' : 'Off';
      state.replaceChildren(tag);
    } catch { /* the next tick tries again */ }
  }, 2000);
}
