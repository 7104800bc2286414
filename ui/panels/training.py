"""How the network is trained: loss, optimizer, schedule, penalties, seed, number format, device."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from simulator.errors import SimulatorError
from simulator.fields import Setting, settings_of
from simulator.nn.choices import CHOICES
from simulator.spec import Rule, TrainingConfig
from ui.editing import Plan, rule_of
from ui.forms import ChoiceField, Form, NoWheel, first_line, form_label, form_layout, formulas
from ui.panels.panel import Context, ScrolledPanel, text_label
from ui.theme import Theme, icon

if TYPE_CHECKING:
    from ui.panels.exports import Export

_HELP = {
    "loss": "How wrong an output is: the number that training makes smaller.",
    "optimizer": "How a gradient changes the weights.",
    "schedule": "How the learning rate changes with time.",
}


class RuleForm(QWidget):
    """A row of a table by name, and below it the row's own settings.

    Parameters
    ----------
    what
        A key of `CHOICES`: "loss", "optimizer" or "schedule".
    first
        The settings that stand in the form at once; the others go into `rest`.
    on_change
        Called with the new rule.
    ask
        A button to be put beside the first of these settings.
    """

    def __init__(
        self,
        what: str,
        first: tuple[str, ...],
        on_change: Callable[[Rule], None],
        ask: QToolButton | None = None,
    ) -> None:
        super().__init__()
        self._ask = ask
        self._table: Mapping[str, type[Any]] = CHOICES[what]
        self._first, self._on_change = first, on_change
        self._name = ""
        setting = Setting(what.capitalize(), _HELP[what], name=what, kind=str)
        self.choice = ChoiceField(setting, formulas(self._table), self)
        self.choice.committed.connect(self._renamed)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(7)
        head = form_layout(None)
        head.addRow(form_label(setting.label, setting.help, self.choice), self.choice)
        self._column.addLayout(head)
        self.form: Form | None = None
        self.rest = QWidget()
        self._rest_column = QVBoxLayout(self.rest)
        self._rest_column.setContentsMargins(0, 0, 0, 0)
        self.rest_form: Form | None = None

    def show_rule(self, rule: Rule) -> None:
        """Show a rule without reporting a change."""
        row = self._table[rule.name]
        instance = row(**dict(rule.settings)) if dataclasses.is_dataclass(row) and settings_of(row) else row
        if rule.name != self._name:
            self._build(rule.name, instance)
        for form in (self.form, self.rest_form):
            if form is not None:
                form.show_value(instance)
        self.choice.show_value(rule.name)

    def _build(self, name: str, instance: Any) -> None:
        self._name = name
        if self._ask is not None:
            self._ask.setParent(self)  # it outlives the form
        for form in (self.form, self.rest_form):
            if form is not None:
                form.hide()
                form.deleteLater()
        self.form = self.rest_form = None
        formula = str(getattr(instance, "formula", "")) or first_line(self._table[name])
        self.choice.box.setToolTip(f"{self.choice.setting.help}\n{formula}")
        names = [setting.name for setting in settings_of(self._table[name])]
        first = [each for each in self._first if each in names]
        rest = [each for each in names if each not in first]
        if first:
            self.form = self._form(instance, first)
            if self._ask is not None:
                _put_beside(self.form, self.form.fields[first[0]], self._ask)
            self._column.addWidget(self.form)
        if rest:
            self.rest_form = self._form(instance, rest)
            self._rest_column.addWidget(self.rest_form)

    def _form(self, instance: Any, names: list[str]) -> Form:
        form = Form(instance, names)
        form.changed.connect(lambda changed: self._on_change(rule_of(self._name, changed)))
        return form

    def _renamed(self, name: str) -> None:
        row = self._table[name]
        self._on_change(rule_of(name, row()) if settings_of(row) else Rule(name))


def _put_beside(form: Form, field: QWidget, button: QToolButton) -> None:
    """Put a button to the right of a field of a form."""
    both = QWidget()
    row = QHBoxLayout(both)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(4)
    layout = form.layout()
    if layout is not None:
        layout.replaceWidget(field, both)
    row.addWidget(field, 1)
    row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
    button.setFixedHeight(field.sizeHint().height())
    button.show()


class TrainingPanel(ScrolledPanel):
    """The settings that change while the network learns, from the next update on."""

    def __init__(self, context: Context, theme: Theme) -> None:
        super().__init__(context, theme)
        self.ask = QToolButton()
        self.ask.setObjectName("training.ask")
        self.ask.setAccessibleName("What the learning rate does")
        self.ask.setToolTip(
            "Shows in the inspector what the learning rate is now, and what it does: η = η₀·f, Δw = −η·…"
        )
        self.ask.setAutoRaise(True)
        self.ask.setIcon(icon("info", theme, "quiet"))
        self.ask.clicked.connect(self._ask_about_rate)
        self.loss = RuleForm("loss", ("threshold",), context.editor.set_loss)
        self.optimizer = RuleForm(
            "optimizer", ("learning_rate",), lambda rule: self._replace("optimizer", rule), self.ask
        )
        self.schedule = RuleForm("schedule", (), lambda rule: self._replace("schedule", rule))
        self.usual = Form(TrainingConfig, ("batch_size", "l2"))
        self.rare = Form(TrainingConfig, ("l1", "clip_norm", "seed", "dtype"))
        self.usual.changed.connect(lambda config: self._edit(config))
        self.rare.changed.connect(lambda config: self._edit(config))
        for widget in (self.loss, self.optimizer, self.usual):
            self.column.addWidget(widget)
        self.device = DeviceChooser(context)
        self.column.addWidget(self.device)
        self.more = QToolButton()
        self.more.setObjectName("training.more")
        self.more.setCheckable(True)
        self.more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.more.setAccessibleName("More settings")
        self.more.setToolTip("The optimizer's other settings, a schedule of the learning rate, L1, clipping, the seed")
        self.more.toggled.connect(self._show_more)
        self.column.addWidget(self.more)
        self.rest = QWidget()
        rest = QVBoxLayout(self.rest)
        rest.setContentsMargins(0, 0, 0, 0)
        rest.setSpacing(8)
        self.note = text_label("Another number format, like another shape, starts the network anew.", role="quiet")
        self.engine = EngineChooser(context)
        parts = (
            self.optimizer.rest,
            self.schedule,
            self.schedule.rest,
            self.loss.rest,
            self.rare,
            self.engine,
            self.note,
        )
        for widget in parts:
            rest.addWidget(widget)
        self.column.addWidget(self.rest)
        self.column.addStretch(1)
        self._show_more(False)
        self.setEnabled(False)
        context.editor.plan_changed.connect(self._show)

    def exports(self) -> "Export | None":
        """Return the panel, and every setting."""
        from itertools import chain

        from simulator.insight.facts import SETTINGS, setting_rows
        from ui.panels.exports import shown
        from ui.writing import lines

        config = self.context.bridge.config
        if config is None:
            return super().exports()
        return shown("settings", self, lines(lambda: chain([SETTINGS], setting_rows(config))))

    def _ask_about_rate(self) -> None:
        from simulator.explain import Number

        self.context.selection.choose_number(Number("rate"))
        self.context.show("inspector")

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.ask.setIcon(icon("info", theme, "quiet"))

    def _show_more(self, on: bool) -> None:
        self.rest.setVisible(on)
        self.more.setArrowType(Qt.ArrowType.DownArrow if on else Qt.ArrowType.RightArrow)
        self.more.setText("Fewer settings" if on else "More settings")

    def _show(self, plan: Plan) -> None:
        config = plan.config
        self.setEnabled(True)
        self.loss.show_rule(config.loss)
        self.optimizer.show_rule(config.optimizer)
        self.schedule.show_rule(config.schedule)
        self.usual.show_value(config)
        self.rare.show_value(config)

    def _replace(self, what: str, rule: Rule) -> None:
        plan = self.context.editor.plan
        if plan is not None:
            changes: dict[str, Any] = {what: rule}
            self.context.editor.edit(f"{what} {rule.name}", config=dataclasses.replace(plan.config, **changes))

    def _edit(self, config: TrainingConfig) -> None:
        plan = self.context.editor.plan
        if plan is None:
            return
        names = [each.label.lower() for each in settings_of(config) if _differ(config, plan.config, each.name)]
        self.context.editor.edit(", ".join(names), config=config)


def _differ(one: TrainingConfig, other: TrainingConfig, name: str) -> bool:
    return getattr(one, name) != getattr(other, name)


class DeviceChooser(QWidget):
    """CPU or GPU; what the machine has is looked up when somebody opens the list, never before."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self.box = _AskingBox(self._ask)
        self.box.setObjectName("training.device")
        self.box.setAccessibleName("Device")
        self.box.setToolTip("Where the numbers are computed. A change starts the network anew.")
        self.box.addItem("CPU", "cpu")
        self.box.installEventFilter(NoWheel(self))
        self.box.activated.connect(self._choose)
        self.reason = text_label(role="quiet")
        self.reason.setObjectName("training.device_reason")
        self.reason.hide()
        rows = form_layout(self)
        rows.addRow(form_label("Device", "Where the numbers are computed", self.box), self.box)
        rows.addRow(self.reason)
        context.bridge.opened.connect(self._opened)

    def _ask(self) -> None:
        from simulator.engines import devices

        if self.box.count() > 1:
            return
        try:
            device = devices.resolve("cuda")
        except SimulatorError as error:
            self.box.addItem("GPU (none to be had)", "")
            model: Any = self.box.model()
            model.item(1).setEnabled(False)
            hint = error.hint.replace("or use --device cpu", "or stay on the CPU").replace("Use --device cpu.", "")
            self.box.setItemData(1, f"{error.message}. {hint}", 3)
            self.reason.setText(f"No GPU: {error.message}. {hint}".strip())
            self.reason.show()
        else:
            self.box.addItem(f"GPU ({device})", device)

    def _choose(self, index: int) -> None:
        bridge, device = self._context.bridge, self.box.itemData(index)
        if device and device != bridge.device and bridge.wanted_dataset is not None:
            bridge.open(bridge.wanted_dataset, bridge.network, bridge.config, device=device)

    def _opened(self, event: Any) -> None:
        if event.device != "cpu" and self.box.findData(event.device) < 0:
            self.box.addItem(f"GPU ({event.device})", event.device)
        self.box.setCurrentIndex(max(0, self.box.findData(event.device)))
        self.box.setToolTip(
            f"Where the numbers are computed: now the {event.engine} engine on {event.device}, {event.threads} "
            f"thread{'s' if event.threads > 1 else ''}. A change starts the network anew."
        )


class EngineChooser(QWidget):
    """How batches are run: by what suits the shapes, or by what somebody wants to compare."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self.box = QComboBox()
        self.box.setObjectName("training.engine")
        self.box.setAccessibleName("Engine")
        self.box.addItem("automatic", "auto")
        self.box.installEventFilter(NoWheel(self))
        self.box.activated.connect(self._choose)
        form_layout(self).addRow(form_label("Engine", "How batches are run", self.box), self.box)
        context.bridge.opened.connect(self._opened)

    def _choose(self, index: int) -> None:
        bridge, engine = self._context.bridge, self.box.itemData(index)
        if engine != bridge.engine_choice and bridge.wanted_dataset is not None:
            bridge.open(bridge.wanted_dataset, bridge.network, bridge.config, engine=engine)

    def _opened(self, event: Any) -> None:
        from simulator.engines import ENGINES

        if self.box.count() == 1:
            for name in ENGINES:
                self.box.addItem(name, name)
        self.box.setCurrentIndex(self.box.findData(self._context.bridge.engine_choice))
        self.box.setToolTip(
            f"How batches are run: now by the {event.engine} engine. Automatic follows from the shapes: compiled for "
            "small and middle-sized networks, blas for very wide ones; reference is readable array code, and slow. "
            "A change starts the network anew."
        )


class _AskingBox(QComboBox):
    """A combo box that asks before it opens."""

    def __init__(self, ask: Callable[[], None]) -> None:
        super().__init__()
        self._ask = ask
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)

    def showPopup(self) -> None:  # noqa: N802 - Qt's name
        self._ask()
        super().showPopup()
