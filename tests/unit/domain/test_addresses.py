import pytest

from common.domain.addresses import function_url


@pytest.mark.parametrize(
    ("template", "url"),
    [
        ("https://{function}-42.europe-west1.run.app", "https://generate-visual-42.europe-west1.run.app"),
        ("https://run.test/{function}", "https://run.test/generate_visual"),
        ("http://127.0.0.1:8080/push/{function}?key=k", "http://127.0.0.1:8080/push/generate_visual?key=k"),
        ("https://run.test", "https://run.test"),
    ],
)
def test_the_name_goes_where_the_template_says(template: str, url: str) -> None:
    assert function_url(template, "generate_visual") == url
