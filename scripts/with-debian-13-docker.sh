#!/bin/sh
# Runs a command with Debian 13's Docker (engine, BuildKit, Compose 2) first in PATH, on a Debian 12 that has its own:
#
#   scripts/with-debian-13-docker.sh npx vitest run --project e2e test/e2e/compose.test.ts
#
# Nothing is installed: the packages are fetched from the mirror that this host's apt uses, verified by Debian's keyring, and
# unpacked below node_modules/.cache, once. runc stays this host's: Debian 13's is linked to a newer C library.
set -eu

packages='docker.io docker-cli docker-compose docker-buildx containerd'
checkout=$(cd "$(dirname "$0")/.." && pwd)
cache=$checkout/node_modules/.cache/debian-13-docker
root=$cache/root

if [ $# -eq 0 ]; then
  echo "usage: $0 COMMAND [ARGUMENT...]" >&2
  exit 2
fi

# The first address that this host gets Debian itself from: in one-line style or in deb822 style.
find_mirror() {
  cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null |
    sed -n -e 's/^URIs:[[:space:]]*//p' -e 's/^deb[[:space:]]\{1,\}\(\[[^]]*\][[:space:]]*\)\{0,1\}//p' |
    awk '$1 ~ /\/debian\/?$/ { print $1; exit }'
}

# With lists, cache and sources of its own: the host's are neither read nor changed.
apt() {
  apt-get -qq \
    -o Dir::Etc::SourceList="$cache/sources.list" -o Dir::Etc::SourceParts=/dev/null \
    -o Dir::State::Lists="$cache/lists" -o Dir::State::Status=/dev/null -o Dir::Cache="$cache/apt" \
    -o APT::Sandbox::User="$(id -un)" "$@"
}

fetch() {
  mirror=$(find_mirror)
  if [ -z "$mirror" ]; then
    echo 'No mirror of Debian in /etc/apt: cannot fetch its packages.' >&2
    exit 1
  fi
  rm -rf "$cache"
  mkdir -p "$cache/lists/partial" "$cache/apt/archives/partial" "$cache/debs" "$cache/unpacked"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror trixie main" >"$cache/sources.list"
  apt update
  # shellcheck disable=SC2086 # one word a package
  (cd "$cache/debs" && apt download $packages)
  for deb in "$cache"/debs/*.deb; do dpkg-deb --extract "$deb" "$cache/unpacked"; done
  # What is there under this name is whole.
  mv "$cache/unpacked" "$root"
  rm -rf "$cache/lists" "$cache/apt" "$cache/debs"
}

[ -d "$root" ] || fetch >&2
PATH=$root/usr/libexec/docker/cli-plugins:$root/usr/sbin:$root/usr/bin:$PATH
export PATH
exec "$@"
