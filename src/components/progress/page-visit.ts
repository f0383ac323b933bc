/** Notes where the reader is, and that a chapter's end has been on screen. An element of its own, so that a page needs no framework. */
import { currentProgress, onProgressChange, updateProgress } from './browser-progress.ts';
import { isRead, withEndSeen, withLeft, withTick, withVisit, type Progress } from './progress.ts';

/** The id of the last heading above the middle of the window: the section being read. Undefined above the first. */
function headingOnScreen(): string | undefined {
  const headings = [...document.querySelectorAll<HTMLElement>('.sl-markdown-content :is(h2, h3)[id]')];
  return headings.findLast((heading) => heading.getBoundingClientRect().top < innerHeight / 2)?.id;
}

/**
 * `<page-visit page="lecture/level">` stands at the end of a page. A checkbox in it says, and sets, whether the page is read; a lab's page has
 * none, since its workspace knows what is done and where one was.
 */
class PageVisit extends HTMLElement {
  connectedCallback(): void {
    const page = this.getAttribute('page')!;
    const box = this.querySelector('input');
    const come = () => updateProgress((progress) => withVisit(progress, page));
    const leave = () => updateProgress((progress) => withLeft(progress, { page, heading: box ? headingOnScreen() : undefined }));
    document.addEventListener('visibilitychange', () => (document.visibilityState === 'visible' ? come() : leave()));
    // A page that goes away for good is hidden first, in every browser but old ones; those fire only this.
    addEventListener('pagehide', leave);
    if (document.visibilityState === 'visible') come();
    if (box) this.keepRead(page, box);
  }

  /** The box follows what is stored. The reader's ticks change it, and so does the page's end when it comes on screen. */
  private keepRead(page: string, box: HTMLInputElement): void {
    const show = () => {
      box.checked = isRead(currentProgress(), page);
    };
    const update = (change: (progress: Progress) => Progress) => {
      const kept = updateProgress(change);
      this.querySelector('[role=status]')!.textContent = kept ? '' : 'This browser does not keep it.';
    };
    box.addEventListener('change', () => update((progress) => withTick(progress, page, box.checked)));
    onProgressChange(show);
    show();
    new IntersectionObserver((entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) update((progress) => withEndSeen(progress, page));
    }).observe(this);
  }
}

if (!customElements.get('page-visit')) customElements.define('page-visit', PageVisit);
