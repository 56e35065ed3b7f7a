#!/bin/sh
# draw.sh pods PODS GPUS SEED - the pods of an openb list in random order, then more of them drawn with replacement until
# the next would ask for more than 130 % of GPUs: native CSV, a pod a second, none ends. The way of the FGD study.
# draw.sh nodes NODES - SEED - an openb node list in random order. The same under any awk: the generator (Lehmer's) is
# its own.
set -eu
awk -F, -v what="$1" -v capacity="$3" -v seed="$4" '
	function below(count) {
		state = state * 48271 % 2147483647
		return int(state / 2147483647 * count)
	}
	function shuffle(  i, j, held) {
		for (i = rows; i > 1; i--) {
			j = 1 + below(i)
			held = order[i]; order[i] = order[j]; order[j] = held
		}
	}
	function print_pod(pod,  shared) {
		$0 = row[pod]
		shared = $at["num_gpu"] == 1 && $at["gpu_milli"] < 1000 ? $at["gpu_milli"] / 1000 : ""
		printf "p%d,%d,1000000,%s,1,%s,%s,%s,%s\n", printed, printed, (shared != "" ? shared : $at["num_gpu"]),
			shared, $at["cpu_milli"] / 1000, $at["memory_mib"], $at["gpu_spec"]
		printed++
	}
	NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; head = $0; next }
	{ row[++rows] = $0; order[rows] = rows }
	END {
		state = 1000003 * seed + 17
		for (i = 0; i < 20; i++) below(1)
		shuffle()
		if (what == "nodes") {
			print head
			for (i = 1; i <= rows; i++) print row[order[i]]
			exit
		}
		print "job_id,submit_s,duration_s,gpus,tasks,gpu_fraction,cpus,memory_mib,gpu_model"
		for (i = 1; i <= rows; i++) {
			print_pod(order[i])
			asked += $at["num_gpu"] * $at["gpu_milli"]
		}
		for (;;) {
			pod = 1 + below(rows)
			$0 = row[pod]
			if (asked + $at["gpu_milli"] > capacity * 1300) exit
			asked += $at["num_gpu"] * $at["gpu_milli"]
			print_pod(pod)
		}
	}' "$2"
