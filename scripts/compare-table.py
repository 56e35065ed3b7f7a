#!/usr/bin/env python3
"""Markdown tables of a comparison (compare.json), one a load: a policy a row.

    scripts/compare-table.py FOLDER/compare.json"""
import json
import sys

study = json.load(open(sys.argv[1]))
metric = study["metric"]
SHOWN = [metric, "mean_bounded_slowdown", "p95_jct_s", "share_jain", "allocation_ratio"]


def number(name, value):
    if value is None:
        return ""
    if name.endswith("_s"):
        for unit, seconds in (("d", 86400), ("h", 3600), ("min", 60)):
            if value >= 2 * seconds:
                return f"{value / seconds:.1f} {unit}"
        return f"{value:.1f} s"
    return f"{value:.3f}" if value < 10 else f"{value:.0f}"


def cell(metrics, name):
    told = metrics.get(name)
    if told is None or told["mean"] is None:
        return ""
    text = number(name, told["mean"])
    if told["low"] is not None and name == metric:
        text += f" ({number(name, max(0, told['low']))} to {number(name, told['high'])})"
    return text


for load in study["loads"]:
    print(f"Offered load {load['offered_load']:.3f}, {study['replications']} replications, "
          f"{study['level']:.0%} intervals\n")
    print("| policy | " + " | ".join(SHOWN) + " | against the first |")
    print("|---" * (len(SHOWN) + 2) + "|")
    for policy in load["policies"]:
        against = policy.get("against_first")
        verdict = "" if against is None else against["verdict"]
        if against is not None:
            change = against["differences"].get(metric)
            base = load["policies"][0]["metrics"][metric]["mean"]
            if change is not None and base:
                verdict += f", {change['mean'] / base * 100:+.1f} %"
            verdict += f", better in {against['wins']} of {against['wins'] + against['losses']}"
        row = [cell(policy["metrics"], name) for name in SHOWN]
        print(f"| `{policy['policy']}` | " + " | ".join(row) + f" | {verdict} |")
    print()
