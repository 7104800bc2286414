"""The heads."""


def heads(dtype: str) -> str:
    return ""
