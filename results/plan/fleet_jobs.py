#!/usr/bin/env python3
"""fleet_jobs.py - native CSV in, native CSV out: every virtual cluster becomes a team with a class of
work and the vendors it can use, by the rank of its name. An example: the trace tells neither."""
import csv
import sys

KINDS = [  # what can run where is the planner's to know
    ("training_dense", ""),
    ("training_dense", "A100-80GB|H100-SXM"),
    ("training_memory_bound", "A100-80GB|H100-SXM|MI300X"),
    ("inference", ""),
]

rows = list(csv.DictReader(sys.stdin))
teams = {name: i for i, name in enumerate(sorted({row["queue"] for row in rows}))}
out = csv.writer(sys.stdout, lineterminator="\n")
out.writerow(["job_id", "submit_s", "duration_s", "gpus", "user", "queue", "gpu_model", "work_class"])
for row in rows:
    work_class, models = KINDS[teams[row["queue"]] % len(KINDS)]
    out.writerow([row["job_id"], row["submit_s"], row["duration_s"], row["gpus"], row["queue"],
                  row["queue"], models, work_class if float(row["gpus"]) > 0 else ""])
