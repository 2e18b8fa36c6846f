import { PassThrough } from 'node:stream';
import { PeerageError } from '@peerage/contract';
import { expect, it } from 'vitest';
import { runConsole } from './console.ts';

function start() {
  const [stdin, stdout] = [new PassThrough(), new PassThrough()];
  const quit = Promise.withResolvers<string>();
  const figures = {
    users: 3,
    groups: 2,
    files: 1,
    onlineDevices: 4,
    openStreams: 5,
    canWrite: true,
    signupOpen: true,
    held: ['the clock is off'],
    conflicts: ['bob~12ab'],
    replication: {
      number: 1,
      caughtUpOnce: true,
      peers: [
        { number: 2, state: 'following' as const, reason: undefined, unacknowledgedOps: 0, missingOps: 3, lagMs: 0 },
        {
          number: 3,
          state: 'refused' as const,
          reason: 'another secret',
          unacknowledgedOps: 7,
          missingOps: 0,
          lagMs: 1_500,
        },
      ],
    },
  };
  const operator = {
    setSignup: (open: boolean) => {
      figures.signupOpen = open;
    },
    figures: async () => figures,
    possibleLoss: async () => ['what came after is undone:', 'all of it'],
    acceptLoss: async () => 3,
    acceptClock: () => undefined,
    retireIssuers: async (tracker: number) => {
      if (tracker === 2) return 1;
      throw new PeerageError('usage', `tracker ${tracker} has published no issuer`);
    },
    rotateIssuer: async () => Date.UTC(2025, 2, 1, 10, 12),
    rotateKey: async () => 'ab'.repeat(32),
    resetPassword: async (user: string) => {
      if (user === 'bob') return 'n3w';
      throw new PeerageError('no_such_user', `there is no user '${user}'`);
    },
  };
  const end = runConsole(stdin, stdout, { operator, where: 'tracker 1 listening on 127.0.0.1:1' }, () =>
    quit.resolve('quit'),
  );
  return { stdin, stdout, quit: quit.promise, end };
}

it('answers each line in order, and goes on after the end of input', async () => {
  const { stdin, stdout, quit } = start();
  stdin.write(
    'status\naccept_loss\naccept_loss yes\naccept_clock\n\n  reset_password   bob \nreset_password\nreset_password nobody\nsignup shut\nsignup closed\nstatus\nretire\nretire 2\nretire 3\nrotate_issuer\nrotate_key\nf\u001boo bar\nhelp\nquit\n',
  );
  expect(await quit).toBe('quit');
  const said = String(stdout.read());
  expect(
    said,
  ).toBe(`tracker 1 listening on 127.0.0.1:1; users: 3, groups: 2, files: 1, devices online: 4, event streams: 5; sign-up open; writing works
DOES NOT SERVE: the clock is off
tracker 2 follows: it has everything of this one; 3 changes of it are not here yet
tracker 3 IS REFUSED (another secret): it lacks 7 changes of this one, for 1.5 s
1 lost their name to the other side of a cut and may take another: bob~12ab
what came after is undone:
  all of it
type accept_loss yes to go on so
accepted: 3 users have to give their password again
the clock of this machine is taken as right
the new password of bob is n3w
error: write reset_password <user> (usage)
error: there is no user 'nobody' (no_such_user)
error: write signup open, or signup closed (usage)
sign-up is closed until this tracker ends; --signup closed keeps it so
tracker 1 listening on 127.0.0.1:1; users: 3, groups: 2, files: 1, devices online: 4, event streams: 5; sign-up closed; writing works
DOES NOT SERVE: the clock is off
tracker 2 follows: it has everything of this one; 3 changes of it are not here yet
tracker 3 IS REFUSED (another secret): it lacks 7 changes of this one, for 1.5 s
1 lost their name to the other side of a cut and may take another: bob~12ab
error: write retire <no> (usage)
issuers of tracker 2 that were retired now: 1
error: tracker 3 has published no issuer (usage)
the new issuer is published; it makes certificates from 10:12:00 UTC on
this tracker's key is sha256:${'ab'.repeat(32)} now; clients that knew the one before follow for 30 days: write the new one into the tracker files that name it
error: 'f?oo' is no command of the tracker: help shows which there are (usage)
quit                    stop the tracker
status                  what it holds and who is online
reset_password <user>   give a user a new password
signup open|closed      whether whoever asks gets an account
retire <no>             put the issuer of tracker <no> out for ever: certificates that it made count no more, anywhere
rotate_issuer           make a new issuer for this tracker
rotate_key              make a new key for this tracker's port, signed by the present one
accept_loss             of a tracker that was started from a backup: go on without what came after it
accept_clock            say that this machine's clock is right
help                    this list
`);
});
