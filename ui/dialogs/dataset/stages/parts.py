"""What is taken of dates and texts."""

from ui.dialogs.dataset.stages.body import ScopedBody


class PartsBody(ScopedBody):
    """Dates and texts: parts of each are inputs."""

    id = "dates"
    title = "Dates and texts"
    tip = "Which parts of a date or a text become inputs."
    names = ()
    fields = ("parts",)
    kinds = ("date", "text")
    all_of_them = "All of them"
