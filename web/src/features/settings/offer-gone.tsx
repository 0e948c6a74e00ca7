import { messages } from '../../shell/messages.ts';
import { Button } from '../../ui/button.tsx';

const words = messages.merges;

/** What remains to say when an offer can no longer be accepted. */
export function OfferGone({ onClose }: { onClose: () => void }) {
  return (
    <div role="alert" className="flex flex-col items-start gap-4">
      <p>
        <strong className="block font-semibold">{words.offer.gone}</strong>
        <span className="text-ink-soft text-pretty">{words.offer.goneText}</span>
      </p>
      <Button onClick={onClose}>{messages.page.close}</Button>
    </div>
  );
}
