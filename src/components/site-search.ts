/** The search dialog: asks the index that Pagefind made of the built site. The index, and the code that reads it, load when the dialog opens. */

/** The part of Pagefind's interface that is used here. */
interface Pagefind {
  options(options: { baseUrl: string; excerptLength: number }): Promise<void>;
  /** Null where a later call came first. */
  debouncedSearch(words: string, options: object, waitMs: number): Promise<{ results: { data(): Promise<Found> }[] } | null>;
}

/** A page found, with its sections that match. Excerpts are HTML: text of ours with `<mark>`. */
interface Found extends Section {
  meta: { title: string };
  sub_results: (Section & { title: string; locations: unknown[] })[];
}

interface Section {
  url: string;
  excerpt: string;
}

const PAGES_MAX = 8;
const SECTIONS_MAX = 3;
const WAIT_MS = 120;
const EXCERPT_WORDS = 18;

const NO_INDEX = 'The index could not be loaded. It is there once the site is built, and needs the network.';

function link({ url, excerpt }: Section, title: string, className = ''): HTMLAnchorElement {
  const anchor = Object.assign(document.createElement('a'), { href: url, className });
  anchor.append(Object.assign(document.createElement('b'), { textContent: title }));
  if (excerpt !== '') anchor.append(Object.assign(document.createElement('span'), { innerHTML: `${excerpt} …` }));
  return anchor;
}

/** A result as a list item: the page, and below it those of its sections that match most often. */
function item(found: Found): HTMLLIElement {
  const sections = found.sub_results
    // What stands before the first heading is a section too, at the page's own address.
    .filter(({ url }) => url !== found.url)
    .sort((one, other) => other.locations.length - one.locations.length)
    .slice(0, SECTIONS_MAX);
  const page = sections.length === 0 ? found : { ...found, excerpt: '' };
  const list = document.createElement('li');
  list.append(link(page, found.meta.title), ...sections.map((section) => link(section, section.title, 'section')));
  return list;
}

/** `<site-search data-base="/">` holds the button and the dialog. Arrow keys walk the results, Enter in the box opens the first. */
class SiteSearch extends HTMLElement {
  private readonly dialog = this.querySelector('dialog')!;
  private readonly input = this.querySelector('input')!;
  private readonly status = this.querySelector('[role=status]')!;
  private readonly list = this.querySelector('ol')!;
  private index: Promise<Pagefind> | undefined;

  connectedCallback(): void {
    if (/Mac|iPhone|iPad/.test(navigator.userAgent)) this.querySelector('kbd')!.textContent = '⌘ K';
    this.querySelector('.open')!.addEventListener('click', () => this.open());
    this.input.addEventListener('input', () => this.search(this.input.value.trim()).catch(() => this.say(NO_INDEX)));
    this.dialog.addEventListener('keydown', (event) => this.walk(event));
    this.dialog.addEventListener('click', ({ target }) => {
      // The dialog itself is hit only beside its content; a link leads to a heading of this page, perhaps.
      if (target === this.dialog || (target as Element).closest('a')) this.dialog.close();
    });
    addEventListener('keydown', (event) => {
      if (event.key !== 'k' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      if (this.dialog.open) this.dialog.close();
      else this.open();
    });
  }

  private open(): void {
    this.dialog.showModal();
    this.input.select();
    this.load().catch(() => this.say(NO_INDEX));
  }

  private load(): Promise<Pagefind> {
    const base = this.dataset['base']!;
    this.index ??= import(/* @vite-ignore */ `${base}pagefind/pagefind.js`).then(async (pagefind: Pagefind) => {
      await pagefind.options({ baseUrl: base, excerptLength: EXCERPT_WORDS });
      return pagefind;
    });
    this.index.catch(() => (this.index = undefined));
    return this.index;
  }

  private async search(words: string): Promise<void> {
    const index = await this.load();
    const answer = await index.debouncedSearch(words, {}, WAIT_MS);
    if (answer === null) return;
    const found = await Promise.all(answer.results.slice(0, PAGES_MAX).map((result) => result.data()));
    if (words !== this.input.value.trim()) return;
    this.list.replaceChildren(...found.map(item));
    const count = answer.results.length;
    const more = count > PAGES_MAX ? `, the best ${PAGES_MAX} of them below` : '';
    this.say(words === '' ? '' : count === 0 ? `Nothing found for “${words}”.` : `${count} ${count === 1 ? 'page' : 'pages'}${more}.`);
  }

  private say(text: string): void {
    this.status.textContent = text;
  }

  /** Moves between the box and the results. */
  private walk(event: KeyboardEvent): void {
    const stops: HTMLElement[] = [this.input, ...this.list.querySelectorAll('a')];
    const at = stops.indexOf(document.activeElement as HTMLElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      stops[(at + step + stops.length) % stops.length]!.focus();
    } else if (event.key === 'Enter' && at === 0) {
      event.preventDefault();
      stops[1]?.click();
    }
  }
}

if (!customElements.get('site-search')) customElements.define('site-search', SiteSearch);
