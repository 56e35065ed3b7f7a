#!/usr/bin/env python3
"""Computes the metrics of a results folder again, from jobs.csv, timeline.csv and causes*.csv alone,
and compares them with summary.json. Exact decimal arithmetic, nearest-rank percentiles.

    scripts/recompute-metrics.py FOLDER [TRACE.csv]

Durations are those of the trace in native CSV; without it, what a job ran less what it lost, which
is right without elastic jobs, speeds and costs of starting. Exit 1 and a line for every figure that
differs."""
import csv
import json
import math
import os
import sys
from collections import defaultdict
from fractions import Fraction

folder = sys.argv[1]
summary = json.load(open(os.path.join(folder, "summary.json")))
run = json.load(open(os.path.join(folder, "run.json")))
wrong = 0
checked = 0


def table(name):
    with open(os.path.join(folder, name), newline="") as file:
        return list(csv.DictReader(file))


def expect(what, got, want, tolerance=1e-9):
    global wrong, checked
    checked += 1
    if want is None or abs(float(got) - float(want)) > tolerance * max(1, abs(float(want))):
        wrong += 1
        print(f"{what}: {float(got)!r} recomputed, {want!r} in summary.json")


def spread(what, values, told):
    expect(what + " count", len(values), told["count"])
    if not values:
        return
    values = sorted(values)
    expect(what + " mean", sum(values) / len(values), told["mean"])
    for name, percent in (("p50", 50), ("p90", 90), ("p95", 95), ("p99", 99)):
        rank = max(1, math.ceil(Fraction(percent * len(values), 100)))
        expect(f"{what} {name}", values[rank - 1], told[name])
    expect(what + " max", values[-1], told["max"])


jobs = table("jobs.csv")
warmup = Fraction(str(summary["warmup_s"]))
tau = Fraction(str(summary["tau_s"]))
for job in jobs:
    for key in ("gpus", "submit_s", "start_s", "end_s", "run_s", "lost_s"):
        job[key] = Fraction(job[key]) if job[key] else None
measured = [job for job in jobs if job["submit_s"] >= warmup]
started = [job for job in measured if job["start_s"] is not None]
completed = [job for job in measured if job["state"] == "completed"]

for state in ("completed", "running", "pending", "rejected"):
    expect(state, sum(job["state"] == state for job in jobs), summary["jobs"][state])
spread("wait", [job["start_s"] - job["submit_s"] for job in started], summary["wait_s"])
spread("completion", [job["end_s"] - job["submit_s"] for job in completed], summary["jct_s"])
spread("queueing", [job["end_s"] - job["submit_s"] - job["run_s"] for job in completed],
       summary["queueing_s"])


durations = {}
if len(sys.argv) > 2:
    with open(sys.argv[2], newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        durations = {row["job_id"]: Fraction(row["duration_s"]) for row in rows}


def work(job):
    return durations.get(job["job_id"], job["run_s"] - job["lost_s"])


def bounded(job):
    return max(Fraction(1), (job["end_s"] - job["submit_s"]) / max(work(job), tau))


spread("slowdown", [(job["end_s"] - job["submit_s"]) / work(job) for job in completed
                    if work(job) > 0], summary["slowdown"])
spread("bounded slowdown", [bounded(job) for job in completed], summary["bounded_slowdown"])
spread("bounded slowdown per GPU",
       [max(Fraction(1), (job["end_s"] - job["submit_s"]) / max(work(job), tau) / job["gpus"])
        for job in completed if job["gpus"] > 0], summary["bounded_slowdown_per_gpu"])

classes = [("0", 0), ("1", 1), ("2-4", 4), ("5-8", 8), ("9-16", 16), ("17-64", 64)]
by_size = defaultdict(list)
for job in started:
    name = ">64"
    for label, most in reversed(classes):
        name = label if job["gpus"] <= most else name
    name = "<1" if 0 < job["gpus"] < 1 else name
    by_size[name].append(job["start_s"] - job["submit_s"])
for name, told in summary["wait_s_by_gpus"].items():
    spread(f"wait of {name} GPUs", by_size[name], told)

gpus = sum(job["gpus"] for job in started)
if gpus:
    waits = sum(job["gpus"] * (job["start_s"] - job["submit_s"]) for job in started)
    expect("wait by GPUs", waits / gpus, summary["wait_s_weighted"]["by_gpus"])
if any(job["state"] == "completed" for job in jobs):
    expect("makespan", max(job["end_s"] for job in jobs if job["state"] == "completed"),
           summary["makespan_s"])
expect("preemptions", sum(int(job["preemptions"]) for job in jobs),
       summary["preemption"]["preemptions"])

# Allocation from the steps of the timeline.
timeline = table("timeline.csv")
end = Fraction(str(summary["end_s"]))
allocated = Fraction(0)
for row, after in zip(timeline, timeline[1:] + [None]):
    start = max(warmup, Fraction(row["time_s"]))
    until = Fraction(after["time_s"]) if after else end
    if until > start:
        allocated += Fraction(row["gpus_allocated"]) * (until - start)
expect("allocated", allocated / 3600, summary["cluster"]["allocated_gpu_hours"])
if end > warmup:
    expect("allocation ratio", allocated / ((end - warmup) * Fraction(str(run["cluster"]["gpus"]))),
           summary["cluster"]["allocation_ratio"])

# GPU time of the queues is that of the whole.
queues = table("queues.csv")
expect("GPU-hours of all queues", sum(Fraction(row["gpu_hours"]) for row in queues),
       summary["cluster"]["allocated_gpu_hours"])

# Causes of waiting add up, to the microsecond.
if os.path.exists(os.path.join(folder, "causes.csv")):
    causes = table("causes.csv")
    names = [name for name in causes[0] if name.endswith("_s") and name != "pending_s"] \
        if causes else []
    pending = {}
    for row in causes:
        parts = sum(Fraction(row[name]) for name in names)
        pending[row["job_id"]] = parts
        if parts != Fraction(row["pending_s"]):
            wrong += 1
            print(f"causes of job {row['job_id']} add up to {parts}, not {row['pending_s']}")
    for job in jobs:
        if job["state"] == "rejected":
            continue
        until = job["end_s"] if job["state"] == "completed" else end
        want = until - job["submit_s"] - (job["run_s"] or 0)
        checked += 1
        if pending.get(job["job_id"], 0) != want:
            wrong += 1
            print(f"job {job['job_id']} was pending for {want} s, "
                  f"its causes say {pending.get(job['job_id'], 0)}")
    sums = defaultdict(Fraction)
    for row in table("causes_by.csv"):
        sums[row["by"].split()[0]] += Fraction(row["pending_s"])
    for by in ("queue", "holder", "user", "gpus", "hour"):
        expect(f"pending time by {by}", sums[by], sums["all"], 0)
    expect("pending time of all jobs", sum(pending.values()), sums["all"], 0)

print(f"{checked} figures recomputed, {wrong} differ")
sys.exit(1 if wrong else 0)
