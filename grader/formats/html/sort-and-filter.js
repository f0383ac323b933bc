// Sorts and filters the table of a class. Without it the table stands in the order of names, and everything else on the page works.
const body = /** @type {HTMLTableSectionElement} */ (document.querySelector('.submissions tbody'));
const rows = [...body.rows];
const control = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (document.getElementById(id));
const [find, standing, check, shown] = ['find', 'standing', 'check', 'shown'].map(control);

function filter() {
  const wanted = find.value.trim().toLowerCase();
  let count = 0;
  for (const row of rows) {
    const { standing: has = '', late, failing = '' } = row.dataset;
    const stands = standing.value === '' || (standing.value === 'late' ? late !== undefined : has === standing.value);
    const fails = check.value === '' || failing.split(' ').includes(check.value);
    row.hidden = !(stands && fails && (row.textContent ?? '').toLowerCase().includes(wanted));
    if (!row.hidden) count += 1;
  }
  shown.value = `${count} of ${rows.length}`;
}

/** What a row is sorted by: a number, or text. What is not there comes last either way. */
function valueOf(/** @type {HTMLTableRowElement} */ row, /** @type {number} */ column) {
  const cell = row.cells[column];
  const value = cell.dataset.sort ?? cell.textContent ?? '';
  return value !== '' && !Number.isNaN(Number(value)) ? Number(value) : value;
}

function sortBy(/** @type {HTMLTableCellElement} */ head, /** @type {number} */ column) {
  const direction = head.ariaSort === 'ascending' ? -1 : 1;
  for (const other of document.querySelectorAll('.submissions thead th')) other.removeAttribute('aria-sort');
  head.ariaSort = direction === 1 ? 'ascending' : 'descending';
  const sorted = rows.toSorted((one, other) => {
    const [left, right] = [valueOf(one, column), valueOf(other, column)];
    if (left === '' || right === '') return Number(left === '') - Number(right === '');
    if (typeof left === 'number' && typeof right === 'number') return direction * (left - right);
    return direction * String(left).localeCompare(String(right), undefined, { numeric: true });
  });
  body.append(...sorted);
}

for (const [column, head] of /** @type {NodeListOf<HTMLTableCellElement>} */ (
  document.querySelectorAll('.submissions thead th')
).entries()) {
  const button = document.createElement('button');
  button.type = 'button';
  button.append(...head.childNodes);
  button.addEventListener('click', () => sortBy(head, column));
  head.append(button);
}

for (const each of [find, standing, check]) each.addEventListener('input', filter);
/** @type {HTMLElement} */ (document.querySelector('.filter')).hidden = false;
filter();

/** A link into a closed block opens it. */
function openLinked() {
  const block = document.getElementById(location.hash.slice(1));
  if (block instanceof HTMLDetailsElement) block.open = true;
}
addEventListener('hashchange', openLinked);
openLinked();
