/** The account pages as one chunk, loaded when a visitor arrives. */
export { AccountLayout } from './account-layout.tsx';
export { RegisterPage } from './register-page.tsx';
export { SignInPage } from './sign-in-page.tsx';
