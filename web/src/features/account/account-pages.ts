/** The account pages as one chunk, loaded when a visitor arrives. */
export { AccountLayout } from './account-layout.tsx';
export { ConfirmEmailPage } from './confirm-email-page.tsx';
export { ForgotPasswordPage } from './forgot-password-page.tsx';
export { ProviderProblemPage } from './provider-problem-page.tsx';
export { RegisterPage } from './register-page.tsx';
export { ResetPasswordPage } from './reset-password-page.tsx';
export { SetupPage } from './setup-page.tsx';
export { SignInPage } from './sign-in-page.tsx';
export { VerifyPage } from './verify-page.tsx';
