# A private apt root: packages are taken from the mirrors that the system is configured with, checked with its keys, and
# unpacked into a directory of ours. Nothing is installed, so neither root nor a maintainer script (which would start a server) is involved.

apt_usable() {
  command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null && [ -r /etc/os-release ] && [ -n "$(distribution_codename)" ]
}

distribution_codename() { (. /etc/os-release && printf '%s' "${UBUNTU_CODENAME:-${VERSION_CODENAME-}}"); }

# Reads the package lists into $WORK/apt, once. Fails when no mirror answers.
apt_open() {
  [ -z "${APT_OPENED-}" ] || return "$APT_OPENED"
  APT_OPENED=1
  apt_root "$WORK/apt" && APT_OPENED=0
  return "$APT_OPENED"
}

# apt_root <directory> [<newer release> [deb]]: with a newer release it holds that release's source packages only, or its packages.
apt_root() {
  mkdir -p "$1/state/lists/partial" "$1/cache/archives/partial" "$1/sources"
  node "$ROOT/scripts/setup.d/apt-sources.mjs" /etc/apt "$(distribution_codename)" "${@:2}" >"$1/sources/muster.sources"
  [ -s "$1/sources/muster.sources" ] || { note 'no usable package source is configured in /etc/apt'; return 1; }
  cat >"$1/apt.conf" <<CONF
Dir::State "$1/state";
Dir::State::status "/var/lib/dpkg/status";
Dir::Cache "$1/cache";
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "$1/sources";
APT::Sandbox::User "root";
APT::Update::Error-Mode "any";
Acquire::Languages "none";
Acquire::Retries "2";
CONF
  APT_CONFIG=$1/apt.conf apt-get -qq update >"$1/log" 2>&1 || { note "the package mirror does not answer: $(sed -n 's/^[EW]: //p' "$1/log" | head -n 1)"; return 1; }
}

apt_has() { APT_CONFIG=$WORK/apt/apt.conf apt-cache show --no-all-versions "$1" >/dev/null 2>&1; }

# The packages that installing "$@" would add to this system. libc is the one thing that cannot be brought along.
apt_missing() {
  APT_CONFIG=$WORK/apt/apt.conf apt-get -s --no-install-recommends install "$@" 2>"$WORK/apt/log" |
    awk '$1 == "Inst" && $2 !~ /^(libc6|libc-bin|locales)$/ { print $2 }'
}

# Only the shared libraries among them; LLVM is left out because only Postgres' optional JIT compiler would load it.
apt_missing_libraries() { apt_missing "$@" | grep -E '^lib' | grep -Ev '^lib(llvm|z3|perl|gdbm)|-perl$|-dev$' || true; }

# apt_unpack <directory> <package...>
apt_unpack() (
  into=$1
  shift
  mkdir -p "$into"
  debs=$(mktemp -d "$WORK/debs.XXXXXX")
  cd "$debs" || exit
  APT_CONFIG=$WORK/apt/apt.conf apt-get -qq download "$@" >"$WORK/apt/log" 2>&1 || { note "download failed: $(tail -n 1 "$WORK/apt/log")"; exit 1; }
  for deb in *.deb; do dpkg-deb -x "$deb" "$into"; done
  rm -rf "$debs"
)

# The directories below $1 that hold shared libraries of the packages, as a value for LD_LIBRARY_PATH; empty when there is none.
library_path() {
  triplet=$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || basename "$(dirname "$(ls -d /usr/lib/*-linux-*/libc.so.6 /lib/*-linux-*/libc.so.6 2>/dev/null | head -n 1)")")
  found=
  for directory in "$1/usr/lib/$triplet" "$1/lib/$triplet"; do
    if ls "$directory"/*.so.* >/dev/null 2>&1; then found=${found:+$found:}$directory; fi
  done
  printf '%s' "$found"
}

# record_paths <name> <bin directory below the tree>: writes BIN and LIB, with the paths the tree will have once published.
record_paths() {
  printf '%s\n' "$CACHE/$1/$2" >"$WORK/$1/BIN"
  libraries=$(library_path "$WORK/$1" | sed "s#$WORK/$1#$CACHE/$1#g")
  if [ -n "$libraries" ]; then printf '%s\n' "$libraries" >"$WORK/$1/LIB"; fi
}
