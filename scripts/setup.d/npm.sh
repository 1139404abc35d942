# The npm packages: `npm ci`, unless node_modules already is what the lockfile says.

plan_npm() {
  NPM_REASON=$(node "$ROOT/scripts/setup.d/npm-current.mjs" "$ROOT") && NPM_PLAN='packages are up to date' || NPM_PLAN="npm ci ($NPM_REASON)"
}

install_npm() {
  [ -n "$NPM_REASON" ] || return 0
  say ''
  say 'npm ci'
  npm ci --no-progress --loglevel=error || die 'npm ci failed; see its message above. Offline? The npm registry must be reachable the first time.'
}
