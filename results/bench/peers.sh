#!/usr/bin/env bash
# peers.sh - how fast the replays of results/schedules are beside the simulators whose schedules they
# give: median user seconds of RUNS runs of the whole program. The peers' figures are user seconds of
# one run on a machine of the same size, noted with their schedules. Nothing here is asserted anywhere.
set -euo pipefail
cd "$(dirname "$0")/../.."
berth=${BERTH:-build/release/berth}
traces=${BERTH_TRACES:-../shared/traces}
reference=${BERTH_REFERENCE:-../shared/reference}
runs=${RUNS:-5}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
TIMEFORMAT=%U

# row NAME PEER_JOBS_A_SECOND TRACE ARGUMENTS...
row() {
	local name=$1 peer=$2 trace=$3
	shift 3
	if [ ! -f "$trace" ]; then
		echo "| $name | skipped: ${trace##*/} is not there | | | | |"
		return
	fi
	local seconds=() rates=() middle=$((runs / 2)) median rate jobs
	for ((i = 0; i < runs; i++)); do
		seconds+=("$({ time "$berth" run --quiet --trace "$trace" --out "$work/out" "$@" >/dev/null; } 2>&1)")
		rates+=("$(sed -n 's/.*"jobs_per_engine_s": \([0-9]*\).*/\1/p' "$work/out/timing.json")")
	done
	median=$(printf '%s\n' "${seconds[@]}" | sort -n | sed -n "$((middle + 1))p")
	rate=$(printf '%s\n' "${rates[@]}" | sort -n | sed -n "$((middle + 1))p")
	jobs=$(sed -n 's/.*"jobs": \([0-9]*\).*/\1/p' "$work/out/run.json" | head -1)
	echo "| $name | $jobs | $peer | $median | $rate | $((rate / peer)) |"
}

echo "| replay | jobs | peer, jobs/s | user s, whole program | jobs/s in the engine | times as fast |"
echo "|---|---|---|---|---|---|"
helios=$reference/helios
columns="job_id=jobname,queue=vc,submit_s=submit_time,duration_s=duration,gpus=gpu_num"
parts=(--cluster "$helios/helios_philly84_vc.csv" --isolate vc --place consolidate:strict=true)
row "HeliosArtifact FIFO, consolidate" 120 "$helios/helios-fifo-consolidate-Philly84_1w.csv" \
	--columns "$columns" "${parts[@]}" --policy fifo
row "HeliosArtifact SRTF, consolidate" 90 "$helios/helios-srtf-consolidate-Philly84_1w.csv" \
	--columns "$columns" "${parts[@]}" --policy srtf:tie=waiting,fill=false \
	--cost finish=1,preempt=7@1/30@8/60
row "Lucid's Tiresias, consolidate" 90 "$helios/lucid-tiresias-consolidate-Philly.csv" \
	--columns "${columns/jobname/job_id}" "${parts[@]}" --pass period:60 \
	--policy tiresias:limits=18000,order=submit,at=exceeded,fill=false --cost finish=1,preempt=40@8/60
# 480 jobs are done in 2 ms: the first 5,000 of Philly, whose input is not there, would tell more.
row "Tiresias dlas-gpu, 480 jobs" 941 "$reference/tiresias/tir_fmt_synth_480.csv" \
	--cluster 16x8 --place count --policy tiresias:demote=code
row "PAI simulator FIFO, 300 GPUs" 335 "$reference/pai/pai_fmt_synth_10K.csv" \
	--cluster results/schedules/pai-300.json --place first --oversize clip --policy fifo:mode=skip
row "PAI simulator FIFO, 380 nodes" 41 "$reference/pai/pai_fmt_synth_2K.csv" \
	--format pai_sim:models=v100,per_minute=1000 --cluster results/schedules/pai-380.json \
	--place balance --oversize clip --policy fifo:mode=skip
# No peer has run the whole of Philly: beside the speed of Tiresias' simulator on its first 5,000 jobs.
row "Philly, SRTF, 64 nodes x 8" 114 "$traces/philly/philly.csv" --cluster 64x8 --policy srtf
row "Philly, Tiresias, 64 nodes x 8" 321 "$traces/philly/philly.csv" --cluster 64x8 --policy tiresias
# Pods that come one a second and never end, under FGD's own score; the peer runs a whole Kubernetes scheduler.
fgd=(--policy fifo:mode=skip --place "fgd:score=published,typical=trace")
if [ -f "$reference/fgd/openb_small_pods.csv" ]; then
	scripts/compare-pods.py prepare "$reference/fgd" "$work"
fi
row "FGD, 122 nodes of openb" 18 "$work/pods.csv" --cluster "$work/cluster.json" --horizon 1300 "${fgd[@]}"
pods=$traces/openb/openb_pod_list_default.csv
if [ -f "$pods" ]; then
	results/fgd/draw.sh pods "$pods" 6212 1 >"$work/openb.csv"
fi
row "FGD, openb's 1,213 nodes with GPUs, filled to 130 %" 2 "$work/openb.csv" \
	--cluster "$traces/openb/openb_node_list_gpu_node.csv" --horizon 10809 "${fgd[@]}"
