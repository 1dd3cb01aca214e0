#!/usr/bin/env python3
"""`smartretail360 import` beside DuckDB on the UCI Online Retail file, all cores.

DuckDB reads the CSV with types and `store_rejects` and writes one Parquet file. Ours does that and more: it keeps
the raw bytes with their SHA-256, detects format and columns, books returns and corrections, writes the silver log
and gold as Delta tables and counts the import's figures, all durable. Each run begins with an empty folder; its
cost includes the start of the process (Python's, which DuckDB runs in, is printed apart).

With `--silver` a third side runs: the stage of our import that is like what DuckDB does, by the example `silver` of
`crates/lake`. Both read the file, type its values, set the lines aside that do not fit, and write the others as
Parquet, compressed by zstd. Ours looks at a sample to find format and columns first, asks of each line whether it is
equal to an earlier one and the how manieth of its order and product it is, hashes it, works out its amounts by what the
invoice means, writes each reject with its place, reason and advice, one file or more a month, and commits them to a
Delta table. DuckDB is told columns and types, and keeps rejects in memory.
"""

import argparse
import json
import os
import sys
import tempfile
from decimal import Decimal
from pathlib import Path

from import_sides import COLUMNS, SALE, lengthened
from measure import in_turns, online_retail, options, report, run

def duckdb_import(file, parquet):
    import duckdb

    connection = duckdb.connect()
    # Types are given, so that DuckDB need not find them out; ours does.
    connection.execute(
        f"COPY (SELECT * FROM read_csv('{file}', header = true, columns = {COLUMNS}, store_rejects = true)) "
        f"TO '{parquet}' (FORMAT parquet, COMPRESSION zstd)"
    )
    rejected = connection.execute("SELECT count(*) FROM reject_errors").fetchone()[0]
    rows, gross, net = connection.execute(
        f"SELECT count(*), sum(Quantity * UnitPrice) FILTER ({SALE}), "
        f"sum(Quantity * UnitPrice) FILTER (({SALE}) OR InvoiceNo LIKE 'C%') FROM '{parquet}'"
    ).fetchone()
    print(json.dumps({"rows": rows + rejected, "rejected": rejected, "gross": str(gross), "net": str(net)}))


def silver_sums(folder):
    """What stands in silver, read by DuckDB when nothing is timed."""
    import duckdb

    return duckdb.connect().execute(
        f"SELECT count(*), sum(gross), sum(gross - discount + returns) FROM '{folder}/**/silver/orders/*.parquet'"
    ).fetchone()


def main():
    parser = options(argparse.ArgumentParser(description=__doc__.splitlines()[0]))
    parser.add_argument("--duckdb-run", nargs=2, metavar=("FILE", "PARQUET"), help=argparse.SUPPRESS)
    parser.add_argument("--times", type=int, default=1, help="the file's lines so many times over, with rejects")
    parser.add_argument("--silver", help="the example `silver`: times that stage by itself too")
    arguments = parser.parse_args()
    if arguments.duckdb_run:
        return duckdb_import(*arguments.duckdb_run)

    with tempfile.TemporaryDirectory() as folder:
        file = online_retail(folder, arguments.file)
        if arguments.times > 1:
            file = lengthened(folder, file, arguments.times)
        answers = {}

        def duckdb():
            parquet = Path(folder, "duckdb.parquet")
            parquet.unlink(missing_ok=True)
            done = run([sys.executable, __file__, "--duckdb-run", str(file), str(parquet)])
            told = json.loads(done.output, parse_float=Decimal)
            answers["DuckDB"] = (told["rows"], told["rejected"], Decimal(told["gross"]), Decimal(told["net"]))
            return done

        def ours():
            with tempfile.TemporaryDirectory(dir=folder) as data:
                command = [arguments.binary, "import", file, "--tenant", "bench", "--create", "--json"]
                # Nothing of the environment's configuration but the empty folder.
                environment = {k: v for k, v in os.environ.items() if not k.startswith("SR360_")}
                done = run(command + ["--currency", "GBP"], cwd=data, env=environment | {"SR360_DATA_DIR": data, "SR360_UPLOADS_MAX_BYTES": str(10**10)})
            told = json.loads(done.output, parse_float=Decimal)
            (total,) = told["totals"]
            answers["SmartRetail360"] = (
                told["rows"],
                told["rejected"],
                Decimal(str(total["gross_sales"])),
                Decimal(str(total["net_sales"])),
            )
            return done

        def silver():
            with tempfile.TemporaryDirectory(dir=folder) as data:
                os.link(file, Path(data, "orders.csv"))
                done = run([arguments.silver, "orders.csv", data])
                told = json.loads(done.output)
                if "SmartRetail360, silver" not in answers:
                    rows, gross, net = silver_sums(data)
                    answers["SmartRetail360, silver"] = (
                        rows + told["rejected"],
                        told["rejected"],
                        Decimal(gross) / 10**6,
                        Decimal(net) / 10**6,
                    )
            return done

        python = run([sys.executable, "-c", "import duckdb"])
        sides = {"DuckDB": duckdb}
        if not arguments.duckdb_only:
            sides["SmartRetail360"] = ours
            if arguments.silver:
                sides["SmartRetail360, silver"] = silver
        for name, side in sides.items():
            side()
            print(f"{name}: rows {answers[name][0]}, rejected {answers[name][1]}, gross {answers[name][2]:f}, "
                  f"net {answers[name][3]:f}")
        if len(set(answers.values())) != 1:
            sys.exit("the two sides do not agree: no times")
        runs = in_turns(arguments.rounds, sides)
        print(f"\n{file.stat().st_size / 1e6:.1f} MB, {os.cpu_count()} cores, {arguments.rounds} rounds; "
              f"Python with duckdb loaded and nothing done: {python.cpu:.3f} CPU-s, {python.peak:.0f} MB")
        report(runs, [("cpu", "seconds"), ("wall", "seconds"), ("peak", "MB")])


if __name__ == "__main__":
    main()
