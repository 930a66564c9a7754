import { CausewayError, invalidInput } from '../../contract/errors.ts';
import type { AddressUse } from '../../core/allocation.ts';
import { addressProposer, checkFixedAddress } from '../../core/allocation.ts';
import type { ConnectorId, DeviceId } from '../../core/ids.ts';
import type { AddressText } from '../../core/ip/address.ts';
import { parseAddress4 } from '../../core/ip/address.ts';
import type { Prefix4 } from '../../core/ip/prefix.ts';
import { strictPrefix } from '../../core/ip/prefix.ts';
import type { ModelTrx } from '../store/database.ts';

/** AddressBook is what is known of tunnel addresses within one model transaction; takeAddresses keeps it up to date. */
type AddressBook = {
  readonly ranges: readonly Prefix4[];
  readonly taken: Set<AddressText>;
  /** Released addresses, longest released first. */
  readonly resting: AddressText[];
};
type Proposer = ReturnType<typeof addressProposer>;

/** A fixed address that was asked for, and the field that asked. */
export type WantedAddress = { readonly field: string; readonly text: string };

type Owner = { readonly kind: 'connector'; readonly id: ConnectorId } | { readonly kind: 'device'; readonly id: DeviceId };

/** Taker is an owner without address, and the address that was asked for, if any. */
export type Taker = { readonly owner: Owner; readonly wanted?: WantedAddress | undefined };

/**
 * takeAddresses gives each owner the address that was asked for, or the next free one of its kind (core/allocation.ts), in the order given.
 * Two statements, however many there are.
 */
export async function takeAddresses(trx: ModelTrx, use: AddressUse, takers: readonly Taker[]): Promise<AddressText[]> {
  if (takers.length === 0) return [];
  const book = await openAddressBook(trx);
  const propose = addressProposer(use, book.ranges);
  const rows = takers.map(({ owner, wanted }) => {
    const address = wanted === undefined ? nextFree(book, propose) : fixed(book, wanted);
    book.taken.add(address);
    const rested = book.resting.indexOf(address);
    if (rested >= 0) book.resting.splice(rested, 1);
    return {
      address,
      connector_id: owner.kind === 'connector' ? owner.id : null,
      device_id: owner.kind === 'device' ? owner.id : null,
      released_at: null,
    };
  });
  // A row that is there already can only be a released one: the book says so, and the primary key judges.
  await trx
    .insertInto('tunnel_address')
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .column('address')
        .doUpdateSet((row) => ({
          connector_id: row.ref('excluded.connector_id'),
          device_id: row.ref('excluded.device_id'),
          released_at: null,
        }))
        .where('tunnel_address.released_at', 'is not', null),
    )
    .execute();
  return rows.map(({ address }) => address);
}

/** openAddressBook reads the tunnel ranges and every address of them that is or was in use. */
async function openAddressBook(trx: ModelTrx): Promise<AddressBook> {
  const { tunnel_ranges } = await trx.selectFrom('wpc').select('tunnel_ranges').executeTakeFirstOrThrow();
  const rows = await trx
    .selectFrom('tunnel_address')
    .select(['address', 'released_at'])
    .orderBy('released_at')
    .orderBy('address')
    .execute();
  const ranges = tunnel_ranges.map((text) => strictPrefix(text)).filter((range) => range.family === 4);
  const taken = new Set(rows.filter((row) => row.released_at === null).map((row) => row.address));
  const resting = rows.filter((row) => row.released_at !== null).map((row) => row.address);
  return { ranges, taken, resting };
}

function nextFree(book: AddressBook, propose: Proposer): AddressText {
  const proposal = propose(book);
  if (proposal.ok) return proposal.value;
  throw new CausewayError('conflict', `No tunnel address is left: ${proposal.reason}.`, {
    details: [{ field: 'ipV4Address', message: proposal.reason }],
  });
}

function fixed(book: AddressBook, wanted: WantedAddress): AddressText {
  const parsed = parseAddress4(wanted.text);
  const checked = parsed.ok ? checkFixedAddress(parsed.value, book) : parsed;
  if (checked.ok) return checked.value;
  throw invalidInput(
    wanted.field,
    wanted.text,
    `cannot be given (${checked.reason})`,
    'a free address of the tunnel ranges, or none',
  );
}
