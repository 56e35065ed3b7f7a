#!/usr/bin/env python3
"""coverage.py COVERAGE.json MISSED.txt - a table of folders from gcovr's JSON; the lines that no test reached go to
MISSED.txt, with their text. Ends with 1 below 95 % of the lines or 85 % of the branches."""
import collections
import json
import os
import sys

WANTED_LINES, WANTED_BRANCHES = 95.0, 85.0


def share(part, whole):
    return 100.0 * part / whole if whole else 100.0


def main():
    source, missed = sys.argv[1:3]
    with open(source, encoding="utf-8") as file:
        files = json.load(file)["files"]
    folders = collections.OrderedDict()
    with open(missed, "w", encoding="utf-8") as out:
        for entry in sorted(files, key=lambda entry: entry["file"]):
            name = entry["file"]
            counts = folders.setdefault(os.path.dirname(name), [0, 0, 0, 0])
            with open(name, encoding="utf-8") as text:
                lines = text.read().split("\n")
            seen = set()
            for line in entry["lines"]:
                if line.get("gcovr/noncode") or line["line_number"] in seen:
                    continue
                seen.add(line["line_number"])
                counts[0] += line["count"] > 0
                counts[1] += 1
                counts[2] += sum(branch["count"] > 0 for branch in line["branches"])
                counts[3] += len(line["branches"])
                if line["count"] == 0:
                    number = line["line_number"]
                    out.write(f"{name}:{number}: {lines[number - 1].strip()}\n")
    print("| folder | lines | reached | branches | reached |\n|---|---|---|---|---|")
    total = [sum(counts[i] for counts in folders.values()) for i in range(4)]
    for folder, counts in list(folders.items()) + [("all", total)]:
        print(f"| {folder} | {counts[1]} | {share(counts[0], counts[1]):.1f} % "
              f"| {counts[3]} | {share(counts[2], counts[3]):.1f} % |")
    enough = (share(total[0], total[1]) >= WANTED_LINES
              and share(total[2], total[3]) >= WANTED_BRANCHES)
    sys.exit(0 if enough else 1)


main()
