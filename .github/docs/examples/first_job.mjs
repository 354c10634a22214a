// Make a video: start it, wait for it, fetch it. Needs Node 18 and API_TOKEN; API_URL says where.
import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";

const url = process.env.API_URL ?? "http://127.0.0.1:8080";
const headers = { Authorization: `Bearer ${process.env.API_TOKEN}` };

const started = await fetch(`${url}/pipeline/run`, {
  method: "POST",
  headers: { ...headers, "Content-Type": "application/json", "Idempotency-Key": randomUUID() },
  body: JSON.stringify({
    content: "Three reasons to plant a tree this autumn",
    duration_sec: 5,
    resolution: "480p",
    budget: 0,
  }),
});
if (!started.ok) throw new Error((await started.json()).detail);
const { id, links } = await started.json();
console.log("pipeline", id);

let found;
while ((found = await fetch(links.result, { headers })).status === 202) {
  const seconds = Number(found.headers.get("Retry-After") ?? 2);
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}
const result = await found.json();
if (!found.ok) throw new Error(result.detail);

const video = await fetch(result.files["video.mp4"]); // the link is signed: it needs no token
await writeFile("video.mp4", Buffer.from(await video.arrayBuffer()));
console.log("video.mp4:", Number(video.headers.get("Content-Length")), "bytes");
