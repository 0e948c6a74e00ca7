import { Bandage } from 'lucide-react';
import { BlankState } from '../ui/blank-state.tsx';
import { Button } from '../ui/button.tsx';
import { messages } from './messages.ts';

/** What remains of a page whose code failed. */
export function CrashPage() {
  return (
    <main role="alert" className="mx-auto flex min-h-dvh max-w-lg flex-col justify-center">
      <BlankState
        as="h1"
        icon={<Bandage />}
        title={messages.crash.title}
        text={messages.crash.text}
      >
        <Button look="primary" onClick={() => location.reload()}>
          {messages.crash.reload}
        </Button>
        <Button onClick={() => location.assign('/')}>{messages.page.toTasks}</Button>
      </BlankState>
    </main>
  );
}
