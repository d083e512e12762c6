#!/usr/bin/env bash
# eng/bench.sh ingest|query|shapes|storage|interference|flood|cluster [--series N] [--steps N] [--runs N] [--rounds N]: measures this node (ingest, query and shapes beside real peers), writes docs/benchmarks.md.
set -euo pipefail
export DEUCALION_ROOT=$(cd "$(dirname "$0")/.." && pwd)
cd "$DEUCALION_ROOT"
peers=$(eng/peers.sh)
printf '%s\n' "$peers"
export DEUCALION_PEER_VERSIONS=$peers
export DEUCALION_PEERS=${peers##*$'\n'}
dotnet build src/Node/Node.csproj -c Release -v quiet --nologo
dotnet build tests/Benchmarks/Benchmarks.csproj -c Release -v quiet --nologo
exec tests/Benchmarks/bin/Release/net10.0/Benchmarks "$@"
