import { findDraftPlaces, readDraft, writeDraft } from '../../shell/drafts.ts';

/** A new task that the server has not confirmed; its id is chosen here, so that it can be sent again safely. */
export interface UnsentTask {
  id: number;
  title: string;
}

const PREFIX = 'new.';
const place = (id: number) => `${PREFIX}${id}`;

/** Keeps a new task, in this browser, until the server has confirmed or refused it. */
export function keepUnsentTask(userId: string, { id, title }: UnsentTask): void {
  writeDraft(userId, place(id), title);
}

/** Forgets a new task that the server has confirmed or refused. */
export function forgetUnsentTask(userId: string, id: number): void {
  writeDraft(userId, place(id), '');
}

/** The new tasks of a person that are still kept, oldest first. */
export function readUnsentTasks(userId: string): UnsentTask[] {
  return findDraftPlaces(userId, PREFIX)
    .map((found) => ({
      id: Number(found.slice(PREFIX.length)),
      title: readDraft(userId, found) ?? '',
    }))
    .filter(({ id, title }) => Number.isSafeInteger(id) && title)
    .sort((one, other) => one.id - other.id);
}
