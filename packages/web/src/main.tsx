import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { enter } from './api/entrance.ts';
import { App } from './app.tsx';
import { followTheme } from './layout/theme.ts';
import './style.css';

followTheme();
// Events say what changed, and a screen that is opened asks once; nothing is asked again by the clock. A refusal is an answer, not a reason to try again.
const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: Number.POSITIVE_INFINITY,
      refetchOnMount: 'always',
      retry: false,
      refetchOnWindowFocus: false,
      // Comparing thousands of lines with their successors costs more than drawing those in sight.
      structuralSharing: false,
    },
  },
});
const secret = await enter();
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <App entered={secret !== null} />
    </QueryClientProvider>
  </StrictMode>,
);
