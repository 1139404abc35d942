#!/bin/bash
# The role that the services connect as: it owns its database and is no superuser. Settings: APP_USER, APP_PASSWORD, APP_DB (default: APP_USER),
# APP_EXTENSIONS (a list; only a superuser may create them). Without APP_USER nothing is done.
set -euo pipefail

if [ -n "${APP_USER-}" ]; then
  : "${APP_PASSWORD:?APP_PASSWORD is needed with APP_USER}" "${APP_DB:=$APP_USER}"

  # The values go in through psql's variables, never into the text of a statement.
  psql --quiet --set=ON_ERROR_STOP=1 --no-psqlrc --username="$POSTGRES_USER" --dbname=postgres \
    --set=app_user="$APP_USER" --set=app_password="$APP_PASSWORD" --set=app_db="$APP_DB" <<'SQL'
select format('create role %I login nosuperuser nocreatedb nocreaterole noreplication nobypassrls', :'app_user')
where not exists (select from pg_roles where rolname = :'app_user') \gexec
alter role :"app_user" password :'app_password';
select format('create database %I owner %I', :'app_db', :'app_user')
where not exists (select from pg_database where datname = :'app_db') \gexec
alter database :"app_db" owner to :"app_user";
revoke all on database :"app_db" from public;
SQL

  for extension in ${APP_EXTENSIONS-}; do
    psql --quiet --set=ON_ERROR_STOP=1 --no-psqlrc --username="$POSTGRES_USER" --dbname="$APP_DB" --set=extension="$extension" <<'SQL'
create extension if not exists :"extension";
SQL
  done
fi
