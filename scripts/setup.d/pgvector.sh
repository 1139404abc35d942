# pgvector for an unpacked Postgres: the distribution's package, or, where a release has none, the newer release's source package,
# compiled against this release's headers. A compiler that the system lacks is unpacked for the moment and thrown away.

# The release whose pgvector source is taken where a release has no package.
pgvector_source_release() { (. /etc/os-release && case "$ID ${ID_LIKE-}" in *ubuntu*) printf noble ;; *) printf trixie ;; esac); }

# pgvector_into <tree> <postgres major>
pgvector_into() {
  if apt_has "postgresql-$2-pgvector"; then
    say '  pgvector: the distribution'\''s package'
    apt_unpack "$1" "postgresql-$2-pgvector"
  else
    say "  pgvector: no package for PostgreSQL $2 in this release; compiling the source package of $(pgvector_source_release) (about 20 s)"
    pgvector_compile "$1" "$2"
  fi
}

pgvector_compile() {
  build=$WORK/pgvector
  share=$1/usr/share/postgresql/$2/extension
  mkdir -p "$build/objects"
  pgvector_source "$build" || return 1
  apt_unpack "$build/headers" "postgresql-server-dev-$2" || return 1
  compiler "$build" "-I$build/headers/usr/include/postgresql/$2/server" || return 1
  printf '%s\n' "$build"/source/src/*.c |
    xargs -n 1 -P "$(getconf _NPROCESSORS_ONLN)" sh -c '"$0" -c "$2" -o "$1/$(basename "$2" .c).o"' "$build/cc" "$build/objects" >"$build/log" 2>&1 &&
    "$build/cc" -shared -o "$1/usr/lib/postgresql/$2/lib/vector.so" "$build"/objects/*.o -lm >>"$build/log" 2>&1 ||
    { note "pgvector does not compile: $(grep -m 1 -i error "$build/log")"; return 1; }
  version=$(sed -nE "s/^default_version *= *'([^']+)'.*/\1/p" "$build/source/vector.control")
  cp "$build"/source/sql/vector--*.sql "$build/source/vector.control" "$share/"
  cp "$build/source/sql/vector.sql" "$share/vector--$version.sql"
}

# pgvector_source <build directory>: <build directory>/source
pgvector_source() {
  apt_root "$WORK/apt-source" "$(pgvector_source_release)" || return 1
  (cd "$1" && APT_CONFIG=$WORK/apt-source/apt.conf apt-get -qq source --download-only pgvector) >"$1/log" 2>&1 ||
    { note "the source of pgvector cannot be had: $(tail -n 1 "$1/log")"; return 1; }
  mkdir "$1/source"
  tar -xf "$1"/pgvector_*.orig.tar.* -C "$1/source" --strip-components=1
}

# compiler <build directory> <options>: writes <build directory>/cc, a C compiler with the options pgvector asks for (without
# -march=native: a cache may be carried to another machine).
compiler() {
  cc=gcc
  if ! printf '#include <stdio.h>\n' | gcc -x c -fsyntax-only - 2>/dev/null; then
    say '  compiler: none here; unpacking gcc for the moment'
    # shellcheck disable=SC2046
    apt_unpack "$1/gcc" $(apt_missing gcc libc6-dev) || return 1
    libraries=$(library_path "$1/gcc")
    triplet=$(basename "$(ls -d "$1"/gcc/usr/lib/gcc/*-linux-*)")
    cc="env LD_LIBRARY_PATH=$libraries $1/gcc/usr/bin/gcc -B$1/gcc/usr/bin -B$1/gcc/usr/lib/$triplet -L$1/gcc/usr/lib/$triplet"
    cc="$cc -isystem $1/gcc/usr/include -isystem $1/gcc/usr/include/$triplet"
    # libc.so and libm.so are linker scripts that name static parts by their absolute place on a system that has them installed.
    grep -ls 'GNU ld script' "$1/gcc/usr/lib/$triplet"/*.so | xargs sed -i "s#/usr/lib/$triplet/\(lib[^ ]*\.a\)#$1/gcc&#g"
  fi
  printf '#!/bin/sh\nexec %s -O2 -fPIC -w -ftree-vectorize -fassociative-math -fno-signed-zeros -fno-trapping-math -I%s/source/src %s "$@"\n' \
    "$cc" "$1" "$2" >"$1/cc"
  chmod 755 "$1/cc"
}
