/**
 * Answers come bare, as the API gives them to a program (`[…]`), in an envelope, as command lines print them (`{"Vpcs": […]}`), or as a list
 * of such documents, one for each command that was run; `{"of": ID, "answer": …}` is one of a command that was run for an object. What comes
 * out is a list of the vendor's objects. Nothing is checked here: what is none of this comes out as it is, and the schema refuses it.
 */
type Document = { readonly of: string | null; readonly answer: unknown };

/** documentsOf takes a part apart; null where nothing could be read. Of several, those that were refused are left out. */
export function documentsOf(part: unknown): readonly Document[] | null {
  const all = allDocumentsOf(part);
  const answered = all.filter(({ answer }) => answer !== null);
  return answered.length === 0 && (all.length > 0 || part === null || part === undefined) ? null : answered;
}

/** wasRefused: at least one of the documents of a part could not be read. */
export function wasRefused(part: unknown): boolean {
  return allDocumentsOf(part).some(({ answer }) => answer === null);
}

function allDocumentsOf(part: unknown): readonly Document[] {
  if (part === null || part === undefined) return [];
  return (Array.isArray(part) ? part : [part]).map(documentOf);
}

function documentOf(each: unknown): Document {
  return isRecord(each) && typeof each['of'] === 'string' && 'answer' in each
    ? { of: each['of'], answer: each['answer'] }
    : { of: null, answer: each };
}

/** inEnvelope is the list below a path such as `Vpcs.Vpc`, or the thing itself where there is no such envelope. */
export function inEnvelope(answer: unknown, envelope: string): readonly unknown[] {
  let inner = answer;
  for (const key of envelope.split('.')) {
    if (!isRecord(inner) || !Object.hasOwn(inner, key)) break;
    inner = inner[key];
  }
  return Array.isArray(inner) ? (inner as unknown[]) : [inner];
}

/** listIn is a part that is a list of objects. */
export function listIn(part: unknown, envelope: string): readonly unknown[] | null {
  return documentsOf(part)?.flatMap(({ answer }) => inEnvelope(answer, envelope)) ?? null;
}

/** oneIn is a part that is one object. */
export function oneIn(part: unknown, envelope: string): unknown {
  return listIn(part, envelope)?.[0] ?? null;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Deeper than anything that a vendor answers; what is deeper is left as it is, so that hostile nesting costs no stack. */
const deepest = 20;

/** mapRecords changes every object in an answer, the inner ones first. */
export function mapRecords(
  value: unknown,
  change: (record: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>,
  depth = 0,
): unknown {
  if (depth > deepest) return value;
  if (Array.isArray(value)) return value.map((each: unknown) => mapRecords(each, change, depth + 1));
  if (!isRecord(value)) return value;
  return change(Object.fromEntries(Object.entries(value).map(([key, each]) => [key, mapRecords(each, change, depth + 1)])));
}
