#!/usr/bin/env python3
"""compare.py REFERENCE JOBS_CSV - completion times of a run against those of Gavel's simulator.

REFERENCE is a CSV whose first column is the job and whose column `jct_s` or `jct_measured` is its completion
time.
Prints "<jobs> <equal> <mean there> <mean here> <difference in per cent>"; equal is within 2 ms,
for the reference is rounded to milliseconds.
"""
import csv
import sys


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        rows = csv.DictReader(file)
        name = rows.fieldnames[0]
        jct = "jct_s" if "jct_s" in rows.fieldnames else "jct_measured"
        there = {row[name]: float(row[jct]) for row in rows}
    with open(sys.argv[2], encoding="utf-8") as file:
        here = {row["job_id"]: float(row["jct_s"] or "nan") for row in csv.DictReader(file)}
    if there.keys() != here.keys():
        sys.exit("the jobs are not the same")
    equal = sum(abs(there[job] - here[job]) <= 0.002 for job in there)
    mean_there = sum(there.values()) / len(there)
    mean_here = sum(here.values()) / len(here)
    print(len(there), equal, f"{mean_there:.1f}", f"{mean_here:.1f}",
          f"{100 * (mean_here / mean_there - 1):+.2f}")


main()
