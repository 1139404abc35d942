#!/bin/sh
# Runs once, in the stage that installs the packages.
set -eu
export DEBIAN_FRONTEND=noninteractive
groupadd --system --gid 999 postgres
useradd --system --gid 999 --uid 999 --home-dir /var/lib/postgresql --shell /bin/bash postgres
echo "deb $MIRROR trixie main" >/etc/apt/sources.list
apt-get -qq update
apt-get -qq install --yes --no-install-recommends postgresql-common
# The package would make a cluster of its own.
echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
apt-get -qq install --yes --no-install-recommends postgresql-17 postgresql-17-pgvector

# The wrappers in Perl (the programs themselves come first on the PATH), the just-in-time compiler and the locales are most of the size;
# Postgres does without the compiler when its library is not there.
dpkg --purge --force-depends \
  postgresql-common postgresql-common-dev postgresql-client-common libllvm19 libz3-4 ssl-cert ucf sensible-utils locales libc-l10n \
  libjson-perl libio-pty-perl libipc-run-perl libtext-wrapi18n-perl libtext-charwidth-perl perl libperl5.40 perl-modules-5.40 \
  libgdbm-compat4t64 libgdbm6t64 procps libproc2-0 adduser
rm -rf /usr/lib/postgresql/17/lib/llvmjit* /usr/lib/postgresql/17/lib/bitcode
rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/*-old /var/log/* /etc/apt/sources.list /packages.sh

sample=/usr/share/postgresql/17/postgresql.conf.sample
sed -i "s/^#listen_addresses = .*/listen_addresses = '*'/" "$sample"
grep -q "^listen_addresses = '\*'" "$sample"
mkdir -p /docker-entrypoint-initdb.d
install --directory --owner=postgres --group=postgres --mode=3777 /var/run/postgresql
install --directory --owner=postgres --group=postgres --mode=1777 /var/lib/postgresql /var/lib/postgresql/data
