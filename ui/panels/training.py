"""How the network is trained: loss, optimizer, schedule, penalties, seed, number format, device."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from simulator.fields import Setting, settings_of
from simulator.nn.choices import CHOICES
from simulator.spec import Rule, TrainingConfig
from ui.device_words import CPU
from ui.editing import Plan, rule_of
from ui.forms import ChoiceField, Form, SwitchField, first_line, form_label, form_layout, formulas, tooltip
from ui.panels.panel import Context, ScrolledPanel, text_label
from ui.panels.training_device import DeviceChooser
from ui.panels.training_engine import EngineChooser
from ui.panels.training_memory import MemoryLimit
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
        self.rare = Form(TrainingConfig, ("l1", "clip_norm", "seed", "dtype", "tf32"))
        self.usual.changed.connect(lambda config: self._edit(config))
        self.rare.changed.connect(lambda config: self._edit(config))
        for widget in (self.loss, self.optimizer, self.usual):
            self.column.addWidget(widget)
        self.device = DeviceChooser(context, theme)
        self.column.addWidget(self.device)
        self.more = QToolButton()
        self.more.setObjectName("training.more")
        self.more.setCheckable(True)
        self.more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.more.setAccessibleName("More settings")
        self.more.setToolTip(
            "The optimizer's other settings, a schedule of the learning rate, L1, clipping, the seed, "
            "the number format, the engine, the memory of a GPU"
        )
        self.more.toggled.connect(self._show_more)
        self.column.addWidget(self.more)
        self.rest = QWidget()
        rest = QVBoxLayout(self.rest)
        rest.setContentsMargins(0, 0, 0, 0)
        rest.setSpacing(8)
        self.note = text_label("Another number format, like another shape, starts the network anew.", role="quiet")
        self.engine, self.memory = EngineChooser(context), MemoryLimit(context)
        parts = (
            self.optimizer.rest,
            self.schedule,
            self.schedule.rest,
            self.loss.rest,
            self.rare,
            self.engine,
            self.memory,
            self.note,
        )
        for widget in parts:
            rest.addWidget(widget)
        self.column.addWidget(self.rest)
        self.column.addStretch(1)
        self._show_more(False)
        self.setEnabled(False)
        context.editor.plan_changed.connect(self._show)
        for moved in (context.bridge.moved, context.bridge.opened):
            moved.connect(lambda _event: self._allow_tf32())

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

    def show_memory(self) -> None:
        """Go to the limit of the GPU's memory."""
        self.area.ensureWidgetVisible(self.memory)
        self.memory.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _ask_about_rate(self) -> None:
        from simulator.explain import Number

        self.context.selection.choose_number(Number("rate"))
        self.context.show("inspector")

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.ask.setIcon(icon("info", theme, "quiet"))
        self.device.set_theme(theme)

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
        self._line_up()
        self._allow_tf32()

    def _allow_tf32(self) -> None:
        """Say why the products of this run cannot be rounded, where they cannot."""
        config, switch = self.context.bridge.config, self.rare.fields["tf32"]
        if config is None or not isinstance(switch, SwitchField):
            return
        why = (
            "Only a GPU has it: this network is on the CPU."
            if self.context.bridge.device == CPU
            else f"It is for float32; this network has {config.dtype}."
            if config.dtype != "float32"
            else ""
        )
        switch.setEnabled(not why)
        switch.box.setToolTip("\n".join(filter(None, (tooltip(switch.setting), why))))

    def _line_up(self) -> None:
        """Let the inputs of all settings that are seen with "more" begin at one place."""
        labels = [label for label in self.rest.findChildren(QLabel) if label.buddy() is not None]
        widest = max(label.sizeHint().width() for label in labels)
        for label in labels:
            label.setMinimumWidth(widest)

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
