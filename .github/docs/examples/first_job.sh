#!/usr/bin/env bash
# Make a video: start it, wait for it, fetch it. Needs curl and API_TOKEN; API_URL says where.
set -euo pipefail
url=${API_URL:-http://127.0.0.1:8080}
auth="Authorization: Bearer $API_TOKEN"

field() { python3 -c "import json, sys; print(json.load(sys.stdin)$1)"; }

id=$(curl -sS --fail-with-body -X POST "$url/pipeline/run" -H "$auth" \
  -H 'Content-Type: application/json' -H "Idempotency-Key: $(cat /proc/sys/kernel/random/uuid)" \
  -d '{"content": "Three reasons to plant a tree this autumn", "duration_sec": 5,
       "resolution": "480p", "budget": 0}' | field '["id"]')
echo "pipeline $id"

# 202 while it is being made, 200 with links when it is finished, 409 if it never will be.
while [ "$(curl -sS -o result.json -w '%{http_code}' "$url/pipeline/$id/result" -H "$auth")" = 202 ]; do
  sleep 2
done
curl -sS --fail-with-body -o video.mp4 "$(field '["files"]["video.mp4"]' < result.json)"
echo "video.mp4: $(wc -c < video.mp4) bytes"
