/** Writing by one statement: what a server does by itself for a transaction that held nothing while it worked. */

import type { Change } from '../../../ports.ts'
import { stringify } from '../../../fhir/json.ts'
import type { Query } from './query.ts'
import type { IndexContent } from './search-index.ts'
import type { VersionRow } from './versions.ts'

/** What is not as it was assumed ends the transaction so: another came before. @see https://www.postgresql.org/docs/18/errcodes-appendix.html */
const OVERTAKEN = `raise exception 'overtaken' using errcode = 'serialization_failure'`

/** The routines of a server, and what they need; each is a step of a migration. */
export const PUTTING: readonly string[] = [
  // the version that is indexed, and the digests of its rows in each table of the index
  `alter table resource add column indexed text collate "C"`,
  `create function store_assume(names text[], numbers bigint[]) returns void language plpgsql as $$
    begin
      -- in the order of their keys, as everybody holds them
      perform pg_advisory_xact_lock(key) from (
        select distinct hashtextextended(name, 0) as key from unnest(names) as name order by key) as keys;
      if exists (
        select 1 from unnest(names, numbers) as assumed(name, number) left join resource as held on held.name = assumed.name
        where coalesce(held.version, 0) <> assumed.number)
      then ${OVERTAKEN}; end if;
    end $$`,
  `create function store_put(
    the_name text, the_type text, the_id text, the_version bigint, the_time bigint, the_method text, the_text text,
    the_media text, the_bytes bytea, the_receipt text, the_digests text, the_lists json
  ) returns void language plpgsql as $$
    declare
      written bigint;
      own bigint;
      before text[] := '{-,-,-,-,-}';
    begin
      lock table schema_version in row share mode;
      perform pg_advisory_xact_lock(hashtextextended(the_name, 0));
      if the_version > 1 then
        select rid, string_to_array(indexed, ' ') into own, before from resource
        where name = the_name and version = the_version - 1 and deleted = 0;
        if own is null then ${OVERTAKEN}; end if;
        -- whoever wrote the version before may not have told
        before := case when before[1] = (the_version - 1)::text then before[2:] end;
      end if;
      insert into version (name, type, version, last_updated, method, text)
        values (the_name, the_type, the_version, the_time, the_method, the_text) returning seq into written;
      if own is null then
        insert into resource (name, type, id, version, seq, last_updated, deleted, indexed)
          values (the_name, the_type, the_id, the_version, written, the_time, 0, the_version || ' ' || the_digests)
          returning rid into own;
      else
        update resource set version = the_version, seq = written, last_updated = the_time,
          indexed = the_version || ' ' || the_digests where rid = own;
      end if;
      if the_bytes is not null then
        insert into original (seq, media_type, bytes) values (written, the_media, the_bytes);
      end if;
      if the_receipt is not null then
        insert into receipt (seq, text) values (written, the_receipt);
      end if;
      perform index_put(own, before, string_to_array(the_digests, ' '), the_lists);
    end $$`,
]

/** A change as it is to be written: over the version before, which is no deletion, or as the first one. */
export interface Putting {
  readonly change: Change
  readonly row: VersionRow
  readonly content: IndexContent
}

const PUT = 'select store_put($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)'

/** The query that writes a change. Where another version than the one before is current, the transaction ends. */
export function putting({ change, row, content }: Putting): Query {
  const { type, id, original, receipt } = change
  return {
    sql: PUT,
    parameters: [
      row.name,
      type,
      id,
      row.version,
      row.last_updated,
      row.method,
      row.text,
      original?.mediaType ?? null,
      original?.bytes ?? null,
      receipt === undefined ? null : stringify(receipt),
      content.digests,
      content.lists,
    ],
  }
}

const ASSUME = 'select store_assume($1::text[], $2::bigint[])'

/** The query that holds what is named, and ends the transaction where another version is current than assumed; 0 is none. */
export function assuming(assumed: ReadonlyMap<string, number>): Query {
  return { sql: ASSUME, parameters: [[...assumed.keys()], [...assumed.values()]] }
}
