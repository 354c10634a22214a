"""Call with care: wait where the service says so, repeat what may be repeated, and tell the rest. Needs httpx."""

import os
import time
import uuid

import httpx

api = httpx.Client(
    base_url=os.environ.get("API_URL", "http://127.0.0.1:8080"),
    headers={"Authorization": f"Bearer {os.environ['API_TOKEN']}"},
    timeout=30,
)


def call(method: str, path: str, tries: int = 5, **more) -> httpx.Response:
    """A POST is repeated under one Idempotency-Key, so nothing happens twice.

    What answers a secret, as POST /webhooks does, takes no key: call it with tries=1, and if its answer is lost, look.
    """
    headers = {"Idempotency-Key": str(uuid.uuid4())} if method == "POST" and tries > 1 else {}
    for attempt in range(tries):
        try:
            answer = api.request(method, path, headers=headers, **more)
        except httpx.TransportError:
            answer = None
        if answer is not None and answer.status_code not in (429, 500, 503):
            return answer
        wait = answer.headers.get("Retry-After") if answer is not None else None
        time.sleep(float(wait) if wait else 2**attempt)
    raise SystemExit(f"{method} {path}: given up")


answer = call("POST", "/pipeline/run", json={"content": "Too short", "preset": "quick_socail"})
problem = answer.json()
print(answer.status_code, problem["code"], "as", problem["request_id"])
for fault in problem["errors"]:
    print(fault["pointer"], fault["detail"])
