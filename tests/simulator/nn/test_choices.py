import pytest

from simulator.errors import ConfigError
from simulator.fields import settings_of
from simulator.nn import choices
from simulator.nn.losses import LOSSES
from simulator.spec import LayerSpec, NetworkSpec, Rule, TrainingConfig


@pytest.mark.parametrize(
    ("network", "config", "named"),
    [
        (NetworkSpec(hidden=(LayerSpec(3, "tan"),)), TrainingConfig(), "'tan'"),
        (NetworkSpec(link="softmx"), TrainingConfig(), "'softmx'"),
        (NetworkSpec(initializer="he"), TrainingConfig(), "'he'"),
        (NetworkSpec(), TrainingConfig(optimizer=Rule("adm")), "'adm'"),
        (NetworkSpec(), TrainingConfig(optimizer=Rule("adam", beta3=0.5)), "'beta3'"),
        (NetworkSpec(), TrainingConfig(optimizer=Rule("adam", beta1=1.0)), "1.0"),
        (NetworkSpec(), TrainingConfig(schedule=Rule("linear")), "'linear'"),
        (NetworkSpec(), TrainingConfig(loss=Rule("ce")), "'ce'"),
        (NetworkSpec(link="linear"), TrainingConfig(), "linear"),
    ],
)
def test_what_is_unknown_out_of_bounds_or_does_not_fit_is_named(network, config, named):
    with pytest.raises(ConfigError) as caught:
        choices.check(network, config)
    assert named in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_goes_with_the_links_that_it_names(name):
    for link in LOSSES[name].links:
        choices.check(NetworkSpec(link=link), TrainingConfig(loss=Rule(name)))


def test_every_name_a_setting_chooses_from_is_a_table():
    declared = [*settings_of(LayerSpec), *settings_of(NetworkSpec), *settings_of(TrainingConfig)]
    named = {setting.choices_from for setting in declared if setting.choices_from}
    assert named == {"activation", "link", "initializer"}
    assert named <= set(choices.CHOICES)


@pytest.mark.parametrize("table", ["loss", "optimizer", "schedule"])
def test_every_setting_of_every_rule_has_a_label_a_help_and_a_default_it_accepts(table):
    for name, row in choices.CHOICES[table].items():
        for setting in settings_of(row):
            assert setting.label, (name, setting.name)
            assert setting.help.endswith("."), (name, setting.name)
            setting.check(setting.default)


def test_a_rule_is_read_as_it_is_typed():
    assert choices.parse("optimizer", "sgd") == Rule("sgd")
    typed = choices.parse("optimizer", " sgd:momentum=0.9, nesterov=yes")
    assert typed == Rule("sgd", momentum=0.9, nesterov=True)


@pytest.mark.parametrize("text", ["", "sdg", "sgd:momentum", "sgd:momentum=x", "sgd:momentum=1", "sgd:mu=0.5"])
def test_a_mistyped_rule_is_refused_with_a_hint(text):
    with pytest.raises(ConfigError) as caught:
        choices.parse("optimizer", text)
    assert caught.value.hint
