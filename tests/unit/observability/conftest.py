from tests.http_world import clock, context, posted

__all__ = ["clock", "context", "posted"]
