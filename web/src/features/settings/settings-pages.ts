/** The settings as one chunk, loaded when somebody opens them. */
export { SecurityPage } from './security-page.tsx';
