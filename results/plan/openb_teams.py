#!/usr/bin/env python3
"""openb_teams.py - native CSV of openb pods in, the same with five teams out: parts of a GPU are inference,
whole GPUs training, several GPUs the team of large models. An example: the trace names no teams."""
import csv
import sys

rows = list(csv.DictReader(sys.stdin))
out = csv.DictWriter(sys.stdout, [*rows[0], "user", "queue"], lineterminator="\n")
out.writeheader()
for row in rows:
    gpus = float(row["gpus"])
    if gpus > 0 and row["duration_s"] != "":  # some never started, so nobody knows how long they are
        half = "a" if int(row["job_id"].rsplit("-", 1)[1]) % 3 else "b"  # two thirds and one third
        team = "large" if gpus > 1 else ("training-" if gpus == 1 else "inference-") + half
        out.writerow({**row, "user": team, "queue": team})
