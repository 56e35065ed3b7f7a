// check-html.js - tries a page out inside the browser that shows it; check-html.sh appends it to a
// copy of the page. What is wrong becomes a line each of the element "found"; its last line, "done",
// tells that the script came to its end.
'use strict';

const found = [];
const expect = (isTrue, words) => { if (!isTrue) found.push(words); };

// The value that a cell sorts by, read here in another way than the page reads it.
const valueOf = cell => cell.hasAttribute('data-v') ? parseFloat(cell.getAttribute('data-v'))
                                                    : cell.innerText.trim();

const isSorted = (values, direction) => {
  const told = values.filter(value => value !== '');
  if (values.slice(0, told.length).includes('')) return false; // empty cells come last
  const isNumeric = told.some(value => typeof value === 'number');
  for (let i = 1; i < told.length; i++) {
    const [a, b] = [told[i - 1], told[i]];
    const order = isNumeric ? a - b : a.localeCompare(b, 'en', {numeric: true});
    if (order * direction > 0) return false;
  }
  return true;
};

const tryHead = (table, head, column, name) => {
  const rows = () => [...table.tBodies[0].rows];
  const before = rows().map(row => row.innerText).join('\n');
  const press = {
    click: () => head.click(),
    key: () => head.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', bubbles: true})),
  };
  const seen = [];
  for (const how of ['click', 'key']) {
    press[how]();
    const way = head.getAttribute('aria-sort');
    seen.push(way);
    const values = rows().map(row => valueOf(row.cells[column]));
    expect(isSorted(values, way === 'ascending' ? 1 : -1), `${name} is not ${way} after a ${how}`);
    expect(table.querySelectorAll('[aria-sort]').length === 1, `${name}: one mark at a time`);
  }
  expect(seen.sort().join() === 'ascending,descending', `${name} goes ${seen.join()}`);
  press.click();
  expect(!head.hasAttribute('aria-sort'), `${name} keeps its mark`);
  expect(rows().map(row => row.innerText).join('\n') === before,
         `${name} does not return to its first order`);
};

const tables = [...document.querySelectorAll('table')];
tables.forEach((table, number) => {
  const heads = [...table.tHead.rows[0].cells];
  for (const row of table.tBodies[0].rows) {
    expect(row.cells.length === heads.length, `table ${number + 1}: a row of another length`);
  }
  if (table.tBodies[0].rows.length > 1) {
    heads.forEach((head, column) =>
        tryHead(table, head, column, `table ${number + 1}, "${head.innerText}"`));
  }
});

const figures = [...document.querySelectorAll('figure')];
for (const figure of figures) {
  const box = figure.querySelector('svg')?.getBoundingClientRect();
  expect(box && box.width > 200 && box.height > 80, `"${figure.ariaLabel}" has no size`);
  expect(figure.querySelector('svg path'), `"${figure.ariaLabel}" shows nothing`);
}

// Contrast as WCAG 2.1 defines it; 4.5 is what it asks of text.
const luminance = colour => {
  const [r, g, b] = colour.match(/[\d.]+/g).slice(0, 3).map(part => {
    const value = part / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const contrast = (one, other) => {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
};
const paper = getComputedStyle(document.body).backgroundColor;
for (const element of document.querySelectorAll('h1, h2, p, td, th, .card, svg text')) {
  const style = getComputedStyle(element);
  const ink = element.closest('svg') ? style.fill : style.color;
  expect(contrast(ink, paper) >= 4.5, `<${element.tagName}> ${ink} on ${paper} is hard to read`);
}
expect(document.documentElement.scrollWidth <= innerWidth, 'the page is wider than its window');

const report = document.createElement('pre');
report.id = 'found';
report.textContent = [...new Set(found), `theme ${matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'}`,
                      `tables ${tables.length}`, `figures ${figures.length}`, 'done'].join('\n');
document.body.append(report);
