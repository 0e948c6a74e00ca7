import { useEffect, useRef } from 'react';
import { AppHeader } from '../../shell/app-header.tsx';
import { messages } from '../../shell/messages.ts';
import { usePageTitle } from '../../shell/use-page-title.ts';
import { useUser } from '../../shell/use-session.ts';
import { useMediaQuery } from '../../ui/use-media-query.ts';
import { AddTask } from './add-task.tsx';
import { SearchField } from './search-field.tsx';
import { TaskFilters } from './task-filters.tsx';
import { TaskList } from './task-list.tsx';
import { TaskPanel } from './task-panel.tsx';
import { useTaskList } from './task-queries.ts';
import { useTaskAddress } from './use-task-address.ts';
import { useTaskHandlers } from './use-task-handlers.ts';
import { useTaskShortcuts } from './use-task-shortcuts.ts';
import { warnBeforeLeaving } from './warn-before-leaving.ts';

const words = messages.tasks;

/** Narrower than this the panel covers the list. */
const ROOM_FOR_PANEL = '(min-width: 64rem)';

const LIST_ALONE = 'mx-auto max-w-[76rem]';
const LIST_AND_PANEL =
  'mx-auto grid max-w-[76rem] grid-cols-[minmax(0,1fr)] lg:grid-cols-[minmax(0,1fr)_26rem]';

/** The task list, with the panel of one task beside or over it. */
export function TasksPage() {
  const address = useTaskAddress();
  const { scope, taskId } = address;
  const user = useUser();
  const isSheet = !useMediaQuery(ROOM_FOR_PANEL) && taskId !== undefined;
  const addRef = useRef<HTMLInputElement>(null);
  const searchRef = useRef<HTMLInputElement>(null);
  const startsInTitle = useRef(false);
  const list = useTaskList(scope);
  const handlers = useTaskHandlers({ rows: list.rows, address, startsInTitle });
  useEffect(() => warnBeforeLeaving(), []);
  usePageTitle(words.views[scope.view]);

  const focusField = (field: typeof addRef) => {
    if (isSheet) address.closeTask();
    // A covered page takes no focus; it is uncovered in the next frame.
    if (isSheet) requestAnimationFrame(() => field.current?.focus());
    else field.current?.focus();
  };
  useTaskShortcuts({
    rows: list.rows,
    findFocusedTask: handlers.findFocusedTask,
    isListCovered: isSheet,
    onAdd: () => focusField(addRef),
    onSearch: () => focusField(searchRef),
    onEdit: handlers.onEdit,
    onToggle: handlers.onToggleByKey,
    onDelete: handlers.onDelete,
    onLeave: handlers.onLeave,
  });

  return (
    <>
      <AppHeader
        isCovered={isSheet}
        search={<SearchField q={scope.q} inputRef={searchRef} onSearch={address.search} />}
      />
      <div className={taskId === undefined ? LIST_ALONE : LIST_AND_PANEL}>
        <main
          id="tasks"
          inert={isSheet}
          tabIndex={-1}
          className="mx-auto w-full max-w-[46rem] px-4 pt-6 pb-28 outline-none sm:px-6"
        >
          <h1 className="sr-only">{words.title}</h1>
          {user && (
            <AddTask
              key={user.id}
              userId={user.id}
              view={scope.view}
              isListLoaded={list.query.isSuccess}
              inputRef={addRef}
            />
          )}
          <div className="mt-4 mb-2">
            <TaskFilters
              view={scope.view}
              q={scope.q}
              hrefOf={address.hrefOfView}
              onShow={address.show}
            />
          </div>
          <TaskList
            scope={scope}
            list={list}
            openTaskId={taskId}
            hrefOf={address.hrefOf}
            onSearchAll={address.searchAll}
            onAdd={() => addRef.current?.focus()}
            onOpen={handlers.onOpen}
            onToggle={handlers.onToggle}
            onDelete={handlers.onDelete}
            onRestore={handlers.onRestore}
          />
        </main>
        {taskId !== undefined && (
          <TaskPanel
            taskId={taskId}
            isSheet={isSheet}
            startsInTitle={startsInTitle}
            onClose={handlers.onClose}
            onToggle={handlers.onToggle}
            onDelete={handlers.onDelete}
            onRestore={handlers.onRestore}
          />
        )}
      </div>
    </>
  );
}
