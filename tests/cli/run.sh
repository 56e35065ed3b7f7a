#!/bin/sh
# run.sh - command lines and what they must answer: exit status, words on standard error or output,
# and nothing half-written. The last line is "N passed, N failed".
set -u
cd "$(dirname "$0")/../.."
berth=${BERTH:-build/release/berth}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

# expect STATUS WORDS ARGUMENTS... - runs berth in the work folder's sight. WORDS must occur in what it
# prints; with a status of 2 standard output must be empty and no folder may be left at $work/out.
expect() {
	status=$1
	words=$2
	shift 2
	"$berth" "$@" >"$work/stdout" 2>"$work/stderr" </dev/null
	got=$?
	problem=
	[ "$got" = "$status" ] || problem="exit status $got, expected $status"
	if ! grep -qF -- "$words" "$work/stdout" "$work/stderr"; then
		problem="$problem; nothing says '$words'"
	fi
	if [ "$status" = 2 ]; then
		[ ! -s "$work/stdout" ] || problem="$problem; something on standard output"
		[ -z "$(find "$work" -name 'out*')" ] || problem="$problem; something was left behind"
		[ "$(wc -l <"$work/stderr")" = 1 ] || problem="$problem; not one line on standard error"
	fi
	if [ -z "$problem" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "berth $*: $problem" >&2
		cat "$work/stderr" >&2
	fi
	rm -rf "$work"/out*
}

head=job_id,submit_s,duration_s,gpus
# bad WORDS ROW... - a native trace of these rows is refused with these words.
bad() {
	words=$1
	shift
	printf '%s\n' "$@" >"$work/trace.csv"
	expect 2 "$words" run --trace "$work/trace.csv" --format native --cluster 2x4 --out "$work/out"
}

# -- usage
expect 0 "usage: berth COMMAND" help
expect 0 "--trace FILE" help run
expect 0 "--trace FILE" run --help
expect 0 "berth 0." --version
expect 2 "unknown command 'runn'; did you mean 'run'?" runn
expect 2 "unknown option '--polcy'; did you mean '--policy'?" run --polcy fifo
foreign=$(printf 'x\377.csv')
expect 2 "is not UTF-8" run --trace "$foreign" --cluster 2x4 --out "$work/out"
expect 2 "word 3, 'x" compare --trace=x --set "$foreign" --policy fifo
expect 2 "--trace is missing" run --cluster 2x4
expect 2 "--cluster is missing" run --trace x
expect 2 "--trace needs a value" run --trace
expect 2 "--fragmentation is '0', expected a percentage above 0 up to 100" run --trace x --cluster 2x4 --fragmentation 0
expect 2 "--seed is given twice" run --seed 1 --seed 2
expect 2 "--seed is '-1', expected a whole number, 0 or more" run --trace x --cluster 2x4 --seed -1
expect 2 "--pass is 'sometimes'" run --trace x --cluster 2x4 --pass sometimes
expect 2 "--pass is 'period:0'" run --trace x --cluster 2x4 --pass period:0
expect 2 "--cost preempt is '7@4/3@2/1', expected seconds, or seconds by rising sizes" run --trace x --cluster 2x4 --cost preempt=7@4/3@2/1
expect 2 "--cost preempt is '7@1', expected" run --trace x --cluster 2x4 --cost preempt=7@1
expect 0 "200 completed" run --trace tests/data/traces/demo.csv --cluster 4x8 --policy srtf --cost preempt=7@1/30@8/60,finish=1
expect 2 "no node has the label 'vc' with its name" run --trace tests/data/traces/demo.csv --cluster 4x8 --isolate vc

# -- nodes that come and go
demo="run --trace tests/data/traces/demo.csv --cluster 4x8"
expect 2 "--failures: mtbf is '0', expected a time of a second or more" $demo --failures node=mtbf:0,repair:1h
expect 2 "--failures: repair is 'x', expected a time" $demo --failures node=mtbf:1h,repair:x
expect 2 "lacks mtbf or repair" $demo --failures node=mtbf:1h
expect 2 "--failures: 'node' has two laws" $demo --failures 'node=mtbf:1h,repair:1h;node=mtbf:2h,repair:1h'
expect 2 "--failures: shape is '0', expected a number from 0.1 to 20" $demo --failures node=mtbf:1h,repair:1h,shape:0
expect 2 "--failures: 'mttr' is not known, expected mtbf, repair or shape" $demo --failures node=mtbf:1h,mttr:1h
expect 2 "the cluster has no topology level of this name" $demo --failures rack=mtbf:1h,repair:1h
expect 2 "checkpoint is 'often', expected seconds, 0 to 1e+12, inf, young or daly" $demo --cost checkpoint=often
expect 2 "--cost save is 'inf'" $demo --cost save=inf
expect 2 "do not go together" $demo --failures node=mtbf:1h,repair:1h --isolate vc
outage() {
	words=$1
	shift
	printf '%s\n' "$@" >"$work/log.csv"
	expect 2 "$words" $demo --failure-log "$work/log.csv"
}
outage "log.csv:1: the header lacks a column, expected time_s,node,kind,until_s" time_s,node
outage "log.csv:2: the cluster has no node 'node-9'" time_s,node,kind,until_s 0,node-9,node,1
outage "log.csv:2: node 'node-0' has 8 GPUs, and gpu8 fails" time_s,node,kind,until_s 0,node-0,gpu8,1
outage "log.csv:3: until_s is '5', expected seconds after time_s, or nothing" time_s,node,kind,until_s 5,node-0,node, 5,node-0,node,5
outage "log.csv:2: time_s is not a number" time_s,node,kind,until_s now,node-0,node,
outage "log.csv:1: the failure log is empty" ""
expect 2 "cannot be read" $demo --failure-log "$work/nowhere.csv"
expect 0 "runs ended because a node or GPU went away" $demo --failures 'node=mtbf:2h,repair:600;gpu=mtbf:1d,repair:1h,shape:0.7' --cost checkpoint=young,save=10
pool='{"pools":[{"name":"p","nodes":4,"gpus":8,'
pool() {
	printf '%s%s}]}' "$pool" "$2" >"$work/cluster.json"
	expect 2 "$1" run --trace tests/data/traces/demo.csv --cluster "$work/cluster.json"
}
pool "pools[0].elastic" '"elastic":{"start_s":1}'
pool "pools[0].spot.mean_away_h" '"spot":{"mean_up_h":1}'
pool "pools[0].leaves_s" '"arrives_s":2,"leaves_s":1'
pool "pools[0].maintenance[0].to_s" '"maintenance":[{"from_s":2,"to_s":1}]'

expect 2 "'--slowdown': nodes is '2', expected a number from 0.001 to 1" run --trace x --cluster 2x4 --slowdown nodes=2
expect 0 "200 completed" run --trace tests/data/traces/demo.csv --cluster 4x8 --policy srtf --slowdown nodes=0.8,sharing=0.9 --audit
expect 2 "did you mean 'restore'?" run --trace x --cluster 2x4 --cost restor=1
expect 2 "--estimates is 'noisy:-1'" run --trace x --cluster 2x4 --estimates noisy:-1
expect 2 "need --out FOLDER" run --trace x --cluster 2x4 --report
expect 2 "checkpoint and --resume need --out" run --trace x --cluster 2x4 --resume
expect 2 "checkpoint is 0, expected more than 0" run --trace x --cluster 2x4 --checkpoint 0 --out x
expect 2 "checkpoint" run --trace x --cluster 2x4 --checkpoint soon --out x
expect 2 "--figures needs --report" run --trace x --cluster 2x4 --out "$work/out" --figures pdf
expect 2 "--figures needs --report" compare --trace x --cluster 2x4 --policy fifo --policy sjf --figures pdf
if command -v gnuplot >/dev/null; then
	expect 2 "unknown kind of figure 'jpg', expected svg, png or pdf" run --trace x --cluster 2x4 --out "$work/out" --report --figures pdf,jpg
fi

# -- berth trace
expect 0 "1.6752 of 32 GPUs" trace stats tests/data/traces/demo.csv --cluster 4x8
expect 0 "at 1 or more, waits grow" trace stats tests/data/traces/demo.csv --cluster 4x8
expect 0 '"resource_hours": 1305' trace stats tests/data/traces/demo.csv --json
expect 0 '"by_hour": [' trace stats tests/data/traces/demo.csv --json
expect 0 "arrivals" trace stats tests/data/traces/demo.csv --html "$work/page.html"
if grep -q "</html>" "$work/page.html" && [ -z "$(find "$work" -name 'page.html?*')" ]; then
	passed=$((passed + 1))
else
	failed=$((failed + 1))
	echo "trace stats --html does not write its page, or leaves something behind" >&2
fi
expect 1 "cannot be" trace stats tests/data/traces/demo.csv --html "$work/none/page.html"
expect 0 "pod-2,50,20,0.5,,0.5,4,8192," trace convert tests/data/traces/openb_pods.csv
expect 0 "pod-2,50,30,0.5,,0.5,4,8192," trace convert tests/data/traces/openb_pods.csv --format openb:lifetime=created
expect 0 "; MaxProcs: 8" trace convert tests/data/traces/openb_untimed.csv --to swf
expect 0 "note: SWF: 1 jobs ask for parts of GPUs" trace convert tests/data/traces/openb_untimed.csv --to swf
expect 0 '"type": "delay", "delay": 1454' trace convert tests/data/traces/pai_sim.csv --to batsim
expect 2 "--to is 'csv', expected native, swf or batsim" trace convert tests/data/traces/pai_sim.csv --to csv
expect 0 '"gpu_model": "P100"' trace cluster tests/data/traces/openb_nodes.csv
expect 0 "9,0,0,0,cancelled" trace convert tests/data/traces/table.tsv --columns "job_id=Job,submit_s=start ms/1000,duration_s=end ms/1000 - start ms/1000,gpus=gpus*2,status=state"
expect 0 "read by a map that uses 2 of them" trace stats tests/data/traces/table.tsv --columns "submit_s=start ms/1000,duration_s=1,gpus=gpus*2"
expect 0 "3 completed" run --trace tests/data/traces/table.tsv --columns "submit_s=start ms/1000,duration_s=1,gpus=1" --cluster 1x1
expect 2 "no column 'star ms'; did you mean 'start ms'?" trace stats tests/data/traces/table.tsv --columns "submit_s=star ms/1000,duration_s=1,gpus=1"
expect 2 "--columns reads a table of any kind and --format is 'swf'" trace stats tests/data/traces/table.tsv --columns "gpus=1" --format swf
expect 0 "9,0,1,0" trace scale tests/data/traces/table.tsv --factor 1 --columns "job_id=Job,submit_s=start ms/1000,duration_s=1,gpus=gpus*2"
expect 0 "any CSV: table:" list --format table
expect 0 "law: nobody waits who fits (mode=skip)" list --policy fifo
expect 0 "validated: pyss cons" list --policy conservative
expect 0 "law: nobody behind the head of the queue delays it" list --policy easy
expect 0 "law: no queue holds more than its limit" list --policy kai
expect 0 "law: no tenant goes ahead by more than one job of one who waits and fits (strict=false)" list --policy drf
expect 0 '"when": "mode=strict"' list --policy fifo --json
expect 0 "note: 1 nodes are down, drained or failing" trace cluster tests/data/traces/scontrol.txt
expect 0 '"mig": [' trace cluster tests/data/traces/kubectl.json
expect 0 "note: MIG layouts are not fixed" trace cluster tests/data/traces/mig_list.csv
expect 0 "note: virtual clusters are separate partitions upstream" trace cluster tests/data/traces/helios_vc.csv
expect 2 "nodes is 'most', expected one of all|up" trace cluster tests/data/traces/kubectl.json --format kubectl:nodes=most
expect 0 "102_4,1709287205,7200,4,bob,gpu" trace convert tests/data/traces/sacct.txt
expect 0 "note: 4 GPUs a host are declared" trace cluster tests/data/traces/lingjun.csv --format lingjun:gpus=4
expect 0 "note: memory of nodes is unbounded" trace cluster tests/data/traces/spot_nodes.csv
expect 0 "prompts at 8000 tokens/s" trace stats tests/data/traces/azure_llm.csv
expect 0 "1,27,13.344375,4,0.5" trace convert tests/data/traces/mooncake.jsonl --format mooncake:gpus=8,share=0.5
expect 2 "share is '2', expected a number from 0.001 to 1" trace stats tests/data/traces/genai.csv --format genai:share=2
expect 2 "this is a node list (openb), expected jobs" trace stats tests/data/traces/openb_nodes.csv
expect 2 "unknown verb of trace 'measure'" trace measure x
expect 2 "0 files are named, expected one" trace stats
expect 0 "3, 1.2 GPU-hours" trace stats tests/data/traces/gavel.trace --format gavel:throughputs=tests/data/traces/gavel_throughputs.json
expect 2 "gavel_throughputs.jso: cannot be read" trace stats tests/data/traces/gavel.trace --format gavel:throughputs=tests/data/traces/gavel_throughputs.jso
expect 2 "gavel.trace: tests/data/traces/philly_log.json: at the top: found an array" trace stats tests/data/traces/gavel.trace --format gavel:throughputs=tests/data/traces/philly_log.json
expect 0 "durations are computed" trace stats tests/data/traces/pollux.csv --format pollux:profiles=tests/data/profiles
expect 0 "V100M32" trace cluster tests/data/traces/pai_machine_spec.csv
expect 2 "unknown option '--json'" trace convert x --json
expect 2 "holds no cluster" trace cluster tests/data/traces/philly.csv --format philly

# -- berth check, berth share
expect 0 "1 passed, 0 failed" check tests/data/check/one_job.json
expect 1 "own#0: j-0: node: expected n1, got n0" check tests/data/check
expect 1 "2 passed, 1 failed" check tests/data/check -j 2 --quiet
expect 0 "candidate n0 for j-0: score 1009" check --explain own#0 tests/data/check/one_job.json
expect 0 '"passed":' check --json tests/data/check/one_job.json
expect 0 "2 of 2 nodes lack gpu" check --explain 'pending#0' tests/data/check/left_pending.json
expect 0 "left pending: limited: OverLimit: queue narrow may use 1 GPU, uses 0, and the job asks 2" \
	check --explain 'pending#0' tests/data/check/left_pending.json
expect 0 "1 passed, 0 failed" check tests/data/claims/shared.json
expect 0 "c-0: refused, claim bare has no queue label" check --explain claims#0 tests/data/claims/shared.json
sed 's/"count": 1}/"count": 0}/' tests/data/claims/shared.json >"$work/claims.json"
expect 1 "dra.claims[1].count: expected 1 device or more" check "$work/claims.json"
expect 2 "no case is chosen by --filter" check --filter zzz tests/data/check
expect 2 "no file or folder is named" check
expect 2 "README.md:1: '[' or '{' expected" check README.md
expect 2 "its schema is none that can be checked" check tests/data/share/request.json
expect 0 "1 passed, 0 failed" check tests/data/vectors/three_free.json
expect 2 "no_task.json: task_fits_idle, vector 0 'nobody': input.task: expected a task" check tests/data/vectors/no_task.json
expect 2 "input.task: expected a task" check --verbose tests/data/vectors/three_free.json tests/data/vectors/no_task.json
printf '%s' '{"schema": "kai-vectors/2", "family": "x", "functions": [{"function": "guess", "vectors": []}]}' >"$work/guess.json"
expect 2 "guess.json: functions[0]: no function 'guess' is known" check "$work/guess.json"
printf '%s' '{"schema": "kai-vectors/2", "family": "x", "functions": [{"function": "job_ready"}]}' >"$work/none.json"
expect 2 "functions[0].vectors: expected a list" check "$work/none.json"
printf '%s' '{"schema": "kai-vectors/2", "family": "x", "functions": [{"function": "job_ready", "vectors": [{"name": "v"}]}]}' >"$work/none.json"
expect 2 "job_ready, vector 0 'v': input: expected an object" check "$work/none.json"
expect 0 "b                                     6" share tests/data/share/request.json
expect 2 "one" share

# -- berth trace generate
expect 0 "--presets" trace generate --help
expect 0 "lublin    The model of Lublin and Feitelson" trace generate --presets
expect 0 "job_id,submit_s,duration_s,gpus,user,queue,tasks,min_tasks,estimate_s" trace generate users --jobs 5
expect 0 '"mean": 60.0' trace generate small --print-model
expect 0 '"rate": 2.5' trace generate small --print-model --set arrivals.rate=2.5
expect 2 "0 models are named, expected one" trace generate
expect 2 "no model 'smal'; did you mean 'small'?" trace generate smal
expect 2 "no model 'x', expected one of helios, lublin" trace generate x
expect 2 "cannot be read: No such file" trace generate ./none.json
expect 2 "--jobs and --days are both given" trace generate small --jobs 5 --days 1 --out "$work/out"
expect 2 "--jobs is '0'" trace generate small --jobs 0
expect 2 "--days is 'x'" trace generate small --days x
expect 2 "--load and --cluster go together" trace generate small --load 1
expect 2 "'arrivals.rate' is no setting" trace generate small --set arrivals.rate
expect 2 "small: at arrivals.rate: found -1" trace generate small --set arrivals.rate=-1 --out "$work/out"
expect 2 "no rate of arrivals offers a load of 1" trace generate users --load 1 --cluster 100x8 --out "$work/out"
printf '{"sizes": {"clases": []}}' >"$work/model.json"
expect 2 "model.json: at sizes: unknown key \"clases\"; did you mean \"classes\"?" trace generate "$work/model.json"
expect 2 "--fit makes a model, but 'small' names one" trace generate small --fit tests/data/traces/demo.csv
expect 2 "--duration is 'normal', expected one of constant" trace generate --fit tests/data/traces/demo.csv --duration normal
expect 2 "--profile is 'year'" trace generate --fit tests/data/traces/demo.csv --profile year
expect 2 "native_all.csv: 8 jobs, expected 20 or more" trace generate --fit tests/data/traces/native_all.csv --out "$work/out"
"$berth" trace generate --fit tests/data/traces/demo.csv --out "$work/fitted.json" >/dev/null || failed=$((failed + 1))
expect 0 "job_id,submit_s,duration_s,gpus" trace generate "$work/fitted.json" --jobs 5
"$berth" trace generate small --jobs 70000 --seed 3 --load 0.5 --cluster 4x8 --out "$work/made.csv" || failed=$((failed + 1))
"$berth" trace generate small --jobs 70000 --seed 3 --load 0.5 --cluster 4x8 | cmp -s - "$work/made.csv" || failed=$((failed + 1))
expect 0 "0.5000 of 32 GPUs" trace stats "$work/made.csv" --cluster 4x8
# -- berth trace: one trace made of another
demo=tests/data/traces/demo.csv
"$berth" trace convert $demo >"$work/whole.csv"
# same VERB... - the verb of berth trace, with these options, gives the demo trace as it is.
same() {
	if "$berth" trace "$@" | cmp -s - "$work/whole.csv"; then passed=$((passed + 1)); else
		failed=$((failed + 1))
		echo "berth trace $* is not the same trace" >&2
	fi
}
same slice $demo
same scale $demo --factor 1
same scale $demo --factor 1 --by users
same shake $demo --arrivals 0 --durations 0
expect 0 "j002,202,439,2,dora" trace slice $demo --queue product --max-gpus 2 --first 1
expect 2 "the trace has no user 'doro'; did you mean 'dora'?" trace slice $demo --user doro --out "$work/out"
expect 2 "--from is 'noon'" trace slice $demo --from noon
expect 2 "no job is left" trace slice $demo --from 2017-10-09T07:00:00 --out "$work/out"
"$berth" trace scale $demo --load 0.9 --cluster 4x8 --out "$work/scaled.csv" || failed=$((failed + 1))
expect 0 "0.9000 of 32 GPUs" trace stats "$work/scaled.csv" --cluster 4x8
expect 2 "--factor or --load is needed" trace scale $demo
expect 2 "--load and --cluster belong together" trace scale $demo --load 1
expect 2 "--factor is '0', expected a number above 0" trace scale $demo --factor 0
expect 2 "asked for was 0.001" trace scale $demo --by users --factor 0.001 --out "$work/out"
expect 0 "night/j001,164,475" trace merge $demo $demo --name day --name night --queues apart
expect 2 "1 files are named, expected two or more" trace merge $demo
expect 2 "was there before" trace merge $demo $demo --ids none --out "$work/out"
expect 0 "~2," trace resample $demo --gap 600
expect 0 "~2," trace resample $demo --by days --seed 2 --any-weekday --days 1
expect 2 "--gap is 0" trace resample $demo --gap 0
expect 2 "--by is 'hours', expected one of sessions|days" trace resample $demo --by hours
expect 2 "--durations is '2'" trace shake $demo --durations 2
expect 2 "the key has 5 bytes, expected 16 or more" trace anonymise $demo --key short
expect 2 "--key-file or --key is needed" trace anonymise $demo
printf '%s\n' "a key that nobody guesses" >"$work/key"
"$berth" trace anonymise $demo --key-file "$work/key" --out "$work/hidden.csv" || failed=$((failed + 1))
"$berth" trace anonymise $demo --key "a key that nobody guesses" | cmp -s - "$work/hidden.csv" || failed=$((failed + 1))
for name in j001 cleo dora research product; do
	if grep -q $name "$work/hidden.csv"; then failed=$((failed + 1)); else passed=$((passed + 1)); fi
done
[ -z "$(find "$work" -name '*.tmp')" ] || failed=$((failed + 1))

# Quiet is what is said beside the answer.
if "$berth" run --quiet --trace $demo --cluster 4x8 >"$work/stdout" 2>"$work/stderr" &&
	grep -q '^fingerprint' "$work/stdout" && [ ! -s "$work/stderr" ]; then
	passed=$((passed + 1))
else
	failed=$((failed + 1))
	echo "run --quiet: no answer, or something on standard error" >&2
fi

# A file streams through these, standard input is read as a whole: equal bytes.
awk 'BEGIN { print "job_id,submit_s,duration_s,gpus,user,queue"
	for (i = 0; i < 300000; i++) print (i * 7919) % 300007 "," int(i / 3) "," 100 + i % 777 "," 1 + i % 8 ",u" i % 91 ",q" i % 13 }' \
	>"$work/large.csv"
# alike VERB ARGUMENTS... - both ways.
alike() {
	verb=$1
	shift
	if "$berth" trace "$verb" "$work/large.csv" "$@" >"$work/streamed.csv" 2>"$work/stderr" &&
		"$berth" trace "$verb" - "$@" <"$work/large.csv" | cmp -s - "$work/streamed.csv"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "trace $verb $*: streamed, other bytes" >&2
		cat "$work/stderr" >&2
	fi
}
alike convert
alike slice --user u3 --user u4 --after 1000 --before 90000 --min-gpus 2
alike slice --queue q2 --first 700
alike scale --factor 1.7
alike scale --load 0.8 --cluster 64x8
alike scale --factor 0.4 --by users
alike scale --load 0.3 --cluster 640x8 --by users
alike shake --arrivals 900 --durations 0.2
alike anonymise --key "a key that nobody guesses"
alike anonymise --key "a key that nobody guesses" --time zero --keep-queues
expect 2 "the trace has no queue 'q99'" trace slice "$work/large.csv" --queue q99 --out "$work/out"
rm "$work/large.csv" "$work/streamed.csv"

# -- traces
printf '%s\n' "$head" a,0,10,1 b,1,5,9 c,2,5,8 >"$work/good.csv"
expect 0 "1: it asks for more GPUs than the cluster has" run --trace "$work/good.csv" --cluster 2x4
expect 2 "cannot be read: No such file" run --trace "$work/none.csv" --cluster 2x4 --out "$work/out"
expect 2 "is a folder" run --trace "$work" --cluster 2x4 --out "$work/out"
: >"$work/empty.csv"
expect 2 "empty" run --trace "$work/empty.csv" --cluster 2x4 --out "$work/out"
head -c 3000 "$berth" >"$work/binary"
expect 2 "$work/binary" run --trace "$work/binary" --cluster 2x4 --out "$work/out"
gzip -c "$work/good.csv" | head -c 30 >"$work/cut.csv.gz"
expect 2 "too early" run --trace "$work/cut.csv.gz" --cluster 2x4 --out "$work/out"
bad "trace.csv:1: " "job_id,submit_s,gpus" a,0,1
bad "did you mean 'gpus'?" "job_id,submit_s,duration_s,gpus,gpu" a,0,1,1,1
bad "trace.csv" "$head"
bad "trace.csv:3: " "$head" a,0,10,1 b,1,x,1
bad "trace.csv:2: " "$head" a,nan,10,1
bad "trace.csv:2: " "$head" a,0,inf,1
bad "trace.csv:2: " "$head" a,0,-5,1
bad "trace.csv:2: " "$head" a,0,5,-1
bad "trace.csv:2: " "$head" a,0,99999999999999999999,1
bad "trace.csv:2: " "$head" a,0,1,99999999999
bad "trace.csv:2: " "$head" a,0,1
bad "trace.csv:2: " "$head" 'a,0,1,"1'
bad "trace.csv:3: " "$head" a,0,1,1 a,1,1,1
bad "trace.csv:2: " "$head,tasks" a,0,1,3,2
bad "trace.csv:2: " "$head,mig_profile" a,0,1,1,9g.9tb
printf '%s\n' "$head,gpu_model" a,0,1,1,H100 >"$work/model.csv"
expect 0 "1: the cluster has no GPU of the model it asks for" run --trace "$work/model.csv" --cluster 2x4
printf '%s\n' "$head" b,5,1,1 a,0,1,1 >"$work/unsorted.csv"
expect 0 "2 completed" run --trace "$work/unsorted.csv" --cluster 2x4
if "$berth" run --trace - --cluster 2x4 <"$work/good.csv" | grep -q "2 completed"; then
	passed=$((passed + 1))
else
	failed=$((failed + 1))
	echo "a trace on standard input is not read" >&2
fi

# A job that cannot work on a model asks for those on which it can.
printf '%s\n' $head,gpu_model,speeds "1,0,10,1,,8:T4=0|A10=4" "2,0,10,1,T4|A10|L4,8:T4=0|A10=4" >"$work/trace.csv"
expect 0 "A10|L4" trace convert "$work/trace.csv"
echo '{"pools": [{"name": "a", "nodes": 1, "gpus": 2, "gpu_model": "T4"}]}' >"$work/cluster.json"
expect 0 "2 rejected" run --trace "$work/trace.csv" --cluster "$work/cluster.json"

# -- clusters
for text in 0x4 2x-1 9999999999x1 2xfour; do
	expect 2 "$text" run --trace "$work/good.csv" --cluster "$text" --out "$work/out"
done
# cluster WORDS JSON
cluster() {
	printf '%s' "$2" >"$work/cluster.json"
	expect 2 "$1" run --trace "$work/good.csv" --cluster "$work/cluster.json" --out "$work/out"
}
cluster "not valid JSON" '{"pools": ['
cluster "pools" '{}'
cluster "pools[0]" '{"pools": [{"name": "a", "nodes": -3, "gpus": 1}]}'
cluster 'did you mean "gpus"?' '{"pools": [{"name": "a", "nodes": 1, "gpu": 1}]}'
cluster "queues[0]" '{"pools": [{"name": "a", "nodes": 1, "gpus": 1}], "queues": [{"name": "q", "parent": "p"}]}'
cluster "ancestors" '{"pools": [{"name": "a", "nodes": 1, "gpus": 1}], "queues": [{"name": "q", "parent": "q"}]}'
cluster "a" '{"pools": [{"name": "a", "nodes": ["x", "x"], "gpus": 1}]}'

# -- berth catalogue
expect 0 "dgx-h100                 on_premises            270000     9.639399  dgx-h100-price" catalogue pools
expect 0 "prices in USD: examples, to be replaced" catalogue
expect 0 "training_dense         ratio of peak dense 16-bit" catalogue gpus
expect 0 "azure-nd96isr-mi300x-v5      8 MI300X" catalogue nodes
expect 0 "unchecked NVIDIA data sheet, from memory, unchecked" catalogue sources
expect 0 "and it replaces those of the same node and pool" help catalogue
expect 2 "unexpected word 'gpu', expected gpus, nodes, pools or sources" catalogue gpu
expect 2 "unexpected word 'nodes'" catalogue gpus nodes
cat >"$work/mine.json" <<-'END'
	{"sources": [{"name": "quote-17", "title": "t", "address": "none", "date": "2026", "checked": true}],
	 "prices": [{"node": "dgx-h100", "pool": "on_premises", "price": 310000, "source": "quote-17"}]}
END
expect 0 "dgx-h100                 on_premises            310000    10.780952  quote-17" catalogue pools --catalogue "$work/mine.json"
expect 0 '"price": 310000,' catalogue --json --catalogue "$work/mine.json"
echo '{"prices": [{"node": "dgx-h1000"}]}' >"$work/mine.json"
expect 2 "mine.json: at prices[0].price: missing, expected a number" catalogue --catalogue "$work/mine.json"
expect 2 "$work/none.json" catalogue --catalogue "$work/none.json"

# Pools by node type: a job that another vendor's idle GPUs are of no use to waits for its model.
cat >"$work/cluster.json" <<-'END'
	{"pools": [{"name": "n", "node_type": "dgx-h100", "nodes": 1, "pool_kind": "on_premises"},
	           {"name": "m", "node_type": "mi300x-8", "nodes": 1, "pool_kind": "on_premises"}]}
END
printf '%s\n' job_id,submit_s,duration_s,gpus,gpu_model 1,0,100,8,H100-SXM 2,10,100,8,H100-SXM >"$work/trace.csv"
expect 0 "room on other GPU models            0.0  100.0 %" run --trace "$work/trace.csv" --cluster "$work/cluster.json" --causes
expect 0 "200 completed" run --trace tests/data/traces/demo.csv --cluster scripts/examples/mixed-fleet.json
echo '{"pools": [{"name": "n", "node_type": "dgx-h100x", "nodes": 1}]}' >"$work/cluster.json"
expect 2 'cluster.json: at pools[0].node_type: found "dgx-h100x", expected a node type' run --trace "$work/good.csv" --cluster "$work/cluster.json"

# A class of work: 312 s of an A100 are 98.4 s of an H100 by their peaks, and no FP64 work goes to Gaudi.
echo '{"pools": [{"name": "n", "node_type": "dgx-h100", "nodes": 1}]}' >"$work/cluster.json"
printf '%s\n' $head,work_class 1,0,312,8,training_dense >"$work/trace.csv"
expect 0 "completion                  1    1.6 min" run --trace "$work/trace.csv" --cluster "$work/cluster.json"
echo '{"pools": [{"name": "n", "node_type": "gaudi3-8", "nodes": 1}]}' >"$work/cluster.json"
printf '%s\n' $head,work_class 1,0,312,8,hpc_fp64 >"$work/trace.csv"
expect 0 "1 rejected" run --trace "$work/trace.csv" --cluster "$work/cluster.json"

# -- policies and placement rules
expect 2 "unknown policy 'fofo'; did you mean 'fifo'?" run --trace "$work/good.csv" --cluster 2x4 --policy fofo
expect 2 "did you mean 'mode'?" run --trace "$work/good.csv" --cluster 2x4 --policy fifo:mod=skip
expect 2 "mode is 'both', expected one of strict|skip" run --trace "$work/good.csv" --cluster 2x4 --policy fifo:mode=both
expect 2 "unknown placement rule 'frist'" run --trace "$work/good.csv" --cluster 2x4 --place frist
expect 2 "needs estimates and 3 of 3 jobs have none" run --trace "$work/good.csv" --cluster 2x4 --policy easy --out "$work/out"
expect 0 "2 pending, 1 rejected" run --trace "$work/good.csv" --cluster 2x4 --policy null

# -- results
mkdir "$work/kept"
echo mine >"$work/kept/file"
expect 2 "exists and is not a results folder" run --trace "$work/good.csv" --cluster 2x4 --out "$work/kept"
[ "$(cat "$work/kept/file")" = mine ] || failed=$((failed + 1))
for i in 1 2; do
	"$berth" run --quiet --trace "$work/good.csv" --cluster 2x4 --out "$work/results" --log decisions >/dev/null || failed=$((failed + 1))
done
# run.json tells how a trace was read.
if "$berth" run --quiet --trace tests/data/traces/sample.swf --format swf:rules=pyss --cluster 1x8 --out "$work/pyss" >/dev/null &&
	grep -qF '"settings": "rules=pyss"' "$work/pyss/run.json"; then
	passed=$((passed + 1))
else
	failed=$((failed + 1))
	echo "run.json does not tell the settings of the format" >&2
fi
for file in run.json summary.json jobs.csv timeline.csv queues.csv timing.json decisions.jsonl; do
	if [ -s "$work/results/$file" ]; then passed=$((passed + 1)); else
		failed=$((failed + 1))
		echo "results have no $file" >&2
	fi
done
[ -z "$(find "$work" -name '*.partial*')" ] || failed=$((failed + 1))
if [ -e /dev/full ]; then
	"$berth" list >/dev/full 2>"$work/stderr"
	if [ $? = 1 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
fi

# Differences of two runs.
expect 0 "completed" run --quiet --trace tests/data/traces/demo.csv --cluster 4x8 --log decisions --out "$work/one"
expect 0 "completed" run --quiet --trace tests/data/traces/demo.csv --cluster 4x8 --policy fifo:mode=skip --log decisions --out "$work/two"
expect 0 "equal: 200 decisions" diff "$work/one" "$work/one"
expect 1 "policy.params.mode: \"strict\" in A, \"skip\" in B" diff "$work/one" "$work/two"
expect 1 "jobs that start otherwise   178 of 200" diff "$work/one" "$work/two"
expect 1 "\"equal\": false" diff "$work/one/decisions.jsonl" "$work/two/decisions.jsonl" --json
expect 1 "they differ in" diff --trace tests/data/traces/demo.csv --cluster 4x8 --policy fifo --policy sjf --estimates oracle
expect 0 "settings: equal" diff --trace tests/data/traces/demo.csv --cluster 4x8 --policy srtf
expect 2 "expected two, A and B" diff "$work/one"
expect 2 "cannot be read" diff "$work/one" "$work/none"
expect 2 "three times" diff --trace tests/data/traces/demo.csv --cluster 4x8 --policy fifo --policy fifo --policy fifo
sed 5,5d "$work/two/jobs.csv" | sed '4s/,completed,/,/' >"$work/jobs" && cp "$work/jobs" "$work/two/jobs.csv"
expect 2 "jobs.csv:4: has 13 fields, expected 14" diff "$work/one" "$work/two"
rm "$work/two/decisions.jsonl"
expect 2 "has no decisions.jsonl, expected the results of 'berth run --log decisions'" diff "$work/one" "$work/two"

# Causes of waiting: in the table, in files, with what would be without them.
expect 0 "What pending jobs waited for" run --quiet --trace tests/data/traces/demo.csv --cluster 4x8 --causes --out "$work/one"
for file in causes.csv causes_by.csv; do
	if grep -q "fragmented_s" "$work/one/$file"; then passed=$((passed + 1)); else
		failed=$((failed + 1))
		echo "$file has no causes" >&2
	fi
done
expect 0 "With no fragmentation, gangs or topology: pending time" run --quiet --trace tests/data/traces/demo.csv --cluster 4x8 --policy fifo:mode=skip --place consolidate:strict=true --counterfactual
expect 0 "With the policy asked at once: pending time" run --quiet --trace tests/data/traces/demo.csv --cluster 4x8 --pass period:600 --counterfactual

# The metrics again, from the tables alone, by another program; on a real trace where there is one.
# recompute TRACE ARGUMENTS...
recompute() {
	trace=$1
	shift
	"$berth" run --quiet --trace "$trace" --causes --out "$work/again" "$@" >/dev/null
	if python3 scripts/recompute-metrics.py "$work/again" $durations >"$work/stdout"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "metrics of $trace $*:" >&2
		tail -5 "$work/stdout" >&2
	fi
}
durations=tests/data/traces/demo.csv
recompute tests/data/traces/demo.csv --cluster 4x8
recompute tests/data/traces/demo.csv --cluster 4x8 --policy srtf --warmup 20000 --horizon 300000 --cost checkpoint=600
recompute tests/data/traces/demo.csv --cluster 3x8 --policy easy --place best
traces=${BERTH_TRACES:-../shared/traces}
durations=
if [ -s "$traces/pwa/KTH-SP2-1996-2.swf" ]; then
	recompute "$traces/pwa/KTH-SP2-1996-2.swf" --cluster 100x1 --place count --policy easy
else
	echo "passed over: $traces/pwa/KTH-SP2-1996-2.swf is not there"
fi

# Comparisons: the same with one and with eight threads, verdicts, refusals.
compare="compare --quiet --trace tests/data/traces/demo.csv --cluster 4x8 --replications 4 --factor 1,0.5"
expect 0 "mean_wait_s (mean wait until the first start), 4 replications, 95 % intervals" $compare --policy fifo --policy srtf --window --threads 1 --out "$work/one"
expect 0 "the base" $compare --policy fifo --policy srtf --window --threads 8 --out "$work/two"
for file in compare.json replications.csv estimates.csv run.json; do
	if cmp -s "$work/one/$file" "$work/two/$file"; then passed=$((passed + 1)); else
		failed=$((failed + 1))
		echo "$file differs between 1 and 8 threads" >&2
	fi
done
expect 0 "equal in each of 4 replications" $compare --policy easy --policy easy@consolidate
expect 0 "in one run: nothing is known of luck" compare --quiet --trace tests/data/traces/demo.csv --cluster 4x8 --replications 1 --policy fifo --policy sjf --window --estimates oracle
expect 0 "no verdict: no steady state" compare --quiet --trace tests/data/traces/demo.csv --cluster 4x8 --load 1.5 --replications 3 --policy fifo --policy sjf --estimates oracle
expect 0 "replication" compare --quiet --model small --jobs 300 --cluster 18x8 --policy fifo --policy srtf --replications 10 --precision 0.5
expect 2 "1 policies are given, expected --policy twice or more, or once with --vary" $compare --policy fifo
expect 2 "no metric 'mean_wait'; did you mean 'mean_wait_s'?" $compare --policy fifo --policy sjf --metric mean_wait
expect 2 "--load and --factor are both given" $compare --load 0.5 --policy fifo --policy sjf
expect 2 "--factor has 'x', expected numbers above 0" compare --trace tests/data/traces/demo.csv --cluster 4x8 --factor 1,x --policy fifo --policy sjf
expect 2 "--replicate is 'weeks', expected sessions, days, shake or none" $compare --policy fifo --policy sjf --replicate weeks
expect 2 "no workload is given, expected --trace FILE or --model MODEL" compare --cluster 4x8 --policy fifo --policy sjf
expect 2 "both a trace and a model are given" $compare --policy fifo --policy sjf --model small
expect 2 "unknown placement" $compare --policy fifo@nowhere --policy sjf --out "$work/out"
expect 2 "--level is '1.5', expected a number between 0 and 1" $compare --policy fifo --policy sjf --level 1.5
expect 0 "fifo, pass=period:600" compare --quiet --trace tests/data/traces/demo.csv --cluster 4x8 --replications 3 --policy fifo --vary pass=period:600 --vary estimates=oracle --window --report --out "$work/varied"
if [ -s "$work/varied/figure-tornado.gp" ]; then passed=$((passed + 1)); else
	failed=$((failed + 1))
	echo "there is no figure-tornado.gp" >&2
fi
expect 2 "--vary: 'weather=bad' is no setting, expected pass=" $compare --policy fifo --vary weather=bad

# checked NAME COMMAND... - a command that must succeed.
checked() {
	name=$1
	shift
	if "$@" >"$work/stdout" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "$name:" >&2
		cat "$work/stdout" >&2
	fi
}

# -- what-if
cat >"$work/two.json" <<END
{"pools": [{"name": "a", "nodes": 6, "gpus": 8}, {"name": "b", "gpus": 4, "nodes": [{"name": "n1"}, {"name": "n2"}]}]}
END
whatif="what-if --quiet --model small --jobs 300 --cluster $work/two.json --replications 3 --window"
expect 0 "add 2 to pool a" $whatif --policy fifo "add 2 to pool a"
expect 0 "remove 2 from pool a; policy sjf" $whatif --policy fifo --estimates oracle "remove 2 from pool a; policy sjf" "drop pool b"
expect 0 "demand 1.5" $whatif --policy fifo "demand 1.5" "durations 0.5" "cost=start=60"
expect 0 "jobs can never run there, of the base's 0" $whatif --policy fifo "drop pool a"
expect 2 "no change is given" $whatif --policy fifo
expect 2 "--policy is missing: the base" $whatif "add 2 to pool a"
expect 2 "no pool 'x', expected one of a, b" $whatif --policy fifo "add 2 to pool x"
expect 2 "'0' is no number of nodes" $whatif --policy fifo "add 0 to pool a"
expect 2 "a list of single nodes" $whatif --policy fifo "remove 1 from pool b"
expect 2 "has 6 nodes, expected to keep one" $whatif --policy fifo "remove 6 from pool a"
expect 2 "no queue 'zz'" $whatif --policy fifo "drop queue zz"
expect 2 "no user 'zz'" $whatif --policy fifo "drop user zz"
expect 2 "no factor above 0" $whatif --policy fifo "demand 0"
expect 2 "did you mean 'fifo'" $whatif --policy fifo "policy fofi"
expect 2 "'fly away': expected 'add N" $whatif --policy fifo "fly away"
expect 2 "'a=b': 'a=b' is no setting" $whatif --policy fifo "a=b"

# -- kai: pages, nodes that fail, racks
kai="run --quiet --trace tests/data/traces/demo.csv --policy kai:schedule-period=60"
expect 0 "What pending jobs waited for" $kai --cluster 4x8 --causes --fairness --report --out "$work/kaipage"
for queue in product research teaching; do
	checked "the figure of shares has $queue" grep -q "set title.*$queue" "$work/kaipage/figure-shares.gp"
done
checked "the figure of causes shows limits" grep -q "limit" "$work/kaipage/figure-causes.gp"
expect 0 "17 runs ended because a node or GPU went away" $kai --cluster 4x8 --failures "node=mtbf:20h,repair:1h"
cat >"$work/racks.json" <<END
{"topology": ["rack"], "pools": [
 {"name": "a", "nodes": 2, "gpus": 8, "labels": {"rack": "r1"}}, {"name": "b", "nodes": 2, "gpus": 8, "labels": {"rack": "r2"}}]}
END
expect 0 "runs ended because a node or GPU went away" $kai --cluster "$work/racks.json" --failures "rack=mtbf:50h,repair:1h"
printf 'time_s,node,kind,until_s\n3600,r2,rack,7200\n' >"$work/away.csv"
expect 0 "200 completed" $kai --cluster "$work/racks.json" --failure-log "$work/away.csv"
printf 'time_s,node,kind,until_s\n3600,r9,rack,7200\n' >"$work/away.csv"
expect 2 "away.csv:2: the cluster has no rack 'r9'" $kai --cluster "$work/racks.json" --failure-log "$work/away.csv"

# -- plan
# study KEY VALUE - a study with one thing otherwise.
study() {
	python3 - "$work/study.json" "$1" "$2" <<END
import json, sys
study = {"demand": {"model": "small", "jobs": 400}, "policies": ["fifo", "sjf"], "replications": 4,
 "settings": {"estimates": "oracle"},
 "cluster": {"pools": [{"name": "n", "gpus": 8, "nodes": {"from": 10, "to": 60, "step": 5}, "price_per_hour": 20}]},
 "levels": [{"name": "soon", "of": "wait_s", "share": 0.9, "at_most": 1800, "jobs": {"gpus_at_most": 8}}]}
for at, value in zip(sys.argv[2].split(), sys.argv[3].split("|")):
    *path, last = at.split(".")
    here = study
    for step in path:
        here = here[int(step) if step.isdigit() else step]
    here[int(last) if last.isdigit() else last] = json.loads(value)
json.dump(study, open(sys.argv[1], "w"))
END
}
study "" ""
expect 0 "is the cheapest that keeps every level" plan --quiet "$work/study.json" --out "$work/plan"
expect 0 "is the cheapest that keeps every level" plan --quiet --threads 1 "$work/study.json" --out "$work/plan1" --memory "$work/plan.again"
checked "plan with 1 and 2 threads" diff -r "$work/plan" "$work/plan1"
expect 0 "is the cheapest that keeps every level" plan --quiet "$work/study.json" --out "$work/plan2" --memory "$work/plan.runs"
checked "plan with remembered runs" diff -r "$work/plan" "$work/plan2"
checked "ledger.csv adds up" python3 scripts/add-ledger.py "$work/plan"
study levels '[{"name": "mean", "of": "wait_s", "at_most": 3600}, {"name": "slow", "of": "bounded_slowdown", "share": 0.8, "at_most": 20, "jobs": {"gpus_at_least": 2}}, {"name": "slowest", "of": "bounded_slowdown", "at_most": 100}, {"name": "busy", "of": "allocation_ratio", "at_least": 0.01}]'
expect 0 "80 % of jobs from 2 GPUs on are slowed down at most 20 times" plan --quiet "$work/study.json" --report --out "$work/planpage"
expect 0 "allocation_ratio at least 0.01" plan --quiet "$work/study.json"
for words in "is the cheapest that keeps every level" "What would change the answer" "One step more or less" "without slowest"; do
	checked "plan.html says '$words'" grep -qF "$words" "$work/planpage/plan.html"
done
study objective '{"least": "mean_wait_s", "budget_per_hour": 800}'
expect 0 "has the least mean_wait_s within the budget" plan --quiet "$work/study.json"
study objective '{"least": "gpus"}'
expect 0 "is the smallest that keeps every level" plan --quiet "$work/study.json"
study cluster.pools.0.nodes '{"from": 4, "to": 5}'
expect 1 " keeps all of them." plan --quiet "$work/study.json"
expect 1 "Missed: 90 % of jobs up to 8 GPUs wait at most 30.0 min" plan --quiet "$work/study.json"
study "cluster.pools.0.gpus levels.0.share cluster.pools.0.nodes levels.0.jobs" '1|0.99|{"from": 4, "to": 5}|{}'
expect 1 "No candidate keeps every level" plan --quiet "$work/study.json"
study cluster.pools '[{"name": "n", "node_type": "dgx-h100", "pool_kind": "on_premises", "nodes": {"from": 10, "to": 60, "step": 5}}]'
expect 0 "is the cheapest that keeps every level" plan --quiet "$work/study.json"
study cluster.pools '[{"name": "n", "node_type": "dgx-h1000", "nodes": {"from": 10, "to": 60}}]'
expect 2 'node_type: found "dgx-h1000", expected a node type' plan --quiet "$work/study.json"
study "growth years" '[{"jobs": {"gpus_at_least": 4}, "percent_a_year": 50}]|2'
expect 0 "growth +1 year" plan --quiet "$work/study.json"
study projects '[{"name": "new", "model": "small", "factor": 0.5, "queue": "llm"}]'
expect 0 "is the cheapest that keeps every level" plan --quiet "$work/study.json"
study "projects levels.0.jobs" '[{"name": "new", "model": "small", "factor": 0.5, "queue": "llm"}]|{"queue": "llm"}'
expect 0 "90 % of jobs of queue llm wait at most" plan --quiet "$work/study.json"
study scenarios '[{"name": "as now", "weight": 3}, {"name": "twice as long", "durations": 2}]'
expect 0 "is the cheapest that keeps every level" plan --quiet "$work/study.json"
study settings '{"estimates": "oracle", "failures": "node=mtbf:100h,repair:4h"}'
expect 0 "twice the failures" plan --quiet "$work/study.json"
study policies '["easy"]'
expect 0 "rough estimates" plan --quiet "$work/study.json"
study "objective cluster.pools" '{"least": "energy"}|[{"name": "n", "node_type": "dgx-h100", "pool_kind": "on_premises", "nodes": {"from": 10, "to": 60, "step": 5}}]'
expect 0 "draws the least energy of those that keep every level" plan --quiet "$work/study.json"
study cluster.pools.0.price_per_hour 1e300
expect 2 "at cluster.pools[0].price_per_hour: all nodes together are" plan "$work/study.json"
study objective '{"least": "energy"}'
expect 2 "at cluster.pools[0].node_type: missing, expected one of the catalogue, whose power is known" plan "$work/study.json"
study cluster.pools '[{"name": "n", "node_type": "dgx-h100", "pool_kind": "dgx_cloud", "price": 9000, "nodes": {"from": 8, "to": 60, "step": 5}}]'
expect 2 "at cluster.pools[0].nodes: from 8 by 5, expected multiples of 4: dgx_cloud are rented in blocks" plan "$work/study.json"
study "cluster.pools hours" '[{"name": "n", "node_type": "aws-p5.48xlarge", "pool_kind": "reserved", "nodes": 8}]|100'
expect 2 "at hours: 100, expected at least 8760: reserved of cluster.pools[0] is paid for 12 months" plan "$work/study.json"
study growth '[{"percent_a_year": 50}]'
expect 2 'at growth: nothing grows in 0 years, expected "years"' plan "$work/study.json"
study "growth years" '[{"percent_a_year": -101}]|1'
expect 2 "at growth[0].percent_a_year: found -101" plan "$work/study.json"
study projects '[{"name": "new", "model": "smal"}]'
expect 2 "at projects[0]: no model 'smal'; did you mean 'small'?" plan "$work/study.json"
study projects '[{"model": "small"}]'
expect 2 "at projects[0].name: " plan "$work/study.json"
study cluster.pools.0.nodes '{"from": 9, "to": 3}'
expect 2 "at cluster.pools[0].nodes: the range from 9 to 3 is empty" plan "$work/study.json"
study cluster.pools.0.price_per_hour -1
expect 2 "at cluster.pools[0].price_per_hour: found -1" plan "$work/study.json"
study cluster.pools '[]'
expect 2 "at cluster.pools: found" plan "$work/study.json"
study levels.0.share 1.5
expect 2 "at levels[0].share: found 1.5, expected a number between 0 and 1" plan "$work/study.json"
study levels.0.of '"weight"'
expect 2 "at levels[0].of: found" plan "$work/study.json"
study levels.0.jobs '{"queue": "nobody"}'
expect 2 "at levels[0].jobs: no job of the demand is meant" plan "$work/study.json"
study levels.0 '{"of": "allocation_ratio", "at_least": 1.2}'
expect 2 "at levels[0].at_least: found 1.2, expected at most 1: it cannot be reached" plan "$work/study.json"
study levels '[{"of": "allocation_ratio", "at_least": 0.9}, {"of": "allocation_ratio", "at_most": 0.5}]'
expect 2 "at levels[0] and levels[1]: allocation_ratio cannot be at least 0.9 and at most 0.5" plan "$work/study.json"
study policies '["fifo", "fofi"]'
expect 2 "at policies[1]: unknown policy 'fofi'; did you mean 'fifo'?" plan "$work/study.json"
study demand '{"model": "smal"}'
expect 2 "at demand: no model 'smal'; did you mean 'small'?" plan "$work/study.json"
study demand.colour '"red"'
expect 2 "at demand: unknown key 'colour'" plan "$work/study.json"
study settings '{"pass": "never"}'
expect 2 "at settings: --pass is 'never'" plan "$work/study.json"
study confidence 1
expect 2 "at confidence: found 1" plan "$work/study.json"
study objective '{"least": "mean_wait_s"}'
expect 2 "at objective.budget_per_hour: " plan "$work/study.json"
study objective '{"least": "mean_wait_s", "budget_per_hour": 1}'
expect 2 "at objective.budget_per_hour: no candidate costs so little" plan "$work/study.json"
study "cluster.pools.0.nodes policies" '{"from": 1, "to": 100000}|["fifo", "sjf", "las"]'
expect 2 "make 300000 candidates, expected at most 200000" plan "$work/study.json"
study cluster.pools.0.wings 2
expect 2 "at cluster.pools[0]: unknown key" plan "$work/study.json"
expect 2 "expected one: the file of a study" plan

# Quotas: a queue with more work than the other, and hardly any quota.
quotas() {
	study "demand policies replications settings cluster projects quotas levels $1" '{"model": "small", "jobs": 60}|["kai"]|6|{"pass": "event"}|{"pools": [{"name": "n", "gpus": 8, "nodes": 10}], "queues": [{"name": "default", "gpu": {"quota": 8}}, {"name": "b", "gpu": {"quota": 72}}]}|[{"name": "new", "model": "small", "queue": "b"}]|{"of": "wait_s", "step": 8, "change": ["quota", "weight"]}|[]'"$2"
}
quotas "" ""
expect 0 "Under kai, queue default is the worst off now: its mean wait is" plan quotas --quiet "$work/study.json" --out "$work/quotas" --report
expect 0 "default gain, b lose" plan quotas --quiet --threads 1 "$work/study.json" --out "$work/quotas1" --report
checked "quotas with 1 and 2 threads" diff -r "$work/quotas" "$work/quotas1"
expect 0 "default gain, b lose" plan quotas --quiet "$work/study.json" --out "$work/quotas2" --report --memory "$work/quotas.runs"
checked "quotas with remembered runs" diff -r "$work/quotas" "$work/quotas2"
checked "quotas.csv has a row a queue" sh -c "[ \$(wc -l <$work/quotas/quotas.csv) = 3 ]"
expect 0 "200 completed" run --quiet --trace tests/data/traces/demo.csv --policy fifo --cluster "$work/quotas/cluster.json"
quotas policies '|["fifo"]'
expect 1 "No change made any difference" plan quotas --quiet "$work/study.json"
quotas levels '|[{"of": "wait_s", "at_most": 1e9}]'
expect 0 "default gain, b lose" plan quotas --quiet "$work/study.json"
quotas quotas.least '|"mean"'
expect 1 "the mean over queues goes from" plan quotas --quiet "$work/study.json"
quotas quotas '|{"of": "wait_s", "at_most": 600, "step": 8}'
expect 0 "its share of jobs that wait longer than 10.0 min is" plan quotas --quiet "$work/study.json"
quotas quotas.change '|["priority"]'
expect 2 'at quotas.change[0]: found "priority", expected quota, limit or weight' plan quotas "$work/study.json"
quotas quotas.of '|"weight"'
expect 2 'at quotas.of: found "weight", expected wait_s or bounded_slowdown' plan quotas "$work/study.json"
quotas quotas.least '|"best"'
expect 2 'at quotas.least: found "best", expected worst' plan quotas "$work/study.json"
quotas quotas.queues '|["c"]'
expect 2 'at quotas.queues[0]: found "c", expected a queue of the cluster' plan quotas "$work/study.json"
quotas policies '|["fifo", "kai"]'
expect 2 "at policies: missing, expected one policy" plan quotas "$work/study.json"
quotas cluster.pools.0.nodes '|{"from": 1, "to": 9}'
expect 2 "at cluster.pools[0].nodes: a range, expected a number" plan quotas "$work/study.json"
quotas cluster.queues '|[]'
expect 2 "at cluster.queues: found" plan quotas "$work/study.json"
expect 2 "expected one: the file of a study" plan quotas
expect 2 "--pass is 'never', expected instant" $compare --policy fifo --vary pass=never
for how in sessions:gap=600 days:block=1,weekday=false shake:arrivals=5,durations=0.1 none; do
	expect 0 "the base" $compare --policy fifo --policy sjf --estimates oracle --replicate $how
done

# Shrinking: the demo down to a few jobs of which one waits.
printf '%s\n' '{"pools": [{"name": "n", "nodes": 4, "gpus": 8}], "queues": [{"name": "research"}, {"name": "ops"}]}' >"$work/big.json"
expect 0 "jobs of 200 are left after" shrink --quiet --trace tests/data/traces/demo.csv --cluster "$work/big.json" --out "$work/small" \
	--while "$berth run --quiet --trace \$TRACE --cluster \$CLUSTER --horizon 100000 | grep -q ', [1-9][0-9]* pending'"
if [ "$(wc -l <"$work/small/trace.csv")" -le 4 ] && ! grep -q queues "$work/small/cluster.json"; then passed=$((passed + 1)); else
	failed=$((failed + 1))
	echo "the demo does not shrink:" >&2
	cat "$work/small/trace.csv" "$work/small/cluster.json" >&2
fi
expect 2 "there is nothing to keep" shrink --quiet --trace tests/data/traces/demo.csv --out "$work/out" --while false
expect 2 "--trace, --while and --out are needed" shrink --trace tests/data/traces/demo.csv

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
