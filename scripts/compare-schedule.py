#!/usr/bin/env python3
"""compare-schedule.py REFERENCE JOBS_CSV [DECISIONS CLUSTER] - a run beside a published schedule.

REFERENCE is an SWF file (.gz too; start = submit + wait) or a CSV with the columns job_id, a submit
time, a start and an end (named submit or submit_time, and so on); preemptions count too where they are
told (preempt or ckpt_times). JOBS_CSV is jobs.csv of a results folder; its times are relative to the
first submit, so the smallest submit of the reference is added.

With DECISIONS, decisions.jsonl of the same folder, and the CLUSTER file of the run, a reference that
tells a node has to have its number in the cluster file, too (of a job that starts once, on one node).

Prints "<jobs> jobs, <n> mismatches, mean wait <s> s, mean completion <s> s, preemptions <n>" of the
reference (- where it does not tell), then the first mismatches. Wait is until the first start. Exit 0 when
there are none, 1 when there are, 2 when a file is not what it should be.
"""
import csv
import gzip
import json
import sys


def read_swf(lines):
    """SWF rows to {job: (submit, start, None)}; an end is not part of these files."""
    jobs = {}
    for line in lines:
        if line.strip() and not line.startswith(";"):
            fields = line.split()
            submit, wait = float(fields[1]), float(fields[2])
            jobs[fields[0]] = (submit, submit + wait, None, None)
    return jobs


def column(row, *names):
    for name in names:
        if name in row:
            return row[name]
    raise KeyError(names[0])


def optional(row, *names):
    return next((int(row[name]) for name in names if name in row), None)


def read_csv(lines):
    jobs = {}
    for row in csv.DictReader(lines):
        jobs[column(row, "job_id", "jobname")] = (
            float(column(row, "submit", "submit_time")),
            float(column(row, "start", "start_time")),
            float(column(row, "end", "end_time")),
            optional(row, "preempt", "ckpt_times"),
        )
    return jobs


def read_reference(path):
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rt") as file:
        lines = file.readlines()
    is_swf = ".swf" in path
    return read_swf(lines) if is_swf else read_csv(lines)


def read_run(path, epoch):
    jobs = {}
    with open(path) as file:
        for row in csv.DictReader(file):
            start = float(row["start_s"]) + epoch if row["start_s"] else None
            end = float(row["end_s"]) + epoch if row["end_s"] else None
            jobs[row["job_id"]] = (start, end, int(row["preemptions"]))
    return jobs


def read_node_numbers(path):
    """The number of each node in the cluster file, by its name."""
    names = []
    with open(path) as file:
        for pool in json.load(file)["pools"]:
            count = pool["nodes"]
            names += [pool["name"]] if count == 1 else [f"{pool['name']}-{i}" for i in range(count)]
    return {name: number for number, name in enumerate(names)}


def misplaced(reference_path, decisions_path, cluster_path):
    """Jobs that run on another node than the reference says."""
    numbers = read_node_numbers(cluster_path)
    found = {}
    with open(decisions_path) as file:
        for line in file:
            decision = json.loads(line)
            if decision["decision"] == "start":
                found[decision["job"]] = [numbers[part["node"]] for part in decision["nodes"]]
    with open(reference_path) as file:
        expected = {row["job_id"]: [int(row["node"])] for row in csv.DictReader(file)}
    return [job for job, nodes in expected.items() if found.get(job) != nodes]


def differs(expected, got):
    _, start, end, preemptions = expected
    return (
        got is None
        or got[0] != start
        or (end is not None and got[1] != end)
        or (preemptions is not None and got[2] != preemptions)
    )


def main(reference_path, run_path, placement=()):
    try:
        reference = read_reference(reference_path)
        epoch = min(submit for submit, _, _, _ in reference.values())
        run = read_run(run_path, epoch)
        elsewhere = misplaced(reference_path, *placement) if placement else []
    except (OSError, KeyError, ValueError, IndexError) as problem:
        print(f"compare-schedule.py: {problem!r}", file=sys.stderr)
        return 2
    wrong = [job for job in reference if differs(reference[job], run.get(job))]
    wrong += [job for job in run if job not in reference]
    wrong += [job for job in elsewhere if job not in wrong]
    rows = reference.values()
    wait = sum(start - submit for submit, start, _, _ in rows) / len(reference)
    completion = preemptions = "-"
    if all(end is not None for _, _, end, _ in rows):
        completion = f"{sum(end - submit for submit, _, end, _ in rows) / len(reference):.3f}"
    if all(count is not None for _, _, _, count in rows):
        preemptions = sum(count for _, _, _, count in rows)
    print(
        f"{len(reference)} jobs, {len(wrong)} mismatches, mean wait {wait:.3f} s, "
        f"mean completion {completion} s, preemptions {preemptions}"
    )
    for job in wrong[:5]:
        print(f"  job {job}: expected {reference.get(job)}, got {run.get(job)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    if len(sys.argv) not in (3, 5):
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
