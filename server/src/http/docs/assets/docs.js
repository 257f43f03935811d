/**
 * What the page can do beyond being read: copy examples, show one service type at a time, mark
 * where the reader is, and keep the place when the language changes. Without it everything is
 * readable.
 */
const copiedMs = 2_000;
const { copied, copyFailed, typeLabel } = document.body.dataset;

for (const button of document.querySelectorAll('.copy')) {
  button.hidden = false;
  button.addEventListener('click', () => copyBeside(button));
}
showOneType();
markPlace();

for (const link of document.querySelectorAll('.languages a')) {
  link.addEventListener('click', () => {
    link.hash = location.hash;
  });
}

async function copyBeside(button) {
  const source = button.closest('figure, dd').querySelector('code');
  const isDone = await copyText(source.textContent);
  if (!isDone) getSelection().selectAllChildren(source);
  const label = button.textContent;
  const message = isDone ? copied : copyFailed;
  announce(message);
  if (label === message) return;
  button.textContent = message;
  setTimeout(() => {
    button.textContent = label;
    announce('');
  }, copiedMs);
}

async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyOldWay(text);
  }
}

/** Browsers give a page the clipboard over HTTPS only; a panel in a local network may have none. */
function copyOldWay(text) {
  const holder = document.createElement('textarea');
  holder.value = text;
  holder.className = 'announcer';
  const focused = document.activeElement;
  document.body.append(holder);
  holder.select();
  const isDone = document.execCommand('copy');
  holder.remove();
  focused?.focus();
  return isDone;
}

function announce(message) {
  document.querySelector('.announcer').textContent = message;
}

function showOneType() {
  const frame = document.querySelector('.types');
  const cards = [...frame.querySelectorAll('.type')];
  const links = [...frame.querySelectorAll('.type-list a')];
  const select = makeSelect(frame, links);

  function pick(id) {
    for (const card of cards) {
      // The browser's own search still finds what is hidden this way, and shows it.
      if (card.id === id) card.removeAttribute('hidden');
      else card.setAttribute('hidden', 'until-found');
    }
    for (const link of links) {
      if (link.hash === `#${id}`) link.setAttribute('aria-current', 'true');
      else link.removeAttribute('aria-current');
    }
    select.value = id;
  }

  function pickByAddress() {
    const id = decodeURIComponent(location.hash.slice(1));
    const card = cards.find((one) => one.id === id);
    if (card === undefined) return;
    pick(id);
    card.scrollIntoView();
  }

  frame.classList.add('picking');
  pick(cards[0].id);
  pickByAddress();
  addEventListener('hashchange', pickByAddress);
  for (const card of cards) card.addEventListener('beforematch', () => pick(card.id));
  for (const link of links) {
    link.addEventListener('click', (event) => {
      event.preventDefault();
      pick(link.hash.slice(1));
      history.replaceState(null, '', link.hash);
    });
  }
  select.addEventListener('change', () => {
    pick(select.value);
    history.replaceState(null, '', `#${select.value}`);
  });
}

/** On a phone a list to choose from takes less room than 17 links. */
function makeSelect(frame, links) {
  const label = document.createElement('label');
  label.className = 'type-select';
  const select = document.createElement('select');
  for (const link of links) select.append(new Option(link.textContent, link.hash.slice(1)));
  label.append(typeLabel, select);
  frame.prepend(label);
  return select;
}

/** Marks the section at the top of the window in the contents. */
function markPlace() {
  const side = document.querySelector('.side');
  const links = new Map([...side.querySelectorAll('a')].map((link) => [link.hash.slice(1), link]));
  const visible = new Set();
  let marked;

  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (isIntersecting) visible.add(target.id);
        else visible.delete(target.id);
      }
      const first = [...links.keys()].find((id) => visible.has(id));
      if (first === undefined || first === marked) return;
      links.get(marked)?.removeAttribute('aria-current');
      links.get(first).setAttribute('aria-current', 'location');
      marked = first;
      keepInSight(side, links.get(first));
    },
    { rootMargin: '-15% 0px -70% 0px' },
  );
  for (const id of links.keys()) observer.observe(document.getElementById(id));
}

/** Scrolls the contents alone: `scrollIntoView` would move the page as well. */
function keepInSight(side, link) {
  const frame = side.getBoundingClientRect();
  const place = link.getBoundingClientRect();
  if (place.left < frame.left || place.right > frame.right) {
    side.scrollLeft += place.left - frame.left - 16;
  }
  if (place.top < frame.top || place.bottom > frame.bottom) {
    side.scrollTop += place.top - frame.top - frame.height / 3;
  }
}
