/** Marks on links: a tick at a chapter that is read, the best score at a lab. The sidebar and the home page use it. */
import { bestScore, currentProgress, onProgressChange } from './browser-progress.ts';
import { isRead, type Progress } from './progress.ts';

const TICK = '<svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true"><path d="M2 6.5l2.75 2.75L10 3.5"/></svg>';

/** A mark as HTML: what is seen, and what a screen reader says after the link's name. Empty where there is nothing to mark. */
function markOf(link: HTMLElement, progress: Progress): string {
  const { page, lab } = link.dataset;
  if (page !== undefined) return isRead(progress, page) ? `${TICK}<span class="sr-only">, read</span>` : '';
  const best = bestScore(lab!);
  if (best === undefined) return '';
  const isFull = best.points === best.pointsMax;
  const said = `<span class="sr-only">, best score ${best.points} of ${best.pointsMax} points</span>`;
  return `${isFull ? TICK : ''}<span aria-hidden="true">${best.points}/${best.pointsMax}</span>${said}`;
}

/** `<progress-marks>` holds links with `data-page` or `data-lab`, and appends to each a `<span class="mark">`. */
class ProgressMarks extends HTMLElement {
  connectedCallback(): void {
    const links = [...this.querySelectorAll<HTMLElement>('a[data-page], a[data-lab]')];
    const marks = links.map((link) => {
      const mark = document.createElement('span');
      mark.className = 'mark';
      link.append(mark);
      return mark;
    });
    const show = () => {
      const progress = currentProgress();
      links.forEach((link, index) => {
        marks[index]!.innerHTML = markOf(link, progress);
      });
    };
    onProgressChange(show);
    show();
  }
}

if (!customElements.get('progress-marks')) customElements.define('progress-marks', ProgressMarks);
