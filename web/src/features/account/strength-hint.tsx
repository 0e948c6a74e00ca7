import { messages } from '../../shell/messages.ts';
import { classNames } from '../../ui/class-names.ts';
import { passwordProblem, passwordStrength, type Strength } from './password-strength.ts';

const STEPS: Strength[] = ['weak', 'fair', 'good', 'strong'];
const COLOURS: Record<Strength, string> = {
  weak: 'bg-danger',
  fair: 'bg-progress',
  good: 'bg-accent',
  strong: 'bg-accent',
};

/** Says what a good password is, and how good the typed one is; the height never changes. */
export function StrengthHint({ password, email }: { password: string; email: string }) {
  const strength = passwordProblem(password) ? undefined : passwordStrength(password, email);
  const reached = strength ? STEPS.indexOf(strength) : -1;
  return (
    <span className="block">
      <span aria-hidden="true" className="mt-2 mb-1.5 flex gap-1">
        {STEPS.map((step, index) => (
          <span
            key={step}
            className={classNames(
              'h-1 flex-1 rounded-full transition-colors',
              strength && index <= reached ? COLOURS[strength] : 'bg-wash-strong',
            )}
          />
        ))}
      </span>
      <span className="block min-h-10">
        {strength ? messages.account.strength[strength] : messages.account.strength.rule}
      </span>
    </span>
  );
}
