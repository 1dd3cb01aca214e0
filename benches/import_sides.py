"""What the benchmarks of the import share: the file's columns, what is a sale in it, and longer files made of it."""

import re
from pathlib import Path

COLUMNS = (
    "{'InvoiceNo': 'VARCHAR', 'StockCode': 'VARCHAR', 'Description': 'VARCHAR', 'Quantity': 'BIGINT', "
    "'InvoiceDate': 'TIMESTAMP', 'UnitPrice': 'DECIMAL(18,6)', 'CustomerID': 'VARCHAR', 'Country': 'VARCHAR'}"
)
# The definitions of docs: a sale line is of an invoice that is neither a credit note nor an adjustment.
SALE = "InvoiceNo NOT LIKE 'C%' AND InvoiceNo NOT LIKE 'A%' AND Quantity > 0 AND UnitPrice > 0"


def lengthened(folder, file, times, damaged=True):
    """The lines `times` over, each time as further orders; `damaged`: every 1,000th line has no date that can be read."""
    longer = Path(folder, "longer.csv")
    with open(file, "rb") as lines, open(longer, "wb") as out:
        header, *rows = lines.readlines()
        out.write(header)
        for n in range(times):
            for at, row in enumerate(rows, start=1):
                letter, rest = (row[:1], row[1:]) if row[:1].isalpha() else (b"", row)
                row = letter + str(n).encode() + rest
                if damaged and at % 1000 == 0:
                    row = re.sub(rb",\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,", b",some day,", row, count=1)
                out.write(row)
    return longer
