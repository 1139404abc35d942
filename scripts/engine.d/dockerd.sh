# shellcheck shell=bash
# The dockerd of ours: known by process id and start time, so that a recycled id is never taken for it.

START_SECONDS=60
STOP_SECONDS=30

# The time at which process $1 started, in clock ticks since boot; nothing when it is gone or only a corpse.
started_at() {
  local stat
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  # After the name, which may hold anything: state is the first word, the start time the 20th.
  read -ra stat <<<"${stat##*) }"
  [ "${stat[0]}" != Z ] && printf '%s' "${stat[19]}"
}

# is_running <file with "pid start-time">: sets RECORDED_PID.
is_running() {
  local recorded
  [ -f "$1" ] && read -r RECORDED_PID recorded <"$1" && [ "$(started_at "$RECORDED_PID")" = "$recorded" ]
}

dockerd_is_ours() { is_running "$STATE/dockerd"; }

# record <pid> <file>
record() { local at; at=$(started_at "$1") && printf '%s %s\n' "$1" "$at" >"$2"; }

start_dockerd() {
  [ -z "${DOCKER_HOST-}" ] || unavailable "no engine answers at DOCKER_HOST=$DOCKER_HOST, and one that is named cannot be started. Start it, or unset DOCKER_HOST."
  [ "$(uname -s)" = Linux ] || unavailable 'no engine answers, and one can be started on Linux only. Start Docker Desktop or another engine.'
  [ "$(id -u)" = 0 ] || unavailable 'no engine answers, and only root can start one. Start one, or run scripts/engine as root.'
  if ! command -v dockerd >/dev/null || ! command -v docker >/dev/null; then install_docker; fi
  mount_cgroups
  run_dockerd
}

install_docker() {
  apt_usable || unavailable 'no engine answers, and docker.io can be installed on Debian and Ubuntu only.'
  system_install docker.io || unavailable 'no engine answers, and docker.io cannot be installed.'
  # Newer releases have the client in a package of its own.
  command -v docker >/dev/null || system_install docker-cli || unavailable 'dockerd is here, but its client, docker, is not.'
}

# Without systemd nobody may have mounted them; dockerd does not start without.
mount_cgroups() {
  if [ -e /sys/fs/cgroup/cgroup.controllers ] || grep -q ' cgroup .*devices' /proc/mounts; then return 0; fi
  command -v cgroupfs-mount >/dev/null || system_install cgroupfs-mount || return 0
  cgroupfs-mount || note 'the control groups cannot be mounted'
}

run_dockerd() {
  local deadline=$((SECONDS + START_SECONDS)) pid
  # Where the system keeps services, the package may have started it already.
  if engine_answers; then return 0; fi
  # A session of its own: it outlives this script and its terminal.
  setsid dockerd --pidfile "$STATE/dockerd.pid" >"$STATE/dockerd.log" 2>&1 </dev/null 9>&- &
  pid=$!
  record "$pid" "$STATE/dockerd" || true
  until engine_answers; do
    if ! dockerd_is_ours; then unavailable "dockerd does not start here: $(dockerd_reason) (log: $STATE/dockerd.log)"; fi
    if [ "$SECONDS" -ge "$deadline" ]; then
      stop_dockerd >/dev/null
      unavailable "dockerd did not answer within $START_SECONDS s (log: $STATE/dockerd.log)"
    fi
    sleep 0.2
  done
  record_containerd
  prove_containers
}

# An engine that answers may still be unable to run anything (no mounts, no control groups): its own init, alone in an image, shows it.
prove_containers() {
  local image reason='' init code=0
  init=$(command -v docker-init || printf '/usr/libexec/docker/docker-init')
  if [ ! -x "$init" ] || ldd "$init" >/dev/null 2>&1; then return 0; fi
  image=$(tar -C "$(dirname "$init")" -ch docker-init | docker import - 2>&1) || { code=$? reason=$image; }
  if [ "$code" = 0 ]; then
    reason=$(docker run --rm --name muster-engine-probe "$image" /docker-init --version 2>&1) || code=$?
    docker rm --force muster-engine-probe >/dev/null 2>&1 || true
    docker image rm --force "$image" >/dev/null 2>&1 || true
  fi
  if [ "$code" = 0 ]; then return 0; fi
  stop_dockerd >/dev/null
  unavailable "dockerd starts, but cannot run a container here: $(printf '%s' "$reason" | grep -m 1 . | sed 's/^docker: Error response from daemon: //' | cut -c 1-300)"
}

dockerd_reason() {
  { grep -m 1 -iE 'failed to start daemon|fatal' "$STATE/dockerd.log" || tail -n 1 "$STATE/dockerd.log"; } | sed -E 's/^time="[^"]*" level=[a-z]+ msg=//' | cut -c 1-300
}

# dockerd runs a containerd of its own, which survives when dockerd is killed.
record_containerd() {
  local pid
  rm -f "$STATE/containerd"
  if pid=$(cat /var/run/docker/containerd/containerd.pid 2>/dev/null); then record "$pid" "$STATE/containerd" || true; fi
}

stop_dockerd() {
  if ! dockerd_is_ours; then
    rm -f "$STATE/dockerd" "$STATE/containerd"
    say 'no engine of ours is running'
    return 0
  fi
  end_process "$STATE/dockerd"
  if is_running "$STATE/containerd"; then end_process "$STATE/containerd"; fi
  rm -f "$STATE/dockerd" "$STATE/containerd"
  say 'the engine is stopped; its images stay'
}

# end_process <record>: asks, waits, and kills what does not listen.
end_process() {
  local deadline=$((SECONDS + STOP_SECONDS))
  if ! is_running "$1"; then return 0; fi
  kill -TERM "$RECORDED_PID" 2>/dev/null || true
  while is_running "$1"; do
    if [ "$SECONDS" -ge "$deadline" ]; then
      note "process $RECORDED_PID did not end within $STOP_SECONDS s and is killed"
      kill -KILL "$RECORDED_PID" 2>/dev/null || true
      deadline=$((SECONDS + STOP_SECONDS))
    fi
    sleep 0.1
  done
}
