#!/bin/sh
# make.sh - replays the inputs of published schedules under the same rules and compares job by job.
# Prints a table; exits 1 when a job differs. Inputs are looked for at ${BERTH_TRACES} and
# ${BERTH_REFERENCE}; what is not there is skipped, and said so.
set -u
cd "$(dirname "$0")/../.."
berth=${BERTH:-build/release/berth}
traces=${BERTH_TRACES:-../shared/traces}
reference=${BERTH_REFERENCE:-../shared/reference}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0
skipped=0

# The run beside the schedule; with ${nodes}, a cluster file, node by node as well.
nodes=
verdict() {
	if [ -n "$nodes" ]; then
		set -- "$work/run/decisions.jsonl" "$nodes"
	else
		set --
	fi
	scripts/compare-schedule.py "$published" "$work/run/jobs.csv" "$@"
}

# compare NAME REFERENCE TRACE OPTIONS... - one row of the table.
compare() {
	row=$1
	published=$2
	trace=$3
	shift 3
	if [ ! -f "$published" ] || [ ! -f "$trace" ]; then
		echo "| $row | skipped: ${published##*/} is not there | | | | |"
		skipped=$((skipped + 1))
		return
	fi
	if "$berth" run --quiet --trace "$trace" --out "$work/run" "$@" >"$work/log" 2>&1 &&
		verdict >"$work/verdict" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		cat "$work/log" "$work/verdict" >&2
	fi
	awk -v row="$row" 'NR == 1 { print "| " row " | " $1 " | " $3 " | " $7 " | " $11 " | " $14 " |" }' \
		"$work/verdict"
}

echo "| schedule | jobs | mismatches | mean wait s | mean completion s | preemptions |"
echo "|---|---|---|---|---|---|"
for log in KTH-SP2:100 SDSC-SP2:128 CTC-SP2:338; do
	file=$traces/pyss-easy-results/${log%:*}
	options="--cluster ${log#*:}x1 --place count --pass event --tie submit"
	# shellcheck disable=SC2086 # options are words
	{
		compare "EASY, ${log%:*}" "$file.easy.swf.gz" "$file.easy.swf.gz" \
			$options --policy easy:ask=if_new_fits
		compare "EASY, perfect estimates, ${log%:*}" "$file.easy_clairvoyant.swf.gz" \
			"$file.easy_clairvoyant.swf.gz" \
			$options --policy easy:ask=if_new_fits --estimates oracle
		compare "EASY, perfect estimates, shortest first, ${log%:*}" \
			"$file.easypp_clairvoyant.swf.gz" "$file.easypp_clairvoyant.swf.gz" \
			$options --policy easy:order=shortest --estimates oracle
	}
done
for log in sdsc_sp2_5K.swf:128:sdsc5K hpc2n.swf:240:hpc2n3K; do
	name=${log##*:}
	cpus=${log#*:}
	cpus=${cpus%:*}
	options="--format swf:rules=pyss --cluster ${cpus}x1 --place count --pass event --tie submit"
	for policy in fcfs=fifo easy=easy easysjbf=easy:order=shortest cons=conservative; do
		# shellcheck disable=SC2086 # options are words
		compare "pyss ${policy%%=*}, $name" "$reference/pyss/pyss-${policy%%=*}-$name.csv" \
			"$reference/pyss/${log%%:*}" $options --policy "${policy#*=}"
	done
	# shellcheck disable=SC2086 # options are words
	compare "pyss perfecteasy, $name" "$reference/pyss/pyss-perfecteasy-$name.csv" \
		"$reference/pyss/${log%%:*}" $options --policy easy --estimates oracle
done
for policy in fifo=strict fjf=skip; do
	compare "Tiresias ${policy%=*}, 60 jobs" \
		"$reference/tiresias/tiresias-${policy%=*}-count-60job-n4g4.csv" \
		"$traces/tiresias/60_job.csv" \
		--cluster 4x4 --place count --policy "fifo:mode=${policy#*=}"
	compare "Tiresias ${policy%=*}, 480 jobs" \
		"$reference/tiresias/tiresias-${policy%=*}-count-synth480-n16g8.csv" \
		"$reference/tiresias/tir_fmt_synth_480.csv" \
		--cluster 16x8 --place count --policy "fifo:mode=${policy#*=}"
done
for policy in sjf=smallest dlas=tiresias:service=time dlas-gpu=tiresias:demote=code \
	shortest=srtf:tie=previous shortest-gpu=srtf:key=gpu_remaining,tie=previous; do
	compare "Tiresias ${policy%%=*}, 60 jobs" \
		"$reference/tiresias/tiresias-${policy%%=*}-count-60job-n4g4.csv" \
		"$traces/tiresias/60_job.csv" \
		--cluster 4x4 --place count --policy "${policy#*=}"
	compare "Tiresias ${policy%%=*}, 480 jobs" \
		"$reference/tiresias/tiresias-${policy%%=*}-count-synth480-n16g8.csv" \
		"$reference/tiresias/tir_fmt_synth_480.csv" \
		--cluster 16x8 --place count --policy "${policy#*=}"
done
history=$traces/tiresias/yarn-gput1000.csv
compare "Tiresias dlas-gpu-gittins, 60 jobs" \
	"$reference/tiresias/tiresias-dlas-gpu-gittins-count-60job-n4g4.csv" \
	"$traces/tiresias/60_job.csv" --cluster 4x4 --place count \
	--policy "gittins:demote=code,index=code,history=$history"
compare "Tiresias dlas-gpu-gittins, 480 jobs" \
	"$reference/tiresias/tiresias-dlas-gpu-gittins-count-synth480-n16g8.csv" \
	"$reference/tiresias/tir_fmt_synth_480.csv" --cluster 16x8 --place count \
	--policy "gittins:demote=code,index=code,history=$history"
for policy in FIFO=fifo SJF=sjf; do
	compare "PAI simulator ${policy%=*}, 300 GPUs" \
		"$reference/pai/alibaba-${policy%=*}-synth10K-orig-g300.csv" \
		"$reference/pai/pai_fmt_synth_10K.csv" \
		--cluster results/schedules/pai-300.json --place first --oversize clip \
		--estimates oracle --policy "${policy#*=}:mode=skip"
done
compare "PAI simulator SJU, 3000 GPUs" "$reference/pai/alibaba-SJU-synth10K-ar1000-g3000.csv" \
	"$reference/pai/pai_fmt_synth_10K.csv" --format pai_sim:estimate=user_dur,per_minute=1000 \
	--cluster results/schedules/pai-3000.json --place first --oversize clip --policy sjf:mode=skip
nodes=results/schedules/pai-380.json
compare "PAI simulator FIFO, 380 nodes" \
	"$reference/pai/alibaba-FIFO-synth2K-ar1000-hetero-lb.csv" \
	"$reference/pai/pai_fmt_synth_2K.csv" --format pai_sim:models=v100,per_minute=1000 \
	--cluster results/schedules/pai-380.json --place balance --oversize clip \
	--policy fifo:mode=skip --log decisions
nodes=

# HeliosArtifact and Lucid: a schedule tells its input, in the order that decides ties.
helios_columns="job_id=jobname,queue=vc,submit_s=submit_time,duration_s=duration,gpus=gpu_num"
lucid_columns="job_id=job_id,queue=vc,submit_s=submit_time,duration_s=duration,gpus=gpu_num"
helios() {
	name=$1
	published=$reference/helios/$2
	trace=$3
	shift 3
	compare "$name" "$published" "$trace" --cluster "$reference/helios/helios_philly84_vc.csv" \
		--isolate vc --place consolidate:strict=true "$@"
}
for policy in fifo=fifo sjf=sjf; do
	file=helios-${policy%%=*}-consolidate-Philly84_1w.csv
	helios "HeliosArtifact ${policy%%=*}" "$file" "$reference/helios/$file" \
		--columns "$helios_columns" --policy "${policy#*=}" --estimates oracle
done
file=helios-qssf-consolidate-Philly84_1w.csv
predictions=$reference/helios/helios_philly_qssf_priority.csv
if [ -f "$predictions" ] && [ -f "$reference/helios/$file" ]; then
	# Predicted seconds times GPUs, negative, because a high priority goes first.
	awk -F, -v OFS=, 'NR == FNR { predicted[$3] = $8; next }
		{ print $0, FNR == 1 ? "priority" : -predicted[$2] * $4 }' \
		"$predictions" "$reference/helios/$file" >"$work/qssf.csv"
fi
helios "HeliosArtifact qssf" "$file" "$work/qssf.csv" \
	--columns "$helios_columns,priority=priority" \
	--policy qssf:predict=priority,passes=two --estimates oracle
file=helios-srtf-consolidate-Philly84_1w.csv
helios "HeliosArtifact srtf" "$file" "$reference/helios/$file" --columns "$helios_columns" \
	--policy srtf:tie=waiting,fill=false --cost finish=1,preempt=7@1/30@8/60
file=lucid-tiresias-consolidate-Philly.csv
helios "Lucid's Tiresias" "$file" "$reference/helios/$file" --columns "$lucid_columns" \
	--policy tiresias:limits=18000,order=submit,at=exceeded,fill=false --pass period:60 \
	--cost finish=1,preempt=40@8/60
echo
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
