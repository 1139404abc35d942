#!/bin/sh
# The official image is built with protected mode off, because a published port is a connection from outside; Debian's Redis is not.
# Whoever sets protected-mode, in the arguments or in the configuration file, is obeyed.
set -eu

case "${1-}" in
  -* | *.conf) set -- redis-server "$@" ;;
esac

# As root (which the image is not, unless asked): what a volume or tmpfs brought along is given to redis, which goes on from here.
if [ "${1-}" = redis-server ] && [ "$(id -u)" = 0 ]; then
  find . \! -user redis -exec chown redis '{}' +
  exec setpriv --reuid=redis --regid=redis --init-groups -- "$0" "$@"
fi

protection_is_set() {
  for argument in "$@"; do
    case "$argument" in
      --protected-mode | --version | -v | --help | -h | --test-memory | --check-system) return 0 ;;
    esac
  done
  [ -f "${1-}" ] && grep -Eiq '^[[:space:]]*protected-mode[[:space:]]' "$1"
}

if [ "${1-}" = redis-server ]; then
  shift
  if protection_is_set "$@"; then set -- redis-server "$@"; else set -- redis-server "$@" --protected-mode no; fi
fi
exec "$@"
