#!/usr/bin/env python3
"""The dashboard, warm, beside DuckDB on the same lines (UCI Online Retail), one core for each side.

DuckDB holds the lines as a table in memory, with each customer's first day beside it, and answers the dashboard's
figures by SQL inside one process, one thread. Ours answers `GET /?period=...` over HTTP: session, permission, the
same figures, and the page with its charts. Every period is asked once, so that no cached answer is timed; then one
period again and again, as a team looks at it.
"""

import argparse
import http.client
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlencode

from measure import online_retail, options

FIRST, LAST = date(2010, 12, 1), date(2011, 12, 9)
EMAIL, PASSWORD = "bench@example.com", "correct horse battery staple bench"

LINES = """
CREATE TABLE lines AS SELECT InvoiceNo AS invoice, upper(StockCode) AS product, Country AS country,
    nullif(regexp_replace(CustomerID, '\\.0$', ''), '') AS customer, InvoiceDate::DATE AS day,
    CASE WHEN InvoiceNo LIKE 'C%' THEN 0 ELSE (Quantity * UnitPrice * 1000000)::BIGINT END AS gross,
    CASE WHEN InvoiceNo LIKE 'C%' THEN (Quantity * UnitPrice * 1000000)::BIGINT ELSE 0 END AS returns,
    InvoiceNo NOT LIKE 'C%' AS sale, Quantity AS quantity
FROM read_csv('{file}', header = true, columns = {{'InvoiceNo': 'VARCHAR', 'StockCode': 'VARCHAR',
    'Description': 'VARCHAR', 'Quantity': 'BIGINT', 'InvoiceDate': 'TIMESTAMP', 'UnitPrice': 'DECIMAL(18,6)',
    'CustomerID': 'VARCHAR', 'Country': 'VARCHAR'}})
WHERE InvoiceNo LIKE 'C%' OR (InvoiceNo NOT LIKE 'A%' AND Quantity > 0 AND UnitPrice > 0)
"""
FIRSTS = "CREATE TABLE firsts AS SELECT customer, min(day) AS first FROM lines WHERE sale AND customer IS NOT NULL GROUP BY 1"

# ids of the metrics: docs/adr/0004. `?` twice: first and last day.
CARDS = """SELECT sum(gross), sum(gross + returns), count(DISTINCT invoice) FILTER (sale),
    count(DISTINCT customer) FILTER (sale), sum(quantity) FILTER (sale), sum(returns),
    count(DISTINCT invoice) FILTER (NOT sale) FROM lines WHERE day BETWEEN ? AND ?"""
TREND = """SELECT day, sum(gross + returns), count(DISTINCT invoice) FILTER (sale) FROM lines
    WHERE day BETWEEN ? AND ? GROUP BY 1 ORDER BY 1"""
PRODUCTS = """SELECT product, sum(gross + returns) AS net, sum(quantity) FILTER (sale) FROM lines
    WHERE day BETWEEN ? AND ? GROUP BY 1 ORDER BY net DESC, 1 LIMIT 10"""
COUNTRIES = """SELECT country, sum(gross + returns) AS net, count(DISTINCT invoice) FILTER (sale),
    count(DISTINCT customer) FILTER (sale) FROM lines WHERE day BETWEEN ? AND ? GROUP BY 1 ORDER BY net DESC, 1"""
CUSTOMERS = """SELECT day, count(DISTINCT l.customer) FILTER (first = day), count(DISTINCT l.customer) FILTER (first < day)
    FROM lines l JOIN firsts USING (customer) WHERE sale AND day BETWEEN ? AND ? GROUP BY 1 ORDER BY 1"""


def periods(number):
    """Different ones, from a week to half a year, with a period as long before each."""
    drawn = random.Random(360)
    found = set()
    while len(found) < number:
        length = drawn.randrange(7, 183)
        latest = (LAST - FIRST).days - length + 1
        start = FIRST + timedelta(drawn.randrange(0, latest))
        found.add((start, start + timedelta(length - 1)))
    return sorted(found, key=lambda period: drawn.random())


def dashboard(connection, period):
    """What the page shows, as SQL: this period and the one before."""
    start, end = period
    length = end - start + timedelta(1)
    before = (start - length, end - length)
    for query in (CARDS, TREND, CUSTOMERS):
        for days in (period, before):
            connection.execute(query, days).fetchall()
    for query in (PRODUCTS, COUNTRIES):
        connection.execute(query, period).fetchall()


class Duckdb:
    def __init__(self, file):
        import duckdb

        self.connection = duckdb.connect(config={"threads": 1})
        self.connection.execute(LINES.format(file=file))
        self.connection.execute(FIRSTS)

    def figures(self, period):
        gross, net, orders, customers, *_ = self.connection.execute(CARDS, period).fetchone()
        return Decimal(gross) / 10**6, Decimal(net) / 10**6, orders, customers

    def ask(self, period):
        dashboard(self.connection, period)

    def cpu(self):
        return time.process_time()


class Ours:
    """The real server on a free port, with one signed-in user. It runs on core 1, this program on core 0."""

    def __init__(self, binary, file, folder):
        self.binary, self.folder = binary, folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.address = f"127.0.0.1:{port}"
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("SR360_")}
        self.environment |= {"SR360_DATA_DIR": folder, "SR360_SERVER_ADDR": self.address, "SR360_LOG_LEVEL": "warn"}
        self.command("import", str(file), "--tenant", "bench", "--create", "--currency", "GBP")
        self.command("user", "create", "--tenant", "bench", "--email", EMAIL, "--name", "Bench", stdin=PASSWORD + "\n")
        self.server = subprocess.Popen([binary, "all"], cwd=folder, env=self.environment)
        self.ticks = os.sysconf("SC_CLK_TCK")
        self.connection = http.client.HTTPConnection(self.address)
        self.cookie = None
        self.sign_in()
        if hasattr(os, "sched_setaffinity") and os.cpu_count() > 1:
            for task in Path(f"/proc/{self.server.pid}/task").iterdir():
                os.sched_setaffinity(int(task.name), {1})

    def command(self, *arguments, stdin=None):
        done = subprocess.run([self.binary, *arguments], cwd=self.folder, env=self.environment, input=stdin,
                              capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"{arguments[0]}: exit {done.returncode}\n{done.stderr}")
        return done.stdout

    def sign_in(self):
        for _ in range(300):
            try:
                self.connection.request("GET", "/readyz")
                if self.connection.getresponse().read() is not None:
                    break
            except OSError:
                self.connection.close()
                time.sleep(0.1)
        body = urlencode({"email": EMAIL, "password": PASSWORD})
        self.connection.request("POST", "/api/session/sign-in", body, {
            "Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://{self.address}"})
        answer = self.connection.getresponse()
        answer.read()
        cookies = [value.split(";")[0] for name, value in answer.getheaders() if name.lower() == "set-cookie"]
        if not cookies:
            sys.exit(f"sign-in: status {answer.status} and no cookie")
        self.cookie = "; ".join(cookies)

    def figures(self, period):
        told = self.command("query", "--tenant", "bench", "--metrics", "gross_sales,net_sales,orders,customers",
                            "--from", str(period[0]), "--to", str(period[1]), "--format", "json")
        (row,) = json.loads(told, parse_float=Decimal)
        return (Decimal(str(row["gross_sales"])), Decimal(str(row["net_sales"])), int(row["orders"]),
                int(row["customers"]))

    def ask(self, period):
        self.connection.request("GET", f"/?period={period[0]}..{period[1]}&compare=previous",
                                headers={"Cookie": self.cookie, "Accept": "text/html"})
        answer = self.connection.getresponse()
        page = answer.read()
        if answer.status != 200 or b"<svg" not in page:
            sys.exit(f"dashboard: status {answer.status}, {len(page)} bytes, no chart in it")

    def cpu(self):
        fields = Path(f"/proc/{self.server.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / self.ticks

    def end(self):
        self.server.terminate()
        self.server.wait()


def timed(side, asked):
    """CPU milliseconds a dashboard, and the latency of each in milliseconds."""
    latencies = []
    cpu = side.cpu()
    for period in asked:
        started = time.perf_counter()
        side.ask(period)
        latencies.append(1000 * (time.perf_counter() - started))
    return 1000 * (side.cpu() - cpu) / len(asked), latencies


def main():
    parser = options(argparse.ArgumentParser(description=__doc__.splitlines()[0]))
    parser.add_argument("--periods", type=int, default=30, help="different periods a round")
    arguments = parser.parse_args()
    drawn = periods(arguments.periods * (arguments.rounds + 1))
    warm, drawn = drawn[: arguments.periods], drawn[arguments.periods :]

    with tempfile.TemporaryDirectory() as folder:
        file = online_retail(folder, arguments.file)
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, range(os.cpu_count()))
        sides = {"DuckDB": Duckdb(file)}
        if not arguments.duckdb_only:
            sides["SmartRetail360"] = Ours(str(arguments.binary), file, folder)
            os.sched_setaffinity(0, {0})
        try:
            for period in warm[:5]:
                answers = {name: side.figures(period) for name, side in sides.items()}
                print(period[0], period[1], answers)
                if len(set(answers.values())) != 1:
                    sys.exit("the two sides do not agree: no times")
            for side in sides.values():
                timed(side, warm)
            for title, choose in (
                ("each period once", lambda n: drawn[n * arguments.periods : (n + 1) * arguments.periods]),
                ("one period again and again", lambda n: [warm[0]] * arguments.periods),
            ):
                results = {name: ([], []) for name in sides}
                for number in range(arguments.rounds):
                    names = list(sides) if number % 2 == 0 else list(reversed(sides))
                    for name in names:
                        cpu, latencies = timed(sides[name], choose(number))
                        results[name][0].append(cpu)
                        results[name][1].extend(latencies)
                print(f"\n{title}: {arguments.rounds} rounds of {arguments.periods}")
                for name, (cpus, latencies) in results.items():
                    cuts = statistics.quantiles(latencies, n=100)
                    print(f"  {name:<15} CPU-ms {statistics.median(cpus):8.2f} ({min(cpus):.2f} to {max(cpus):.2f})   "
                          f"latency ms: median {cuts[49]:.2f}, 99th {cuts[98]:.2f}")
                if len(results) == 2:
                    (a, _), (b, _) = results.values()
                    print(f"  {'ratio':<15} CPU    {statistics.median(b) / max(statistics.median(a), 1e-9):8.2f}")
        finally:
            if "SmartRetail360" in sides:
                sides["SmartRetail360"].end()


if __name__ == "__main__":
    main()
