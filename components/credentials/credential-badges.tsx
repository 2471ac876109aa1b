import {
  CircleCheck,
  CircleDashed,
  CircleDot,
  CircleHelp,
  CircleX,
  Clock,
  Hourglass,
  KeyRound,
  type LucideIcon,
  MailCheck,
  TriangleAlert,
  UserRoundX,
} from 'lucide-react';
import type {
  CredentialFlag,
  CredentialState,
  OutsideEvidence,
  RevocationState,
} from '#server/credentials/states/contract.ts';
import { Badge, type BadgeTone } from '../ui/badge.tsx';
import { Tooltip } from '../ui/tooltip.tsx';
import { flagReason, flagWords } from './credential-words.ts';

interface Look {
  readonly word: string;
  readonly tone: BadgeTone;
  readonly Icon: LucideIcon;
}

/** Green only for proof. */
const stateLooks: Readonly<Record<CredentialState, Look>> = {
  active: { word: 'active', tone: 'neutral', Icon: KeyRound },
  expired: { word: 'expired', tone: 'neutral', Icon: Clock },
  revoking: { word: 'being revoked', tone: 'accent', Icon: Hourglass },
  failed: { word: 'revocation failed', tone: 'danger', Icon: CircleX },
  unproven: { word: 'revoked here, unproven there', tone: 'warn', Icon: CircleHelp },
  revoked: { word: 'revoked, proven', tone: 'ok', Icon: CircleCheck },
};

const revocationLooks: Readonly<Record<RevocationState, Look>> = {
  requested: { word: 'requested', tone: 'neutral', Icon: CircleDashed },
  sent: { word: 'sent', tone: 'accent', Icon: MailCheck },
  confirmed: { word: 'said, not proven', tone: 'accent', Icon: CircleDot },
  verified: { word: 'proven', tone: 'ok', Icon: CircleCheck },
  unverifiable: { word: 'unproven', tone: 'warn', Icon: CircleHelp },
  failed: { word: 'failed', tone: 'danger', Icon: CircleX },
  external: { word: 'to be done elsewhere', tone: 'warn', Icon: UserRoundX },
};

function LookBadge({ look }: { readonly look: Look }) {
  const { word, tone, Icon } = look;
  return (
    <Badge tone={tone}>
      <Icon aria-hidden />
      {word}
    </Badge>
  );
}

/** How a credential stands. */
export function CredentialStateBadge({ state }: { readonly state: CredentialState }) {
  return <LookBadge look={stateLooks[state]} />;
}

/** How far one part of a revocation is proven. */
export function RevocationBadge({ state }: { readonly state: RevocationState }) {
  return <LookBadge look={revocationLooks[state]} />;
}

/** What is wrong with a credential, each with its reason on hover and focus. */
export function FlagBadges(props: {
  readonly flags: readonly CredentialFlag[];
  /** What it was seen by, of a credential outside of the broker. */
  readonly outside: readonly OutsideEvidence[];
}) {
  return props.flags.map((flag) => (
    <Tooltip key={flag} text={flagReason(flag, props.outside)}>
      <span>
        <Badge tone={flag === 'outside_broker' ? 'danger' : 'warn'}>
          <TriangleAlert aria-hidden />
          {flagWords[flag].word}
        </Badge>
      </span>
    </Tooltip>
  ));
}
