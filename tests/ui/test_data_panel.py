"""The panel that says what the data are."""


def test_mistakes_on_purpose_are_marked_and_go_with_the_data_set(guest):
    panel = guest.window.panels["data"]
    assert panel.mistakes.isHidden()
    panel.context.load("penguins", unscaled=True, leakage=True)
    guest.wait(lambda: guest.bridge.dataset.choices.unscaled)
    guest.wait(lambda: not panel.mistakes.isHidden())
    said = panel.mistakes.text().split("\n\n")
    assert said == [f"⚠ {each}" for each in guest.bridge.dataset.choices.mistakes]
    assert len(said) == 2
    assert "mistake on purpose" not in panel.report.text()
    panel.context.load("iris")
    guest.wait(lambda: guest.bridge.dataset.name == "iris")
    guest.wait(panel.mistakes.isHidden)
