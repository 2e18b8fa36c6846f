import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { PeerageError } from '@peerage/contract';
import type { Operator } from './operator.ts';
import { statusLines } from './status-lines.ts';

const HELP = `quit                    stop the tracker
status                  what it holds and who is online
reset_password <user>   give a user a new password
signup open|closed      whether whoever asks gets an account
retire <no>             put the issuer of tracker <no> out for ever: certificates that it made count no more, anywhere
rotate_issuer           make a new issuer for this tracker
rotate_key              make a new key for this tracker's port, signed by the present one
accept_loss             of a tracker that was started from a backup: go on without what came after it
accept_clock            say that this machine's clock is right
help                    this list
`;

/** The operator's console: one command a line. End of input does not stop the tracker. Returns what ends the reading. */
export function runConsole(
  stdin: Readable,
  stdout: Writable,
  about: { readonly operator: Operator; readonly where: string },
  onQuit: () => void,
): () => void {
  const lines = createInterface({ input: stdin, terminal: false, crlfDelay: Number.POSITIVE_INFINITY });
  let answering = Promise.resolve();
  lines.on('line', (line) => {
    answering = answering.then(async () => {
      stdout.write(await answer(line, about, onQuit));
    });
  });
  return () => lines.close();
}

/** What one line is answered with: always text that ends a line, or nothing. */
export async function answer(
  line: string,
  { operator, where }: { operator: Operator; where: string },
  onQuit: () => void,
): Promise<string> {
  const [command = '', ...words] = line.trim().split(/\s+/);
  try {
    switch (command) {
      case '':
        return '';
      case 'help':
        return HELP;
      case 'quit':
        onQuit();
        return '';
      case 'status':
        return statusLines(where, await operator.figures());
      case 'accept_loss': {
        const loss = await operator.possibleLoss();
        if (words[0] !== 'yes') return `${loss.join('\n  ')}\ntype accept_loss yes to go on so\n`;
        return `accepted: ${await operator.acceptLoss()} users have to give their password again\n`;
      }
      case 'accept_clock':
        operator.acceptClock();
        return 'the clock of this machine is taken as right\n';
      case 'reset_password': {
        const [user, extra] = words;
        if (user === undefined || extra !== undefined) throw new PeerageError('usage', 'write reset_password <user>');
        const password = await operator.resetPassword(user);
        return `the new password of ${user} is ${password}\n`;
      }
      case 'retire': {
        const [no = '', extra] = words;
        if (!/^[1-9]\d{0,3}$/.test(no) || extra !== undefined) throw new PeerageError('usage', 'write retire <no>');
        const retired = await operator.retireIssuers(Number(no));
        return `issuers of tracker ${no} that were retired now: ${retired}\n`;
      }
      case 'rotate_issuer': {
        const fromMs = await operator.rotateIssuer();
        const when = fromMs === null ? 'now' : `${new Date(fromMs).toISOString().slice(11, 19)} UTC`;
        return `the new issuer is published; it makes certificates from ${when} on\n`;
      }
      case 'rotate_key':
        return `this tracker's key is sha256:${await operator.rotateKey()} now; clients that knew the one before follow for 30 days: write the new one into the tracker files that name it\n`;
      case 'signup': {
        const [to, extra] = words;
        if ((to !== 'open' && to !== 'closed') || extra !== undefined) {
          throw new PeerageError('usage', 'write signup open, or signup closed');
        }
        operator.setSignup(to === 'open');
        return `sign-up is ${to} until this tracker ends; --signup ${to} keeps it so\n`;
      }
      default:
        throw new PeerageError(
          'usage',
          `'${printable(command)}' is no command of the tracker: help shows which there are`,
        );
    }
  } catch (error) {
    if (error instanceof PeerageError) return `error: ${error.message} (${error.code})\n`;
    return `error: a defect of the tracker: ${error instanceof Error ? error.message : String(error)} (internal)\n`;
  }
}

const printable = (word: string): string => word.slice(0, 40).replace(/[^\x21-\x7e]/g, '?');
