import { count } from './words.ts';

/** The settings. */
export const settings = {
  title: 'Settings',
  page: 'Security',
  toTasks: 'Your tasks',
};

/** The providers with which somebody signs in. */
export const connected = {
  title: 'Connected accounts',
  text: 'Sign in with any of these instead of your password.',
  loading: 'Loading your connected accounts',
  failed: 'Your connected accounts couldn’t be loaded',
  forbidden: 'This isn’t for you to see',
  none: 'This server offers no other ways to sign in than e-mail and password.',
  noAddress: 'No e-mail address',
  elsewhere: 'another front end',
  since: (date: string) => `Connected on ${date}`,
  used: (age: string) => `last used ${age}`,
  neverUsed: 'not used yet',
  turnedOff: 'no longer offered here',
  notConnected: 'Not connected',
  connect: 'Connect',
  connectTo: (label: string) => `Connect ${label}`,
  connecting: 'One moment…',
  disconnect: 'Disconnect',
  disconnectFrom: (label: string, email: string | null) =>
    `Disconnect ${label}${email ? `, ${email}` : ''}`,
  onlyWay:
    'This is your only way to sign in. Choose a password or connect another account, then you can disconnect it.',
  choosePassword: 'Choose a password by mail',
  ask: {
    title: (label: string) => `Disconnect ${label}?`,
    text: (label: string, email: string | null) =>
      `You can no longer sign in with ${email ? `${email} at ` : ''}${label}. Your tasks and your other ways to sign in stay. One way to sign in always has to remain.`,
    keep: 'Keep it',
    confirm: 'Disconnect',
    busy: 'Disconnecting…',
  },
  done: (label: string) => `${label} is disconnected`,
  linked: (label: string) => `${label} is connected. From now on you can sign in with it.`,
  already: (label: string) => `${label} was connected already.`,
  problems: {
    cancelled: (label: string) => `You cancelled at ${label}, so nothing has changed.`,
    unavailable: (label: string) => `It seems that ${label} can’t be reached at the moment.`,
    interrupted: () =>
      'This took too long, or was finished before. Nothing has changed; begin again.',
    untrusted: (label: string) =>
      `What came back from ${label} couldn’t be verified, so nothing was connected.`,
    taken: (label: string) => `This sign-in at ${label} belongs to another account here.`,
    sessionEnded: () => 'Your session ended meanwhile, so nothing was connected. Begin again.',
    notFound: () => 'This way to sign in is not offered here.',
    limited: () => 'Too many attempts. Wait a few minutes, then try again.',
    other: (label: string) => `${label} couldn’t be connected. Nothing has changed; try again.`,
  },
};

/** Proving once more who it is. */
export const fresh = {
  title: 'Is it you?',
  text: 'This changes how you sign in, so please confirm it once more.',
  password: 'Your password',
  confirm: 'Confirm',
  confirming: 'Confirming…',
  wrong: 'This is not your password.',
  again: (label: string) => `Sign in again with ${label}`,
  without: 'You come back to this page; then do once more what you wanted to do.',
  noWay:
    'You have no password yet. Choose one by mail, or sign out and sign in again, then come back.',
  done: 'You have signed in again. Go on where you were.',
};

/** Two accounts of one person becoming one. */
export const merges = {
  title: 'Merge accounts',
  text: 'Do you have a second account here? Bring its tasks and its ways to sign in into this one.',
  open: 'Merge another account',
  prove: {
    title: 'Merge another account',
    text: 'Sign in to the other account to show that it is yours. Nothing changes yet.',
    email: 'E-mail of the other account',
    password: 'Password of the other account',
    go: 'Go on',
    going: 'One moment…',
    same: 'This is the account that you are signed in to.',
  },
  offer: {
    title: 'Merge into this account?',
    loading: 'Looking up the other account',
    belongs: (label: string) => `This sign-in at ${label} belongs to another account of yours:`,
    other: 'This is your other account:',
    nameless: 'An account without an address',
    tasks: (n: number) => count(n, 'task', 'tasks'),
    consequences: (n: number) => [
      n === 0
        ? 'It has no tasks that would move here.'
        : `${n === 1 ? 'Its task moves' : `Its ${count(n, 'task', 'tasks')} move`} here, also from the trash.`,
      'Its ways to sign in with a provider lead here from now on.',
      'The other account is deleted. Its password, sessions and API tokens stop working.',
      'What it was allowed to do doesn’t come along; you keep the rights you have.',
      'You can undo this for 30 days.',
    ],
    merge: 'Merge',
    merging: 'Merging…',
    notNow: 'Not now',
    gone: 'This offer is over',
    goneText: 'It holds for ten minutes and once. Nothing has changed; begin again if you like.',
  },
  done: (who: string, n: number) => `${who} is merged: ${count(n, 'task', 'tasks')} moved here`,
  list: 'Merged accounts',
  loading: 'Loading merged accounts',
  failed: 'The list of merged accounts couldn’t be loaded.',
  came: (n: number, date: string) => `${count(n, 'task', 'tasks')} moved here on ${date}`,
  until: (date: string) => `Can be undone until ${date}`,
  undo: 'Undo',
  undoFor: (who: string) => `Undo the merge of ${who}`,
  undoAsk: {
    title: 'Undo this merge?',
    text: (who: string) =>
      `The tasks that came from ${who} go back, as they are now, and so do its ways to sign in. The other account can be used again.`,
    keep: 'Leave it merged',
    confirm: 'Undo the merge',
    busy: 'Undoing…',
  },
  undone: (who: string) => `${who} is an account of its own again`,
  emailTaken: 'Its e-mail address belongs to somebody else by now, so it can’t be given back.',
};
