# shellcheck shell=bash
# Which images there are, what they are made from, and what the engine has of them.

# On every image: the hash of what it was made from.
INPUTS_LABEL=muster.inputs
# On images that the harness prepares from these and keeps: harness/environment/containers/labels.ts.
CACHE_LABEL=muster.cache

# In the order of making.
image_names() { printf '%s\n' debian postgres redis node services; }

image_tag() {
  case $1 in
    debian) printf 'muster/debian:trixie' ;;
    postgres) printf 'muster/postgres:17' ;;
    redis) printf 'muster/redis:8' ;;
    node) printf 'muster/node:20' ;;
    services) printf 'muster/services:%s' "$(muster_version)" ;;
  esac
}

# The one an image is made on top of.
image_base() {
  case $1 in
    postgres | redis | node) printf 'debian' ;;
    services) printf 'node' ;;
  esac
}

muster_version() { sed -nE 's/^  "version": "([^"]+)".*/\1/p' "$ROOT/package.json"; }

check_names() {
  local name
  for name in "$@"; do
    image_names | grep -qxF -- "$name" || misuse "there is no image \"$name\"; there are $(image_names | paste -sd ' ')"
  done
}

# The hash of what an image is made from: its folder, and what its base is made from. Of the services the engine's own cache knows better.
image_inputs() {
  local base
  base=$(image_base "$1")
  {
    if [ -n "$base" ]; then image_inputs "$base"; fi
    (cd "$ROOT/images/$1" && find . -type f | sort | while read -r file; do
      printf '%s %s\n' "$(test -x "$file" && printf x)" "$file"
      cat "$file"
    done)
  } | sha256 | cut -c 1-16
}

sha256() { if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi; }

image_label() { docker image inspect --format "{{ index .Config.Labels \"$2\" }}" "$(image_tag "$1")" 2>/dev/null; }

# missing, outdated, or there.
image_state() {
  local made_from
  if ! made_from=$(image_label "$1" "$INPUTS_LABEL"); then printf 'missing'
  elif [ "$1" != services ] && [ "$made_from" != "$(image_inputs "$1")" ]; then printf 'outdated'
  else printf 'there'
  fi
}

image_size() {
  local bytes
  if bytes=$(docker image inspect --format '{{.Size}}' "$(image_tag "$1")" 2>/dev/null); then printf '%d MB' $((bytes / 1000000)); fi
}

# Tags of ours that the engine has, those that depend on others first: what was prepared, then the images. By name too: whatever stands on one
# of ours has its labels, and a build of the user's may have a name of the user's.
ours_on_engine() {
  docker image ls --filter "label=$CACHE_LABEL" --filter 'reference=muster/*' --format '{{.Repository}}:{{.Tag}}' | grep -v '<none>' || true
  local name
  for name in services node redis postgres debian; do
    if docker image inspect "$(image_tag "$name")" >/dev/null 2>&1; then printf '%s\n' "$(image_tag "$name")"; fi
  done
}
