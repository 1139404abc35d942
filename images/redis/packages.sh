#!/bin/sh
# Runs once, in the stage that installs the packages.
set -eu
export DEBIAN_FRONTEND=noninteractive
groupadd --system --gid 999 redis
useradd --system --gid 999 --uid 999 --home-dir /data --shell /usr/sbin/nologin redis
echo "deb $MIRROR trixie main" >/etc/apt/sources.list
apt-get -qq update
apt-get -qq install --yes --no-install-recommends redis-server
rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/*-old /var/log/* /var/lib/redis /etc/apt/sources.list /packages.sh
install --directory --owner=redis --group=redis --mode=1777 /data
