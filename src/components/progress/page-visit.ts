/** Notes where the reader is, and that a chapter's end has been on screen. An element of its own, so that a page needs no framework. */
import { currentProgress, onProgressChange, updateProgress } from './browser-progress.ts';
import { withLeft, withRead, withVisit } from './progress.ts';

/** The id of the last heading above the middle of the window: the section being read. Undefined above the first. */
function headingOnScreen(): string | undefined {
  const headings = [...document.querySelectorAll<HTMLElement>('.sl-markdown-content :is(h2, h3)[id]')];
  return headings.findLast((heading) => heading.getBoundingClientRect().top < innerHeight / 2)?.id;
}

/** `<page-visit page="lecture/level">` stands at the end of a page. A checkbox in it says, and sets, whether the page is read. */
class PageVisit extends HTMLElement {
  connectedCallback(): void {
    const page = this.getAttribute('page')!;
    const noteVisit = () => {
      if (document.visibilityState === 'visible') updateProgress((progress) => withVisit(progress, page));
      else updateProgress((progress) => withLeft(progress, { page, heading: headingOnScreen() }));
    };
    document.addEventListener('visibilitychange', noteVisit);
    // A page that goes away for good is hidden first, in every browser but old ones; those fire only this.
    addEventListener('pagehide', () => updateProgress((progress) => withLeft(progress, { page, heading: headingOnScreen() })));
    noteVisit();
    const box = this.querySelector('input');
    if (box) this.keepRead(page, box);
  }

  /** The box follows what is stored, the reader's ticks change it, and the end on screen ticks it once: a reader who unticks it is right. */
  private keepRead(page: string, box: HTMLInputElement): void {
    const show = () => {
      box.checked = currentProgress().read.includes(page);
    };
    const set = (isRead: boolean) => {
      const kept = updateProgress((progress) => withRead(progress, page, isRead));
      this.querySelector('[role=status]')!.textContent = kept ? '' : 'This browser does not keep it.';
    };
    const end = new IntersectionObserver((entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      end.disconnect();
      set(true);
    });
    box.addEventListener('change', () => {
      end.disconnect();
      set(box.checked);
    });
    onProgressChange(show);
    show();
    end.observe(this);
  }
}

if (!customElements.get('page-visit')) customElements.define('page-visit', PageVisit);
