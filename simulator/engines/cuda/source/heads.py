"""The head of a network in C: outputs, losses, their derivatives by the logits, and whether a row is right.

The outputs of a row are dealt out to a group of lanes of one warp, 1 to 32 of them, one after the other; what is put
together over the outputs is then put together over the lanes, in a fixed order. One lane alone is a thread that does
whole rows. What is costly is computed again in every loop over the outputs and not kept: the functions
are fast on a device, and memory for (rows, outputs) numbers is not.
"""

from collections.abc import Sequence

from simulator.engines import definitions
from simulator.engines.cuda.source.rows import cases, inputs
from simulator.engines.cuda.source.writing import FORMATS, Writer
from simulator.engines.tracing import Symbol, order

_HEAD = """\
// What a head finds out about a row, the same in all lanes of its group.
struct Found {
  Number loss;
  bool hit; // whether output and target mean the same class; only where hits are asked for
};

// The largest numbers of a row of outputs and targets so far, and where they were first.
struct Best {
  Number value;
  int place;
};

__device__ inline void look(Best &best, Number value, int place) {
  if (value > best.value)
    best = {value, place};
}

__device__ inline int place_of_largest(Best best, int lanes) {
  unsigned group = group_of(lanes);
  for (int apart = 1; apart < lanes; apart *= 2) {
    Number value = __shfl_xor_sync(group, best.value, apart);
    int place = __shfl_xor_sync(group, best.place, apart);
    if (value > best.value || (value == best.value && place < best.place))
      best = {value, place};
  }
  return best.place;
}

// The loss of a row with logits Z and targets Y, K of each; and if D is not null, D becomes scale times the
// derivatives of the loss by the logits. D may be Z, and nothing else may overlap. The lanes of a group (`lanes`
// neighbours, a power of two up to 32, of which this is number `lane`) call it together with the same row; 1 lane is a
// thread by itself.
__device__ inline Found head(int code, int K, const Number *Z, const Number *Y, Number *D, Number scale,
                             const double *settings, bool hits, int lane, int lanes) {
  Found found = {0, false};
  Best best = {-infinity_of(Number(0)), K}, wanted = best;
"""


def _level(symbol: Symbol, levels: dict[Symbol, int]) -> int:
    """Return how many loops over the outputs must have ended before a symbol is known; fill it in for reductions."""
    found = 0
    for needed in order([symbol]):
        if needed.op in ("max", "sum"):
            if needed not in levels:
                levels[needed] = 1 + _level(needed.args[0], levels)
            found = max(found, levels[needed])
    return found


class _Row:
    """Writes a head as loops over the outputs of a row."""

    def __init__(self, loss: str, link: str, dtype: str) -> None:
        self._head, self._dtype, self._type = definitions.head(loss, link), dtype, FORMATS[dtype]
        settings = {name: f"(Number)settings[{i}]" for i, name in enumerate(definitions.loss_setting_names(loss))}
        self._entries = {"Z": "Z[k]", "Y": "Y[k]"}
        self._results = [self._head.outputs, self._head.loss, self._head.delta]
        self._names = {"outputs": "(Number)K"} | settings | self._entries
        self._columns: dict[Symbol, str] = {}
        self.lines: list[str] = []
        for symbol, name in inputs(self._results, self._names).items():
            if name not in self._entries.values():
                self._columns[symbol] = f"r{len(self._columns)}"
                self.lines.append(f"Number {self._columns[symbol]} = {name};")

    def write(self) -> None:
        """Write the whole head."""
        levels: dict[Symbol, int] = {}
        last = max(_level(symbol, levels) for symbol in (self._head.outputs, self._head.delta)) + 1
        most = max(last, _level(self._head.loss, levels))
        for level in range(1, most + 1):
            self._loop([symbol for symbol, found in levels.items() if found == level], final=level == last)
        writer = Writer(self._dtype, self._columns, "f")
        [loss] = writer.write([self._head.loss])
        self.lines += [*writer.lines, f"found.loss = {loss};", "break;"]

    def _loop(self, reductions: Sequence[Symbol], *, final: bool) -> None:
        """Write one loop over the outputs: for sums and maxima, and once for the derivatives and the outputs."""
        target = next((s for s in order(self._results) if s.op == "input" and s.args[0] == "Y"), None)
        parts = {symbol: f"r{len(self._columns) + i}" for i, symbol in enumerate(reductions)}
        for symbol, name in parts.items():
            start = "0" if symbol.op == "sum" else "-infinity_of(Number(0))"
            self.lines.append(f"Number {name} = {start};")
        entries = {
            symbol: self._entries[symbol.args[0]]
            for symbol in order([*self._results, *reductions])
            if symbol.op == "input" and symbol.args[0] in self._entries
        }
        columns = self._column_lines([*(s.args[0] for s in reductions), *(self._results[::2] if final else [])])
        writer = Writer(self._dtype, entries | self._columns)
        values = writer.write([symbol.args[0] for symbol in reductions])
        body = [
            f"{name} {'+=' if symbol.op == 'sum' else '='} "
            + (value if symbol.op == "sum" else f"larger({name}, {value})")
            + ";"
            for (symbol, name), value in zip(parts.items(), values, strict=True)
        ]
        if final:
            body += self._final(writer, "Y[k]" if target is None else entries[target])
        lines = [*columns, "for (int k = lane; k < K; k += lanes) {"]
        self.lines += [*lines, *(f"  {line}" for line in [*writer.lines, *body]), "}"]
        for symbol, name in parts.items():
            word = "sum_of_lanes" if symbol.op == "sum" else "largest_of_lanes"
            self.lines.append(f"{name} = {word}({name}, lanes);")
        self._columns |= parts

    def _column_lines(self, results: Sequence[Symbol]) -> list[str]:
        """Return lines for what the results need once a row, before the loop."""
        known = [
            s for s in order(results, self._columns) if not s.per_output and s.op not in ("constant", "max", "sum")
        ]
        writer = Writer(self._dtype, self._columns, f"q{len(self._columns)}_")
        self._columns |= dict(zip(known, writer.write(known), strict=True))
        return writer.lines

    def _final(self, writer: Writer, target: str) -> list[str]:
        output, delta = writer.write([self._head.outputs, self._head.delta])
        return [
            "if (hits) {",
            f"  look(best, {output}, k);",
            f"  look(wanted, {target}, k);",
            "}",
            "if (D)",
            f"  D[k] = scale * {delta};",
        ]


def _lines(loss: str, link: str, dtype: str) -> list[str]:
    row = _Row(loss, link, dtype)
    row.write()
    return row.lines


_HITS = """\
  if (hits) {
    if (K == 1) { // one output is a yes from one half on; the first lane has it
      int said = best.value >= Number(0.5), is = wanted.value >= Number(0.5);
      if (lanes > 1) {
        said = __shfl_sync(group_of(lanes), said, 0, lanes);
        is = __shfl_sync(group_of(lanes), is, 0, lanes);
      }
      found.hit = said == is;
    } else {
      found.hit = place_of_largest(best, lanes) == place_of_largest(wanted, lanes);
    }
  }
  return found;
}
"""


def heads(dtype: str) -> str:
    """Return `head`: what a loss and a link make of the logits of a row."""
    bodies = cases((_lines(loss, link, dtype) for loss, link in definitions.HEADS), definitions.HEADS)
    return _HEAD + "\n".join(bodies) + "\n" + _HITS
