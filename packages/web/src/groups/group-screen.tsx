import { Tabs } from 'radix-ui';
import { Link } from 'wouter';
import { useLook } from '../api/commands.ts';
import { count } from '../format/quantities.ts';
import { shown } from '../format/shown.ts';
import { addressParts } from '../layout/address.ts';
import { useGo } from '../layout/use-go.ts';
import { ShareButton } from '../share/share-button.tsx';
import { PageHead } from '../ui/page-head.tsx';
import { Tab, TabStrip } from '../ui/tabs.tsx';
import { GroupActivity } from './group-activity.tsx';
import { GroupFiles } from './group-files.tsx';
import { GroupMembers } from './group-members.tsx';
import { GroupRequests } from './group-requests.tsx';
import { GroupSettings } from './group-settings.tsx';

const TABS = ['files', 'members', 'requests', 'activity', 'settings'] as const;

export function GroupScreen() {
  const [, name = '', wanted] = addressParts();
  const go = useGo();
  const groups = useLook('list_groups', {}).data?.groups;
  const group = groups?.find(({ id }) => id.toLocaleLowerCase() === name.toLocaleLowerCase());
  if (!groups) return null;
  if (!group) {
    return (
      <PageHead
        title={shown(name)}
        about={
          <>
            There is no group of this name. It may have been renamed, or its last member left.{' '}
            <Link href="/groups" className="text-accent underline">
              All groups
            </Link>
          </>
        }
      />
    );
  }
  if (group.standing === 'none' || group.standing === 'pending') {
    return (
      <PageHead
        title={shown(group.id)}
        about={
          group.standing === 'pending'
            ? `You have asked to join. ${shown(group.owner)} has not decided yet.`
            : 'You are not a member of this group.'
        }
      />
    );
  }
  const owner = group.standing === 'owner';
  const tab = TABS.find((known) => known === wanted && (known !== 'requests' || owner)) ?? 'files';
  return (
    <>
      <PageHead
        title={shown(group.id)}
        about={`${owner ? 'You own this group' : `Owned by ${shown(group.owner)}`} · ${count(group.members)} ${group.members === 1 ? 'member' : 'members'}`}
      >
        <ShareButton group={group.id} />
      </PageHead>
      <Tabs.Root value={tab} onValueChange={(next) => go(`/groups/${encodeURIComponent(group.id)}/${next}`)}>
        <TabStrip label="Group" open={tab}>
          <Tab name="files">Files</Tab>
          <Tab name="members">Members</Tab>
          {owner ? (
            <Tab name="requests">
              Requests
              {group.requests ? (
                <span className="ml-1.5 rounded-full bg-accent px-1.5 text-xs text-on-accent">
                  {count(group.requests)}
                </span>
              ) : null}
            </Tab>
          ) : null}
          <Tab name="activity">Activity</Tab>
          <Tab name="settings">Settings</Tab>
        </TabStrip>
        <div className="px-4 py-5 sm:px-6">
          <Tabs.Content value="files">
            <GroupFiles group={group.id} owner={owner} />
          </Tabs.Content>
          <Tabs.Content value="members">
            <GroupMembers group={group.id} owner={owner} />
          </Tabs.Content>
          {owner ? (
            <Tabs.Content value="requests">
              <GroupRequests group={group.id} />
            </Tabs.Content>
          ) : null}
          <Tabs.Content value="activity">
            <GroupActivity group={group.id} />
          </Tabs.Content>
          <Tabs.Content value="settings">
            <GroupSettings group={group.id} owner={owner} />
          </Tabs.Content>
        </div>
      </Tabs.Root>
    </>
  );
}
