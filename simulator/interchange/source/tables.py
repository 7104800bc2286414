"""How generated Python reads a CSV file and writes its predictions into another one."""

READ = '''
def read(path, delimiter=None, header=True):
    """Yield the rows of a CSV file as dictionaries; without a header: column_1, column_2 ..."""
    with open(path, newline="", encoding="utf-8-sig") as file:
        first = file.readline()
        file.seek(0)
        rows = csv.reader(file, delimiter=delimiter or max(",;\\t|", key=first.count))
        names = [name.strip() for name in next(rows, [])] if header else None
        for row in rows:
            if names is None:
                names = [f"column_{place + 1}" for place in range(len(row))]
            if row:
                yield dict(zip(names, row + [""] * (len(names) - len(row))))
'''

WRITE = '''
def write(predict, path, delimiter=None, header=True):
    """Write the predictions for a CSV file to standard output, as CSV."""
    writer = csv.DictWriter(sys.stdout, NAMES_OUT, lineterminator="\\n")
    writer.writeheader()
    rows = read(path, delimiter, header)
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
