"""What ails neurons and gradients, and since when."""

from simulator.insight.health import KINDS
from simulator.insight.narrator.evidence import Evidence, Examined
from simulator.insight.narrator.sentence import Sentence, count, number

Neuron = tuple[int, int]

_ADVICE = {
    "silent": "Try a smaller learning rate, other start weights, or leaky_relu.",
    "saturated": "Try smaller start weights, a smaller learning rate, or a penalty on the weights.",
    "exploding": "Scale the inputs, lower the learning rate, or clip the gradient.",
}
_NOTHING_LEFT = 1e-6
"""Below this size of ∂loss/∂z at the outputs there is nothing left to learn, and nothing that could vanish."""

_WORDS = {
    "silent": "silent for {rows}",
    "saturated": "saturated (flat for nearly every row)",
    "exploding": "exploding (answers or weights far out of bounds)",
}


def since_when(moments: tuple[Examined, ...], kind: str, neuron: Neuron) -> Examined:
    """Return the first moment from which a neuron has had an ailment without a break up to the last one."""
    found = moments[-1]
    for moment in reversed(moments[:-1]):
        if moment.network.sizes != found.network.sizes or neuron not in moment.health.units(kind):
            break
        found = moment
    return found


def ailing(evidence: Evidence) -> list[Sentence]:
    """Say which hidden neurons ail at the last moment, and since when all of them have, without a break.

    Silent and exploding neurons are told from the first on, saturated ones when they are a quarter of their layer.
    """
    if not evidence.moments:
        return []
    last = evidence.moments[-1]
    found: list[Sentence] = []
    for kind in KINDS:
        for layer, hidden in enumerate(last.network.hidden, 1):
            units = last.health.units(kind, layer)
            if not units or (kind == "saturated" and 4 * len(units) < hidden.units):
                continue
            sinces = {unit: since_when(evidence.moments, kind, unit) for unit in units}
            since = max(sinces.values(), key=lambda moment: moment.time)
            words = {unit: evidence.since(each) for unit, each in sinces.items()}
            found.append(_told(kind, layer, units, words, since, evidence))
    return found


def _told(
    kind: str, layer: int, units: tuple[Neuron, ...], sinces: dict[Neuron, str], since: Examined, evidence: Evidence
) -> Sentence:
    last = evidence.moments[-1]
    hidden = last.network.hidden[layer - 1]
    rows = "every training row" if last.health.whole else f"every one of {count(last.health.rows, 'row')}"
    words = _WORDS[kind].format(rows=rows)
    when = evidence.since(since)
    text = (
        f"{len(units)} of {hidden.units} {hidden.activation} neurons of hidden {layer} "
        f"{'is' if len(units) == 1 else 'are'} {words} {when}."
    )
    shown = tuple((f"neuron {unit + 1}", sinces[layer, unit]) for layer, unit in units[:8])
    if len(units) > 8:
        shown = (*shown, ("others", f"{len(units) - 8:,}"))
    severe = kind == "exploding" or 2 * len(units) >= hidden.units
    row = KINDS[kind]
    return Sentence(
        f"{kind}_{layer}", since.known, text, "bad" if severe else "warning", since.known, units,
        evidence=(*shown, ("rows looked at", f"{last.health.rows:,} of {last.health.of:,}")),
        how=f"{row.title[0].upper()}{row.title[1:]}: {row.rule}. {row.meaning}", advice=_ADVICE[kind],
        holds=True, unsure=evidence.unsure(since),
    )  # fmt: skip


def gradients(evidence: Evidence) -> list[Sentence]:
    """Compare ∂loss/∂z of hidden 1 with the outputs', at two moments at least: it is 1,000 times less or more.

    Root mean squares over training rows and neurons. That a gradient vanishes is told only where there is something
    left to learn: the loss of the training rows is above a quarter of that of one answer for all rows.
    """
    if len(evidence.moments) < 2:
        return []
    last = evidence.moments[-1]
    if not last.flow or not all(each.loss == each.loss for each in evidence.moments[-2:]):
        return []
    first = last.flow[0]
    kind = first.kind
    if not kind or len(last.flow) < 3 or last.flow[-1].delta < _NOTHING_LEFT:
        return []
    if kind == "vanishing" and last.loss < 0.25 * evidence.facts.train_guess_loss:
        return []
    since = last
    for moment in reversed(evidence.moments[:-1]):
        if not moment.flow or moment.network.sizes != last.network.sizes or moment.flow[0].kind != kind:
            break
        since = moment
    if since is last:
        return []
    factor = 1 / first.relative if kind == "vanishing" and first.relative > 0 else first.relative
    compared = "smaller than" if kind == "vanishing" else "larger than"
    times = f"{number(factor)} times {compared} at the outputs" if factor < 1e30 else "not finite"
    if first.relative == 0:
        times = "zero"
    verdict = "vanishes" if kind == "vanishing" else "explodes"
    text = f"The gradient {verdict} on its way back {evidence.since(since)}: at hidden 1 it is {times}."
    names = [*(f"hidden {each.layer}" for each in last.flow[:-1]), "outputs"]
    shown = tuple(
        (f"{name}: ∂loss/∂z, root mean square", number(each.delta)) for name, each in zip(names, last.flow, strict=True)
    )
    neurons = tuple((1, unit) for unit in range(min(64, last.network.sizes[1])))
    advice = "Try smaller start weights, or clip the gradient."
    if kind == "vanishing":
        ill = next((each for each in ("silent", "saturated") if last.health.units(each)), None)
        advice = _ADVICE[ill] if ill else "Try relu or another initializer, or fewer layers."
    return [
        Sentence(
            "gradients", since.known, text, "warning" if kind == "vanishing" else "bad", since.known, neurons,
            evidence=shown, how=" ".join((gradients.__doc__ or "").split()), advice=advice, holds=True,
            unsure=evidence.unsure(since),
        )
    ]  # fmt: skip
