#!/usr/bin/env bash
# eng/stats.sh: fails where a hand-written file is over its limit: 600 lines in src, 800 in tests.
set -euo pipefail
cd "$(dirname "$0")/.."
status=0
while read -r lines file; do
  limit=600
  case $file in tests/*) limit=800 ;; esac
  if [ "$lines" -gt "$limit" ]; then
    echo "$file: $lines lines, $limit are allowed" >&2
    status=1
  fi
done < <(git ls-files -z 'src/*.cs' 'tests/*.cs' 'src/Web/src/*.ts' 'src/Web/src/*.tsx' | xargs -0 -r wc -l | grep -v ' total$')
git ls-files 'src/*.cs' | xargs -r cat | wc -l | awk '{print "src: " $1 " lines of C#"}'
git ls-files 'tests/*.cs' | xargs -r cat | wc -l | awk '{print "tests: " $1 " lines of C#"}'
exit $status
