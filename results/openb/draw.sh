#!/bin/sh
# draw.sh PODS CAPACITY PERCENT SEED [SPAN] - pods of an openb list drawn at random, with
# replacement; native CSV. Without SPAN one a second until they ask for PERCENT of CAPACITY (GPUs),
# and none ends. With SPAN (seconds) of the pods that lived from half an hour to six, with their lifetimes,
# so many a second over SPAN that the GPU time they ask for is PERCENT of CAPACITY. The same draw
# under any awk: the generator (Lehmer's) is its own.
set -eu
awk -F, -v capacity="$2" -v percent="$3" -v seed="$4" -v span="${5:-0}" '
	NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
	span > 0 && ($at["scheduled_time"] == "" || $at["deletion_time"] == "") { next }
	span > 0 && $at["deletion_time"] - $at["scheduled_time"] > 21600 { next }
	span > 0 && $at["deletion_time"] - $at["scheduled_time"] < 1800 { next }
	{
		gpus[++pods] = $at["num_gpu"]; milli[pods] = $at["gpu_milli"]
		cpus[pods] = $at["cpu_milli"] / 1000; memory[pods] = $at["memory_mib"]
		models[pods] = $at["gpu_spec"]
		life[pods] = span > 0 ? $at["deletion_time"] - $at["scheduled_time"] : 1000000
		gpu_time += life[pods] * gpus[pods] * milli[pods] / 1000
	}
	END {
		print "job_id,submit_s,duration_s,gpus,tasks,gpu_fraction,cpus,memory_mib,gpu_model"
		rate = span > 0 ? capacity * percent / 100 / (gpu_time / pods) : 1
		state = 1000003 * seed + 17
		for (i = 0; i < 20; i++) state = state * 48271 % 2147483647
		for (job = 0; span > 0 ? job < rate * span : asked < capacity * percent * 10; job++) {
			state = state * 48271 % 2147483647
			pod = 1 + int(state / 2147483647 * pods)
			shared = gpus[pod] == 1 && milli[pod] < 1000
			asked += gpus[pod] * milli[pod]
			printf "p%d,%.3f,%s,%s,1,%s,%s,%s,%s\n", job, job / rate, life[pod],
				(shared ? milli[pod] / 1000 : gpus[pod]), (shared ? milli[pod] / 1000 : ""),
				cpus[pod], memory[pod], models[pod]
		}
	}' "$1"
