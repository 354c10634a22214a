"""A development token opens the API at once, and a login with it keeps its role when it is renewed."""

from pathlib import Path

from werkzeug.test import Client

from common import runtime
from common.domain.settings import Settings
from functions.catalogue import CATALOGUE
from scripts.local.token import issue
from tests.http_world import routed


def test_a_login_with_a_development_token_keeps_its_role(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    context = runtime.build(CATALOGUE, settings)
    client = Client(routed(context))
    for role in ("admin", "viewer", "service"):
        token = issue("ann", role, settings)
        me = client.get("/auth/me", headers={"Authorization": f"Bearer {token}"}).json
        assert (me["id"], me["role"], me["via"]) == ("ann", role, "id_token")
        login = client.post("/auth/login", json={"id_token": token}).json
        renewed = client.post("/auth/refresh", json={"refresh_token": login["refresh_token"]}).json
        me = client.get("/auth/me", headers={"Authorization": f"Bearer {renewed['access_token']}"}).json
        assert (me["id"], me["role"], me["via"]) == ("ann", role, "access_token")
    context.documents.close()  # type: ignore[attr-defined]
