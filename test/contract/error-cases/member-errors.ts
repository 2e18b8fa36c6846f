import { type Refusal, refused } from '../error-world.ts';
import { type ErrorCases, line } from './error-case.ts';

/** Accounts, groups and who may what. The last one leaves the stranger with all groups that one may own. */
export const memberErrors: ErrorCases = [
  ['bad_name', line('guest', "create_user 'two words' secret", /'two words'/, /use 1 to 64 letters/)],
  ['not_logged_in', line('guest', 'list_groups', /you are not logged in/, /login <user_id> <passwd>/)],
  ['bad_credentials', line('guest', 'login user0 wrong', /user id or password/, /is wrong/)],
  [
    'throttled',
    {
      how: async ({ owner, stranger }) => {
        await owner.do('create_group', 'slow');
        await stranger.do('join_group', 'slow');
        await owner.do('reject_request', 'slow', 'stranger');
        return refused(stranger, 'join_group slow');
      },
      names: /'slow'/,
      advice: /you can ask again at /,
    },
  ],
  ['already_logged_in', line('stranger', 'login user0 secret', /'stranger'/, /logout first/)],
  ['user_exists', line('guest', 'create_user USER0 other', /'USER0'/i, /choose another/)],
  ['no_such_user', line('owner', 'remove_member team nobody', /'nobody'/, /check how the name is written/)],
  ['group_exists', line('stranger', 'create_group Team', /'team'/i, /choose another/)],
  ['no_such_group', line('stranger', 'join_group nowhere', /'nowhere'/, /list_groups/)],
  ['not_member', line('stranger', 'list_files team', /'team'/, /join_group team/)],
  ['not_owner', line('member', 'list_requests team', /'team'/, /only the owner/)],
  ['already_member', line('member', 'join_group team', /'team'/, /already/)],
  [
    'request_pending',
    {
      how: async ({ owner, stranger }) => {
        await owner.do('create_group', 'later');
        await stranger.do('join_group', 'later');
        return refused(stranger, 'join_group later');
      },
      names: /'later'/,
      advice: /pending since \d\d:\d\d/,
    },
  ],
  ['no_such_request', line('owner', 'accept_request team stranger', /'team'.*'stranger'/, /list_requests/)],
  [
    'already_decided',
    {
      how: async ({ owner, stranger }) => {
        await owner.do('create_group', 'decided');
        await stranger.do('join_group', 'decided');
        await owner.do('accept_request', 'decided', 'stranger');
        return refused(owner, 'reject_request decided stranger');
      },
      names: /stranger/,
      advice: /was accepted by user0 at \d\d:\d\d/,
    },
  ],
  ['no_such_device', line('member', 'revoke_device nothing', /'nothing'/, /devices/)],
  ['name_conflict', line('owner', 'rename_group team crew', /'team'/, /only a group that lost its name/)],
  [
    'limit',
    {
      how: async ({ stranger }) => {
        for (let number = 0; ; number++) {
          const answer = await stranger.send('create_group', `many-${number}`);
          if (!answer.ok) return answer.error as Refusal;
        }
      },
      names: /100 groups/,
      advice: /leave one first/,
    },
  ],
];
