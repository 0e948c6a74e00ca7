import type { createTask } from '../modules/tasks/tasks.service.ts';

/** Known to everybody who reads this: never for an account that matters. */
export const DEMO_PASSWORD = 'docket demonstration';

interface DemoUser {
  email: string;
  name: string;
  hasTasks: boolean;
}

export const DEMO_USERS: readonly DemoUser[] = [
  { email: 'ada@example.org', name: 'Ada Byron', hasTasks: true },
  { email: 'grace@example.org', name: 'Grace Murray', hasTasks: true },
  { email: 'new@example.org', name: 'Somebody New', hasTasks: false },
];

type DemoTask = Parameters<typeof createTask>[2] & { isTrashed?: boolean };

/** Tasks in every state, oldest first. */
export const DEMO_TASKS: readonly DemoTask[] = [
  { title: 'Renew the library card', status: 'completed' },
  { title: 'Send the form back to the insurance', status: 'completed' },
  { title: 'Look for the lost umbrella', isTrashed: true },
  { title: 'Return the borrowed ladder', status: 'completed', isTrashed: true },
  {
    title: 'Plan the summer trip',
    description: 'Trains or bicycles?\n\n- ask everybody for dates\n- find a place near the water',
    status: 'in_progress',
  },
  { title: 'Read the second half of the report', status: 'in_progress' },
  { title: 'Repair the tap in the kitchen' },
  { title: 'Water the plants on the balcony', description: 'Not the cactus.' },
  { title: 'Write to Aunt Élise about Übersee & 東京 🗼' },
  {
    title:
      'Collect ideas for the workshop, sort them by effort, and bring the three best ones to the meeting on Thursday, with a sketch of each',
  },
  { title: 'Book an appointment with the dentist' },
  { title: 'Buy bread, milk and coffee' },
];
