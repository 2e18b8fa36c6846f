import { X509Certificate } from 'node:crypto';
import { parseGroupCertificate } from '../../../packages/client/src/net/group-certificate.ts';
import { Refusal } from '../../../packages/client/src/net/refusal.ts';
import { leadsFrom } from '../../../packages/client/src/tracker-link/hand-overs.ts';
import { accepted, attempt, type Decoder, demand, refused } from '../decoder.ts';

/** Made once, by an issuer that is gone; signatures are not looked at here. */
const made = {
  /** A member's, with ids of one digit each. */
  member: [
    'MIIBgzCCATWgAwIBAgIQMF/+eqVLag4U3AuntOASZzAFBgMrZXAwMjEwMC4GA1UEAxMnaXNzdWVyIGYwYTVmOWY5ZTM1NTA3YWFmNjQwN2MxZjY4ZmRmYjExMB4XDTI2MTEyMTA2MTgzNVoXDTI2MT',
    'EyMTA3MjMzNVowEjEQMA4GA1UEAxMHcGVlcmFnZTAqMAUGAytlcAMhAAyP86CD9YkJO49C5oxDaapGOzwYjxdundBS1QAm9vqXo4GAMH4wXQYHaYjx48eLCQRSBFARERERERERERERERERERERIiIi',
    'IiIiIiIiIiIiIiIiIjMzMzMzMzMzMzMzMzMzMzNEREREREREREREREREREREVVVVVVVVVVVVVVVVVVVVVTAdBgNVHSUEFjAUBggrBgEFBQcDAQYIKwYBBQUHAwIwBQYDK2VwA0EAO1oKoPTTIZA7Y4',
    'F5RtdYsPm2khVG3XCHG4xl6F1E0+5qw6L4OfVlJx+toSYKqSR09jqJ683hCX/BSSHkEciBBQ==',
  ].join(''),
  issuer: [
    'MIIBNzCB6qADAgECAhAdDbZSEf+1hTcqyMPRiMBTMAUGAytlcDAyMTAwLgYDVQQDEydpc3N1ZXIgZjBhNWY5ZjllMzU1MDdhYWY2NDA3YzFmNjhmZGZiMTEwHhcNMjYxMTIxMDYyMjM1WhcNMjYxMT',
    'IyMDYyMzM1WjAyMTAwLgYDVQQDEydpc3N1ZXIgZjBhNWY5ZjllMzU1MDdhYWY2NDA3YzFmNjhmZGZiMTEwKjAFBgMrZXADIQBi1vYB5IWJFVqPBodZQUCrlK1h2phiPHqFscB7nvVaAaMWMBQwEgYD',
    'VR0TAQH/BAgwBgEB/wIBADAFBgMrZXADQQDWffNV9DKPrPfUoIYm5S7faUYrSn4ZprqohS3KljJF3dhzKQ8mPB57evowiLTpgOgki6ai4a+iIrwjFXg3OKMJ',
  ].join(''),
  /** Of a tracker's port, with a hand-over. */
  port: [
    'MIIBVjCCAQigAwIBAgIRAPAm4maxSUaxY1uLACbAtOwwBQYDK2VwMA8xDTALBgNVBAMTBHRlc3QwHhcNMjYxMTIxMDYyMzM1WhcNMjcxMTIxMDYyMzM1WjAPMQ0wCwYDVQQDEwR0ZXN0MCowBQYDK2',
    'VwAyEAfIONAEYA4BYmgL5vp9T01RF0J8VqGb34cP/J6qtpVFCjeTB3MHUGB2mI8ePHiwoEagRodgdVHqxqQaZi52H3dW5BQ3svKhhML5PRX8xIdY1Y4xcAAAGXdCDcAPc9+bIuujRCXurZ17oDcenk',
    'xOU1bzEIJ8inZUQgUsnBiTtbljZODABDqHV5BpIUO/jHpbljRbxHOAHZZ6MrdgcwBQYDK2VwA0EArS2SVi6lyz3zcQKHOsNGR/pgeEuXeBnmxLpmC4GbpEYSWcbJjQ2NTh8eEZS3xTTA8kWSpebZn6',
    'VIUqaJ267dCA==',
  ].join(''),
};
const NO_PIN = '00'.repeat(32);

/** What strangers show in a handshake: to peers as members, to clients as trackers. */
export const certificates: Decoder = {
  name: 'certificates',
  words: [
    '\x30\x00',
    '\x04\x52\x04\x50',
    '\x04\x00',
    '\x06\x03\x55\x1d\x13',
    '\x05\x00',
    '991231235959Z',
    '00000000000000Z',
    '\x24\x7f\x7f\x7f',
  ],
  maxBytes: 8_000,
  turnMs: 300,
  seeds: () => Object.values(made).map((base64) => Buffer.from(base64, 'base64')),
  check(input) {
    leadsFromNowhere(input);
    const got = attempt(
      () => parseGroupCertificate(input),
      (error) => error instanceof Refusal && error.code === 'malformed_certificate',
    );
    if ('refusal' in got) return refused(got.refusal.message);
    const { group, user, device, application, login, notBeforeMs, notAfterMs, openssl } = got.value;
    demand(!openssl.ca, 'takes an issuer for a member');
    demand(Number.isFinite(notBeforeMs) && Number.isFinite(notAfterMs), 'a certificate without dates');
    const ids = Buffer.from([group, user, device, application, login].join(''), 'hex');
    demand(ids.length === 80, 'a membership that is no five ids');
    demand(
      Buffer.from(input).includes(Buffer.concat([Buffer.from('0450', 'hex'), ids])),
      'ids that are not in the certificate',
    );
    return accepted();
  },
};

/** No certificate leads from a key that nobody has; Node itself has read whatever comes here. */
function leadsFromNowhere(input: Uint8Array): void {
  let parsed: X509Certificate;
  try {
    parsed = new X509Certificate(input);
  } catch {
    return;
  }
  demand(!leadsFrom(NO_PIN, parsed, 1_750_000_000_000), 'follows a hand-over from a key that nobody has');
}
