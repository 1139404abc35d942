#!/bin/bash
# Makes the data directory when there is none, then becomes the command: the same order of things as the official image.
set -Eeuo pipefail
shopt -s nullglob

INIT_DIRECTORY=/docker-entrypoint-initdb.d

fail() { printf 'postgres: %s\n' "$*" >&2; exit 1; }

# setting <name> [<default>]: from the environment, or from the file that <name>_FILE names.
setting() {
  local name=$1 file=${1}_FILE
  if [ -n "${!name-}" ] && [ -n "${!file-}" ]; then fail "both $name and $file are set; one was expected."; fi
  if [ -n "${!file-}" ]; then printf -v "$name" '%s' "$(<"${!file}")"
  elif [ -z "${!name-}" ]; then printf -v "$name" '%s' "${2-}"
  fi
  export "${name?}"
  unset "$file"
}

settings() {
  setting POSTGRES_PASSWORD
  setting POSTGRES_USER postgres
  setting POSTGRES_DB "$POSTGRES_USER"
  setting POSTGRES_INITDB_ARGS
  : "${POSTGRES_HOST_AUTH_METHOD:=}"
  if [ -z "$POSTGRES_PASSWORD" ] && [ "$POSTGRES_HOST_AUTH_METHOD" != trust ]; then
    fail 'POSTGRES_PASSWORD is not set. Set it to the password of the superuser, or POSTGRES_HOST_AUTH_METHOD=trust to do without one.'
  fi
}

make_directories() {
  mkdir -p "$PGDATA"
  chmod 00700 "$PGDATA" || true
  mkdir -p /var/run/postgresql || true
}

# As root (which the image is not, unless asked): what a volume or tmpfs brought along is given to postgres, which goes on from here.
step_down() {
  make_directories
  find "$PGDATA" \! -user postgres -exec chown postgres '{}' +
  exec setpriv --reuid=postgres --regid=postgres --init-groups -- "${BASH_SOURCE[0]}" "$@"
}

make_cluster() {
  local pwfile
  pwfile=$(mktemp)
  printf '%s\n' "$POSTGRES_PASSWORD" >"$pwfile"
  # POSTGRES_INITDB_ARGS is a list of options.
  # shellcheck disable=SC2086
  initdb --username="$POSTGRES_USER" --pwfile="$pwfile" --pgdata="$PGDATA" $POSTGRES_INITDB_ARGS
  rm -f "$pwfile"
  local method=${POSTGRES_HOST_AUTH_METHOD:-$(postgres -C password_encryption)}
  printf '\nhost all all all %s\n' "$method" >>"$PGDATA/pg_hba.conf"
}

# Without TCP: nobody outside may take the server that only runs the init files for the real one.
start_for_init() {
  set -- "$@" -c listen_addresses= -p 5432
  PGUSER=$POSTGRES_USER pg_ctl --pgdata="$PGDATA" --silent --wait --options="$(printf '%q ' "$@")" start
}

# A server that does not stop within a minute is a failure.
stop_after_init() { PGUSER=$POSTGRES_USER pg_ctl --pgdata="$PGDATA" --mode=fast --silent --wait stop; }

# sql <database> <arguments of psql>
sql() { psql --set=ON_ERROR_STOP=1 --no-psqlrc --username="$POSTGRES_USER" --no-password --dbname="$1" "${@:2}"; }

make_database() {
  [ "$POSTGRES_DB" != postgres ] || return 0
  sql postgres --quiet --set=db="$POSTGRES_DB" <<'SQL'
select format('create database %I', :'db') where not exists (select from pg_database where datname = :'db') \gexec
SQL
}

# A script that cannot be executed (a mounted one, perhaps) is read instead.
run_script() {
  # shellcheck source=/dev/null
  if [ -x "$1" ]; then "$1"; else . "$1"; fi
}

run_init_files() {
  local file
  for file in "$INIT_DIRECTORY"/*; do
    printf 'postgres: init file %s\n' "$file"
    case $file in
      *.sh) run_script "$file" ;;
      *.sql) sql "$POSTGRES_DB" --file="$file" ;;
      *.sql.gz) gunzip --stdout "$file" | sql "$POSTGRES_DB" ;;
      *) printf 'postgres: ignored: neither .sh nor .sql nor .sql.gz\n' ;;
    esac
  done
}

initialise() {
  settings
  # Otherwise a half-made data directory would be taken for a good one at the next start.
  trap 'printf "postgres: the initialisation failed\n" >&2; rm -rf "${PGDATA:?}"/*' ERR
  make_cluster
  export PGPASSWORD=$POSTGRES_PASSWORD
  start_for_init "$@"
  make_database
  run_init_files
  stop_after_init
  unset PGPASSWORD
  trap - ERR
  printf 'postgres: initialised\n'
}

if [ "${1:0:1}" = - ]; then set -- postgres "$@"; fi
if [ "$1" = postgres ]; then
  if [ "$(id -u)" = 0 ]; then step_down "$@"; fi
  make_directories
  if [ ! -s "$PGDATA/PG_VERSION" ]; then initialise "${@:2}"; fi
fi
exec "$@"
