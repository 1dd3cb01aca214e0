#!/usr/bin/env python3
"""50,000 further lines on top of 1,000,000: from the file to figures that everybody sees, beside DuckDB.

The store is made once of the UCI Online Retail file, its lines twice over as different orders; the further lines are
its last 50,000, those of its last weeks, as orders of their own. Each round begins with a fresh copy of that store. DuckDB
appends the typed lines to a table of a database file and asks sales by month. Ours does all that an import does: raw bytes,
detection, silver, the months that are touched in gold, roll-ups and the figures of the store, durable; `seconds` is what
`import --json` says of it, from the file to the published figures, without the start of the process.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from import_sides import COLUMNS, SALE, lengthened
from measure import Run, in_turns, online_retail, options, report, run

STORE = 1_000_000
FURTHER = 50_000


@dataclass
class Timed(Run):
    seconds: float  # from the file to figures, without the start of the process


def cut(folder, file):
    """The store's lines, and the further ones."""
    with open(lengthened(folder, file, 2, damaged=False), "rb") as lines:
        header, *rows = lines.readlines()
    store, further = Path(folder, "store.csv"), Path(folder, "further.csv")
    store.write_bytes(header + b"".join(rows[:STORE]))
    with open(further, "wb") as out:
        out.write(header)
        for row in rows[-FURTHER:]:
            letter, rest = (row[:1], row[1:]) if row[:1].isalpha() else (b"", row)
            out.write(letter + b"8" + rest)
    return store, further


def duckdb_store(file, database):
    import duckdb

    duckdb.connect(database).execute(
        f"CREATE TABLE orders AS SELECT * FROM read_csv('{file}', header = true, columns = {COLUMNS})"
    )


def duckdb_append(file, database):
    import duckdb
    from time import perf_counter

    started = perf_counter()
    connection = duckdb.connect(database)
    connection.execute(f"INSERT INTO orders SELECT * FROM read_csv('{file}', header = true, columns = {COLUMNS})")
    months = connection.execute(
        f"SELECT date_trunc('month', InvoiceDate), sum(Quantity * UnitPrice) FILTER ({SALE}), "
        f"sum(Quantity * UnitPrice) FILTER (({SALE}) OR InvoiceNo LIKE 'C%') FROM orders GROUP BY 1"
    ).fetchall()
    seconds = perf_counter() - started
    gross, net = (sum(month[at] or 0 for month in months) for at in (1, 2))
    print(json.dumps({"gross": str(gross), "net": str(net), "seconds": seconds}))


def main():
    parser = options(argparse.ArgumentParser(description=__doc__.splitlines()[0]))
    parser.add_argument("--duckdb-append", nargs=2, metavar=("FILE", "DATABASE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.duckdb_append:
        return duckdb_append(*arguments.duckdb_append)

    environment = {k: v for k, v in os.environ.items() if not k.startswith("SR360_")}

    def ours(data, *command):
        return run(
            [arguments.binary, command[0], *command[1:], "--tenant", "bench"],
            cwd=data,
            env=environment | {"SR360_DATA_DIR": str(data), "SR360_UPLOADS_MAX_BYTES": str(10**10)},
        )

    with tempfile.TemporaryDirectory() as folder:
        store, further = cut(folder, online_retail(folder, arguments.file))
        database, data = Path(folder, "store.duckdb"), Path(folder, "store")
        duckdb_store(store, str(database))
        if not arguments.duckdb_only:
            data.mkdir()
            ours(data, "import", store, "--create", "--json", "--currency", "GBP")
        answers = {}

        def duckdb_side():
            copy = shutil.copy(database, Path(folder, "round.duckdb"))
            done = run([sys.executable, __file__, "--duckdb-append", str(further), copy])
            told = json.loads(done.output)
            answers["DuckDB"] = (Decimal(told["gross"]), Decimal(told["net"]))
            return Timed(**vars(done), seconds=told["seconds"])

        def our_side():
            copy = Path(folder, "round")
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(data, copy)
            done = ours(copy, "import", further, "--json")
            told = json.loads(done.output)
            asked = ours(copy, "query", "--metrics", "gross_sales,net_sales", "--format", "json")
            (row,) = json.loads(asked.output, parse_float=Decimal)
            answers["SmartRetail360"] = (Decimal(str(row["gross_sales"])), Decimal(str(row["net_sales"])))
            return Timed(**vars(done), seconds=told["seconds"])

        sides = {"DuckDB": duckdb_side}
        if not arguments.duckdb_only:
            sides["SmartRetail360"] = our_side
        for name, side in sides.items():
            side()
            print(f"{name}: gross {answers[name][0]:f}, net {answers[name][1]:f}")
        if len(set(answers.values())) != 1:
            sys.exit("the two sides do not agree: no times")
        runs = in_turns(arguments.rounds, sides)
        print(f"\n{FURTHER:,} lines on top of {STORE:,}, {os.cpu_count()} cores, {arguments.rounds} rounds")
        report(runs, [("seconds", "seconds, from the file to figures"), ("cpu", "seconds"), ("wall", "seconds")])


if __name__ == "__main__":
    main()
