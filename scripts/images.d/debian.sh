# shellcheck shell=bash
# The base image: a Debian that debootstrap makes from the mirror, its release verified with Debian's keys.

# The mirror of the packages: the one named, else the one that this system's apt uses.
debian_mirror() {
  if [ -n "${MUSTER_DEBIAN_MIRROR-}" ]; then
    printf '%s' "$MUSTER_DEBIAN_MIRROR"
    return
  fi
  [ "$(. /etc/os-release 2>/dev/null && printf '%s' "$ID")" = debian ] || return 1
  node "$ROOT/scripts/setup.d/apt-sources.mjs" /etc/apt "$(distribution_codename)" |
    awk -v suite="$(distribution_codename)" '
      BEGIN { RS = ""; FS = "\n" }
      { uri = ""; mine = 0
        for (i = 1; i <= NF; i++) {
          if ($i ~ /^URIs:/) { split($i, words, " "); uri = words[2] }
          if ($i ~ /^Suites:/) { n = split($i, words, " "); for (j = 2; j <= n; j++) if (words[j] == suite) mine = 1 }
        }
        if (mine && uri ~ /^https?:/) { print uri; exit } }' | grep .
}

require_mirror() {
  MIRROR=$(debian_mirror) ||
    die 'no mirror of Debian is configured for this system'\''s apt. Set MUSTER_DEBIAN_MIRROR, or load images saved elsewhere: scripts/images load <file>.'
  case $MIRROR in
    http://* | https://*) ;;
    *) die "MUSTER_DEBIAN_MIRROR is $MIRROR; an address that begins with http:// or https:// was expected." ;;
  esac
}

# What apt goes through to reach the mirror; nothing when it goes directly.
apt_proxy() { (eval "$(apt-config shell PROXY Acquire::http::Proxy 2>/dev/null)" && printf '%s' "${PROXY:-${http_proxy-}}"); }

require_debootstrap() {
  [ "$(id -u)" = 0 ] ||
    die "making the image debian needs root (debootstrap). Run scripts/images build debian as root, or load images saved elsewhere: scripts/images load <file>."
  PATH=$PATH:/usr/sbin:/sbin
  command -v debootstrap >/dev/null || system_install debootstrap || die 'debootstrap is needed and cannot be had. Install it, or load images saved elsewhere: scripts/images load <file>.'
}

# Sets KEYRING to a file with the keys of trixie. An old system's own keyring may lack them; the package of today, fetched and verified by
# apt, has them. Nothing is ever taken unverified.
require_keyring() {
  local installed=/usr/share/keyrings
  KEYRING=${MUSTER_DEBIAN_KEYRING:-$installed/debian-archive-keyring.gpg}
  if [ -n "${MUSTER_DEBIAN_KEYRING-}" ]; then
    [ -r "$KEYRING" ] || die "MUSTER_DEBIAN_KEYRING is $KEYRING, which cannot be read."
  elif ! ls "$installed"/debian-archive-trixie-stable.* >/dev/null 2>&1; then
    KEYRING=$WORK/keyring$installed/debian-archive-keyring.gpg
    if ! apt_usable || ! apt_root "$WORK/apt" || ! apt_unpack "$WORK/keyring" debian-archive-keyring || [ ! -r "$KEYRING" ]; then
      die 'Debian'\''s keys cannot be had from this system'\''s apt. Set MUSTER_DEBIAN_KEYRING to a keyring that holds them.'
    fi
  fi
}

prepare_debian() {
  require_mirror
  require_debootstrap
  require_keyring
}

make_debian() {
  local rootfs=$WORK/rootfs log=$WORK/debian.log
  http_proxy=$(apt_proxy) "$ROOT/images/debian/make-rootfs" "$rootfs" "$MIRROR" "$KEYRING" >"$log" 2>&1 ||
    { say "  debian    failed: $(grep -E '^(E|W): ' "$log" | tail -n 1 | grep . || tail -n 1 "$log")"; return 1; }
  tar -C "$rootfs" --numeric-owner --one-file-system -c . |
    docker import --change 'CMD ["bash"]' --change "LABEL $INPUTS_LABEL=$(image_inputs debian)" - "$(image_tag debian)" >>"$log" 2>&1 ||
    { say "  debian    failed: $(tail -n 1 "$log")"; return 1; }
  remove_tree "$rootfs"
}
