def test_crit_6_anybody_reads_the_series_as_prometheus_does(client):
    client.get("/health")
    response = client.get("/metrics")
    assert response.status_code == 200
    assert response.content_type == "text/plain; version=0.0.4; charset=utf-8"
    assert 'http_requests_total{function="health",method="GET",status="200"}' in response.text
