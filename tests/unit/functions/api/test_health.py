from common.domain.version import VERSION


def test_the_service_says_that_it_is_up(client):
    response = client.get("/health")
    assert response.status_code == 200
    assert response.json == {"status": "ok", "version": VERSION, "profile": "embedded"}
