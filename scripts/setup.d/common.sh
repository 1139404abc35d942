# Shared by the parts of scripts/setup: output, the cache directory, its lock, and running as an unprivileged user.

say() { printf '%s\n' "$*"; }
note() { printf '  ! %s\n' "$*"; }
die() { printf 'setup: %s\n' "$*" >&2; exit 1; }

require_node() {
  command -v node >/dev/null || die 'Node.js is not on the PATH. Install Node.js 20.19 or newer, then run scripts/setup again.'
  command -v npm >/dev/null || die 'npm is not on the PATH. Install npm 10 or newer, then run scripts/setup again.'
  node -e 'const [major, minor] = process.versions.node.split(".").map(Number);
    process.exit(major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19) ? 0 : 1)' ||
    die "Node.js $(node --version) is too old. Install 20.19 or newer (or 22.12 or newer), then run scripts/setup again."
}

# The same rule as harness/environment/cache-dir.ts.
cache_dir() {
  if [ -n "${MUSTER_CACHE-}" ]; then printf '%s' "$MUSTER_CACHE"
  elif [ "$(id -u)" = 0 ]; then printf '/var/cache/muster'
  else printf '%s/muster' "${XDG_CACHE_HOME:-${HOME:-}/.cache}"
  fi
}

# Creates the cache, takes its lock until this process ends, and sweeps what a killed setup left behind.
open_cache() {
  CACHE=$(cache_dir)
  mkdir -p "$CACHE" 2>/dev/null && [ -w "$CACHE" ] ||
    die "the cache directory $CACHE cannot be written. Set MUSTER_CACHE to a directory that can."
  CACHE=$(cd "$CACHE" && pwd)
  exec 9>>"$CACHE/lock"
  if ! lock_fd -n; then
    say 'Another setup is running; waiting for it to end.'
    lock_fd
  fi
  rm -rf "$CACHE"/tmp.* "$CACHE"/*.replaced
  WORK=$CACHE/tmp.$$
  trap 'rm -rf "$WORK"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  mkdir -m 755 "$WORK"
}

# Locks file descriptor 9; the kernel lets go of it when this process ends, however it ends. macOS has perl but no flock.
lock_fd() {
  if command -v flock >/dev/null; then flock ${1+"$1"} 9
  else perl -MFcntl=:flock -e 'open(my $f, ">>&=9") or die; flock($f, LOCK_EX | (@ARGV ? LOCK_NB : 0)) or exit 1' -- ${1+"$1"}
  fi
}

# Puts the finished tree $WORK/<name> in its place; a half-made one is never seen there.
publish() {
  if [ -e "$CACHE/$1" ]; then mv "$CACHE/$1" "$CACHE/$1.replaced"; fi
  mv "$WORK/$1" "$CACHE/$1"
  rm -rf "$CACHE/$1.replaced"
}

# Postgres refuses to run as root; then `nobody`, which every system has, runs the command.
unprivileged() {
  node -e 'const [command, ...args] = process.argv.slice(1);
    const user = process.getuid() === 0 ? { uid: 65534, gid: 65534 } : {};
    const { status, error } = require("node:child_process").spawnSync(command, args, { stdio: "inherit", cwd: "/", ...user });
    if (error) console.error(error.message);
    process.exit(status ?? 1)' -- "$@"
}

summary() {
  [ -n "$POSTGRES_USED" ] || die 'no Postgres could be had. Install PostgreSQL 15 or newer or set MUSTER_POSTGRES_BIN, then run scripts/setup again.'
  [ -n "$REDIS_USED" ] || die 'no Redis could be had. Install redis-server or valkey-server or set MUSTER_REDIS_SERVER, then run scripts/setup again.'
  say ''
  say 'Ready. What a run will use:'
  say "  node      $(node --version)"
  say "  postgres  $POSTGRES_USED"
  say "  redis     $REDIS_USED"
}
