#!/usr/bin/env bash
# eng/peers.sh: fetches the programs that tests run against, from Debian packages, without installing services.
# Downloads are cached under ${DEUCALION_CACHE:-~/.cache/deucalion}; prints each program's version and, last, the folder.
# Newer versions than the machine's own release has come from Debian's unstable suite: unpacked, not installed.
set -euo pipefail
cache=${DEUCALION_CACHE:-$HOME/.cache/deucalion}
bin=$cache/peers
# name=version of the unstable suite; that suite moves on, so where a version is gone the newest is taken and its version printed.
pinned=(prometheus=3.5.3+ds1-6 promtool=3.5.3+ds1-6 prometheus-node-exporter=1.11.1-3 victoria-metrics=1.145.0+ds1-2)

fetch_unstable() {
  local apt=$cache/apt debs=$cache/debs host
  mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$debs"
  host=$(grep -rhoE 'https?://[^ ]+/debian/?($| )' /etc/apt/sources.list /etc/apt/sources.list.d/ 2>/dev/null | head -1 | tr -d ' ' || true)
  [ -n "$host" ] || { echo "peers: no Debian source is configured on this machine" >&2; exit 1; }
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $host sid main" >"$apt/sources.list"
  local opts=(-o "Dir::Etc::SourceList=$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null -o "Dir::State::Lists=$apt/lists" -o "Dir::Cache=$apt/cache")
  apt-get "${opts[@]}" update -qq
  local package
  for package in "${pinned[@]}"; do
    (cd "$debs" && { apt-get "${opts[@]}" download -qq "$package" || apt-get "${opts[@]}" download -qq "${package%%=*}"; })
    local deb
    deb=$(ls -t "$debs/${package%%=*}"_*.deb | head -1)
    dpkg -x "$deb" "$bin"
  done
  printf '%s\n' "${pinned[@]}" >"$bin/.fetched"
}

# Programs of the machine's own release; none is started by being installed.
install_packages() {
  local programs=(chromium etcd etcdctl radosgw ceph-mon ceph-osd ceph)
  [ "$(command -v "${programs[@]}" | wc -l)" != ${#programs[@]} ] || return 0
  local sudo=
  [ "$(id -u)" = 0 ] || sudo=sudo
  [ -e /usr/sbin/policy-rc.d ] || printf '#!/bin/sh\nexit 101\n' | $sudo tee /usr/sbin/policy-rc.d >/dev/null && $sudo chmod +x /usr/sbin/policy-rc.d
  $sudo apt-get update -qq
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends chromium etcd-server etcd-client radosgw ceph-mon ceph-osd ceph-common >/dev/null
}

install_node_modules() {
  local folder
  for folder in Interop/Wire Testing/Azure; do
    (cd "$(dirname "${BASH_SOURCE[0]}")/../tests/$folder" && { npm ls --silent >/dev/null 2>&1 || npm ci --no-audit --no-fund --loglevel=error; })
  done
}

if [ "$(cat "$bin/.fetched" 2>/dev/null)" != "$(printf '%s\n' "${pinned[@]}")" ]; then
  fetch_unstable >&2
fi
install_packages >&2
install_node_modules >&2
for program in prometheus promtool prometheus-node-exporter victoria-metrics; do
  [ -x "$bin/usr/bin/$program" ] || { echo "peers: $program is missing" >&2; exit 1; }
done
echo "prometheus: $("$bin/usr/bin/prometheus" --version 2>&1 | head -1)"
echo "promtool: $("$bin/usr/bin/promtool" --version 2>&1 | head -1)"
echo "node_exporter: $("$bin/usr/bin/prometheus-node-exporter" --version 2>&1 | head -1)"
echo "victoria-metrics: $(dpkg-deb -f "$(ls -t "$cache"/debs/victoria-metrics_*.deb | head -1)" Version)"
echo "chromium: $(chromium --version --no-sandbox 2>/dev/null | head -1)"
echo "radosgw: $(radosgw --version)"
echo "etcd: $(etcd --version 2>/dev/null | head -1)"
echo "grpc-js: $(sed -n 's/.*"@grpc\/grpc-js": "\(.*\)".*/\1/p' "$(dirname "${BASH_SOURCE[0]}")/../tests/Interop/Wire/package.json")"
echo "azurite: $(sed -n 's/.*"azurite": "\(.*\)".*/\1/p' "$(dirname "${BASH_SOURCE[0]}")/../tests/Testing/Azure/package.json")"
echo "$bin/usr/bin"
