# shellcheck shell=bash
# Installing a package into the system, which only root can and only the container engine and the making of images need.

# system_install <package...>: those of the system's own release; fails with a note.
system_install() {
  local log=$WORK/install.log
  [ "$(id -u)" = 0 ] || { note "installing $* needs root"; return 1; }
  command -v apt-get >/dev/null || { note "$* can only be installed on Debian or Ubuntu"; return 1; }
  say "apt-get install $*"
  apt_get() { DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 "$@" >"$log" 2>&1 9>&- </dev/null; }
  apt_get update || true
  apt_get install --yes --no-install-recommends "$@" || { note "apt-get install $* failed: $(grep -m 1 '^E: ' "$log" || tail -n 1 "$log")"; return 1; }
}

# Whether the system's package lists know a package.
system_has() { apt-cache show --no-all-versions "$1" >/dev/null 2>&1; }
