import { Section } from '../ui/section.tsx';
import { HandOver } from './hand-over.tsx';
import { Invitation } from './invitation.tsx';
import { LeaveGroup } from './leave-group.tsx';

export const GroupSettings = ({ group, owner }: { readonly group: string; readonly owner: boolean }) => (
  <div className="max-w-2xl space-y-4">
    <Section title="Invite somebody">
      <Invitation group={group} />
    </Section>
    {owner ? (
      <Section title="Hand the group over" about="Another member becomes the owner, and decides who joins.">
        <HandOver group={group} />
      </Section>
    ) : null}
    <Section
      title="Leave this group"
      about={`You stop sharing here and can fetch nothing more. ${
        owner
          ? 'The group is handed over to its longest-standing member; without other members it ends.'
          : 'To come back you ask to join again.'
      }`}
    >
      <LeaveGroup group={group} />
    </Section>
  </div>
);
