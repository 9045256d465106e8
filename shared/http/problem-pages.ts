// The pages that the `type` of a problem points to: what happened and what to do, for a person. Plain HTML that
// asks nothing of other hosts and runs no script.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { Failure, type FailureCode, failures } from '../engine/index.ts';
import type { HttpApp } from './http-app.ts';
import { codes, explanations } from './problem-explanations.ts';

const style =
  'body{font:1rem/1.5 system-ui,sans-serif;max-width:42rem;margin:2rem auto;padding:0 1rem}' +
  '@media(prefers-color-scheme:dark){body{background:#111;color:#eee}a{color:#8bf}}';
const styleDigest = createHash('sha256').update(style).digest('base64');
const contentPolicy = `default-src 'none'; style-src 'sha256-${styleDigest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

function page(title: string, body: string): string {
  return (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">' +
    `<title>${escapeHtml(title)}</title><style>${style}</style></head><body>${body}</body></html>\n`
  );
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

function prose(text: string): string {
  return escapeHtml(text).replace(/`([^`]*)`/g, '<code>$1</code>');
}

function problemPage(code: FailureCode, list: string): string {
  const { status, title, retry } = failures[code];
  const { happened, remedy } = explanations[code];
  return page(
    `${code}: ${title}`,
    `<h1>${escapeHtml(title)}</h1><p><code>${code}</code>, HTTP ${status}</p>` +
      `<h2>What happened</h2><p>${prose(happened)}</p><h2>What to do</h2><p>${prose(remedy)} ` +
      `${retry ? 'The same request may succeed later.' : 'The same request will not succeed later.'}</p>` +
      `<p><a href="${escapeHtml(list)}">All problems</a></p>`,
  );
}

function listPage(list: string): string {
  const items = codes.map(
    (code) =>
      `<li><a href="${escapeHtml(list)}/${code}"><code>${code}</code></a> ${failures[code].status}: ${escapeHtml(failures[code].title)}</li>`,
  );
  return page('Problems', `<h1>Problems</h1><ul>${items.join('')}</ul>`);
}

function isCode(text: string): text is FailureCode {
  return Object.hasOwn(failures, text);
}

/** Adds `GET /problems` and `GET /problems/:code`. */
export function addProblemPages(app: HttpApp): void {
  const list = `${app.mountedAt}/problems`;
  const html = { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': contentPolicy };
  app.get('/problems', { config: { policy: 'public' }, schema: { hide: true } }, async (_request, reply) =>
    reply.headers(html).send(listPage(list)),
  );
  app.get(
    '/problems/:code',
    { config: { policy: 'public' }, schema: { hide: true, params: z.strictObject({ code: z.string() }) } },
    async (request, reply) => {
      const { code } = request.params;
      if (!isCode(code)) throw new Failure('not-found', `There is no problem with this code; ${list} lists them all.`);
      return reply.headers(html).send(problemPage(code, list));
    },
  );
}
