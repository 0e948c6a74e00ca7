import { escapeHtml } from '../../server/src/platform/html.ts';

/** The page of the local provider where one signs in: any address, no password, no script. */
export function loginPage(client: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign in to the local provider</title>
<style>
:root { color-scheme: light dark; }
body { margin: 0 auto; max-width: 24rem; padding: 2rem 1rem; font: 1rem/1.5 system-ui, sans-serif; }
label { display: block; margin: 1rem 0; }
input:not([type=checkbox]) { display: block; width: 100%; box-sizing: border-box; padding: .5rem; font: inherit; }
button { padding: .5rem 1rem; font: inherit; }
</style>
<h1>Local provider</h1>
<p>Any address will do. You go on to <strong>${escapeHtml(client)}</strong>.</p>
<form method="post">
  <label>E-mail <input name="email" type="email" required autofocus></label>
  <label>Name <input name="name"></label>
  <label><input name="email_verified" type="checkbox" checked> The address is verified</label>
  <details>
    <summary>More</summary>
    <label>Subject <input name="subject"></label>
    <label>Picture <input name="picture"></label>
  </details>
  <p><button name="answer" value="sign-in">Sign in</button>
  <button name="answer" value="cancel" formnovalidate>Cancel</button></p>
</form>
</html>`;
}
