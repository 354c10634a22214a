// Verify a message of a webhook, with Node alone. `secret` is what POST /webhooks answered.
import { createHmac, timingSafeEqual } from "node:crypto";

// Whether AIPROD sent this, unchanged and within 5 minutes. `headers` have lower-case names; `body` is the raw text.
export function verified(secret, headers, body) {
  const stamp = headers["webhook-timestamp"];
  if (Math.abs(Date.now() / 1000 - Number(stamp)) > 300) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const signed = `${headers["webhook-id"]}.${stamp}.${body}`;
  const ours = Buffer.from("v1," + createHmac("sha256", key).update(signed).digest("base64"));
  // During a rotation there are two signatures; one is enough.
  return headers["webhook-signature"]
    .split(" ")
    .some((text) => text.length === ours.length && timingSafeEqual(Buffer.from(text), ours));
}
