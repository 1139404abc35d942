#!/bin/bash
# Statements are counted for whoever asks in the database postgres: the catalog of the services' own database stays as they made it.
set -euo pipefail

psql --quiet --set=ON_ERROR_STOP=1 --no-psqlrc --username="$POSTGRES_USER" --dbname=postgres <<'SQL'
select 'create extension if not exists pg_stat_statements'
where exists (select from pg_available_extensions where name = 'pg_stat_statements') \gexec
SQL
