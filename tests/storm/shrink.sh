#!/bin/sh
# shrink.sh SEED FOLDER - the world of this seed, which failed in the storm, made as small as it can be
# while it fails (a check that is not true, too). FOLDER gets trace.csv and cluster.json; the command
# that shows the failure is printed.
set -eu
cd "$(dirname "$0")/../.."
storm=${STORM:-build/release/tests/storm/storm}
berth=${BERTH:-build/release/berth}
world=$(mktemp -d)
trap 'rm -rf "$world"' EXIT
line=$("$storm" --seed "$1" "$world" 2>/dev/null | head -1 || true)
policy=$(echo "$line" | sed 's/.* --policy \([^ ]*\) .*/\1/')
place=$(echo "$line" | sed 's/.* --place \([^ ]*\) .*/\1/')
options=$(echo "$line" | sed 's/.* --place [^ ]* \(.*\) --audit/\1/')
ask="timeout 20 $storm --files \$TRACE \$CLUSTER $policy $place $options"
"$berth" shrink --quiet --trace "$world/trace.csv" --cluster "$world/cluster.json" --out "$2" \
	--while "$ask >/dev/null 2>&1; status=\$?; [ \$status != 0 ] && [ \$status != 2 ]"
echo "$storm --files $2/trace.csv $2/cluster.json $policy $place $options"
