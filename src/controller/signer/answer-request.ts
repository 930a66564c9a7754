import type { Authorities, AuthorityKeeper } from './authorities.ts';
import type { Authority } from './authority.ts';
import { issueCertificate } from './issue-certificate.ts';
import type { SignerAnswer, SignerRequest } from './protocol.ts';
import { signerRequest } from './protocol.ts';
import { signRevocationList } from './revocation-list.ts';
import { checkHostName, checkLifetime, maximumRevocationListSeconds } from './rules.ts';
import { SigningRefused } from './signing-refused.ts';

/**
 * answerLine reads one line of the protocol and gives its answer; it never throws. An error's message is for the controller's log
 * and names what was refused; a failure of the signer itself is told without its cause, which is logged here.
 */
export async function answerLine(keeper: AuthorityKeeper, line: string, now: () => Date): Promise<SignerAnswer> {
  const request = parse(line);
  if (!request.ok) return request.answer;
  try {
    return await answer(keeper, request.value, now());
  } catch (cause) {
    const { id } = request.value;
    if (cause instanceof SigningRefused) return { id, kind: 'error', code: 'refused', message: cause.message };
    console.error(`signer: answering a ${request.value.kind} request failed:`, cause);
    return { id, kind: 'error', code: 'failed', message: 'the signer failed; its log says why' };
  }
}

async function answer(keeper: AuthorityKeeper, request: SignerRequest, now: Date): Promise<SignerAnswer> {
  switch (request.kind) {
    case 'authority':
      return authorityAnswer(request.id, keeper.authorities);
    case 'authority-step':
      await keeper.take(request.step, now);
      return authorityAnswer(request.id, keeper.authorities);
    case 'revocation-list': {
      const { current, next } = keeper.authorities;
      // A list counts for what its issuer has signed; who verifies has both, and each serial is of one of them.
      const lists = [current, ...(next === undefined ? [] : [next])].map((each) => revocationList(each, request, now));
      return { id: request.id, kind: 'revocation-list', revocationList: lists.join('') };
    }
    case 'portal': {
      const alternativeName = checkHostName(request.hostName);
      return certificateAnswer(
        request.id,
        await issueCertificate(keeper.authorities.current, { ...request, alternativeName }, now),
      );
    }
    case 'gateway':
      return certificateAnswer(request.id, await issueCertificate(keeper.authorities.current, request, now));
    case 'connector':
    case 'device': {
      const { current, next, switchedAt } = keeper.authorities;
      const issuer = next !== undefined && switchedAt !== undefined ? next : current;
      return certificateAnswer(request.id, await issueCertificate(issuer, request, now));
    }
  }
}

function authorityAnswer(id: number, { current, next, switchedAt }: Authorities): SignerAnswer {
  return {
    id,
    kind: 'authority',
    certificate: current.certificatePem,
    ...(next === undefined ? {} : { next: next.certificatePem }),
    ...(switchedAt === undefined ? {} : { switchedAt: switchedAt.toISOString() }),
  };
}

function certificateAnswer(id: number, issued: Awaited<ReturnType<typeof issueCertificate>>): SignerAnswer {
  return {
    id,
    kind: 'certificate',
    certificate: issued.certificate,
    serial: issued.serial,
    notBefore: issued.notBefore.toISOString(),
    notAfter: issued.notAfter.toISOString(),
  };
}

function revocationList(authority: Authority, request: SignerRequest & { kind: 'revocation-list' }, now: Date): string {
  checkLifetime('revocation list', request.lifetimeSeconds, maximumRevocationListSeconds);
  return signRevocationList(
    {
      issuer: new Uint8Array(authority.certificate.subjectName.toArrayBuffer()),
      authorityKeyIdentifier: authority.keyIdentifier,
      // The clock rises by itself, also over restarts, and needs no counter on disk.
      number: BigInt(now.getTime()),
      thisUpdate: now,
      nextUpdate: new Date(now.getTime() + request.lifetimeSeconds * 1000),
      revoked: request.revoked.map(({ serial, revokedAt }) => ({ serial, revokedAt: new Date(revokedAt) })),
    },
    authority.key,
  );
}

type Parsed = { readonly ok: true; readonly value: SignerRequest } | { readonly ok: false; readonly answer: SignerAnswer };

function parse(line: string): Parsed {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return malformed(null, 'the line is not JSON');
  }
  const checked = signerRequest.safeParse(value);
  if (checked.success) return { ok: true, value: checked.data };
  const issue = checked.error.issues[0];
  return malformed(idOf(value), `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not a request'}`);
}

function malformed(id: number | null, message: string): Parsed {
  return { ok: false, answer: { id, kind: 'error', code: 'malformed', message } };
}

function idOf(value: unknown): number | null {
  if (typeof value !== 'object' || value === null || !('id' in value)) return null;
  return Number.isInteger(value.id) && Number(value.id) >= 1 ? Number(value.id) : null;
}
