# A Redis (or Valkey) server binary: the system's, or one unpacked from the system's package mirror, or Homebrew's.

plan_redis() {
  REDIS_USED='' REDIS_ROUTE=none
  if [ -n "${MUSTER_REDIS_SERVER-}" ]; then
    REDIS_USED=$(redis_version "$MUSTER_REDIS_SERVER") || die "MUSTER_REDIS_SERVER is $MUSTER_REDIS_SERVER, which does not run."
    REDIS_PLAN="$REDIS_USED (MUSTER_REDIS_SERVER)"
  elif redis_in_cache || redis_in_system; then REDIS_PLAN=$REDIS_USED
  elif apt_usable; then REDIS_ROUTE=apt REDIS_PLAN='the distribution'\''s redis-server package, unpacked into the cache'
  elif command -v brew >/dev/null; then REDIS_ROUTE=brew REDIS_PLAN='brew install redis'
  else REDIS_PLAN='none found, and neither apt nor Homebrew is here'
  fi
}

# redis_version <binary> [<library path>]
redis_version() { LD_LIBRARY_PATH=${2-${LD_LIBRARY_PATH-}} "$1" --version 2>/dev/null | sed -nE 's/^(Redis|Valkey) server v=([^ ]+).*/\1 \2/p' | grep .; }

redis_in_tree() {
  [ -f "$1/BIN" ] || return 1
  for name in redis-server valkey-server; do
    directory=$(cat "$1/BIN")
    libraries=$(cat "$1/LIB" 2>/dev/null || true)
    if version=$(redis_version "$2$directory/$name" "$libraries"); then
      REDIS_USED="$version ($directory/$name)"
      return 0
    fi
  done
  return 1
}

redis_in_cache() { redis_in_tree "$CACHE/redis" ''; }

redis_in_system() {
  for name in redis-server valkey-server; do
    for directory in $(printf '%s' "$PATH" | tr ':' ' ') /usr/bin /usr/local/bin /opt/homebrew/bin; do
      [ -x "$directory/$name" ] || continue
      version=$(redis_version "$directory/$name") || continue
      REDIS_USED="$version ($directory/$name)"
      return 0
    done
  done
  return 1
}

install_redis() {
  [ "$REDIS_ROUTE" != none ] || return 0
  say ''
  say "Redis: $REDIS_PLAN"
  case $REDIS_ROUTE in
    apt) redis_from_apt && redis_in_cache ;;
    brew) HOMEBREW_NO_AUTO_UPDATE=1 brew install redis && redis_in_system ;;
  esac || note 'no Redis binary could be prepared'
}

redis_from_apt() {
  apt_open || return 1
  package=
  for name in redis-server valkey-server; do if apt_has "$name"; then package=$name; break; fi; done
  [ -n "$package" ] || { note 'the distribution has neither redis-server nor valkey-server'; return 1; }
  # Some releases keep the binary in the -tools package, and the server package only links to it.
  # shellcheck disable=SC2046
  apt_unpack "$WORK/redis" "$package" "${package%-server}-tools" $(apt_missing_libraries "$package") || return 1
  rm -rf "$WORK/redis/etc" "$WORK/redis/usr/share"
  record_paths redis usr/bin
  publish redis
}
