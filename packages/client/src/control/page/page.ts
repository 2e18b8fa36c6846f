import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ControlApi, PeerageError } from '@peerage/contract';
import sirv from 'sirv';
import { AllowedFolders } from './allowed-folders.ts';
import { keepDropped } from './dropped-files.ts';
import { pageControl } from './page-control.ts';
import { PageSessions } from './page-sessions.ts';

/** Where the built page is: beside the bundle, or in its package of the clone. */
const builtPage = (): string =>
  fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../../../../web/dist' : './page', import.meta.url));

const DROPPED = '/page/dropped/';
const NO_PAGE = 'this client serves no page: start it without --no-web';

/**
 * Only what this client serves itself may run or be asked; styles may stand on elements, since they say how long a bar is. No other page may
 * show this one in a frame, and nothing that it links to learns where it was.
 */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const;

export interface PageOptions {
  /** False: `--no-web`. */
  readonly served: boolean;
  /** Folders that the page may see; null: the user's own. */
  readonly roots: readonly string[] | null;
  readonly home: string;
  /** Tells the cookies of several clients of one host apart. */
  readonly instance: string;
  /** Where the built page is; left out: where its build puts it. */
  readonly built?: string;
}

/** The page of one client: its files, who may use it, and what of this machine it may see. */
export class Page {
  readonly folders: AllowedFolders;
  readonly #home: string;
  readonly #sessions: PageSessions;
  readonly #files: ReturnType<typeof sirv> | null;
  #port = 0;

  constructor({ served, roots, home, instance, built = builtPage() }: PageOptions) {
    this.folders = new AllowedFolders(roots ?? [homedir()], home, join(home, 'dropped'));
    this.#home = home;
    this.#sessions = new PageSessions(instance, () => performance.now());
    this.#files =
      served && existsSync(join(built, 'index.html'))
        ? sirv(built, {
            single: true,
            ignores: false, // the address of a transfer ends like the name of its file
            setHeaders: (response, path) => {
              for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
              // Names of assets change with what is in them; the document asks each time.
              response.setHeader(
                'cache-control',
                path.startsWith('/assets/') ? 'max-age=31536000, immutable' : 'no-cache',
              );
            },
          })
        : null;
  }

  get isServed(): boolean {
    return this.#files !== null;
  }

  listensOn(port: number): void {
    this.#port = port;
  }

  /** The address of the page with a code that opens it, once and for half a minute. */
  newAddress(): string {
    if (!this.#files) throw new PeerageError('no_page', NO_PAGE);
    return `http://127.0.0.1:${this.#port}/#code=${this.#sessions.makeCode()}`;
  }

  /** The address, and a file in the home that leads a browser there. */
  async newOpener(): Promise<{ readonly address: string; readonly file: string }> {
    const address = this.newAddress();
    const file = join(this.#home, 'open.html');
    await rm(file, { force: true }); // a file made anew is this user's alone, whatever was there
    const text = `<!doctype html><meta charset="utf-8"><title>Peerage</title><meta http-equiv="refresh" content="0;url=${address}">\n`;
    await writeFile(file, text, { mode: 0o600, flag: 'wx' });
    return { address, file };
  }

  /** Whether the request comes from a tab that was let in. */
  admits(headers: IncomingHttpHeaders): boolean {
    return this.#files !== null && this.#sessions.admits(headers);
  }

  /** The facade as a tab may use it. */
  control(control: ControlApi): ControlApi {
    return pageControl(control, this.folders);
  }

  /** Answers what needs no session: the way in, and the page's own files, which hold nothing of anybody. False: not the page's business. */
  async answer(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    body: () => Promise<unknown>,
  ): Promise<boolean> {
    if (path === '/page/enter' && request.method === 'POST') {
      this.#enter(response, await body());
      return true;
    }
    if (path.startsWith('/v1/') || path.startsWith('/page/') || (request.method !== 'GET' && request.method !== 'HEAD'))
      return false;
    if (!this.#files) throw new PeerageError('no_page', NO_PAGE);
    this.#files(request, response);
    return true;
  }

  /** A file dropped on the page, from a tab that was let in; null where the request is none. */
  async keepDropped(request: IncomingMessage, path: string): Promise<{ readonly path: string } | null> {
    if (request.method !== 'PUT' || !path.startsWith(DROPPED)) return null;
    return { path: await keepDropped(request, this.folders.dropped, path.slice(DROPPED.length)) };
  }

  #enter(response: ServerResponse, body: unknown): void {
    const code = (body as { code?: unknown } | null)?.code;
    const session = typeof code === 'string' ? this.#sessions.enter(code) : null;
    if (!session || !this.#files) {
      throw new PeerageError(
        'foreign_caller',
        "this code opens nothing: codes work once and for half a minute; 'peerage open' makes a new one",
      );
    }
    response.writeHead(200, {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'set-cookie': `${this.#sessions.cookieName}=${session.cookie}; Path=/; HttpOnly; SameSite=Strict`,
    });
    response.end(JSON.stringify({ secret: session.secret }));
  }
}
