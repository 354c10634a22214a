"""Make a video: start it, wait for it, fetch it. Needs httpx and API_TOKEN; API_URL says where."""

import os
import time
import uuid

import httpx

api = httpx.Client(
    base_url=os.environ.get("API_URL", "http://127.0.0.1:8080"),
    headers={"Authorization": f"Bearer {os.environ['API_TOKEN']}"},
    timeout=30,
)
request = {
    "content": "Three reasons to plant a tree this autumn",
    "duration_sec": 5,
    "resolution": "480p",
    "budget": 0,
}
key = str(uuid.uuid4())  # one for each video: a repeat with it starts nothing twice

started = api.post("/pipeline/run", json=request, headers={"Idempotency-Key": key})
started.raise_for_status()
links = started.json()["links"]
print("pipeline", started.json()["id"])

while (found := api.get(links["result"])).status_code == 202:
    time.sleep(float(found.headers.get("Retry-After", 2)))
found.raise_for_status()

video = httpx.get(found.json()["files"]["video.mp4"], timeout=60)  # the link is signed: it needs no token
video.raise_for_status()
with open("video.mp4", "wb") as file:
    file.write(video.content)
print("video.mp4:", len(video.content), "bytes")
