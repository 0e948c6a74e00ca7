/** Sign-in by somebody else’s word. */
export const providers = {
  continueWith: (label: string) => `Continue with ${label}`,
  unavailable: 'can’t be reached at the moment',
  or: 'or',
  others: 'Other ways to sign in',
  /** In sentences, where a provider’s own name is not known. */
  nameless: 'the provider',

  problem: {
    page: 'Sign-in',
    tryAgain: (label: string) => `Try again with ${label}`,
    otherWay: 'Sign in another way',
    toSettings: 'Back to the settings',
    createAccount: 'Create an account',
    newLink: 'Send a new link',
    cancelled: {
      title: 'You didn’t finish signing in',
      text: (label: string) =>
        `The sign-in was cancelled at ${label}. Nothing has changed: try again, or sign in another way.`,
    },
    unavailable: {
      title: 'No answer from over there',
      text: (label: string) =>
        `It seems that ${label} can’t be reached at the moment. Try again in a few minutes; the other ways to sign in work meanwhile.`,
    },
    interrupted: {
      title: 'This sign-in is no longer valid',
      text: () =>
        'A sign-in works once, within ten minutes, and ends in the browser in which it began. Begin again from here.',
    },
    untrusted: {
      title: 'The answer couldn’t be verified',
      text: (label: string) =>
        `What came back from ${label} can’t be trusted, so nobody was signed in. If it happens again, tell the people who run this server.`,
    },
    emailRequired: {
      title: 'An e-mail address is missing',
      text: (label: string) =>
        `This server needs an address, and ${label} doesn’t confirm one of yours. Confirm it there and try again, or create an account with a password.`,
    },
    linkRequired: {
      title: 'You may have an account already',
      text: (label: string) =>
        `There is an account with your e-mail address, but ${label} doesn’t confirm that the address is yours. Sign in as you usually do, then connect ${label} in the settings.`,
    },
    localRequired: {
      title: 'Sign in as usual first',
      text: (label: string) =>
        `Your account looks after others, so it takes more than an e-mail address to connect it. Sign in with your password, then connect ${label} in the settings.`,
    },
    accountUnavailable: {
      title: 'This account can’t be used',
      text: () =>
        'The account that belongs to this sign-in is disabled or deleted. The people who run this server can tell you more.',
    },
    notFound: {
      title: 'This way to sign in isn’t offered',
      text: () => 'It may have been turned off since. There are other ways to sign in.',
    },
    closed: {
      title: 'No account belongs to this sign-in',
      text: (label: string) =>
        `This server takes no new accounts at the moment. If you have one, sign in to it, then connect ${label} in the settings.`,
    },
    unverified: {
      title: 'Check your mail',
      text: () =>
        'Verify your e-mail address first: open the link that we mailed to you, then sign in again.',
    },
    limited: {
      title: 'Too many attempts',
      text: () => 'Wait a few minutes, then try again.',
    },
    busy: {
      title: 'That didn’t work just now',
      text: () => 'The server is busy or being looked after. Try again in a moment.',
    },
    sessionEnded: {
      title: 'Your session has ended',
      text: () => 'Sign in, then try once more.',
    },
    other: {
      title: 'The sign-in didn’t work',
      text: () => 'Nobody was signed in, and nothing has changed. Try again, or another way.',
    },
  },
};
