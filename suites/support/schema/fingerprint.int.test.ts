import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { scratchStore } from '../../../harness/environment/testing/scratch-stores.ts';
import { withPostgres } from '../stores.ts';
import { differences, fingerprintOf } from './fingerprint.ts';

const store = await scratchStore('postgres');
afterAll(() => store[Symbol.asyncDispose]());

const read = () => withPostgres(store.url, fingerprintOf);
const change = (sql: string) => withPostgres(store.url, (client) => client.query(sql));

const SCHEMA = `
  create table a (id int primary key, note varchar(20), price numeric(8, 2) not null default 0 check (price >= 0));
  create table b (id bigint generated always as identity primary key, a int references a (id), at timestamptz);
  create index b_by_a on b (a);
  create type mood as enum ('good', 'bad');
  create domain score as int check (value between 0 and 9);
  create sequence numbers increment 2;
  create function twice(x int) returns int language sql as 'select 2 * x';
  create function stamp() returns trigger language plpgsql as 'begin return new; end';
  create trigger b_stamp before insert on b for each row execute function stamp();
  create view cheap as select id from a where price < 1;
  alter table a enable row level security;
  create policy own on a using (id > 0);`;

beforeEach(() => change(`drop schema public cascade; create schema public; ${SCHEMA}`));

describe('fingerprintOf', () => {
  it('sees a change of every kind, by name', async () => {
    const before = await read();
    await change(`create schema extra;
      create table c ();
      alter table a alter note type text;
      alter table a drop constraint a_price_check;
      drop index b_by_a;
      create index hotfix on b (at);
      alter sequence numbers increment 3;
      alter type mood add value 'fair' after 'good';
      alter domain score drop constraint score_check;
      create or replace function twice(x int) returns int language sql as 'select x + x';
      alter table b disable trigger b_stamp;
      create or replace view cheap as select id from a where price < 2;
      alter policy own on a using (true);
      alter table a force row level security;`);
    expect(differences(before, await read()).map((line) => line.split(':')[0]?.split(' ').slice(0, 3).join(' '))).toEqual([
      '~ column public.a.note',
      '- constraint public.a.a_price_check',
      '~ domain public.score',
      '~ enum public.mood',
      '~ function public.twice(x',
      '- index public.b_by_a',
      '+ index public.hotfix',
      '~ policy public.a.own',
      '+ schema extra',
      '~ sequence public.numbers',
      '~ table public.a',
      '+ table public.c',
      '~ trigger public.b.b_stamp',
      '~ view public.cheap',
    ]);
  });

  it('says what was and what is', async () => {
    const before = await read();
    await change('alter table a alter note type text; create index hotfix on b (at)');
    expect(differences(before, await read())).toEqual([
      '~ column public.a.note character varying(20) → text',
      '+ index public.hotfix: CREATE INDEX hotfix ON public.b USING btree (at)',
    ]);
  });

  it('does not care in which order things were made, nor for partitions, the data, or what is of the harness', async () => {
    const before = await read();
    await change(`drop view cheap; drop table b; drop table a cascade; drop sequence numbers;`);
    await change(`create sequence numbers increment 2;
      create table a (price numeric(8, 2) not null default 0 check (price >= 0), gone int, note varchar(20), id int primary key);
      alter table a drop column gone;
      create table b (at timestamptz, id bigint generated always as identity primary key, a int references a (id));
      create index b_by_a on b (a);
      create trigger b_stamp before insert on b for each row execute function stamp();
      create view cheap as select id from a where price < 1;
      alter table a enable row level security;
      create policy own on a using (id > 0);
      insert into a values (1, 'x', 1);
      create schema muster_else; create table muster_else.t (id int);`);
    expect(differences(before, await read())).toEqual([]);
    await change('create table parts (id int, day date) partition by range (day)');
    const parted = await read();
    await change(`create table parts_may partition of parts for values from ('2026-05-01') to ('2026-06-01')`);
    expect(differences(parted, await read())).toEqual([]);
  });
});
