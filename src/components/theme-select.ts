/** The choice between light and dark, kept under Starlight's own key. Where nothing can be stored it lasts as long as the page. */

const KEY = 'starlight-theme';
const systemIsLight = matchMedia('(prefers-color-scheme: light)');

/** 'light', 'dark', or '' for what the system has. */
let choice = storedChoice();

function storedChoice(): string {
  try {
    const stored = localStorage.getItem(KEY);
    return stored === 'light' || stored === 'dark' ? stored : '';
  } catch {
    return '';
  }
}

/** Applies the choice to the page, and to every picker on it. */
function apply(): void {
  document.documentElement.dataset['theme'] = choice || (systemIsLight.matches ? 'light' : 'dark');
  for (const select of document.querySelectorAll<HTMLSelectElement>('theme-select select')) select.value = choice;
}

/** `<theme-select>` holds a `<select>`; the header has one, and the menu of a narrow page another. */
class ThemeSelect extends HTMLElement {
  connectedCallback(): void {
    const select = this.querySelector('select')!;
    select.value = choice;
    select.addEventListener('change', () => {
      choice = select.value;
      apply();
      try {
        localStorage.setItem(KEY, choice);
      } catch {
        // The page shows the choice; the next one will not know it.
      }
    });
  }
}

systemIsLight.addEventListener('change', apply);
addEventListener('storage', ({ key }) => {
  if (key !== KEY && key !== null) return;
  choice = storedChoice();
  apply();
});
if (!customElements.get('theme-select')) customElements.define('theme-select', ThemeSelect);
