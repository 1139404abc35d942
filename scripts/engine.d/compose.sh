# shellcheck shell=bash
# The compose plugin, version 2, which Debian 12 lacks: the newer release's program, from the mirrors and with the keys that the system is
# configured with. It is unpacked into the cache and linked where `docker` looks for this user's plugins; an existing one is left alone.

# The first with `!override`.
OLDEST_COMPOSE=2.24.4

compose_version() { docker compose version --short 2>/dev/null | sed -E 's/^v//' | grep -E '^[0-9]+\.[0-9]+\.[0-9]+'; }

compose_is_there() {
  local version
  version=$(compose_version) && [ "$(printf '%s\n' "$OLDEST_COMPOSE" "$version" | sort -V | head -n 1)" = "$OLDEST_COMPOSE" ]
}

# Never fails: without compose everything but the provider compose works.
ensure_compose() {
  if compose_is_there || link_compose || { unpack_compose && link_compose; }; then return 0; fi
  note "docker compose $OLDEST_COMPOSE or newer cannot be had here; the provider compose will not work"
}

plugin_in_cache() { printf '%s/cli-plugins/docker-compose' "$STATE"; }

link_compose() {
  local plugins=${DOCKER_CONFIG:-$HOME/.docker}/cli-plugins
  [ -x "$(plugin_in_cache)" ] && "$(plugin_in_cache)" docker-cli-plugin-metadata >/dev/null 2>&1 || return 1
  if [ -e "$plugins/docker-compose" ]; then
    note "$plugins/docker-compose is too old and not ours; it is left alone"
    return 1
  fi
  mkdir -p "$plugins" && ln -sf "$(plugin_in_cache)" "$plugins/docker-compose"
}

# Of this release, else of the next one. docker-compose-v2 is Ubuntu's name; Debian's docker-compose is version 2 from trixie on.
unpack_compose() {
  local release package tree=$WORK/compose
  apt_usable || return 1
  for release in '' "$(pgvector_source_release)"; do
    [ "$release" != "$(distribution_codename)" ] || continue
    rm -rf "$WORK/apt"
    # shellcheck disable=SC2086
    apt_root "$WORK/apt" $release ${release:+deb} || continue
    for package in docker-compose-v2 docker-compose; do
      if ! package_is_v2 "$package" || ! apt_unpack "$tree" "$package" || [ -z "$(plugin_of "$tree")" ]; then continue; fi
      mkdir -p "$STATE/cli-plugins"
      mv "$(plugin_of "$tree")" "$(plugin_in_cache).new" && mv "$(plugin_in_cache).new" "$(plugin_in_cache)" && return 0
    done
  done
  return 1
}

package_is_v2() {
  local major
  major=$(APT_CONFIG=$WORK/apt/apt.conf apt-cache show --no-all-versions "$1" 2>/dev/null | sed -nE 's/^Version: ([0-9]+:)?([0-9]+)\..*/\2/p')
  [ "${major:-0}" -ge 2 ]
}

plugin_of() { find "$1" -type f -path '*/cli-plugins/docker-compose' | head -n 1; }
