/** The home page's account of the course: how much is read, what the labs gave, where to go on, and how to forget it all. */
import { bestScore, clearProgress, currentProgress, onProgressChange } from './browser-progress.ts';
import { isRead, placeToContinue, type Place } from './progress.ts';

/** `<course-progress>` is drawn by CourseProgress.astro, and hidden until there is progress to show. */
class CourseProgress extends HTMLElement {
  private readonly chapters = [...this.querySelectorAll<HTMLElement>('[data-chapter]')];
  private readonly labs = [...this.querySelectorAll<HTMLElement>('[data-lab-share]')];
  /** Undoes the last clearing, until something else changes. */
  private undo: (() => void) | undefined;

  connectedCallback(): void {
    this.piece('clear').addEventListener('click', () => this.clearOrUndo());
    onProgressChange(() => {
      // What happened since the clearing would be lost by undoing it.
      this.undo = undefined;
      this.draw();
    });
    this.draw();
  }

  private piece(name: string): HTMLElement {
    return this.querySelector<HTMLElement>(`[data-piece=${name}]`)!;
  }

  private clearOrUndo(): void {
    const { undo } = this;
    this.undo = undefined;
    if (undo) undo();
    else this.undo = clearProgress(this.labs.map((lab) => lab.dataset['labShare']!));
    this.draw();
  }

  private draw(): void {
    const progress = currentProgress();
    const read = this.chapters.filter(({ dataset }) => isRead(progress, dataset['chapter']!));
    for (const chapter of this.chapters) chapter.toggleAttribute('data-read', read.includes(chapter));
    const scores = this.labs.map((lab) => {
      const best = bestScore(lab.dataset['labShare']!);
      lab.style.setProperty('--share', String(best ? best.points / best.pointsMax : 0));
      return best?.points ?? 0;
    });
    const points = scores.reduce((sum, score) => sum + score, 0);
    const hasProgress = read.length > 0 || points > 0 || progress.last !== undefined;
    this.hidden = !hasProgress && this.undo === undefined;
    this.piece('total').textContent = hasProgress
      ? `${read.length} of ${this.chapters.length} chapters read, ${points} of ${this.dataset['pointsMax']} points in the labs`
      : 'Progress and best scores are cleared. What you wrote in the labs is kept.';
    this.piece('clear').textContent = this.undo ? 'Undo' : 'Clear';
    this.showPlace(
      placeToContinue(
        progress,
        this.chapters.map(({ dataset }) => dataset['chapter']!),
      ),
    );
  }

  /** Offers the place to go on from, if it is a page of today's course. */
  private showPlace(place: Place | undefined): void {
    const link = this.piece('continue') as HTMLAnchorElement;
    const pages = JSON.parse(this.dataset['titles']!) as Record<string, string>;
    const title = place && pages[place.page];
    link.hidden = title === undefined;
    if (place === undefined || title === undefined) return;
    link.href = `${this.dataset['base']}${place.page}/${place.heading === undefined ? '' : `#${place.heading}`}`;
    this.piece('continue-title').textContent = title;
  }
}

if (!customElements.get('course-progress')) customElements.define('course-progress', CourseProgress);
