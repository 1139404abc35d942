import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAuthority } from '../model/testing/certificates.ts';
import { type ConfigFolder, createConfigFolder } from './testing/config-folder.ts';

const authority = createAuthority('An Authority');
const own = authority.issue({ name: 'muster' });
let folder: ConfigFolder;

beforeEach(async () => {
  folder = await createConfigFolder();
});

afterEach(async () => {
  await folder[Symbol.asyncDispose]();
});

const target = (tls: string): string => `name: x\nservices:\n  web: { kind: http, url: 'https://127.0.0.1:8443', tls: { ${tls} } }\n`;

describe('services.<name>.tls', () => {
  it('is read from files beside the target file, once; the key is a secret', async () => {
    const files = { 'certs/ca.pem': authority.cert, 'certs/me.pem': own.cert, 'certs/me.key': own.key };
    const { target: found, secrets } = await folder.load(
      { ...files, 't.yaml': target('ca: certs/ca.pem, cert: certs/me.pem, key: certs/me.key, serverName: api.internal') },
      { targetFile: 't.yaml' },
    );
    expect(found.services[0]).toMatchObject({ tls: { ca: authority.cert, cert: own.cert, key: own.key, serverName: 'api.internal' } });
    expect(secrets).toContain(own.key);
  });

  it('keeps no private key that stands in the file of the certificate', async () => {
    const { target: found } = await folder.load(
      { 'me.pem': `${own.key}${own.cert}`, 'me.key': own.key, 't.yaml': target('cert: me.pem, key: me.key') },
      { targetFile: 't.yaml' },
    );
    const [service] = found.services;
    const { cert } = (service?.kind === 'http' ? service.tls : undefined) ?? {};
    expect(cert?.trim()).toBe(own.cert.trim());
  });

  it('shows no path where a key was meant: it may be the key, in another form', async () => {
    const text = Buffer.from(own.key).toString('base64url').slice(0, 200);
    const mistakes = await folder.mistakes(
      { 'me.pem': own.cert, 't.yaml': target(`cert: me.pem, key: ${text}`) },
      { targetFile: 't.yaml' },
    );
    expect(mistakes).toMatch(/services\.web\.tls\.key: cannot be read: ENOENT/u);
    expect(mistakes).not.toContain(text);
  });

  it('takes the texts themselves from the environment', async () => {
    const env = { API_CA: authority.cert, ME: own.cert, ME_KEY: own.key };
    const { target: found, secrets } = await folder.load(
      { 't.yaml': target("ca: '${env.API_CA}', cert: '${env.ME}', key: '${env.ME_KEY}'") },
      { targetFile: 't.yaml', env },
    );
    expect(found.services[0]).toMatchObject({ tls: { ca: authority.cert, key: own.key, serverName: null } });
    expect(secrets).toContain(own.key);
  });

  it('stands in the config as well, when the target does', async () => {
    const config = `target:\n${target('ca: ca.pem').replaceAll(/^/gmu, '  ')}`;
    const { target: found } = await folder.load({ 'muster.config.yaml': config, 'ca.pem': authority.cert });
    expect(found.services[0]).toMatchObject({ tls: { ca: authority.cert } });
  });

  it.each([
    ['a file that is not there', 'ca: nowhere.pem', /services\.web\.tls\.ca: cannot be read: ENOENT.*nowhere\.pem/u],
    ['a file without a certificate', 'ca: me.key', /services\.web\.tls\.ca: holds no certificate/u],
    ['a certificate without its key', 'cert: me.pem', /services\.web\.tls\.cert: is given without `tls\.key`/u],
    ['a key without its certificate', 'key: me.key', /services\.web\.tls\.key: is given without `tls\.cert`/u],
    ['the key of another', 'cert: me.pem, key: other.key', /services\.web\.tls\.key: is not the key of `tls\.cert`/u],
    ['a key that is none', 'cert: me.pem, key: ca.pem', /services\.web\.tls\.key: holds no private key/u],
    ['a way around the check', 'insecure: true', /services\.web\.tls\.insecure: is an unknown key/u],
  ])('%s is a mistake', async (_what, tls, expected) => {
    const files = { 'ca.pem': authority.cert, 'me.pem': own.cert, 'me.key': own.key, 'other.key': authority.issue({ name: 'other' }).key };
    expect(await folder.mistakes({ ...files, 't.yaml': target(tls) }, { targetFile: 't.yaml' })).toMatch(expected);
  });
});
