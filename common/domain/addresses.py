"""Where a function is reached."""

from urllib.parse import urlsplit


def function_url(template: str, function: str) -> str:
    """The URL of a function: its name in place of {function}.

    In the host, `_` becomes `-`, as in the name of its Cloud Run service: host names have no underscore. This is also
    the audience of every token that calls the function, so sender and receiver both ask here.
    """
    host = urlsplit(template).netloc
    start = template.index(host) + len(host) if host else 0
    named = template[:start].replace("{function}", function.replace("_", "-"))
    return named + template[start:].replace("{function}", function)
