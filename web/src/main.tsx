import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { queryClient } from './api/query-client.ts';
import { startSession } from './api/session.ts';
import { Application } from './application.tsx';
import { Announcer } from './shell/announcer.tsx';
import { ConnectionNotice } from './shell/connection-notice.tsx';
import { messages } from './shell/messages.ts';
import './styles.css';
import { ToastRegion } from './ui/toast-region.tsx';

const container = document.getElementById('root');
if (!container) throw new Error('The page has no #root');

document.documentElement.lang = messages.language;
void startSession();

createRoot(container).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <Application />
      <ConnectionNotice />
      <ToastRegion label={messages.page.notifications} dismissLabel={messages.page.dismiss} />
      <Announcer />
    </QueryClientProvider>
  </StrictMode>,
);
