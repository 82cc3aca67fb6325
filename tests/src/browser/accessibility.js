// What of WCAG 2.2 AA a program can measure in a page. Numbers are success criteria.
const findings = () => {
  const found = [];
  const find = (what, element) => found.push(element ? `${what}: ${element.outerHTML.slice(0, 160)}` : what);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const shown = (element) => element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true });
  const clipped = (element) => element.closest('.hidden, .skip') !== null;

  // Structure (1.3.1, 2.4.2, 2.4.6, 3.1.1).
  if (document.documentElement.lang !== 'en') { find('3.1.1 the language is not told'); }
  if (!/\S+ · Rollcall$/.test(document.title)) { find(`2.4.2 the title is ${document.title}`); }
  if (all('h1').length !== 1) { find(`1.3.1 there are ${all('h1').length} h1`); }
  let level = 0;
  for (const heading of all('h1, h2, h3, h4')) {
    const own = Number(heading.tagName[1]);
    if (own > level + 1) { find('1.3.1 a heading skips a level', heading); }
    level = own;
  }
  for (const text of document.body.childNodes) {
    if (text.nodeType === Node.TEXT_NODE && text.data.trim()) { find(`1.3.1 text outside of every landmark: ${text.data}`); }
  }
  for (const table of all('table')) {
    if (!table.caption) { find('1.3.1 a table has no caption', table); }
  }
  for (const head of all('th')) { if (!head.scope) { find('1.3.1 a head has no scope', head); } }
  for (const image of all('img')) { if (!image.hasAttribute('alt')) { find('1.1.1 an image has no alternative', image); } }

  // References (4.1.2) and ids.
  const ids = all('[id]').map((element) => element.id);
  for (const id of ids) { if (ids.indexOf(id) !== ids.lastIndexOf(id)) { find(`an id stands twice: ${id}`); } }
  for (const attribute of ['aria-describedby', 'aria-labelledby', 'aria-controls', 'for', 'popovertarget']) {
    for (const element of all(`[${attribute}]`)) {
      for (const id of element.getAttribute(attribute).split(/\s+/)) {
        if (!document.getElementById(id)) { find(`4.1.2 ${attribute} names nothing`, element); }
      }
    }
  }
  for (const element of all('[tabindex]')) { if (element.tabIndex > 0) { find('2.4.3 an order of its own', element); } }
  for (const element of all('a a, a button, button a, button button, label button')) { find('4.1.2 one control within another', element); }
  for (const element of all('[style], [onclick]')) { find('a style or script stands in the page', element); }

  // Reflow (1.4.10).
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) {
    const wide = all('main *').find((element) => shown(element) && element.getBoundingClientRect().right > root.clientWidth + 1);
    find(`1.4.10 the page is ${root.scrollWidth} wide in ${root.clientWidth}`, wide);
  }

  // Target size (2.5.8): 24 by 24, but for links within text.
  for (const control of all('a, button, input, select, textarea, summary, [role=switch]')) {
    if (!shown(control) || clipped(control) || control.type === 'hidden') { continue; }
    const target = control.matches('input') && control.closest('label') ? control.closest('label') : control;
    const { width, height } = target.getBoundingClientRect();
    const inline = control.tagName === 'A' && getComputedStyle(control).display.startsWith('inline') && height < 24;
    if ((width < 24 || height < 24) && !inline) { find(`2.5.8 ${width} by ${height}`, control); }
  }

  // Contrast (1.4.3): text on its ground; (1.4.11): edges of fields.
  const parse = (color) => {
    const numbers = color.match(/-?[\d.]+(?:e-?\d+)?/g).map(Number);
    const scale = color.startsWith('color(') ? 255 : 1;
    return [numbers[0] * scale, numbers[1] * scale, numbers[2] * scale, numbers[3] ?? 1];
  };
  const over = (top, below) => [0, 1, 2].map((at) => top[at] * top[3] + below[at] * (1 - top[3])).concat(1);
  const ground = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      const color = parse(getComputedStyle(at).backgroundColor);
      if (color[3] > 0) { layers.unshift(color); }
      if (color[3] === 1) { break; }
    }
    const canvas = matchMedia('(prefers-color-scheme: dark)').matches ? [18, 18, 18, 1] : [255, 255, 255, 1];
    return layers.reduce((below, top) => over(top, below), canvas);
  };
  const luminance = (color) => {
    const [r, g, b] = color.map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (high + 0.05) / (low + 0.05);
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || element.closest('script, noscript, option') || !shown(element) || clipped(element)) { continue; }
    if (element.closest(':disabled')) { continue; }
    const style = getComputedStyle(element);
    const below = ground(element);
    const ratio = contrast(over(parse(style.color), below), below);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) { find(`1.4.3 contrast ${ratio.toFixed(2)} of "${texts.currentNode.data.trim()}"`, element); }
  }
  for (const field of all('input:not([type=hidden]):not([type=checkbox]), select, textarea')) {
    if (!shown(field)) { continue; }
    const edge = contrast(parse(getComputedStyle(field).borderTopColor), ground(field.parentElement));
    if (edge < 3) { find(`1.4.11 an edge of ${edge.toFixed(2)}`, field); }
  }
  return found;
};
