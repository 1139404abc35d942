#!/bin/sh
# Runs once, in the stage that installs the packages.
set -eu
export DEBIAN_FRONTEND=noninteractive
groupadd --system --gid 1000 node
useradd --system --gid 1000 --uid 1000 --home-dir /app --shell /usr/sbin/nologin node
echo "deb $MIRROR trixie main" >/etc/apt/sources.list
apt-get -qq update
apt-get -qq install --yes --no-install-recommends nodejs
# Corepack downloads package managers; nothing here may.
dpkg --purge --force-depends node-corepack
rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/*-old /var/log/* /etc/apt/sources.list /packages.sh
install --directory /app
