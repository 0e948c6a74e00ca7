import { KeyRound } from 'lucide-react';
import { GitHubMark, GoogleMark, MicrosoftMark } from '../ui/brand-marks.tsx';
import { classNames } from '../ui/class-names.ts';

const MARKS: Record<string, typeof GoogleMark> = {
  google: GoogleMark,
  github: GitHubMark,
  microsoft: MicrosoftMark,
};

interface ProviderMarkProps {
  provider: string;
  iconUrl?: string | null | undefined;
  className?: string;
}

/** By what one recognizes a provider; decoration beside its name. */
export function ProviderMark({ provider, iconUrl, className = 'size-4.5' }: ProviderMarkProps) {
  const classes = classNames('shrink-0', className);
  if (iconUrl)
    return <img src={iconUrl} alt="" className={classNames(classes, 'object-contain')} />;
  const Mark = MARKS[provider];
  return Mark ? (
    <Mark className={classes} />
  ) : (
    <KeyRound aria-hidden="true" className={classNames(classes, 'text-accent')} />
  );
}
