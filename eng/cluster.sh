#!/usr/bin/env bash
# ./run cluster: three nodes in three zones on this machine, over one directory that is their bucket and their coordination store.
#   ./run cluster [--tls]   builds, starts the nodes, prints where they are; Ctrl-C stops them all. Data is kept for the next time.
#   ./run cluster status    what runs, and how the cluster is (more of it: deucalion cluster --help)
#   ./run cluster kill N    kill -9 of node N
#   ./run cluster start N   starts node N again
#   ./run cluster stop      stops all nodes, from another terminal
# --tls makes a throw-away authority with a certificate for each node; what nodes say to each other is then encrypted and authenticated.
# HTTP is on 127.0.0.1:9009 to 9011, the nodes talk on 9095 to 9097; everything lies under ./data/cluster.
# DEUCALION_CLUSTER_HTTP_PORT and DEUCALION_CLUSTER_PORT are other first ports of the two, DEUCALION_CLUSTER_DATA is another directory (absolute),
# DEUCALION_CLUSTER_PROGRAM a program that is there already: nothing is built then.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
program=${DEUCALION_CLUSTER_PROGRAM:-$root/src/Node/bin/Release/net10.0/deucalion}
data=${DEUCALION_CLUSTER_DATA:-$root/data/cluster}
first_http=${DEUCALION_CLUSTER_HTTP_PORT:-9009}
first_port=${DEUCALION_CLUSTER_PORT:-9095}
nodes=(1 2 3)

fail() {
  echo "run cluster: $1" >&2
  exit 2
}

needs() { command -v "$1" >/dev/null || fail "$1 is not installed, and is needed to $2"; }

http_of() { echo "127.0.0.1:$((first_http + $1 - 1))"; }
node_of() { echo "$data/node$1"; }

# The process of a node, if it runs: a number in a file may be somebody else's by now.
pid_of() {
  local pid
  pid=$(cat "$(node_of "$1")/pid" 2>/dev/null) || return 1
  [ -r "/proc/$pid/cmdline" ] && tr '\0' '\n' 2>/dev/null <"/proc/$pid/cmdline" | grep -qxF "$(node_of "$1")/deucalion.yml" || return 1
  echo "$pid"
}

is_ready() { curl -sf -m 2 -o /dev/null "http://$(http_of "$1")/ready"; }

configure() {
  local node=$1 directory listen
  directory=$(node_of "$node")
  listen=127.0.0.1:$((first_port + node - 1))
  mkdir -p "$directory" "$data/bucket"
  cat >"$directory/deucalion.yml" <<YAML
http:
  listen: $(http_of "$node")
data:
  path: $directory/data
cluster:
  listen: $listen
  advertise: $listen
  zone: zone-$node
$([ ! -d "$data/tls" ] || printf '  tls:\n    cert_file: %s\n    key_file: %s\n    ca_file: %s\n' "$data/tls/node$node.pem" "$data/tls/node$node.key" "$data/tls/ca.pem")
coordination:
  path: $data/coordination
bucket:
  path: $data/bucket
YAML
}

# What it says matters only where it fails: it is talkative about keys.
openssl_or_fail() {
  local said
  said=$(openssl "$@" 2>&1) || {
    printf '%s\n' "$said" >&2
    fail "there are no certificates, for 'openssl $1' failed as above; no node was started. Without --tls the nodes speak plain text"
  }
}

certify() {
  local directory=$data/tls.new node
  rm -rf "$directory"
  mkdir -p "$directory"
  openssl_or_fail req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=throw-away authority" \
    -keyout "$directory/ca.key" -out "$directory/ca.pem"
  for node in "${nodes[@]}"; do
    openssl_or_fail req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=node$node" \
      -keyout "$directory/node$node.key" -out "$directory/node$node.csr"
    openssl_or_fail x509 -req -in "$directory/node$node.csr" -CA "$directory/ca.pem" -CAkey "$directory/ca.key" -CAcreateserial -days 30 \
      -extfile <(printf 'subjectAltName=IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=serverAuth,clientAuth\n') -out "$directory/node$node.pem"
  done
  rm -rf "$data/tls"
  mv "$directory" "$data/tls"
}

launch() {
  local node=$1 directory
  directory=$(node_of "$node")
  ! pid_of "$node" >/dev/null || { echo "node$node runs already"; return; }
  # A session of its own: Ctrl-C reaches the script, which then stops the nodes in order.
  setsid "$program" --config.file "$directory/deucalion.yml" >>"$directory/log" 2>&1 </dev/null &
  echo $! >"$directory/pid"
  disown
}

# A node that comes back is ready when it has caught up, or after a minute without.
await() {
  local node=$1 directory pid
  directory=$(node_of "$node")
  pid=$(cat "$directory/pid")
  for _ in $(seq 900); do
    kill -0 "$pid" 2>/dev/null || { tail -5 "$directory/log" >&2; fail "node$node ended at once; its log is $directory/log"; }
    is_ready "$node" && { echo "node$node  http://$(http_of "$node")  zone-$node  process $pid  log $directory/log"; return; }
    sleep 0.1
  done
  fail "node$node is not ready after a minute and a half; its log is $directory/log"
}

stop_all() {
  local node pid
  for node in "${nodes[@]}"; do
    if pid=$(pid_of "$node"); then
      kill "$pid" && echo "node$node stops"
    fi
  done
  for node in "${nodes[@]}"; do
    while pid_of "$node" >/dev/null; do sleep 0.2; done
  done
}

status() {
  local node pid asked=
  for node in "${nodes[@]}"; do
    if pid=$(pid_of "$node"); then
      if is_ready "$node"; then
        echo "node$node  process $pid  ready  http://$(http_of "$node")"
        asked=${asked:-$node}
      else
        echo "node$node  process $pid  not ready  http://$(http_of "$node")"
      fi
    else
      echo "node$node  down"
    fi
  done
  [ -n "$asked" ] || return 0
  echo
  "$program" cluster status --url "http://$(http_of "$asked")"
}

known() {
  [[ " ${nodes[*]} " == *" ${1:-} "* ]] || fail "which node: ${nodes[*]}"
}

# Neither the program nor the certificates of nodes that run are to be changed below them.
none_runs() {
  local node
  for node in "${nodes[@]}"; do
    ! pid_of "$node" >/dev/null || fail "node$node runs already: ./run cluster stop"
  done
}

run_all() {
  local log node
  if [ -z "${DEUCALION_CLUSTER_PROGRAM:-}" ] && ! log=$(dotnet build "$root/src/Node/Node.csproj" -c Release -v quiet --nologo 2>&1); then
    printf '%s\n' "$log" >&2
    exit 1
  fi
  trap 'trap - INT TERM EXIT; stop_all; exit' INT TERM EXIT
  for node in "${nodes[@]}"; do
    configure "$node"
    launch "$node"
  done
  # All first: what a node lacks it may have to get from another.
  for node in "${nodes[@]}"; do
    await "$node"
  done
  echo "Ctrl-C stops all. In another terminal: ./run cluster status | kill N | start N | stop"
  local was="${nodes[*]}" up
  while [ -n "$was" ]; do
    sleep 1
    up=
    for node in "${nodes[@]}"; do
      if pid_of "$node" >/dev/null; then
        up="$up $node"
        [[ " $was " == *" $node "* ]] || echo "node$node is up"
      elif [[ " $was " == *" $node "* ]]; then
        echo "node$node is down"
      fi
    done
    was=$up
  done
}

case ${1:-} in
  "" | --tls)
    none_runs
    needs curl "see when a node is ready"
    if [ "${1:-}" = --tls ]; then
      needs openssl "make certificates (--tls)"
      certify
    else
      rm -rf "$data/tls"
    fi
    run_all
    ;;
  status)
    needs curl "see whether a node is ready"
    status
    ;;
  kill)
    known "${2:-}"
    pid=$(pid_of "$2") || fail "node$2 does not run"
    kill -9 "$pid"
    echo "node$2 is killed"
    ;;
  start)
    known "${2:-}"
    needs curl "see when a node is ready"
    [ -f "$(node_of "$2")/deucalion.yml" ] || fail "there is no cluster yet: ./run cluster makes one"
    launch "$2"
    await "$2"
    ;;
  stop) stop_all ;;
  *)
    sed -n '2,11s/^# \{0,1\}//p' "$0"
    [ "$1" = --help ] || exit 2
    ;;
esac
