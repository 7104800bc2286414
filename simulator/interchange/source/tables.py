"""How generated Python reads a CSV file and writes its predictions into another one."""

READ = '''
def read(path, delimiter=None):
    """Yield the rows of a CSV file as dictionaries; without a header: column_1, column_2 ..."""
    opened = gzip.open if str(path).endswith(".gz") else open
    with opened(path, "rt", newline="", encoding="utf-8-sig") as file:
        first = file.readline()
        file.seek(0)
        rows = csv.reader(file, delimiter=delimiter or max(",;\\t|", key=first.count))
        head = next(rows, [])
        names = [name.strip() for name in head]
        if not {*COLUMNS} <= {*names}:
            names = [f"column_{place + 1}" for place in range(len(head))]
            rows = itertools.chain([head], rows)
        for row in rows:
            if row:
                yield dict(zip(names, row + [""] * (len(names) - len(row))))
'''

WRITE = '''
def write(predict, path, delimiter=None):
    """Write the predictions for a CSV file to standard output, as CSV."""
    writer = csv.DictWriter(sys.stdout, NAMES_OUT, lineterminator="\\n")
    writer.writeheader()
    rows = read(path, delimiter)
    for first in itertools.count(1, BLOCK):
        block = list(itertools.islice(rows, BLOCK))
        if not block:
            return
        try:
            writer.writerows(predict(block))
        except ValueError:
            refuse(predict, block, first)
            raise


def refuse(predict, block, first):
    """Find the first row of a block that cannot be predicted, and say what is wrong with it."""
    for number, row in enumerate(block, first):
        try:
            predict(row)
        except ValueError as error:
            raise ValueError(f"row {number}: {error}") from None
'''
