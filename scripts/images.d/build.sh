# shellcheck shell=bash
# Making what is not there yet: the base first, then the rest side by side, then the services on top of theirs.

# build [name...]
build() {
  local began=$SECONDS name
  if [ "$#" = 0 ]; then
    # shellcheck disable=SC2046
    set -- $(image_names)
  fi
  plan "$@"
  for name in ${TODO[@]+"${TODO[@]}"}; do require_for "$name"; done
  if [ "$DRY" = yes ]; then return 0; fi
  make_in_turn
  sweep_stages
  say "images: done in $((SECONDS - began)) s"
}

# Sets TODO: what was named and is not there, and what that stands on. Says it.
plan() {
  local name state
  TODO=()
  for name in $(image_names); do
    if ! wanted "$name" "$@"; then continue; fi
    state=$(image_state "$name")
    if [ "$name" = services ]; then TODO+=(services)
    elif [ "$state" != there ] || fresh "$name" "$@"; then TODO+=("$name"); fi
    if ! todo "$name"; then say "$(printf '  %-9s %s is there (%s)' "$name" "$(image_tag "$name")" "$(image_size "$name")")"
    elif [ "$DRY" = yes ]; then say "$(printf '  %-9s would be made: %s' "$name" "$(reason "$name" "$state")")"
    fi
  done
}

reason() {
  if [ "$1" = services ]; then printf 'the engine knows what has changed'
  elif [ "$2" = there ]; then printf '%s' '--fresh'
  else printf '%s is %s' "$(image_tag "$1")" "$2"
  fi
}

# Named, or needed by what is named and has to be made.
wanted() {
  local name=$1 other
  shift
  for other in "$@"; do
    if [ "$other" = "$name" ]; then return 0; fi
    if stands_on "$other" "$name" && { [ "$(image_state "$other")" != there ] || fresh "$other" "$@"; }; then return 0; fi
  done
  return 1
}

stands_on() {
  local base
  base=$(image_base "$1")
  [ -n "$base" ] && { [ "$base" = "$2" ] || stands_on "$base" "$2"; }
}

# Asked for again, by name: what is only stood on is not.
fresh() {
  local name=$1 other
  shift
  [ "$FRESH" = yes ] || return 1
  for other in "$@"; do if [ "$other" = "$name" ]; then return 0; fi; done
  return 1
}

require_for() {
  case $1 in
    debian) if [ "$DRY" = no ]; then prepare_debian; else require_mirror; fi ;;
    postgres | redis | node) require_mirror ;;
    services)
      [ -f "$ROOT/dist/services/gateway/main.js" ] || die "the compiled services are not there. Run scripts/setup and 'npm run build' first."
      ;;
  esac
}

make_in_turn() {
  local name failed=0 children=()
  if todo debian; then timed debian; fi
  for name in postgres redis node; do
    if todo "$name"; then
      timed "$name" &
      children+=($!)
    fi
  done
  for child in ${children[@]+"${children[@]}"}; do wait "$child" || failed=1; done
  [ "$failed" = 0 ] || die 'an image could not be made; see above.'
  if todo services; then timed services; fi
}

todo() { case " ${TODO[*]-} " in *" $1 "*) return 0 ;; *) return 1 ;; esac; }

# timed <name>: makes it, and says how long that took.
timed() {
  local began=$SECONDS log=$WORK/$1.log
  case $1 in
    debian) make_debian || die 'the base image could not be made; see above.' ;;
    services) make_services >"$log" 2>&1 || { show_failure "$1" "$log"; exit 69; } ;;
    *) make_from_packages "$1" >"$log" 2>&1 || { show_failure "$1" "$log"; exit 69; } ;;
  esac
  say "$(printf '  %-9s %s made in %d s (%s)' "$1" "$(image_tag "$1")" $((SECONDS - began)) "$(image_size "$1")")"
}

show_failure() { printf '  %-9s failed; the last lines of its build:\n%s\n' "$1" "$(tail -n 15 "$2" | sed 's/^/      /')"; }

# The host's network: the packages come from the mirror that this machine reaches, whatever the engine's own network can. The mirror is an
# argument of a stage that is thrown away, so the image does not carry it.
make_from_packages() {
  docker_build --network host --no-cache --build-arg "MIRROR=$MIRROR" --build-arg "BASE=$(image_tag "$(image_base "$1")")" \
    --build-arg "http_proxy=$(apt_proxy)" --label "$INPUTS_LABEL=$(image_inputs "$1")" --tag "$(image_tag "$1")" "$ROOT/images/$1"
}

make_services() {
  docker_build --build-arg "NODE_IMAGE=$(image_tag node)" --build-arg "VERSION=$(muster_version)" --label "$INPUTS_LABEL=services" \
    --tag "$(image_tag services)" --file "$ROOT/services/Dockerfile" "$ROOT"
}

# The builder that every engine has, so that every engine makes the same of it.
docker_build() { DOCKER_BUILDKIT=0 docker build --force-rm "$@" 9>&-; }

# The stages that packages were installed in, and, a while after, what new images took the tag of: somebody may be building on it right now.
sweep_stages() {
  sweep label=muster.images=stage
  sweep "label=$INPUTS_LABEL" --filter label!=muster.images=files --filter until=1h
  sweep label=muster.images=files --filter until=48h
}

sweep() { docker image prune --force --filter "$@" >/dev/null 2>&1 || true; }
