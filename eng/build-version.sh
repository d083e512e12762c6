#!/usr/bin/env bash
# eng/build-version.sh COMMIT [DIRECTORY]: builds the node as it was at a commit and prints where the program is.
# The commit is exported with git archive and built beside the working tree, which it does not touch. DIRECTORY keeps what was built, so that the next
# call returns at once; without it that is ~/.cache/deucalion/versions.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
[ $# -ge 1 ] || {
  sed -n '2,4s/^# //p' "$0" >&2
  exit 2
}
commit=$(git -C "$root" rev-parse --verify --quiet "$1^{commit}") || {
  echo "build-version: the repository here has no commit $1" >&2
  exit 1
}
versions=${2:-${XDG_CACHE_HOME:-$HOME/.cache}/deucalion/versions}
tree=$versions/$commit
program=$tree/src/Node/bin/Debug/net10.0/deucalion

mkdir -p "$versions"
# Two runs at once build one after the other.
exec 9>"$versions/lock"
flock 9
if [ ! -e "$tree/built" ]; then
  rm -rf "$tree"
  mkdir "$tree"
  git -C "$root" archive "$commit" | tar -x -C "$tree"
  # A build server would live on with the lock.
  if ! log=$(dotnet build "$tree/src/Node/Node.csproj" -c Debug -v quiet --nologo -nodeReuse:false -p:UseSharedCompilation=false 2>&1 9>&-); then
    printf '%s\n' "$log" >&2
    exit 1
  fi
  touch "$tree/built"
fi
printf '%s\n' "$program"
