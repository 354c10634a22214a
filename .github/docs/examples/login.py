"""Log in with an ID token, call, renew, and log out. Needs httpx and API_TOKEN; API_URL says where."""

import os

import httpx

api = httpx.Client(base_url=os.environ.get("API_URL", "http://127.0.0.1:8080"), timeout=30)

grant = api.post("/auth/login", json={"id_token": os.environ["API_TOKEN"]}).raise_for_status().json()
print("access for", grant["expires_in"], "seconds")

# A refresh token works once. Keep the new one: whoever sends an old one again ends the whole login.
grant = api.post("/auth/refresh", json={"refresh_token": grant["refresh_token"]}).raise_for_status().json()

bearer = {"Authorization": f"Bearer {grant['access_token']}"}
print("called as", api.get("/auth/me", headers=bearer).raise_for_status().json()["role"])

api.post("/auth/revoke", json={"refresh_token": grant["refresh_token"]}).raise_for_status()
print("ended:", api.get("/auth/me", headers=bearer).json()["code"])
