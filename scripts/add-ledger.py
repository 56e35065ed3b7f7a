#!/usr/bin/env python3
"""add-ledger.py FOLDER - adds up the bill of a plan again from ledger.csv, to the cent.

Every row is node hours times the price of one; the last row is the sum. Exits with 1 when a row
or the sum is another, or when plan.json tells another cost an hour."""
import csv
import json
import sys
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction


def cents(value):
    """A fraction as cents, halves away from zero."""
    decimal = Decimal(value.numerator) / Decimal(value.denominator)
    return decimal.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def main(folder):
    problems = 0
    total, hourly = Decimal(0), Fraction(0)
    with open(f"{folder}/ledger.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows[:-1]:
        price = Fraction(row["price_per_node_hour"])
        amount = cents(Fraction(row["node_hours"]) * price)
        hourly += Fraction(row["nodes"]) * price
        total += Decimal(row["amount"])
        if amount != Decimal(row["amount"]):
            print(f"{row['pool']}: {row['amount']}, and it is {amount}")
            problems += 1
    if total != Decimal(rows[-1]["amount"]):
        print(f"total: {rows[-1]['amount']}, and it is {total}")
        problems += 1
    with open(f"{folder}/plan.json") as file:
        told = json.load(file, parse_float=Fraction)["candidate"]["cost_per_hour"]
    if abs(Fraction(told) - hourly) > Fraction(1, 10**4):
        print(f"plan.json: {float(told)} an hour, and it is {float(hourly)}")
        problems += 1
    print(f"{len(rows)} rows, total {total}: {problems} problems")
    return 1 if problems else 0


sys.exit(main(sys.argv[1]))
